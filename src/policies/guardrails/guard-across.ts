import type { TextPlace } from '../../canonical/guardrail.ts'
import { injectionKind } from './injection/detector.ts'
import { editsOf, judgeText, type Edit, type Judged } from './judge-text.ts'
import type { GuardRule } from './rule.ts'
import type { Text } from './texts.ts'
import { groupsAcross, joinedAcross, leftOf } from './texts-across.ts'

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
  for (const parts of groupsAcross(texts)) {
    const first = parts[0]?.text
    if (!first) continue
    const joined = joinedAcross(parts)
    let next = 0
    const seen = judgeText(looking.rulesAt(first.place).map(withoutInjections), joined).filter(({ start, end }) => {
      while ((parts[next]?.from ?? Infinity) <= start) next += 1
      return (parts[next]?.from ?? Infinity) < end
    })
    const [found] = seen
    if (!found) continue
    const { path } = parts.findLast(({ from }) => from <= found.start)?.text ?? first
    looking.note(seen, first.place, path)
    const edits = editsOf(seen)
    for (const part of parts) {
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
