/**
 * Where the run of some signs begins with which a text ends; the length of the text where it ends in another. By hand: a regular
 * expression would begin anew at every sign.
 * @param sign matches one sign, and none that takes two UTF-16 units.
 */
export function runAtEnd(sign: RegExp, longest: number): (text: string) => number {
  const isOne = Uint8Array.from({ length: 128 }, (_, code) => (sign.test(String.fromCharCode(code)) ? 1 : 0))
  return (text) => {
    const least = Math.max(0, text.length - longest)
    let start = text.length
    while (start > least) {
      const code = text.charCodeAt(start - 1)
      if (code < 128 ? isOne[code] === 0 : !sign.test(text.charAt(start - 1))) break
      start -= 1
    }
    return start
  }
}

/** From where it is enough to look for what ends a text and holds no space: from the last space, or so many signs before the end. */
export function lastWordFrom(text: string, longest: number): number {
  const least = Math.max(0, text.length - longest)
  let from = text.length
  while (from > least && text.charCodeAt(from - 1) > 32) from -= 1
  // What stands before the word may tell something about it.
  return Math.max(least, from - 1)
}
