import type { Call } from '../../canonical/call.ts'
import { GatewayError } from '../../canonical/error.ts'
import type { GuardDecision } from '../../canonical/guardrail.ts'
import type { RequiredTags, Principal } from '../../canonical/principal.ts'
import { formFile } from '../../policies/guardrails/checks/attachments.ts'
import type { CheckedCall } from '../../policies/guardrails/checks/call-check.ts'
import { checkCall } from '../../policies/guardrails/checks/check-call.ts'
import { isAsked, type AskedRule } from '../../policies/guardrails/external/verdict.ts'
import { guardText, GuardNotes, nameOf } from '../../policies/guardrails/guard-text.ts'
import { guardJoined } from '../../policies/guardrails/joined-texts.ts'
import { isBelow } from '../../policies/guardrails/levels.ts'
import { Masks } from '../../policies/guardrails/masks.ts'
import type { GuardRule } from '../../policies/guardrails/rule.ts'
import { replaceTexts, type Text } from '../../policies/guardrails/texts.ts'
import { factsOf } from '../../routing/facts.ts'
import type { Parts } from '../parts.ts'
import { judgedAnew, type Asked } from '../read-asked.ts'
import type { Snapshot } from '../snapshot.ts'
import type { GuardsElsewhere } from './ask-guards.ts'
import { markInput } from './mark-input.ts'
import { textsOfCall } from './texts-of-call.ts'

/** What guardrails made of a call, and what they want of its answer. */
export interface Guarded {
  /** As it may leave. */
  readonly asked: Asked
  /** The caller, with the tags that a rule asks of a target. */
  readonly principal: Principal
  /** `undefined`: no rule looks at the answer, and nothing is exchanged back in it. */
  readonly answer: AnswerRules | undefined
  /** Rules that look at the call, as it came, when its answer has gone. Absent: none. */
  readonly monitoring?: readonly GuardRule[] | undefined
  /** Rules whose judges are elsewhere: none of them has been asked. Absent: there are none. `askInput` goes on with it. */
  readonly elsewhere?: Elsewhere | undefined
}

export interface Elsewhere {
  /** Not empty; of both phases. */
  readonly asked: readonly AskedRule[]
  /** The others, that have looked. */
  readonly rules: readonly GuardRule[]
  /** Those that mark what is left. They have not yet. */
  readonly marking: readonly GuardRule[]
  readonly masks: Masks
  readonly notes: GuardNotes
}

export interface AnswerRules {
  readonly rules: readonly GuardRule[]
  readonly masks: Masks
  readonly notes: GuardNotes
  /** Rules whose judges are elsewhere, and who asks them. Absent: there are none. */
  readonly elsewhere?:
    | { readonly rules: readonly AskedRule[]; readonly guards: Pick<GuardsElsewhere, 'ask'> }
    | undefined
}

/**
 * Looks at every text of a call, before it costs anything. Where a rule writes one anew, the call is read again from what is left:
 * what we judged is what we send.
 * @param onNotes told of what the rules say, also where one of them blocks.
 * @param given of several calls in one exchange. Absent: it has one.
 * @throws GatewayError `guardrail_blocked`, naming the rule.
 */
export function guardInput(
  came: Asked,
  principal: Principal,
  snapshot: Pick<Snapshot, 'guardrails' | 'catalog'>,
  { clock, hashOf }: Pick<Parts, 'clock' | 'hashOf'>,
  onNotes: (notes: GuardNotes) => void,
  given?: GuardNotes,
): Guarded {
  const all = snapshot.guardrails.length === 0 ? noRules : rulesInForce(snapshot, came, principal, clock.nowMs())
  if (all.length === 0) return { asked: came, principal, answer: undefined }
  // Of a key that comes twice only the last text is looked at: only that one is to leave.
  const asked = came.hasRepeats ? judgedAnew(came, came.value) : came
  // What is left of a text when the others are through with it is marked.
  const marking = all.filter(({ action }) => action === 'mark')
  const judging = all.filter(({ action }) => action !== 'mark' && action !== 'monitor')
  const monitoring = all.filter(({ action }) => action === 'monitor')
  refuseUnread(asked.call, judging)
  const asking = judging.some(isAsked) ? judging.filter(isAsked) : nobody
  const rules = asking === nobody ? judging : judging.filter((rule) => !isAsked(rule))
  const [notes, masks] = [given ?? new GuardNotes(clock), new Masks(maskTagOf(asked, hashOf))]
  onNotes(notes)
  const replacements = new Map<string, string>()
  notes.timed('input', () => {
    const texts = textsOfCall(asked)
    checkCall(rules, checkedCall(asked, texts), notes)
    for (const text of texts) {
      const written = guardText(rules, text, 'input', notes, masks)
      if (written !== undefined) replacements.set(text.path, written)
    }
    for (const [path, written] of guardJoined(rules, texts, 'input', notes)) replacements.set(path, written)
  })
  const answering = rules.filter(({ phases }) => phases.has('output'))
  const answer = answering.length === 0 && masks.isEmpty ? undefined : { rules: answering, masks, notes }
  const allowed = replacements.size === 0 ? asked : judgedAnew(asked, replaceTexts(asked.value, replacements))
  const tagged = withTags(principal, rules, notes.decisions)
  if (asking === nobody)
    return { asked: markInput(allowed, marking, notes, { hashOf }), principal: tagged, answer, monitoring }
  const elsewhere = { asked: asking, rules, marking, masks, notes }
  return { asked: allowed, principal: tagged, answer, monitoring, elsewhere }
}

