import type { HeardFrame, OpenEvent, ReplyEvent } from '../../../canonical/event.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { hear } from '../../../canonical/origin.ts'
import { isJsonArray } from '../../shared/call-fields.ts'
import { frameJson } from '../../shared/frame-json.ts'
import { readUsageEvent } from './usage-event.ts'
import type { EventReader } from '../../translation.ts'
import { unknownKeys } from '../../shared/translation/unknown-keys.ts'

/** How one of OpenAI's dialects whose answers have choices words one of them. */
export interface ChoiceWords {
  readonly dialect: string
  /**
   * @param path where the choice stands in the answer.
   * @param replyId makes ids for what came without one.
   */
  readonly openChoice: (index: number, path: string, replyId: string) => ChoiceEvents
}

/** Turns what one choice says, whole or piece by piece, into events. */
export interface ChoiceEvents {
  /** A choice of a body. */
  readWhole(choice: JsonObject): readonly ReplyEvent[]
  /** A choice of a chunk. */
  readDelta(choice: JsonObject): readonly ReplyEvent[]
  /** What is due when the answer has ended without this choice saying so. */
  end(): readonly ReplyEvent[]
}

/** A body, as the events of a stream that arrived at once. */
export function readChoices(body: JsonObject, words: ChoiceWords): HeardFrame {
  const { choices } = body
  const events: ReplyEvent[] = [readOpen(body, words.dialect)]
  for (const [position, choice] of (isJsonArray(choices) ? choices : []).entries()) {
    if (!isJsonObject(choice)) continue
    const reader = words.openChoice(indexOf(choice, position), `choices[${position}]`, idOf(body))
    events.push(...reader.readWhole(choice))
  }
  const usage = readUsageEvent(body, words.dialect)
  if (usage) events.push(usage)
  return heardFrame(events, body, words.dialect)
}

/** Reads the chunks of one answer. Errors are the relay's business: they say nothing here. */
export class ChunkEvents implements EventReader {
  readonly #words: ChoiceWords
  readonly #choices = new Map<number, ChoiceEvents>()
  #replyId: string | undefined
  #isOpen = false

  constructor(words: ChoiceWords) {
    this.#words = words
  }

  read(_event: string, data: Buffer): HeardFrame {
    const chunk = frameJson(data)
    // The last frame is no JSON, and is written by the ending.
    if (!isJsonObject(chunk)) return { events: [], wire: data.toString() }
    return heardFrame(this.#readChunk(chunk), chunk, this.#words.dialect)
  }

  end(): readonly ReplyEvent[] {
    return [...this.#choices.values()].flatMap((choice) => choice.end())
  }

  #readChunk(chunk: JsonObject): readonly ReplyEvent[] {
    const { choices } = chunk
    const events: ReplyEvent[] = []
    const usage = readUsageEvent(chunk, this.#words.dialect)
    const said = isJsonArray(choices) ? choices : []
    // Azure begins with a chunk about the prompt, which has no id and no model.
    if (!this.#isOpen && (said.length > 0 || usage || idOf(chunk) === chunk['id'])) {
      this.#isOpen = true
      this.#replyId = idOf(chunk)
      events.push(readOpen(chunk, this.#words.dialect))
    }
    for (const [position, choice] of said.entries())
      if (isJsonObject(choice)) events.push(...this.#choiceOf(indexOf(choice, position)).readDelta(choice))
    if (usage) events.push(usage)
    return events
  }

  #choiceOf(index: number): ChoiceEvents {
    const known = this.#choices.get(index)
    if (known) return known
    const choice = this.#words.openChoice(index, `choices[${index}]`, this.#replyId ?? 'call')
    this.#choices.set(index, choice)
    return choice
  }
}

/** A frame that goes back as it came. */
function heardFrame(events: readonly ReplyEvent[], wire: JsonObject, dialect: string): HeardFrame {
  return hear<HeardFrame>({ events, wire }, { dialect, wire, path: '', heard: nothing, unheard: [] })
}

const nothing = Object.freeze({})

function readOpen(said: JsonObject, dialect: string): OpenEvent {
  const { id, model: modelName, created } = said
  return hear<OpenEvent>(
    {
      kind: 'open',
      id: isFilled(id) ? id : undefined,
      responseModel: isFilled(modelName) ? modelName : undefined,
      createdAtSeconds: typeof created === 'number' ? created : undefined,
    },
    {
      dialect,
      wire: said,
      path: '',
      heard: { id: 'id', responseModel: 'model', createdAtSeconds: 'created' },
      unheard: unknownKeys(said, knownOfAnswer),
    },
  )
}

function indexOf(choice: JsonObject, position: number): number {
  const { index } = choice
  return typeof index === 'number' && Number.isSafeInteger(index) && index >= 0 ? index : position
}

function idOf(said: JsonObject): string {
  return isFilled(said['id']) ? said['id'] : 'call'
}

/** `obfuscation` and `p` are padding against those who measure the length of frames (OpenAI, Mistral). */
const knownOfAnswer: ReadonlySet<string> = new Set([
  'id',
  'object',
  'created',
  'model',
  'choices',
  'usage',
  'service_tier',
  'obfuscation',
  'p',
])

function isFilled(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}
