import type { GuardAction } from '../../canonical/guardrail.ts'
import type { Detector, Finding } from './detect/detector.ts'
import { findAll, finderIn } from './detect/find-all.ts'
import type { GuardRule } from './rule.ts'

/** Something that was found in a text, and what a rule makes of it. */
export interface Judged extends Finding {
  readonly rule: GuardRule
  /** What a guard elsewhere would write in its place. Absent: a placeholder. */
  readonly written?: string | undefined
  /** What an error tells of it, where that is more than its kind. */
  readonly says?: string | undefined
}

/** Stronger first: where two see one place, the stronger decides. */
const strength: Readonly<Record<GuardAction, number>> = {
  block: 4,
  redact: 3,
  mask: 2,
  route: 1,
  mark: 0,
  monitor: 0,
  flag: 0,
}

/** Everything that these rules see in a text, in order of its place. May overlap. Each detector looks once, whoever wants it. */
export function judgeText(rules: readonly GuardRule[], text: string): readonly Judged[] {
  if (text.length === 0) return []
  const findIn = finderIn(text)
  const seen = new Map<Detector, readonly Finding[]>()
  const find = (detector: Detector): readonly Finding[] => {
    const known = seen.get(detector)
    if (known) return known
    const found = findIn(detector)
    seen.set(detector, found)
    return found
  }
  const judged: Judged[] = []
  for (const rule of rules) for (const finding of findAll(rule.detectors, text, find)) judged.push({ ...finding, rule })
  return judged.length < 2 ? judged : judged.toSorted((one, other) => one.start - other.start)
}

/** A place that is to be written anew. */
export interface Edit {
  readonly kind: string
  readonly start: number
  readonly end: number
  readonly action: 'redact' | 'mask'
  /** In place of a placeholder. */
  readonly written?: string | undefined
}

/** The places to write anew, in order and without overlaps: what overlaps is one, and the stronger action's. */
export function editsOf(judged: readonly Judged[]): readonly Edit[] {
  const edits: Edit[] = []
  for (const { rule, kind, start, end, written } of judged) {
    if (rule.isShadow || (rule.action !== 'redact' && rule.action !== 'mask')) continue
    const next: Edit = { kind, start, end, action: rule.action, written }
    const last = edits.at(-1)
    if (!last || last.end <= next.start) {
      edits.push(next)
      continue
    }
    const stronger = strength[next.action] > strength[last.action] ? next : last
    const isSame = last.start === next.start && last.end === next.end && last.written === next.written
    edits[edits.length - 1] = {
      kind: stronger.kind,
      action: stronger.action,
      start: last.start,
      end: Math.max(last.end, next.end),
      // Two that overlap cannot both be written: a placeholder tells nothing that one of them would not.
      written: isSame ? stronger.written : undefined,
    }
  }
  return edits
}

/** The text with each edit's place written anew. */
export function applyEdits(text: string, edits: readonly Edit[], write: (edit: Edit, found: string) => string): string {
  let result = ''
  let from = 0
  for (const edit of edits) {
    result += text.slice(from, edit.start) + write(edit, text.slice(edit.start, edit.end))
    from = edit.end
  }
  return result + text.slice(from)
}
