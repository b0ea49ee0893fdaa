import { textPlaces, type GuardAction } from '../../src/canonical/guardrail.ts'
import type { Dialect } from '../../src/dialects/dialect.ts'
import { anyCall } from '../../src/dialects/laws/meanings.ts'
import type { AnswerRules } from '../../src/gateway/guards/guard-input.ts'
import { StreamSource } from '../../src/gateway/stream-source.ts'
import { translatorFor } from '../../src/gateway/translate-answer.ts'
import type { Detector } from '../../src/policies/guardrails/detect/detector.ts'
import { GuardNotes } from '../../src/policies/guardrails/guard-text.ts'
import { Masks } from '../../src/policies/guardrails/masks.ts'
import type { GuardRule } from '../../src/policies/guardrails/rule.ts'

/** A rule that looks everywhere. */
export function ruleOf(detectors: readonly Detector[], action: GuardAction): GuardRule {
  return {
    name: 'planted',
    detectors,
    phases: new Set(['input', 'output']),
    places: new Set(textPlaces),
    action,
    tag: undefined,
    condition: undefined,
    isShadow: false,
  }
}

export function answerRules(rules: readonly GuardRule[], masks = new Masks()): AnswerRules {
  return { rules, masks, notes: new GuardNotes() }
}

export const settings = {
  modelName: 'm',
  requestId: 'r1',
  nowSeconds: 1_700_000_000,
  wantsStreamUsage: true,
}

/**
 * A stream of a provider's as its client gets it, in server-sent events.
 * @param pieces as they come.
 * @throws GatewayError `guardrail_blocked`, with what had been shown by then as its cause.
 */
export function played(
  provider: Dialect,
  client: Dialect,
  pieces: Iterable<Buffer>,
  guard: AnswerRules,
  shown: string[] = [],
): string {
  const framed = { ...client, framing: 'sse' as const }
  const translator = translatorFor(provider, framed, {}, settings, { guard })
  const source = new StreamSource(provider.openStream(anyCall), translator, 'sse', 'sse')
  for (const piece of pieces) {
    const { pass, ending } = source.take(piece)
    shown.push(...pass.map(String), ...(ending ? [String(ending)] : []))
  }
  const { pass, ending } = source.takeRest()
  shown.push(...pass.map(String), ...(ending ? [String(ending)] : []))
  return shown.join('')
}
