import type { CloseEvent, HeardFrame, OpenEvent, ReplyEvent, UsageEvent } from '../../../canonical/event.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { rewrite } from '../../../canonical/origin.ts'
import { writeSse } from '../../../wire/sse-write.ts'
import { joined } from '../../shared/translation/joined.ts'
import type { AnswerSettings, FrameWriter } from '../../translation.ts'
import { accountForOpen, headWords, oneAnswer, usageWords } from './answer-head.ts'
import { loseChoice } from '../../shared/translation/lose-event.ts'
import { doneReason } from './done-reasons.ts'
import { emptyPiece, messageWords, MessageWriter, type Piece } from './message-writer.ts'
import { isOwn, dialectName } from './own.ts'

export function openFrames(losses: Losses, settings: AnswerSettings): FrameWriter {
  return new LineWriter(losses, settings)
}

/**
 * Writes the lines of one answer, the last one with why it ended and what was used. A line of this dialect that nobody touched goes
 * back as it came. Within the house they are server-sent events.
 */
class LineWriter implements FrameWriter {
  readonly #losses: Losses
  readonly #settings: AnswerSettings
  readonly #message: MessageWriter
  #open: OpenEvent | undefined
  #close: CloseEvent | undefined
  #usage: UsageEvent | undefined
  #isDone = false

  constructor(losses: Losses, settings: AnswerSettings) {
    this.#losses = losses
    this.#settings = settings
    this.#message = new MessageWriter(losses)
  }

  write(frame: HeardFrame): string {
    if (!isOwn(frame)) return this.#lineFor(frame.events)
    const isLast = frame.events.some(({ kind }) => kind === 'close')
    const written = rewrite<HeardFrame>(
      frame,
      dialectName,
      ({ events }) => {
        const piece = this.#take(events) ?? emptyPiece()
        return isLast ? this.#lastLine(piece) : this.#line(piece)
      },
      joined,
    )
    // A line that goes back as it came still moves the stream on.
    this.#take(frame.events)
    this.#isDone ||= isLast
    return isJsonObject(written) ? lineText(written) : ''
  }

  end(): string {
    return this.#isDone ? '' : lineText(this.#lastLine(emptyPiece()))
  }

  #lineFor(events: readonly ReplyEvent[]): string {
    const piece = this.#take(events)
    if (piece) return lineText(this.#line(piece))
    // An empty text keeps a quiet connection warm (behaviour.md E2).
    return events.some(({ kind }) => kind === 'ping') ? lineText(this.#line(emptyPiece())) : ''
  }

  #take(events: readonly ReplyEvent[]): Piece | undefined {
    for (const event of events)
      switch (event.kind) {
        case 'open':
          accountForOpen(event, this.#losses)
          this.#open ??= event
          break
        case 'usage':
          this.#usage = event
          break
        case 'ping':
          break
        default:
          if (event.choice !== 0) loseChoice(event, this.#losses, oneAnswer)
          else if (event.kind === 'close') this.#close ??= event
          else this.#message.take(event)
      }
    return this.#message.told()
  }

  #line(piece: Piece): JsonObject {
    return { ...this.#pieceWords(piece), done: false }
  }

  #lastLine(piece: Piece): JsonObject {
    const reason = this.#close ? doneReason(this.#close, this.#message.hasCalled, this.#losses) : 'stop'
    const usage = this.#usage && usageWords(this.#usage, this.#losses)
    return { ...this.#pieceWords(piece), done: true, done_reason: reason, ...usage }
  }

  #pieceWords(piece: Piece): JsonObject {
    return {
      ...headWords(this.#open, this.#settings),
      message: messageWords(piece),
      ...(piece.logprobs.length > 0 && { logprobs: piece.logprobs }),
    }
  }
}

function lineText(line: JsonObject): string {
  return writeSse(undefined, JSON.stringify(line))
}
