import type { ExternalFinding } from './external-guard.ts'

export type Span = NonNullable<ExternalFinding['span']>

/**
 * Places that are counted in code points, as Python and RE2 do, in UTF-16 units. A letter with a combining mark is two of either; an
 * emoji is one code point or several, and each beyond U+FFFF two units.
 * @returns a function of such a place; `undefined`: it is empty, or not in the text.
 */
export function codePointSpans(text: string): (start: number, end: number) => Span | undefined {
  let unitsAt: Uint32Array | undefined
  return (start, end) => {
    unitsAt ??= unitsOfCodePoints(text)
    if (!Number.isInteger(start) || !Number.isInteger(end) || start < 0 || start >= end) return undefined
    const [first, last] = [unitsAt[start], unitsAt[end]]
    return first === undefined || last === undefined ? undefined : { start: first, end: last }
  }
}

/** Every place where these words stand in the text, without overlaps. */
export function* occurrencesOf(text: string, words: string): Generator<Span> {
  if (words === '') return
  for (let at = text.indexOf(words); at !== -1; at = text.indexOf(words, at + words.length))
    yield { start: at, end: at + words.length }
}

/** What differs between a text and how a guard wrote it anew, in the first of them: from the first difference to the last. */
export function changedSpan(text: string, rewritten: string): Span | undefined {
  if (text === rewritten) return undefined
  const shorter = Math.min(text.length, rewritten.length)
  let start = 0
  while (start < shorter && text[start] === rewritten[start]) start += 1
  let left = 0
  while (left < shorter - start && text[text.length - 1 - left] === rewritten[rewritten.length - 1 - left]) left += 1
  return wholeCharacters(text, start, text.length - left)
}

/** The same, wide enough that it cuts no character in two, and is not empty: where something was only added, what stands there. */
function wholeCharacters(text: string, start: number, end: number): Span | undefined {
  const [from, to] = start === end ? [Math.max(0, start - 1), Math.min(text.length, end + 1)] : [start, end]
  if (from === to) return undefined
  return { start: isLow(text, from) ? from - 1 : from, end: isLow(text, to) ? to + 1 : to }
}

/** Whether the second half of a character stands there, with its first before it. */
function isLow(text: string, at: number): boolean {
  return /^[\uDC00-\uDFFF]$/.test(text.charAt(at)) && /^[\uD800-\uDBFF]$/.test(text.charAt(at - 1))
}

/** For each code point, and for the end, how many units stand before it. */
function unitsOfCodePoints(text: string): Uint32Array {
  const units: number[] = []
  let at = 0
  for (const character of text) {
    units.push(at)
    at += character.length
  }
  units.push(at)
  return Uint32Array.from(units)
}
