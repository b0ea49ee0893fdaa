import type { HeardFrame, ReplyEvent, UsageEvent } from '../../../canonical/event.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { Losses } from '../../../canonical/loss.ts'
import { rewrite } from '../../../canonical/origin.ts'
import { writeSse } from '../../../wire/sse-write.ts'
import type { AnswerSettings, FrameWriter } from '../../translation.ts'
import { customNames } from '../../vendors/openai/custom-tools.ts'
import { accountForEvent } from './answer-losses.ts'
import { ChoiceWriter } from './choice-writer.ts'
import { joinAnswer } from './join-answer.ts'
import { dialectName, isOwn } from './own.ts'
import { tierWord, usageWords } from './write-usage.ts'

export function openFrames(losses: Losses, settings: AnswerSettings): FrameWriter {
  return new ChunkWriter(losses, settings)
}

/** Writes the chunks of one answer. A frame of this dialect that nobody touched goes back as it came. */
class ChunkWriter implements FrameWriter {
  readonly #losses: Losses
  readonly #settings: AnswerSettings
  readonly #chunks: ChunkState
  #isUsageTold = false

  constructor(losses: Losses, settings: AnswerSettings) {
    this.#losses = losses
    this.#settings = settings
    this.#chunks = new ChunkState(losses, settings)
  }

  write(frame: HeardFrame): string {
    if (!isOwn(frame)) return this.#chunks.take(frame.events).map(frameText).join('')
    let isTaken = false
    const written = rewrite<HeardFrame>(
      frame,
      dialectName,
      ({ events }) => {
        // As it was read, it is told by a copy, for comparison.
        if (events !== frame.events) return this.#chunks.copy().take(events, true)
        isTaken = true
        return this.#chunks.take(events, true)
      },
      joinChunk,
    )
    // A frame that goes back as it came still moves the stream on.
    if (!isTaken) this.#chunks.take(frame.events, true)
    if (frame.events.some(({ kind }) => kind === 'usage')) this.#isUsageTold = true
    return (Array.isArray(written) ? written : [written]).map((chunk) => this.#ownText(chunk)).join('')
  }

  end(): string {
    const { usage } = this.#chunks
    const last = !this.#isUsageTold && this.#settings.wantsStreamUsage && usage ? this.#usageChunk(usage) : undefined
    const told = last ? [...this.#chunks.endings, last] : this.#chunks.endings
    return `${told.map(frameText).join('')}data: [DONE]\n\n`
  }

  /** A chunk that exists only because we asked for usage is not for a client that did not. */
  #ownText(chunk: Json): string {
    const { usage, choices } = isJsonObject(chunk) ? chunk : {}
    const isBare = isJsonObject(usage) && !(Array.isArray(choices) && choices.length > 0)
    return isBare && !this.#settings.wantsStreamUsage ? '' : frameText(chunk)
  }

  #usageChunk(usage: UsageEvent): JsonObject {
    const tier = tierWord(usage, this.#losses)
    return {
      ...this.#chunks.chunk([]),
      usage: usageWords(usage),
      ...(tier !== undefined && { service_tier: tier }),
    }
  }
}

/** What the chunks of a stream have in common, and how far each choice has come. */
class ChunkState {
  readonly #losses: Losses
  readonly #settings: AnswerSettings
  readonly #customTools: ReadonlySet<string>
  readonly #choices: Map<number, OpenChoice>
  #head: { readonly id: string; readonly created: number; readonly model: string }
  /**
   * Why each choice ended, where another dialect told it: a client takes it for the end of an answer that is whole, which is known
   * only when the stream has ended (behaviour.md E2).
   */
  readonly endings: JsonObject[] = []
  usage: UsageEvent | undefined

  constructor(losses: Losses, settings: AnswerSettings, from?: ChunkState) {
    this.#losses = losses
    this.#settings = settings
    this.#customTools = from ? from.#customTools : customNames(settings.asked, 'custom')
    this.#choices = new Map(
      from
        ? [...from.#choices].map(([index, one]) => [
            index,
            { ...one, writer: new ChoiceWriter(losses, this.#customTools, one.writer) },
          ])
        : [],
    )
    this.#head = from ? from.#head : { id: settings.requestId, created: settings.nowSeconds, model: settings.modelName }
    this.usage = from?.usage
  }

  copy(): ChunkState {
    return new ChunkState(new Losses(), this.#settings, this)
  }

  chunk(choices: readonly JsonObject[]): JsonObject {
    const { id, created, model } = this.#head
    return { id, object: 'chat.completion.chunk', created, model, choices }
  }

  /**
   * The chunks that say these events. An ending that another dialect told waits in `endings`.
   * @param isOne all of it in one chunk, as a provider's own had it.
   */
  take(events: readonly ReplyEvent[], isOne = false): readonly JsonObject[] {
    const spoke = new Set<number>()
    let isPing = false
    for (const event of events)
      switch (event.kind) {
        case 'open':
          accountForEvent(event, this.#losses)
          this.#head = {
            id: event.id ?? this.#head.id,
            created: event.createdAtSeconds ?? this.#head.created,
            model: event.responseModel ?? this.#head.model,
          }
          break
        case 'usage':
          accountForEvent(event, this.#losses)
          this.usage = event
          break
        case 'ping':
          isPing = true
          break
        default:
          spoke.add(event.choice)
          this.#choice(event.choice).writer.take(event)
          if (event.kind === 'close') this.#choice(event.choice).isEndingHeld = !isOwn(event)
      }
    const told = [...spoke].flatMap((index) => this.#told(index, isOne))
    if (told.length > 0) return isOne ? [this.chunk(told)] : told.map((choice) => this.chunk([choice]))
    if (!isPing) return []
    // An empty delta keeps a quiet connection warm (behaviour.md E2).
    return [this.chunk([{ index: 0, delta: {}, finish_reason: null }])]
  }

  #told(index: number, isOne: boolean): readonly JsonObject[] {
    const choice = this.#choice(index)
    const { piece, logprobs, closing } = choice.writer.told()
    const isEmpty = Object.keys(piece).length === 0 && logprobs === undefined
    if (isEmpty && !closing) return []
    const role = choice.hasRole ? {} : { role: 'assistant' }
    choice.hasRole = true
    const said = { index, delta: { ...role, ...piece }, ...(logprobs && { logprobs }), finish_reason: null }
    if (!closing) return [said]
    if (isOne) return [{ ...said, ...closing }]
    const ended = { index, delta: isEmpty ? role : {}, ...closing }
    const before = isEmpty ? [] : [said]
    if (!choice.isEndingHeld) return [...before, ended]
    this.endings.push(this.chunk([ended]))
    return before
  }

  #choice(index: number): OpenChoice {
    const known = this.#choices.get(index)
    if (known) return known
    const choice = { writer: new ChoiceWriter(this.#losses, this.#customTools), hasRole: false, isEndingHeld: false }
    this.#choices.set(index, choice)
    return choice
  }
}

interface OpenChoice {
  readonly writer: ChoiceWriter
  hasRole: boolean
  isEndingHeld: boolean
}

/** An edit that left one chunk one chunk is put into it; another one is told anew. */
function joinChunk(was: Json, before: Json, after: Json): Json {
  if (!Array.isArray(before) || !Array.isArray(after)) return after
  const [earlier] = before
  const [later] = after
  const isOne = before.length === 1 && after.length === 1 && earlier !== undefined && later !== undefined
  return isOne ? joinAnswer(was, earlier, later, 'delta') : after
}

function frameText(chunk: Json): string {
  return writeSse(undefined, JSON.stringify(chunk))
}
