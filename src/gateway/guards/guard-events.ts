import type { ReplyEvent } from '../../canonical/event.ts'
import { GatewayError } from '../../canonical/error.ts'
import type { JsonObject } from '../../canonical/json.ts'
import { Losses } from '../../canonical/loss.ts'
import { placeInAnswer } from '../../policies/guardrails/answer-places.ts'
import { replaceTexts, textsOf } from '../../policies/guardrails/texts.ts'
import { guardOne, StreamGuard } from './guard-answer.ts'
import type { AnswerRules } from './guard-input.ts'
import { SaidTexts } from './said-texts.ts'

/** A piece of a text that comes in several events. */
export interface EventPiece {
  /** Of which text. */
  readonly key: string
  readonly text: string
  /** Where it stands in its event. */
  readonly path: string
  readonly isArguments: boolean
}

/** How one API tells texts in pieces. */
export interface EventWords {
  piecesIn(event: JsonObject): readonly EventPiece[]
  /** Whether the text of that piece ends with this event at the latest, and with the pieces that the event has of it. */
  ends(piece: EventPiece, event: JsonObject): boolean
  /** Whether an event tells more than its pieces. It is told then also where all of them are held back. Absent: none does. */
  holdsMore?(event: JsonObject): boolean
  /** An event that tells this text of its last piece, and nothing else that its event told. Absent: that event with no other piece. */
  alone?(piece: EventPiece, text: string): JsonObject | undefined
}

/** What was told in pieces may be told again whole, and is kept until then. A day of speech is shorter. */
const longestText = 4_194_304

/** So many texts are known again; of those before, what is said again is looked at by itself. */
const mostTexts = 64

/**
 * Events of an answer that no chat's words hold (transcripts, pictures, realtime sessions), as their client may see them: the pieces of a
 * text have a window, what is said again is said as it was shown, and every other text is looked at by itself.
 */
export class GuardedEvents {
  readonly losses = new Losses()
  readonly #words: EventWords
  readonly #answer: AnswerRules
  readonly #texts = new Map<string, OpenText>()
  #begun = 0

  constructor(words: EventWords, answer: AnswerRules) {
    this.#words = words
    this.#answer = answer
  }

  /**
   * @returns what is told in place of the event, in order; the very same one where no rule changes anything.
   * @throws GatewayError `guardrail_blocked`.
   */
  take(event: JsonObject): readonly JsonObject[] {
    const told = this.#withoutOdds(event)
    const pieces = this.#words.piecesIn(told)
    const lastPieces = new Map(pieces.map((piece) => [piece.key, piece]))
    const ending = [...this.#texts.values()].filter(
      ({ piece, isOpen }) => isOpen && !lastPieces.has(piece.key) && this.#words.ends(piece, told),
    )
    const rest = ending.flatMap((open) => this.#rest(open))
    const written = new Map<string, string>()
    let isEnd = false
    for (const piece of pieces) {
      const isLast = lastPieces.get(piece.key) === piece && this.#words.ends(piece, told)
      const text = this.#push(piece, told, isLast)
      isEnd ||= isLast
      if (text !== piece.text) written.set(piece.path, text)
    }
    const paths = new Set(pieces.map(({ path }) => path))
    for (const text of textsOf(told, placeInAnswer)) {
      if (paths.has(text.path)) continue
      const shown = this.#shownOf(text.text) ?? guardOne(text, this.#answer)
      if (shown !== text.text) written.set(text.path, shown)
    }
    const isHeldBack = !isEnd && pieces.length > 0 && [...paths].every((path) => written.get(path) === '')
    const isNothing = isHeldBack && this.#words.holdsMore?.(told) !== true
    return [...rest, ...(isNothing ? [] : [written.size === 0 ? told : replaceTexts(told, written)])]
  }

  /** No more will come. @returns what is still held back. */
  end(): readonly JsonObject[] {
    return [...this.#texts.values()].filter(({ isOpen }) => isOpen).flatMap((open) => this.#rest(open))
  }

  /** @param isLast no more of it will come. */
  #push(piece: EventPiece, event: JsonObject, isLast: boolean): string {
    let open = this.#texts.get(piece.key)
    if (!open?.isOpen) {
      open = {
        block: this.#begun++,
        window: new StreamGuard(this.#answer, this.losses),
        said: new SaidTexts(),
        shown: '',
        piece,
        event,
        isOpen: true,
      }
      this.#forget()
      this.#texts.delete(piece.key)
      this.#texts.set(piece.key, open)
    }
    open.piece = piece
    open.event = event
    const kind = piece.isArguments ? 'arguments' : 'text'
    const heard: ReplyEvent = { kind: 'block-delta', choice: 0, block: open.block, delta: { kind, text: piece.text } }
    open.said.add([heard])
    const shown = shownBy(open, heard)
    return isLast ? shown + close(open) : shown
  }

  /** Sessions last for hours. */
  #forget(): void {
    for (const [key, { isOpen }] of this.#texts) {
      if (this.#texts.size < mostTexts) return
      if (!isOpen) this.#texts.delete(key)
    }
  }

  /** What was held back of it, in another event like its last one. */
  #rest(open: OpenText): readonly JsonObject[] {
    const text = close(open)
    if (text === '') return []
    const alone = this.#words.alone?.(open.piece, text)
    if (alone) return [alone]
    const others = this.#words.piecesIn(open.event).map(({ path }) => [path, ''] as const)
    return [replaceTexts(open.event, new Map([...others, [open.piece.path, text]]))]
  }

  /** Of a text that was told in pieces: what was shown of it. */
  #shownOf(text: string): string | undefined {
    for (const { said, shown } of this.#texts.values()) if (said.has(text)) return shown
    return undefined
  }

  /** The tokens of what is held back would tell it. */
  #withoutOdds(event: JsonObject): JsonObject {
    if (!('logprobs' in event)) return event
    const { logprobs: _, ...others } = event
    this.losses.note('logprobs', 'lost', 'a guardrail looks at the answer, and they would tell what is held back')
    return others
  }
}

interface OpenText {
  readonly block: number
  readonly window: StreamGuard
  readonly said: SaidTexts
  shown: string
  piece: EventPiece
  event: JsonObject
  isOpen: boolean
}

/** @returns what was held back of it. */
function close(open: OpenText): string {
  open.isOpen = false
  return shownBy(open, { kind: 'block-end', choice: 0, block: open.block })
}

function shownBy(open: OpenText, event: ReplyEvent): string {
  const text = open.window
    .frame({ events: [event], wire: undefined })
    .events.map((one) => (one.kind === 'block-delta' && 'text' in one.delta ? one.delta.text : ''))
    .join('')
  open.shown += text
  if (open.shown.length > longestText)
    throw new GatewayError('upstream_invalid', 'a text is longer than what can be told again at its end')
  return text
}
