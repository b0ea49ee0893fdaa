import type { HeardFrame, ReplyEvent, UsageEvent } from '../../../canonical/event.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { rewrite } from '../../../canonical/origin.ts'
import { writeSse } from '../../../wire/sse-write.ts'
import { joined } from '../../shared/translation/joined.ts'
import { usageWordsOf } from '../../vendors/openai/usage-words.ts'
import type { AnswerSettings, FrameWriter } from '../../translation.ts'
import { dialectName, isOwn } from './own.ts'
import { TextWriter } from './text-writer.ts'
import { accountForUsage, headFrom, headWith, type Head } from './write-answer.ts'

export function openFrames(losses: Losses, settings: AnswerSettings): FrameWriter {
  return new ChunkWriter(losses, settings)
}

/** Writes the chunks of one answer. A frame of this dialect that nobody touched goes back as it came. */
class ChunkWriter implements FrameWriter {
  readonly #losses: Losses
  readonly #wantsUsage: boolean
  readonly #texts: TextWriter
  #head: Head
  #usage: UsageEvent | undefined
  #isUsageTold = false

  constructor(losses: Losses, settings: AnswerSettings) {
    this.#losses = losses
    this.#wantsUsage = settings.wantsStreamUsage
    this.#texts = new TextWriter(losses)
    this.#head = headFrom(settings)
  }

  write(frame: HeardFrame): string {
    if (!isOwn(frame)) return this.#chunksOf(frame.events).map(frameText).join('')
    const written = rewrite<HeardFrame>(frame, dialectName, ({ events }) => this.#chunksOf(events)[0] ?? null, joined)
    // A frame that goes back as it came still moves the stream on.
    this.#chunksOf(frame.events)
    if (frame.events.some(({ kind }) => kind === 'usage')) this.#isUsageTold = true
    return isJsonObject(written) ? this.#ownText(written) : ''
  }

  end(): string {
    const last = this.#usage && !this.#isUsageTold && this.#wantsUsage ? [this.#chunk([], this.#usage)] : []
    const endings = this.#texts.endings.length > 0 ? [this.#chunk(this.#texts.endings)] : []
    return `${[...endings, ...last].map(frameText).join('')}data: [DONE]\n\n`
  }

  /** A chunk that exists only because we asked for usage is not for a client that did not. */
  #ownText(chunk: JsonObject): string {
    const { usage, choices } = chunk
    const isBare = isJsonObject(usage) && !(Array.isArray(choices) && choices.length > 0)
    return isBare && !this.#wantsUsage ? '' : frameText(chunk)
  }

  /** One chunk for all that is said at once, or none. */
  #chunksOf(events: readonly ReplyEvent[]): readonly JsonObject[] {
    let isPing = false
    for (const event of events)
      switch (event.kind) {
        case 'open':
          this.#head = headWith(this.#head, event, this.#losses)
          break
        case 'usage':
          accountForUsage(event, this.#losses)
          this.#usage = event
          break
        case 'ping':
          isPing = true
          break
        default:
          this.#texts.take(event)
      }
    const choices = this.#texts.toldSoFar()
    if (choices.length > 0) return [this.#chunk(choices)]
    // An empty text keeps a quiet connection warm (behaviour.md E2).
    return isPing ? [this.#chunk([{ text: '', index: 0, logprobs: null, finish_reason: null }])] : []
  }

  #chunk(choices: readonly JsonObject[], usage?: UsageEvent): JsonObject {
    const { id, created, model } = this.#head
    const told = { id, object: 'text_completion', created, model, choices }
    return usage ? { ...told, usage: usageWordsOf(usage.usage) } : told
  }
}

function frameText(chunk: Json): string {
  return writeSse(undefined, JSON.stringify(chunk))
}
