import { openingsOf } from './openings.ts'

/** Three signs as one number, of fifteen bits. Several may share one: the whole opening is compared after it. */
const keys = 32_768
const keyLength = 3

/** A match of a pattern may begin with it. */
interface Beginning {
  /** The place of the pattern in the list. */
  readonly place: number
  readonly opening: string
  readonly isAtWord: boolean
}

/**
 * Which of these patterns are found in a text, by their place in the list, in order. As if each were tried by itself, but all at once: one
 * pass tells where a match of any of them may begin, and there it is tried.
 */
export function patternIndex(patterns: readonly RegExp[]): (text: string, codes: Uint16Array) => readonly number[] {
  const tried = patterns.map((pattern) => new RegExp(pattern.source, `${pattern.flags.replaceAll(/[gy]/g, '')}y`))
  const { beginnings, unknown } = beginningsOf(patterns)
  const mayBegin = Uint8Array.from({ length: keys }, (_, key) => (beginnings.has(key) ? 1 : 0))
  return (text, codes) => {
    const found = unknown.filter((place) => text.search(patterns[place] ?? '') !== -1)
    const starts = startsIn(codes, text.length, mayBegin)
    for (const start of starts) {
      const isInWord = start > 0 && isOfWord(codes[start - 1] ?? 0) && isOfWord(codes[start] ?? 0)
      for (const { place, opening, isAtWord } of beginnings.get(keyAt(codes, start)) ?? []) {
        if ((isInWord && isAtWord) || !standsAt(opening, codes, start) || found.includes(place)) continue
        const pattern = tried[place]
        if (!pattern) continue
        pattern.lastIndex = start
        if (pattern.test(text)) found.push(place)
      }
    }
    return found.length < 2 ? found : found.toSorted((one, other) => one - other)
  }
}

/** By the key of what stands there, and the patterns of which too little is known. */
function beginningsOf(patterns: readonly RegExp[]) {
  const beginnings = new Map<number, Beginning[]>()
  const unknown: number[] = []
  for (const [place, pattern] of patterns.entries()) {
    const { texts, isAtWord } = openingsOf(pattern)
    if ([...texts].some(({ length }) => length < keyLength)) {
      unknown.push(place)
      continue
    }
    for (const opening of texts) {
      const key = keyAt(
        Uint16Array.from(opening, (sign) => sign.charCodeAt(0)),
        0,
      )
      const known = beginnings.get(key)
      if (known) known.push({ place, opening, isAtWord })
      else beginnings.set(key, [{ place, opening, isAtWord }])
    }
  }
  return { beginnings, unknown }
}

function keyAt(codes: Uint16Array, start: number): number {
  return (((codes[start] ?? 0) << 10) ^ ((codes[start + 1] ?? 0) << 5) ^ (codes[start + 2] ?? 0)) & (keys - 1)
}

/** The hot loop: nothing but numbers, and each read once. */
function startsIn(codes: Uint16Array, length: number, mayBegin: Uint8Array): readonly number[] {
  const starts: number[] = []
  const mask = keys - 1
  let key = ((codes[0] ?? 0) << 5) ^ (codes[1] ?? 0)
  for (let next = 2; next < length + 2; next += 1) {
    key = ((key << 5) ^ (codes[next] ?? 0)) & mask
    if (mayBegin[key] !== 0) starts.push(next - 2)
  }
  return starts
}

function standsAt(opening: string, codes: Uint16Array, start: number): boolean {
  for (let at = 0; at < opening.length; at += 1) if (codes[start + at] !== opening.charCodeAt(at)) return false
  return true
}

/** As `\w` has it. */
function isOfWord(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || code === 95
}
