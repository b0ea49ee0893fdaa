import { untouchedFrame } from '../../shared/translation/untouched-frame.ts'
import type { CloseEvent, HeardFrame, OpenEvent, ReplyEvent, UsageEvent } from '../../../canonical/event.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { Losses } from '../../../canonical/loss.ts'
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
  /** For frames of our own: nothing of them is lost. */
  readonly #noLosses = new Losses()
  readonly #blocks: BlockQueue
  #isWordForWord = true
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
    this.#blocks = new BlockQueue(blockWords(settings.requestId))
  }

  write(frame: HeardFrame): string {
    const own = this.#isWordForWord ? ownFrame(frame) : undefined
    if (own === undefined && frame.events.some(({ kind }) => kind !== 'ping')) this.#isWordForWord = false
    const losses = own === undefined ? this.#losses : this.#noLosses
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

  #pass({ type, text }: OwnFrame): string {
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

interface OwnFrame {
  readonly type: string
  readonly text: string
}

/** A frame of this dialect that nobody touched, as it came. */
function ownFrame(frame: HeardFrame): OwnFrame | undefined {
  const untouched = untouchedFrame(frame, dialectName)
  if (!untouched) return undefined
  const { event, data, text } = untouched
  return { type: typeOf(data) ?? event ?? '', text }
}

function typeOf(data: Json): string | undefined {
  const type = isJsonObject(data) ? data['type'] : undefined
  return typeof type === 'string' ? type : undefined
}
