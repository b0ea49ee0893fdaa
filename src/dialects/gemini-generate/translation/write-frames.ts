import { UntouchedFrames } from '../../shared/translation/untouched-frames.ts'
import type { CloseEvent, HeardFrame, OpenEvent, ReplyEvent, UsageEvent } from '../../../canonical/event.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { writeSse } from '../../../wire/sse-write.ts'
import type { AnswerSettings, FrameWriter } from '../../translation.ts'
import { accountForEvent } from './answer-losses.ts'
import { AnswerParts } from './answer-parts.ts'
import { writeReason } from './finish-reasons.ts'
import { joinedParts } from './joined-parts.ts'
import { dialectName } from './own.ts'
import { usageWords } from './usage-words.ts'
import { headWords } from './write-answer.ts'

export function openFrames(losses: Losses, settings: AnswerSettings): FrameWriter {
  return new GenerateFrameWriter(losses, settings)
}

/**
 * Tells an answer as a stream of answers, each with a part of the whole, the last one with the reasons to end and the usage. Frames
 * of our own that nobody touched go out as they came; from the first that must be written anew on, all others follow from it.
 */
class GenerateFrameWriter implements FrameWriter {
  readonly #losses: Losses
  readonly #settings: AnswerSettings
  readonly #untouched: UntouchedFrames
  readonly #candidates = new Map<number, AnswerParts>()
  readonly #closes = new Map<number, CloseEvent>()
  #hasEnded = false
  #open: OpenEvent | undefined
  #usage: UsageEvent | undefined

  constructor(losses: Losses, settings: AnswerSettings) {
    this.#losses = losses
    this.#settings = settings
    this.#untouched = new UntouchedFrames(dialectName, losses, isTold)
  }

  write(frame: HeardFrame): string {
    const own = this.#untouched.next(frame)
    const told = new Map<number, JsonObject[]>()
    for (const event of frame.events) this.#take(event, told)
    if (own !== undefined) return own.text
    if (this.#untouched.isUnbroken) return ''
    return told.size === 0 ? '' : this.#frame(told, undefined)
  }

  end(): string {
    if (this.#hasEnded || (this.#untouched.isUnbroken && this.#open)) return ''
    this.#hasEnded = true
    const choices = new Set([...this.#candidates.keys(), ...this.#closes.keys(), 0])
    return this.#frame(
      new Map([...choices].toSorted((left, right) => left - right).map((choice) => [choice, []])),
      this.#closes,
    )
  }

  #take(event: ReplyEvent, told: Map<number, JsonObject[]>): void {
    switch (event.kind) {
      case 'ping':
        return
      case 'open':
        accountForEvent(event, this.#losses)
        this.#open ??= event
        return
      case 'usage':
        accountForEvent(event, this.#losses)
        this.#usage = event
        return
      case 'close':
        this.#closes.set(event.choice, event)
        return
      default: {
        const parts = this.#partsOf(event.choice).take(event)
        if (parts.length > 0) told.set(event.choice, [...(told.get(event.choice) ?? []), ...parts])
      }
    }
  }

  #partsOf(choice: number): AnswerParts {
    const known = this.#candidates.get(choice)
    if (known) return known
    const parts = new AnswerParts(this.#losses, this.#settings.requestId)
    this.#candidates.set(choice, parts)
    return parts
  }

  /** @param closes at the end: why each candidate ended. An answer that does not say so has ended all the same. */
  #frame(
    told: ReadonlyMap<number, readonly JsonObject[]>,
    closes: ReadonlyMap<number, CloseEvent> | undefined,
  ): string {
    const candidates = [...told].map(([index, parts]): Json => {
      const close = closes?.get(index)
      return {
        // The last chunk holds an empty text, as Google's own does: its SDK takes a content without parts for none.
        content: { role: 'model', parts: parts.length === 0 ? [{ text: '' }] : joinedParts(parts) },
        ...(closes && {
          finishReason: close ? writeReason(close, this.#partsOf(index).hasCalled, this.#losses) : 'STOP',
        }),
        index,
      }
    })
    const chunk = {
      candidates,
      ...(closes && { usageMetadata: usageWords(this.#usage?.usage, this.#usage?.serviceTier) }),
      ...headWords(this.#open, this.#settings),
    }
    return writeSse(undefined, JSON.stringify(chunk))
  }
}

/** Ends are told by the last frame alone. */
function isTold({ events }: HeardFrame): boolean {
  return events.some(({ kind }) => kind !== 'ping' && kind !== 'block-end' && kind !== 'close')
}
