/** A text as a reader of JSON would take it, and where each of its signs stands as it is written. */
export interface MeantText {
  readonly text: string
  /** @param place in what is meant. @returns the same place in what is written; none of an escape is cut. */
  placeOf(place: number): number
}

const escape = /\\(?:u([\da-fA-F]{4})|(["\\/bfnrt]))/g
const short: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }

/**
 * A text may be JSON, or hold some, and not be whole yet: what it means is looked at beside what is written, so that nothing hides behind
 * an end of a line that is written `\n`. `undefined`: it holds no escape, and means what is written.
 */
export function meantText(written: string): MeantText | undefined {
  if (!written.includes('\\')) return undefined
  /** Where something other than what is written begins, or ends, there and here. */
  const turns: { readonly meant: number; readonly written: number }[] = [{ meant: 0, written: 0 }]
  let text = ''
  let from = 0
  for (const { index, 0: whole, 1: digits, 2: sign = '' } of written.matchAll(escape)) {
    text += written.slice(from, index)
    turns.push({ meant: text.length, written: index })
    text += digits === undefined ? (short[sign] ?? sign) : String.fromCharCode(Number.parseInt(digits, 16))
    from = index + whole.length
    turns.push({ meant: text.length, written: from })
  }
  if (from === 0) return undefined
  text += written.slice(from)
  return {
    text,
    placeOf: (place) => {
      let low = 0
      let high = turns.length
      while (high - low > 1) {
        const middle = (low + high) >> 1
        if ((turns[middle]?.meant ?? Infinity) <= place) low = middle
        else high = middle
      }
      const turn = turns[low]
      return turn ? turn.written + place - turn.meant : place
    },
  }
}
