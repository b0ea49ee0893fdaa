import { codesOf } from './codes.ts'

/** Where a run begins and ends. */
type Run = readonly [start: number, end: number]

/**
 * Finds every run of some signs, all of them ASCII, that has at least a length, in order. A run so long covers one sign in so many: most
 * of a text is never looked at.
 */
export function runsOf(signs: string, shortest: number): (text: string) => readonly Run[] {
  const isOne = new Uint8Array(0x1_00_00)
  for (const sign of signs) isOne[sign.charCodeAt(0)] = 1
  return (text) => {
    const codes = codesOf(text)
    const runs: Run[] = []
    const length = text.length
    let least = 0
    for (let at = shortest - 1; at < length; at += shortest) {
      if (isOne[codes[at] ?? 0] === 0) continue
      let start = at
      while (start > least && isOne[codes[start - 1] ?? 0] === 1) start -= 1
      let end = at + 1
      while (end < length && isOne[codes[end] ?? 0] === 1) end += 1
      if (end - start < shortest) continue
      runs.push([start, end])
      least = end
      // The next run that is long enough cannot be whole before so much more.
      at = end
    }
    return runs
  }
}
