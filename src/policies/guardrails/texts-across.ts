import type { Edit } from './judge-text.ts'
import type { Text } from './texts.ts'

/** One of several texts that clients put together. */
export interface PlacedText {
  readonly text: Text
  /** Where it begins among the others. */
  readonly from: number
}

/**
 * Texts of an answer that clients put together, a group for each choice and kind: their paths differ in the numbers of parts and items
 * only. Those that stand alone are in none.
 */
export function groupsAcross(texts: readonly Text[]): readonly (readonly PlacedText[])[] {
  const groups = new Map<string, Text[]>()
  for (const text of texts) {
    if (text.isJsonText || text.place === 'tool-result' || !/\.(?:text|thinking|refusal)$/.test(text.path)) continue
    const path = text.path.replaceAll(/\b(output|content|parts|summary)\[\d+\]/g, '$1[]')
    if (path === text.path) continue
    const key = `${text.place} ${path}`
    const group = groups.get(key)
    if (group) group.push(text)
    else groups.set(key, [text])
  }
  return [...groups.values()].filter(({ length }) => length > 1).map(placedIn)
}

export function joinedAcross(parts: readonly PlacedText[]): string {
  return parts.map(({ text }) => text.text).join('')
}

/**
 * Texts with those that clients put together as one: what is in none of them may stand in two.
 * @returns also the parts of each that was put together, which has the path of the first.
 */
export function putTogether(texts: readonly Text[]): {
  readonly together: readonly Text[]
  readonly partsOf: ReadonlyMap<Text, readonly PlacedText[]>
} {
  const partsOf = new Map<Text, readonly PlacedText[]>()
  const wholeOf = new Map<Text, Text>()
  for (const parts of groupsAcross(texts)) {
    const [first] = parts
    if (!first) continue
    const whole = { ...first.text, text: joinedAcross(parts) }
    partsOf.set(whole, parts)
    for (const { text } of parts) wholeOf.set(text, whole)
  }
  return { together: [...new Set(texts.map((text) => wholeOf.get(text) ?? text))], partsOf }
}

/** What edits of all of them leave of one. What lies over several is written where it begins. */
export function leftOf(
  { text: { text }, from }: PlacedText,
  edits: readonly Edit[],
  write: (edit: Edit) => string,
): string {
  let left = ''
  let at = 0
  for (let next = firstAfter(edits, from); next < edits.length; next += 1) {
    const edit = edits[next]
    if (!edit || edit.start >= from + text.length) break
    const start = edit.start - from
    const end = edit.end - from
    left += text.slice(at, Math.max(at, start))
    if (start >= 0) left += write(edit)
    at = Math.min(text.length, end)
  }
  return left + text.slice(at)
}

/** The first of them that ends after a place: an answer may have many parts, and much to write anew in each. */
function firstAfter(edits: readonly Edit[], place: number): number {
  let low = 0
  let high = edits.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((edits[middle]?.end ?? Infinity) <= place) low = middle + 1
    else high = middle
  }
  return low
}

function placedIn(parts: readonly Text[]): readonly PlacedText[] {
  let from = 0
  return parts.map((text) => {
    const placed = { text, from }
    from += text.text.length
    return placed
  })
}
