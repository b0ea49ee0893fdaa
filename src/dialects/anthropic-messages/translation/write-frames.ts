import { UntouchedFrames, type UntouchedFrame } from '../../shared/translation/untouched-frames.ts'
import type { CloseEvent, HeardFrame, OpenEvent, ReplyEvent, UsageEvent } from '../../../canonical/event.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import type { Losses } from '../../../canonical/loss.ts'
import type { AnswerSettings, FrameWriter } from '../../translation.ts'
import { loseChoice } from '../../shared/translation/lose-event.ts'
import { accountForEvent, oneAnswer } from './answer-losses.ts'
import { emptyMessage } from './answer-words.ts'
import { BlockQueue } from '../../shared/translation/block-queue.ts'
import { blockWords } from './block-words.ts'
import { frameText } from './frame-text.ts'
import { dialectName } from './own.ts'
import { writeReason } from './stop-reasons.ts'
import { deltaUsage, hasLifetimes, lifetimesOf } from './usage-words.ts'

export function openFrames(losses: Losses, settings: AnswerSettings): FrameWriter {
  return new MessageFrameWriter(losses, settings)
}

/**
 * Tells one message as a stream. Frames of our own that nobody touched go out as they came; but the state is kept for them
 * too, so that from the first frame that must be written anew on, all others follow from it.
 */
class MessageFrameWriter implements FrameWriter {
  readonly #losses: Losses
  readonly #settings: AnswerSettings
  readonly #untouched: UntouchedFrames
  readonly #blocks: BlockQueue
  #hasBegun = false
  #hasToolUse = false
  #hasFinished = false
  #hasToldLifetimes = false
  #usage: UsageEvent | undefined
  #close: CloseEvent | undefined
  /** Our own last frame, held until the ending. */
  #ending: string | undefined

  constructor(losses: Losses, settings: AnswerSettings) {
    this.#losses = losses
    this.#settings = settings
    this.#untouched = new UntouchedFrames(dialectName, losses)
    this.#blocks = new BlockQueue(blockWords(settings.requestId))
  }

  write(frame: HeardFrame): string {
    const own = this.#untouched.next(frame)
    const losses = this.#untouched.lossesOf(own)
    // A body that is told as a stream has its usage in the end, where the first frame can still tell it.
    const usage = this.#hasBegun ? undefined : frame.events.findLast((event) => event.kind === 'usage')
    if (usage) this.#usage = usage
    let text = ''
    for (const event of frame.events) text += this.#tell(event, losses, own !== undefined)
    return own === undefined ? text : this.#pass(own)
  }

  end(): string {
    const begun = this.#begin(undefined)
    const rest = this.#blocks.endAll()
    const finish = this.#hasFinished ? '' : frameText('message_delta', this.#finishWords())
    const ending = this.#ending ?? frameText('message_stop', {})
    this.#ending = undefined
    return begun + rest + finish + ending
  }

  #pass({ event, data, text }: UntouchedFrame): string {
    const type = typeOf(data) ?? event
    const held = this.#ending ?? ''
    this.#ending = undefined
    if (type === 'message_delta') this.#hasFinished = true
    if (type !== 'message_stop') return held + text
    this.#ending = text
    return held
  }

  #tell(event: ReplyEvent, losses: Losses, isTold: boolean): string {
    if (event.kind === 'ping') return frameText('ping', {})
    if (event.kind === 'open') {
      accountForEvent(event, losses)
      return this.#begin(event)
    }
    if (event.kind !== 'usage' && event.choice !== 0) {
      loseChoice(event, losses, oneAnswer)
      return ''
    }
    accountForEvent(event, losses)
    switch (event.kind) {
      case 'usage':
        this.#usage = event
        return ''
      case 'close':
        this.#close ??= event
        return ''
      case 'block-start':
        if (event.content.kind === 'tool-use') this.#hasToolUse = true
        return this.#begin(undefined) + this.#blocks.start(event, losses, isTold)
      case 'block-delta':
        return this.#blocks.add(event, losses)
      case 'block-end':
        return this.#blocks.end(event.block)
    }
  }

  #begin(open: OpenEvent | undefined): string {
    if (this.#hasBegun) return ''
    this.#hasBegun = true
    const usage = this.#usage?.usage
    this.#hasToldLifetimes = usage !== undefined && hasLifetimes(usage)
    const message = emptyMessage(open, this.#settings, usage, this.#usage?.serviceTier)
    return frameText('message_start', { message })
  }

  #finishWords(): JsonObject {
    const usage = this.#usage?.usage
    return {
      delta: {
        stop_reason: writeReason(this.#close, this.#hasToolUse, this.#losses),
        stop_sequence: this.#close?.stopSequence ?? null,
        stop_details: null,
        container: null,
      },
      usage: {
        ...deltaUsage(usage),
        // The SDK's type has no place for them here, but Anthropic's clients pass over what they do not know.
        ...(usage && hasLifetimes(usage) && !this.#hasToldLifetimes && { cache_creation: lifetimesOf(usage) }),
      },
    }
  }
}

function typeOf(data: Json): string | undefined {
  const type = isJsonObject(data) ? data['type'] : undefined
  return typeof type === 'string' ? type : undefined
}