const nobody: readonly AskedRule[] = []

/**
 * Where a provider keeps the conversation, the model sees the placeholders of earlier calls again: those of this call must be others, or
 * what was masked then would come back as what is masked now. The same call has the same, so that a prompt cache knows it again.
 */
function maskTagOf({ call, body }: Asked, hashOf: Parts['hashOf']): string | undefined {
  const isKept = call.state?.some(({ kind }) => kind === 'answer' || kind === 'conversation' || kind === 'container')
  return isKept
    ? hashOf(`guardrail mask\n${body.toString('latin1')}`)
        .slice(0, maskTagLength)
        .toUpperCase()
    : undefined
}

const maskTagLength = 8

/** The caller, with the tags that these rules ask of a target for what they saw. */
export function withTags(
  principal: Principal,
  rules: readonly GuardRule[],
  decisions: readonly GuardDecision[],
): Principal {
  const tags = decisions.flatMap(({ rule: name, level, action, isShadow }): readonly RequiredTags[] => {
    const tag = rules.find((rule) => rule.name === name && rule.owner?.level === level)?.tag
    return action === 'route' && tag !== undefined && !isShadow ? [{ level: `guardrail ${name}`, tags: [tag] }] : []
  })
  return tags.length === 0 ? principal : { ...principal, requiredTags: [...principal.requiredTags, ...tags] }
}

/**
 * Of other streams than chats' nobody elsewhere can be asked: pictures and transcripts come as a whole, or not (G1).
 * @throws GatewayError `unsupported`.
 */
export function refuseUnseen({ isStream, operation }: Call): void {
  if (isStream && operation !== 'chat')
    throw new GatewayError(
      'unsupported',
      'a guard elsewhere is asked about the answer, and it cannot be asked about a stream of this operation: ask for it as a whole',
    )
}

const noRules: readonly GuardRule[] = Object.freeze([])

function checkedCall({ value, body, form, chat }: Asked, texts: readonly Text[]): CheckedCall {
  const files = form?.files.map(({ name, contentType, head }) => formFile(name, contentType, head)) ?? []
  return { value, bodyBytes: body.length, files, texts, chat: chat() }
}

/**
 * A text that nobody here can read could hold anything. Rules that only tell, or only try, keep nothing from leaving.
 * @throws GatewayError `guardrail_blocked`, naming the first rule that would have looked at it.
 */
function refuseUnread({ unreadable }: Call, rules: readonly GuardRule[]): void {
  if (unreadable === undefined) return
  const blind = rules.find(
    ({ phases, places, action, isShadow }) =>
      phases.has('input') && places.has('user') && action !== 'flag' && !isShadow,
  )
  if (blind)
    throw new GatewayError(
      'guardrail_blocked',
      `the guardrail ${nameOf(blind)} looks at texts, and cannot read ${unreadable}: send the text itself`,
    )
}

/**
 * The rules over a call, of the gateway and of every owner that it stands below. A condition that fails guards as if it were met: a
 * mistake in it must not let through what it was to stop.
 */
export function rulesInForce(
  { guardrails, catalog }: Pick<Snapshot, 'guardrails' | 'catalog'>,
  { call, body }: { readonly call: Call; readonly body: Pick<Buffer, 'length'> },
  principal: Principal,
  nowMs: number,
): readonly GuardRule[] {
  const model = catalog.find(call.modelName)?.model.name
  const facts = factsOf(call, principal, body.length, nowMs)
  return guardrails.filter(
    ({ owner, condition }) =>
      isBelow(owner, principal, model) && (condition === undefined || condition.judge(facts).kind !== 'unmet'),
  )
}
