import type { TextPlace } from '../../../canonical/guardrail.ts'
import { withoutEscapes } from '../guard-text.ts'
import { editsOf, type Edit } from '../judge-text.ts'
import { placeholderOf } from '../masks.ts'
import type { Text } from '../texts.ts'
import { writtenJson, type AskedJudged } from './apply-verdicts.ts'

/** How a stream is cut into what guards elsewhere are asked about, in UTF-16 units. */
export const windowLengths = {
  /** So much new text makes a piece that is asked about. */
  piece: 1_024,
  /** So much at a piece's end waits for the next one, which has it whole: what is no longer than this is seen uncut. */
  overlap: 256,
  /** So much that has been shown is told again before a piece, for what is only told by the words before it. */
  before: 256,
} as const

/**
 * `text` is asked about in pieces. The name of a tool and the input of a custom one (`whole`), and the arguments of a call are asked about
 * once they are whole: nobody can use them before.
 */
export type AskedForm = 'text' | 'whole' | 'arguments'

/**
 * One text of a stream, that guards elsewhere are asked about in pieces. Places are counted from its beginning, in UTF-16 units.
 */
export class AskedText {
  /** Of the block that it came in last. */
  path: string
  readonly place: TextPlace
  readonly #form: AskedForm
  /** From `#from` on: what came before it has been shown, and is not needed any more. */
  #text = ''
  #from = 0
  #askedUntil = 0
  #clearedUntil = 0
  #shownUntil = 0
  #isEnded = false
  #piece: { readonly from: number; readonly until: number } | undefined
  #judged: AskedJudged[] = []
  readonly #noted = new Set<string>()

  constructor(path: string, place: TextPlace, form: AskedForm) {
    this.path = path
    this.place = place
    this.#form = form
  }

  get length(): number {
    return this.#from + this.#text.length
  }

  /** How much may be asked about now, and has not been. */
  get due(): number {
    return this.#form !== 'text' && !this.#isEnded ? 0 : this.length - this.#askedUntil
  }

  /** Whether nothing more comes, and part of it has not been asked about. */
  get isLastDue(): boolean {
    return this.#isEnded && this.due > 0
  }

  /**
   * It may go on after its end, in another block: what of it has been shown by then stays so.
   * @returns where the piece stands in it.
   */
  push(piece: string): { readonly from: number; readonly until: number } {
    if (this.#isEnded) {
      this.#isEnded = false
      this.#clearedUntil = Math.max(this.#clearedUntil, this.#shownUntil)
    }
    const from = this.length
    this.#text += piece
    return { from, until: this.length }
  }

  /** Nothing more comes, as far as is known: the rest of it is due. */
  end(): void {
    this.#isEnded = true
  }

  /** Whether everything up to a place may be shown. */
  isCleared(until: number): boolean {
    return until <= this.#cleared
  }

  /** The next piece to ask about, with a little of what comes before it. `undefined`: there is none. */
  question(): Text | undefined {
    if (this.due === 0) return undefined
    const from = this.#wholeCharacter(Math.max(this.#from, this.#clearedUntil - windowLengths.before))
    this.#piece = { from, until: this.length }
    const { path, place } = this
    const isJsonText = this.#form === 'arguments'
    const text = isJsonText ? withoutEscapes(this.#text) : this.#slice(from, this.length)
    return { path, place, text, isJsonText }
  }

  /**
   * @param seen in the piece that was asked about.
   * @returns what of it had not been seen before, in the piece before it.
   */
  answered(seen: readonly AskedJudged[]): readonly AskedJudged[] {
    const { from = 0, until = 0 } = this.#piece ?? {}
    this.#piece = undefined
    const shown = this.#clearedUntil
    const placed = seen
      .map((one) => ({ ...one, start: one.start + from, end: one.end + from }))
      .filter(({ end }) => end > shown)
    this.#judged.push(...placed.map((one) => ({ ...one, start: Math.max(one.start, shown) })))
    this.#askedUntil = until
    let cleared = Math.max(shown, this.#form === 'text' ? until - windowLengths.overlap : until)
    // What was found is not cut in two: it may go on in the next piece.
    for (const { start, end } of placed) if (start > shown && start < cleared && end > cleared) cleared = start
    this.#clearedUntil = cleared
    return placed.filter((one) => this.#isNew(one))
  }

  /** Whether arguments that were JSON still are, as they would be shown. */
  get staysJson(): boolean {
    return this.#form !== 'arguments' || this.#writtenArguments() !== undefined
  }

  /** Nobody looks at it any more. */
  clearAll(): void {
    this.#clearedUntil = Infinity
  }

  /** What is shown of a part that is cleared. Parts are shown in order, each once. */
  show(from: number, until: number): string {
    const edits = this.#edits()
    // Arguments that are written anew come at once, with the first of their pieces.
    if (this.#form === 'arguments' && edits.length > 0) return from === 0 ? (this.#writtenArguments() ?? '') : ''
    let shown = ''
    let at = from
    for (const edit of edits) {
      if (edit.end <= from || edit.start >= until) continue
      shown += this.#slice(at, Math.max(at, edit.start))
      if (edit.start >= from) shown += wordingOf(edit)
      at = Math.min(until, Math.max(at, edit.end))
    }
    shown += this.#slice(at, until)
    this.#shownUntil = until
    this.#forget(Math.min(until, this.#clearedUntil) - windowLengths.before)
    return shown
  }

  get #cleared(): number {
    return this.#isEnded && this.#askedUntil === this.length ? this.length : this.#clearedUntil
  }

  #edits(): readonly Edit[] {
    if (this.#judged.length === 0) return []
    return editsOf(this.#judged.toSorted((one, other) => one.start - other.start))
  }

  /** `undefined`: they would be no JSON any more. */
  #writtenArguments(): string | undefined {
    return writtenJson(withoutEscapes(this.#text), this.#edits(), wordingOf)
  }

  #isNew({ rule, kind, start }: AskedJudged): boolean {
    const id = `${rule.name} ${kind} ${start}`
    if (this.#noted.has(id)) return false
    this.#noted.add(id)
    return true
  }

  #slice(from: number, until: number): string {
    return this.#text.slice(from - this.#from, until - this.#from)
  }

  /** The arguments of a call stay: they are written anew as a whole. */
  #forget(until: number): void {
    if (this.#form !== 'text' || until - this.#from < 4 * windowLengths.piece) return
    this.#text = this.#text.slice(until - this.#from)
    this.#from = until
    this.#judged = this.#judged.filter(({ end }) => end > until)
  }

  #wholeCharacter(at: number): number {
    return at > this.#from && /^[\uDC00-\uDFFF]/.test(this.#slice(at, at + 1)) ? at - 1 : at
  }
}

function wordingOf({ kind, written }: Edit): string {
  return written ?? placeholderOf(kind)
}
