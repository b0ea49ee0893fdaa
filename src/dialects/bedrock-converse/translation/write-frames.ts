import type { CloseEvent, HeardFrame, ReplyEvent, UsageEvent } from '../../../canonical/event.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { BlockQueue } from '../../shared/translation/block-queue.ts'
import type { AnswerSettings, FrameWriter } from '../../translation.ts'
import { UntouchedFrames, type UntouchedFrame } from '../../shared/translation/untouched-frames.ts'
import { loseChoice } from '../../shared/translation/lose-event.ts'
import { accountForEvent, oneAnswer } from './answer-losses.ts'
import { blockWords, eventText } from './block-words.ts'
import { dialectName } from './own.ts'
import { writeReason } from './stop-reasons.ts'
import { tierWords, unmeasured, usageWords } from './usage-words.ts'

export function openFrames(losses: Losses, settings: AnswerSettings): FrameWriter {
  return new ConverseFrameWriter(losses, settings)
}

/**
 * Tells one answer as a stream. Frames of our own that nobody touched go out as they came; but the state is kept for them
 * too, so that from the first frame that must be written anew on, all others follow from it.
 */
class ConverseFrameWriter implements FrameWriter {
  readonly #losses: Losses
  readonly #untouched: UntouchedFrames
  readonly #blocks: BlockQueue
  #hasBegun = false
  #hasToolUse = false
  #hasStopped = false
  #hasToldUsage = false
  #usage: UsageEvent | undefined
  #close: CloseEvent | undefined

  constructor(losses: Losses, settings: AnswerSettings) {
    this.#losses = losses
    this.#untouched = new UntouchedFrames(dialectName, losses)
    this.#blocks = new BlockQueue(blockWords(settings.requestId))
  }

  write(frame: HeardFrame): string {
    const own = this.#untouched.next(frame)
    const losses = this.#untouched.lossesOf(own)
    let text = ''
    for (const event of frame.events) text += this.#tell(event, losses, own !== undefined)
    return own === undefined ? text : this.#pass(own)
  }

  end(): string {
    // A stream whose own frames went out as they came has come to its end with them.
    if (this.#untouched.isUnbroken && this.#hasStopped) return ''
    const begun = this.#begin()
    const rest = this.#blocks.endAll()
    const stopReason = this.#hasStopped ? '' : writeReason(this.#close, this.#hasToolUse, this.#losses)
    const stop = this.#hasStopped ? '' : eventText('messageStop', { stopReason })
    const usage = usageWords(this.#usage?.usage)
    const metadata = { usage, metrics: unmeasured, ...tierWords(this.#usage) }
    return begun + rest + stop + (this.#hasToldUsage ? '' : eventText('metadata', metadata))
  }

  #pass({ event, text }: UntouchedFrame): string {
    if (event === 'messageStop') this.#hasStopped = true
    if (event === 'metadata') this.#hasToldUsage = true
    return text
  }

  #tell(event: ReplyEvent, losses: Losses, isTold: boolean): string {
    if (event.kind === 'ping') return ''
    accountForEvent(event, losses)
    if (event.kind === 'open') return this.#begin()
    if (event.kind === 'usage') {
      this.#usage = event
      return ''
    }
    if (event.choice !== 0) {
      loseChoice(event, losses, oneAnswer)
      return ''
    }
    switch (event.kind) {
      case 'close':
        this.#close ??= event
        return ''
      case 'block-start':
        if (event.content.kind === 'tool-use') this.#hasToolUse = true
        return this.#begin() + this.#blocks.start(event, losses, isTold)
      case 'block-delta':
        return this.#blocks.add(event, losses)
      case 'block-end':
        return this.#blocks.end(event.block)
    }
  }

  #begin(): string {
    if (this.#hasBegun) return ''
    this.#hasBegun = true
    return eventText('messageStart', { role: 'assistant' })
  }
}
