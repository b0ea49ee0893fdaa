import type { Call, Need } from '../../canonical/call.ts'
import type { Json, JsonObject } from '../../canonical/json.ts'
import { isJsonObject } from '../../canonical/json.ts'
import {
  isGiven,
  largestOutputCap,
  listIn,
  readMessages,
  readModelName,
  readPart,
  refusal,
} from '../shared/call-fields.ts'
import { isBelow, type PathPattern } from '../shared/free-form.ts'

/** Reads the fields that limits, routing and records act on. Source: Ollama, docs/api.md and api/types.go, read 2026-11. */
export function readCall(body: JsonObject): Call {
  const modelName = readModelName(body)
  const messages = readMessages(body)
  return {
    operation: 'chat',
    modelName,
    isStream: readStream(body),
    outputCapTokens: capIn(readPart(body, 'options') ?? {}),
    choiceCount: 1,
    // The last line of a stream always tells it.
    wantsStreamUsage: true,
    needs: needsOf(body, messages),
    endUser: undefined,
  }
}

/** Schemas and arguments whose keys are the client's own. */
export function isFreeForm(path: readonly (string | number)[]): boolean {
  return isBelow(path, freeFormPlaces)
}

/** No number, 0 and less ask for as much as the model has to say. */
export function capIn({ num_predict: most }: JsonObject): number | undefined {
  if (most === undefined || most === null) return undefined
  if (typeof most !== 'number' || !Number.isSafeInteger(most) || most > largestOutputCap)
    throw refusal('options.num_predict', `must be a whole number of at most ${largestOutputCap}`)
  return most > 0 ? most : undefined
}

const freeFormPlaces: readonly PathPattern[] = [
  ['tools', '*', 'function', 'parameters'],
  ['messages', '*', 'tool_calls', '*', 'function', 'arguments'],
  ['format'],
]

/** A stream, unless it says no. */
function readStream({ stream }: JsonObject): boolean {
  if (stream === undefined || stream === null) return true
  if (typeof stream !== 'boolean') throw refusal('stream', 'must be true or false')
  return stream
}

function needsOf(body: JsonObject, messages: readonly Json[]): ReadonlySet<Need> {
  const needs = new Set<Need>()
  if (isGiven(body['tools'])) needs.add('tools')
  if (messages.some((message) => isJsonObject(message) && listIn(message, 'images').length > 0)) needs.add('images')
  const { format, think, logprobs } = body
  if (isGiven(format) && format !== '') needs.add('structured-output')
  if (isGiven(think) && think !== false) needs.add('reasoning')
  if (logprobs === true) needs.add('logprobs')
  return needs
}
