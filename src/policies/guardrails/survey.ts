/** No more is asked for: whoever has so many digits may be anything. */
const mostDigits = 20
/** Digits, with at most two other signs from each to the next. */
const number = /\d(?:\D{0,2}\d){3,40}/g

/** What several detectors ask of one text, found out once, and only if one of them asks. */
export class Survey {
  readonly #text: string
  #longestNumber: number | undefined

  constructor(text: string) {
    this.#text = text
  }

  /** How many digits the longest number has, with whatever people put between its groups; 0 below four, and no more than `mostDigits`. */
  get longestNumber(): number {
    return (this.#longestNumber ??= longestNumber(this.#text))
  }
}

function longestNumber(text: string): number {
  let longest = 0
  number.lastIndex = 0
  for (let found = number.exec(text); found && longest < mostDigits; found = number.exec(text))
    longest = Math.max(longest, digitCount(found[0]))
  return Math.min(longest, mostDigits)
}

function digitCount(text: string): number {
  let digits = 0
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code >= 48 && code <= 57) digits += 1
  }
  return digits
}
