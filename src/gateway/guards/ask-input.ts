import { applyVerdicts } from '../../policies/guardrails/external/apply-verdicts.ts'
import { withoutEscapes } from '../../policies/guardrails/guard-text.ts'
import { replaceTexts, type Text } from '../../policies/guardrails/texts.ts'
import { ClientGone, type Exchange } from '../exchange.ts'
import type { Parts } from '../parts.ts'
import { judgedAnew } from '../read-asked.ts'
import type { Snapshot } from '../snapshot.ts'
import { GuardsElsewhere, type AskJudge } from './ask-guards.ts'
import { refuseUnseen, withTags, type Elsewhere, type Guarded } from './guard-input.ts'
import { markInput } from './mark-input.ts'
import { textsOfCall } from './texts-of-call.ts'

/**
 * Asks guards elsewhere about a call that was looked at here: they see it as it would leave, without what was taken out of it. What they
 * write anew is read again.
 * @throws GatewayError `guardrail_blocked`; ClientGone when nobody waits any more.
 */
export async function askInput(
  { asked, principal }: Guarded,
  { asked: all, rules, marking, masks, notes }: Elsewhere,
  { client }: Pick<Exchange, 'client'>,
  { guards: ways }: Pick<Snapshot, 'guards'>,
  parts: Pick<Parts, 'clock' | 'hashOf' | 'upstream' | 'onGuardAsked' | 'onNoCredential'>,
  askJudge: AskJudge,
): Promise<Guarded> {
  const guards = new GuardsElsewhere(ways, parts, askJudge)
  const ofInput = all.filter(({ phases }) => phases.has('input'))
  const ofOutput = all.filter(({ phases }) => phases.has('output'))
  const ending = new AbortController()
  client.gone(() => ending.abort())
  const texts = ofInput.length === 0 ? [] : textsOfCall(asked).map(asAsked)
  const verdicts = await guards.ask(ofInput, texts, 'input', ending.signal)
  if (client.isGone) throw new ClientGone()
  // What no rule of here looks at has not been counted.
  for (const text of texts)
    if (
      sees(ofInput, text) &&
      !sees(
        rules.filter(({ phases }) => phases.has('input')),
        text,
      )
    )
      notes.scanned.input += text.text.length
  const written = new Map([...applyVerdicts(verdicts, 'input', notes, masks)].map(([{ path }, text]) => [path, text]))
  const answering = rules.filter(({ phases }) => phases.has('output'))
  const isAnswerSeen = answering.length > 0 || ofOutput.length > 0 || !masks.isEmpty
  if (ofOutput.length > 0) refuseUnseen(asked.call)
  const allowed = written.size === 0 ? asked : judgedAnew(asked, replaceTexts(asked.value, written))
  return {
    asked: markInput(allowed, marking, notes, parts),
    principal: withTags(principal, ofInput, notes.decisions),
    answer: isAnswerSeen
      ? { rules: answering, masks, notes, ...(ofOutput.length > 0 && { elsewhere: { rules: ofOutput, guards } }) }
      : undefined,
  }
}

/** Arguments are asked about without escapes that hide what they say. */
export function asAsked(text: Text): Text {
  return text.isJsonText ? { ...text, text: withoutEscapes(text.text) } : text
}

/** Whether one of these rules looks at it. */
export function sees(rules: readonly { readonly places: ReadonlySet<Text['place']> }[], { place }: Text): boolean {
  return rules.some(({ places }) => places.has(place))
}
