import type { HeardFrame, OpenEvent, ReplyEvent, UsageEvent } from '../../../canonical/event.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { hear } from '../../../canonical/origin.ts'
import { BlockSequence } from '../../shared/translation/block-sequence.ts'
import { listIn } from '../../shared/call-fields.ts'
import { frameJson } from '../../shared/frame-json.ts'
import type { EventReader } from '../../translation.ts'
import { isEmpty, unknownKeys } from '../../shared/translation/unknown-keys.ts'
import { readUsage } from '../read-usage.ts'
import { readClose } from './done-reasons.ts'
import { dialectName } from './own.ts'

/** A body, as the events of a stream that arrived at once. */
export function readAnswer(body: JsonObject): HeardFrame {
  const reader = new LineEvents()
  const events = reader.readLine(body)
  return heardFrame([...events, ...reader.end()], body)
}

export function openEvents(): EventReader {
  return new LineEvents()
}

/** Reads the lines of one answer: thoughts and text piece by piece, calls whole. Errors are the relay's business. */
class LineEvents implements EventReader {
  readonly #blocks = new BlockSequence(dialectName, 0)
  readonly #unheard = new Set<string>()
  #idPrefix = 'call'
  #callCount = 0
  #isOpen = false
  #isClosed = false

  read(_event: string, data: Buffer): HeardFrame {
    const line = frameJson(data)
    return isJsonObject(line) ? heardFrame(this.readLine(line), line) : { events: [], wire: data.toString() }
  }

  end(): readonly ReplyEvent[] {
    return this.#isOpen ? this.#close({}) : []
  }

  readLine(line: JsonObject): readonly ReplyEvent[] {
    const { message, logprobs, done } = line
    const opening = this.#open(line)
    this.#readPiece(isJsonObject(message) ? message : {}, logprobs)
    const said = this.#blocks.take()
    return [...opening, ...said, ...(done === true ? this.#close(line) : [])]
  }

  #open(line: JsonObject): readonly ReplyEvent[] {
    const unheard = unknownKeys(line, knownOfLine)
    if (this.#isOpen) {
      for (const key of unheard) this.#unheard.add(key)
      return []
    }
    this.#isOpen = true
    const { created_at: created } = line
    if (typeof created === 'string') this.#idPrefix = `call_${created.replace(/\D/g, '')}`
    return [readOpen(line, unheard)]
  }

  /** The odds stand beside the message. */
  #readPiece(message: JsonObject, logprobs: Json | undefined): void {
    for (const key of unknownKeys(message, knownOfMessage)) this.#unheard.add(`message.${key}`)
    this.#tell('thought', message['thinking'])
    this.#tell('text', message['content'])
    const calls = listIn(message, 'tool_calls')
    const areOfCalls = calls.length > 0 && this.#blocks.kind === undefined
    if (!areOfCalls) this.#readOdds(logprobs)
    for (const call of calls) this.#readCall(call, `message.tool_calls[${this.#callCount}]`)
    // Of calls, which came without any text.
    if (areOfCalls) this.#readOdds(logprobs)
    if (calls.length > 0) this.#blocks.end()
  }

  #tell(kind: 'thought' | 'text', text: Json | undefined): void {
    if (typeof text !== 'string' || text === '') return
    if (this.#blocks.kind !== kind) this.#blocks.open({ kind })
    this.#blocks.delta({ kind: 'text', text })
  }

  /** It comes whole, and older versions give it no id (recorded 2024-09). */
  #readCall(call: Json, path: string): void {
    const { id, function: called, ...others } = isJsonObject(call) ? call : {}
    const { name, arguments: given, index: _, ...more } = isJsonObject(called) ? called : {}
    const place = `${this.#idPrefix}_${this.#callCount++}`
    if (typeof name !== 'string') {
      const wire = isJsonObject(call) ? call : { value: call }
      this.#blocks.open({ kind: 'opaque', type: 'tool_calls', wire }, { wire, path, unheard: [] })
      return
    }
    const unheard = [
      ...Object.keys(others).filter((key) => key !== 'type'),
      ...Object.keys(more).map((key) => `function.${key}`),
    ]
    const opening = { kind: 'tool-use', id: typeof id === 'string' && id !== '' ? id : place, name } as const
    this.#blocks.open({ ...opening, signature: undefined }, { wire: call, path, unheard })
    const text = typeof given === 'string' ? given : JSON.stringify(given ?? {})
    this.#blocks.delta({ kind: 'arguments', text })
  }

  #readOdds(logprobs: Json | undefined): void {
    if (logprobs === undefined || isEmpty(logprobs)) return
    if (this.#blocks.kind === undefined) this.#blocks.open({ kind: 'text' })
    this.#blocks.delta({ kind: 'logprobs', logprobs }, { wire: logprobs, path: 'logprobs', unheard: [] })
  }

  #close(line: JsonObject): readonly ReplyEvent[] {
    if (this.#isClosed) return []
    this.#isClosed = true
    this.#blocks.end()
    this.#blocks.tell(readClose(line, this.#callCount > 0, [...this.#unheard]))
    const usage = readUsageEvent(line)
    return [...this.#blocks.take(), ...(usage ? [usage] : [])]
  }
}

function readOpen(line: JsonObject, unheard: readonly string[]): OpenEvent {
  const { model: modelName, created_at: created } = line
  const createdMs = typeof created === 'string' ? Date.parse(created) : Number.NaN
  return hear<OpenEvent>(
    {
      kind: 'open',
      id: undefined,
      responseModel: typeof modelName === 'string' && modelName !== '' ? modelName : undefined,
      createdAtSeconds: Number.isNaN(createdMs) ? undefined : Math.floor(createdMs / 1000),
    },
    {
      dialect: dialectName,
      wire: line,
      path: '',
      heard: { responseModel: 'model', createdAtSeconds: 'created_at' },
      unheard,
    },
  )
}

function readUsageEvent(line: JsonObject): UsageEvent | undefined {
  const usage = readUsage(line)
  if (!usage) return undefined
  const event: UsageEvent = { kind: 'usage', usage, providerCostNanos: undefined, serviceTier: undefined }
  return hear(event, { dialect: dialectName, wire: line, path: '', heard: {}, unheard: [] })
}

/** A frame that goes back as it came. */
function heardFrame(events: readonly ReplyEvent[], wire: JsonObject): HeardFrame {
  return hear<HeardFrame>({ events, wire }, { dialect: dialectName, wire, path: '', heard: {}, unheard: [] })
}

/** How long the machine took is of no use to a client of another dialect: it measures for itself. */
const knownOfLine: ReadonlySet<string> = new Set([
  'model',
  'created_at',
  'message',
  'logprobs',
  'done',
  'done_reason',
  'prompt_eval_count',
  'eval_count',
  'total_duration',
  'load_duration',
  'prompt_eval_duration',
  'eval_duration',
])

const knownOfMessage: ReadonlySet<string> = new Set(['role', 'content', 'thinking', 'tool_calls'])
