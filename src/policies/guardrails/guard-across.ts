import type { TextPlace } from '../../canonical/guardrail.ts'
import { injectionKind } from './injection/detector.ts'
import { editsOf, judgeText, type Edit, type Judged } from './judge-text.ts'
import type { GuardRule } from './rule.ts'
import type { Text } from './texts.ts'

/** What rules make of texts of one phase. */
export interface Looking {
  /** Those that look at texts of a place. */
  rulesAt(place: TextPlace): readonly GuardRule[]
  /** @throws GatewayError `guardrail_blocked`. */
  note(seen: readonly Judged[], place: TextPlace, path: string): void
  /** What takes the place of what was found. */
  write(edit: Edit, found: string): string
}

/**
 * Clients put the texts of an answer together, so that what is in none of them may stand in two: a call of a tool or a citation comes
 * between.
 * @param texts as they would be shown, each by itself.
 * @returns those to write anew, by their path: what lies over several goes where it begins.
 * @throws GatewayError `guardrail_blocked`.
 */
export function guardAcross(texts: readonly Text[], looking: Looking): ReadonlyMap<string, string> {
  const written = new Map<string, string>()
  for (const parts of groupsOf(texts)) {
    const [first] = parts
    if (!first || parts.length < 2) continue
    const placed = placedIn(parts)
    const joined = parts.map(({ text }) => text).join('')
    const seen = judgeText(looking.rulesAt(first.place).map(withoutInjections), joined).filter(({ start, end }) =>
      placed.some(({ from }) => start < from && from < end),
    )
    const [found] = seen
    if (!found) continue
    const { path } = placed.findLast(({ from }) => from <= found.start)?.text ?? first
    looking.note(seen, first.place, path)
    const edits = editsOf(seen)
    for (const part of placed) {
      const left = leftOf(part, edits, (edit) => looking.write(edit, joined.slice(edit.start, edit.end)))
      if (left !== part.text.text) written.set(part.text.path, left)
    }
  }
  return written
}

/** They have no place in a text: what holds two of them is no other than each. */
export function withoutInjections(rule: GuardRule): GuardRule {
  const detectors = rule.detectors.filter(({ kind }) => kind !== injectionKind)
  return detectors.length === rule.detectors.length ? rule : { ...rule, detectors }
}

/** By choice and kind: their paths differ in the numbers of parts and items only. */
function groupsOf(texts: readonly Text[]): Iterable<readonly Text[]> {
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
  return groups.values()
}

interface PlacedText {
  readonly text: Text
  /** Where it begins among the others. */
  readonly from: number
}

function placedIn(parts: readonly Text[]): readonly PlacedText[] {
  let from = 0
  return parts.map((text) => {
    const placed = { text, from }
    from += text.text.length
    return placed
  })
}

function leftOf({ text: { text }, from }: PlacedText, edits: readonly Edit[], write: (edit: Edit) => string): string {
  let left = ''
  let at = 0
  for (const edit of edits) {
    const start = edit.start - from
    const end = edit.end - from
    if (end <= 0 || start >= text.length) continue
    left += text.slice(at, Math.max(at, start))
    if (start >= 0) left += write(edit)
    at = Math.min(text.length, end)
  }
  return left + text.slice(at)
}
