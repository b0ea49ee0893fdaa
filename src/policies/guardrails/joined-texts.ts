import type { GuardPhase } from '../../canonical/guardrail.ts'
import { injectionKind } from './injection/detector.ts'
import type { GuardNotes } from './guard-text.ts'
import { judgeInjections } from './judge-injections.ts'
import { placeholderOf } from './masks.ts'
import type { GuardRule } from './rule.ts'
import type { Text } from './texts.ts'

/** Of what stands together, so much is judged as one: the end, where the newest is. */
export const longestJoined = 16_384

/**
 * An attack may be told in pieces: parts of a message, or messages of one author that are in a row. Texts that stand side by side are
 * judged for injections as one as well, where none of them was taken for one by itself.
 * @returns the texts to write anew, by their path: where it is in none of them alone, it is in all.
 * @throws GatewayError `guardrail_blocked`.
 */
export function guardJoined(
  rules: readonly GuardRule[],
  texts: readonly Text[],
  phase: GuardPhase,
  notes: GuardNotes,
): ReadonlyMap<string, string> {
  const written = new Map<string, string>()
  const looking = rules.filter(
    ({ phases, detectors }) => phases.has(phase) && detectors.some(({ kind }) => kind === injectionKind),
  )
  if (looking.length === 0) return written
  for (const together of groupsOf(texts)) {
    const last = together.at(-1)
    if (together.length < 2 || !last) continue
    const paths = new Set(together.map(({ path }) => path))
    const known = notes.decisions.filter(({ kind, path }) => kind === injectionKind && paths.has(path))
    const applying = looking.filter(
      ({ name, places }) => places.has(last.place) && !known.some(({ rule }) => rule === name),
    )
    const joined = together.map(({ text }) => text).join(' ')
    const seen = judgeInjections(applying, [joined.slice(-longestJoined)])
    if (seen.length === 0) continue
    notes.add(seen, phase, last.place, last.path)
    const isTakenOut = seen.some(
      ({ rule: { action, isShadow } }) => !isShadow && (action === 'redact' || action === 'mask'),
    )
    if (isTakenOut) for (const path of paths) written.set(path, placeholderOf(injectionKind))
  }
  return written
}

/** Texts of one place whose paths differ in one number only: `messages[0].content`, `messages[2].content`. */
function groupsOf(texts: readonly Text[]): Iterable<readonly Text[]> {
  const groups = new Map<string, Text[]>()
  for (const text of texts) {
    if (text.isObject || (text.isJsonText && text.place === 'tool-arguments')) continue
    const id = `${text.place} ${text.path.replace(/\[\d+\](?!.*\[\d+\])/s, '[]')}`
    const group = groups.get(id)
    if (group) group.push(text)
    else groups.set(id, [text])
  }
  return groups.values()
}
