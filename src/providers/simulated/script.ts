import { isJsonObject, type JsonObject } from '../../canonical/json.ts'

/** An answer ready to be played: whole, and as the events of a stream. Each dialect writes its own. */
export interface Script {
  body(): JsonObject
  /** Made as they are asked for: a long answer need not be in memory. */
  events(): Iterable<ScriptEvent>
  /** The event that tells an error in the middle of a stream. */
  readonly errorEvent: string
  /** The body of an error with a success status. */
  readonly errorBody: JsonObject
}

/**
 * - `quiet`: an opening, a ping: nothing of the answer.
 * - `content`: part of the answer, worth `tokens`.
 * - `ending`: belongs to the end: stop reasons, usage, the last event.
 */
export interface ScriptEvent {
  readonly kind: 'quiet' | 'content' | 'ending'
  readonly text: string
  readonly tokens: number
}

/** How usage is told; `undefined`: truthfully, once. */
export type UsageMode = 'none' | 'null' | 'negative' | 'twice' | undefined

/** Writes usage as `mode` would have it: an object to be spread, or nothing. */
export function toldUsage(usage: JsonObject, mode: UsageMode, key = 'usage'): JsonObject {
  if (mode === 'none') return {}
  if (mode === 'null') return { [key]: null }
  return { [key]: mode === 'negative' ? negated(usage) : usage }
}

function negated(usage: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(usage).map(([name, value]) => {
      if (isJsonObject(value)) return [name, negated(value)]
      if (Array.isArray(value)) return [name, value.map((one) => (isJsonObject(one) ? negated(one) : one))]
      return [name, typeof value === 'number' ? -1 - value : value]
    }),
  )
}

export function sse(value: JsonObject, event?: string): string {
  return `${event === undefined ? '' : `event: ${event}\n`}data: ${JSON.stringify(value)}\n\n`
}
