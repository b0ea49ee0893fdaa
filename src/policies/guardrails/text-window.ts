/** How much of what was shown is kept, for what is only told by the words before it. */
export const keptLength = 128
/** Up to so much is looked at with every piece; of more, only what has grown by one part in so many is looked at again. */
export const patienceLength = 512
export const growthParts = 8
/** So much may wait to be whole. Of what is longer, the part that has come is judged, and the rest is left out to its end. */
export const mostHeldLength = 16_384
/** So much may be left out after it; then the end is taken to have been missed. */
export const mostLeftOutLength = 65_536

/**
 * One text of a stream, as rules see it. `seam`: where in it a new part begins, which counts as a text of its own too. 0: nowhere.
 */
export interface WindowRules {
  /** Where that begins in a text that may go on which must not be shown yet. */
  liveFrom(text: string, seam: number): number
  /** Places that belong together: none of them may be cut. */
  spans(text: string, seam: number): readonly { readonly start: number; readonly end: number }[]
  /**
   * What is shown of the part of the text that is final.
   * @param text the part with the words before it, and what is not final after it.
   * Of what lies over the seam, a part may have been shown: the rest counts all the same.
   */
  show(text: string, from: number, until: number, seam: number): string
  /** Where what was left open ends, in a text that goes on with it; `undefined` where its end is not in it. */
  closeOf(text: string): number | undefined
}

/**
 * A text that comes in pieces, of which no more is held back than may still become part of something that a rule finds
 * (failures.md G3). Pure; one for each text.
 */
export class TextWindow {
  readonly #rules: WindowRules
  /** Words that were shown, as they came, and what is not shown yet. */
  #text = ''
  #shown = 0
  #seam = 0
  /** How much has been left out of something whose end has not come; `undefined` where nothing is open. */
  #leftOut: number | undefined
  /** Before so much is held back, it is not looked at again: else what comes in many pieces would be read as many times. */
  #nextLook = 0

  constructor(rules: WindowRules) {
    this.#rules = rules
  }

  /** How much is held back, in UTF-16 units. */
  get held(): number {
    return this.#text.length - this.#shown
  }

  /** Takes the next piece. @returns what may be shown now. */
  push(piece: string): string {
    this.#text += piece
    if (this.#leftOut !== undefined && !this.#close(this.#leftOut)) return ''
    if (this.held < Math.min(this.#nextLook, mostHeldLength)) return ''
    if (this.held <= mostHeldLength) return this.#showUpTo(this.#rules.liveFrom(this.#text, this.#seam))
    const isOpen = this.#rules.spans(this.#text, this.#seam).some(({ end }) => end === this.#text.length)
    const shown = this.#showUpTo(this.#text.length)
    if (isOpen) this.#leftOut = 0
    return shown
  }

  /** Another part of the text begins, which may go on with what came before or be a text of its own. */
  part(): void {
    this.#seam = this.#text.length
  }

  /**
   * The text is whole, or something else comes before another part of it. What was held back stays known: what begins in it and ends in
   * a later part is found, and the rest of it left out.
   * @returns the rest of it.
   */
  end(): string {
    const until = this.#text.length
    if (this.#leftOut !== undefined || until === this.#shown) return ''
    const shown = this.#rules.show(this.#text, this.#shown, until, this.#seam)
    this.#shown = until
    this.#nextLook = 0
    this.part()
    return shown
  }

  #showUpTo(live: number): string {
    const shown = live > this.#shown ? this.#show(live) : ''
    this.#nextLook = this.held <= patienceLength ? 0 : this.held + this.held / growthParts
    return shown
  }

  #show(live: number): string {
    let until = live
    for (const { start, end } of this.#rules.spans(this.#text, this.#seam))
      if (start < until && end > until) until = Math.max(start, this.#shown)
    if (until === this.#shown) return ''
    const shown = this.#rules.show(this.#text, this.#shown, until, this.#seam)
    const from = Math.max(0, until - keptLength)
    this.#text = this.#text.slice(from)
    this.#shown = until - from
    this.#seam = Math.max(0, this.#seam - from)
    return shown
  }

  /** @returns whether what was open has ended, or is taken to have. */
  #close(leftOut: number): boolean {
    const at = this.#rules.closeOf(this.#text)
    if (at === undefined && leftOut + this.#text.length <= mostLeftOutLength) {
      // Its end may be cut in two: a few signs stay.
      const rest = this.#text.slice(-keptLength)
      this.#leftOut = leftOut + this.#text.length - rest.length
      this.#text = rest
      this.#shown = 0
      this.#seam = 0
      return false
    }
    this.#text = at === undefined ? '' : this.#text.slice(at)
    this.#shown = 0
    this.#seam = 0
    this.#leftOut = undefined
    return true
  }
}
