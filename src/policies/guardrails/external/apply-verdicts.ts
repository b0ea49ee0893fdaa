import { GatewayError } from '../../../canonical/error.ts'
import type { GuardPhase } from '../../../canonical/guardrail.ts'
import { nameOf, writerOf, type GuardNotes } from '../guard-text.ts'
import { applyJsonEdits, JsonStrings } from '../json-text.ts'
import { applyEdits, editsOf, type Edit, type Judged } from '../judge-text.ts'
import type { Masks } from '../masks.ts'
import type { Text } from '../texts.ts'
import type { ExternalFinding } from './external-guard.ts'
import { changedSpan } from './spans.ts'
import type { AskedRule, Verdict } from './verdict.ts'

/**
 * Notes what guards said of whole texts.
 * @returns the texts that they want written anew, and how.
 * @throws GatewayError `guardrail_blocked`: as `wantedEdits`, or JSON would be none any more.
 */
export function applyVerdicts(
  verdicts: readonly Verdict[],
  phase: GuardPhase,
  notes: GuardNotes,
  masks: Masks,
): ReadonlyMap<Text, string> {
  const written = new Map<Text, string>()
  for (const [text, wanted] of wantedEdits(verdicts, phase, notes))
    written.set(text, writtenAnew(text, wanted, phase, masks))
  return written
}

/** How a text is to be written anew, and what was seen in it. */
export interface WantedEdits {
  readonly edits: readonly Edit[]
  readonly seen: readonly AskedJudged[]
}

/**
 * Notes what guards said of whole texts.
 * @returns where they want them written anew.
 * @throws GatewayError `guardrail_blocked`: a rule blocks, a guard gave no verdict and its rule blocks then, or a text would have to
 * be written anew and the guard says neither where nor how.
 */
export function wantedEdits(
  verdicts: readonly Verdict[],
  phase: GuardPhase,
  notes: GuardNotes,
): ReadonlyMap<Text, WantedEdits> {
  const silent = noteSilence(verdicts, phase, notes)
  const wanted = new Map<Text, WantedEdits>()
  for (const text of new Set(verdicts.flatMap(({ texts }) => texts))) {
    const seen = judgedIn(text, verdicts)
    if (seen.length === 0) continue
    notes.add(seen, phase, text.place, text.path, true)
    refuseUnwritable(seen, phase, text)
    const edits = editsOf(seen)
    if (edits.length > 0) wanted.set(text, { edits, seen })
  }
  if (silent) throw silent
  return wanted
}

/** @throws GatewayError `guardrail_blocked`: it was JSON, and would be none any more. */
export function writtenAnew(text: Text, { edits, seen }: WantedEdits, phase: GuardPhase, masks: Masks): string {
  const write = writerOf(masks)
  const result = text.isJsonText ? writtenJson(text.text, edits, write) : applyEdits(text.text, edits, write)
  if (result === undefined) throw unwritable(seen[0], phase, text)
  return result
}

/**
 * Notes every rule whose guard gave no verdict.
 * @returns what is to be thrown once the others have been noted; `undefined` where none of them blocks.
 */
export function noteSilence(
  verdicts: readonly Verdict[],
  phase: GuardPhase,
  notes: GuardNotes,
): GatewayError | undefined {
  let silent: GatewayError | undefined
  for (const verdict of verdicts) {
    if (verdict.kind !== 'none') continue
    const { rule, why, texts } = verdict
    const isBlocked = rule.asked.onTimeout === 'block'
    for (const text of texts.slice(0, 1)) notes.addNone(rule, why, isBlocked ? 'block' : 'flag', phase, text)
    if (!isBlocked || rule.isShadow) continue
    const whose = phase === 'input' ? 'the call' : 'the answer'
    silent ??= new GatewayError(
      'guardrail_blocked',
      `the guardrail ${nameOf(rule)} blocked ${whose}: its guard gave no verdict (${why}), and it blocks then`,
      { facts: { rule: rule.name, kind: 'unavailable', phase, why } },
    )
  }
  return silent
}

/** What a guard saw, with where that is. */
export interface AskedJudged extends Judged {
  /** Its rule would write it anew, and nobody knows how. */
  readonly isUnwritable: boolean
}

/** Everything that guards saw in one of the texts they were asked about, in order of its place. */
export function judgedIn(text: Text, verdicts: readonly Verdict[]): readonly AskedJudged[] {
  const judged = verdicts.flatMap((verdict) => {
    if (verdict.kind === 'none') return []
    const place = verdict.texts.indexOf(text)
    return verdict.findings.filter((one) => one.text === place).map((one) => judgedOf(one, verdict.rule, text.text))
  })
  return judged.toSorted((one, other) => one.start - other.start)
}

function judgedOf(finding: ExternalFinding, rule: AskedRule, text: string): AskedJudged {
  const { kind, score, span, replacement } = finding
  if (span) return { kind, score, rule, ...span, isUnwritable: false }
  const isWritten = rule.action === 'redact' || rule.action === 'mask'
  const changed = isWritten && replacement !== undefined ? changedSpan(text, replacement) : undefined
  if (!changed || replacement === undefined)
    return { kind, score, rule, start: 0, end: text.length, isUnwritable: isWritten }
  const written = replacement.slice(changed.start, replacement.length - (text.length - changed.end))
  // What is masked must come back from its placeholder.
  return { kind, score, rule, ...changed, isUnwritable: false, ...(rule.action === 'redact' && { written }) }
}

/** @throws GatewayError `guardrail_blocked`: what should have been taken out must not go on as it is, whatever the rule says of failures. */
export function refuseUnwritable(seen: readonly AskedJudged[], phase: GuardPhase, text: Text): void {
  const first = seen.find(({ isUnwritable, rule }) => isUnwritable && !rule.isShadow)
  if (first) throw unwritable(first, phase, text)
}

/** The refusal where a guard wants a text written anew, and does not say how. */
export function unwritable(
  judged: Judged | undefined,
  phase: GuardPhase,
  { place, path }: Pick<Text, 'place' | 'path'>,
): GatewayError {
  const whose = phase === 'input' ? 'the call' : 'the answer'
  return new GatewayError(
    'guardrail_blocked',
    `the guardrail ${judged && nameOf(judged.rule)} blocked ${whose}: ${place} text should have been written anew, and its guard does not say how`,
    {
      isLasting: true,
      param: phase === 'input' ? path : undefined,
      facts: { rule: judged?.rule.name ?? null, phase, place },
    },
  )
}

/**
 * JSON text, without escapes that hide what it says, with its places written anew.
 * @returns `undefined`: it was JSON, and would be none any more.
 */
export function writtenJson(
  text: string,
  edits: readonly Edit[],
  write: (edit: Edit, found: string) => string,
): string | undefined {
  const result = applyJsonEdits(text, edits, write, new JsonStrings())
  return isJson(result) || !isJson(applyJsonEdits(text, [], write, new JsonStrings())) ? result : undefined
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return false
    throw thrown
  }
}
