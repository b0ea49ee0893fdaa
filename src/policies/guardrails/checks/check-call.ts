import type { GuardNotes } from '../guard-text.ts'
import type { GuardRule } from '../rule.ts'
import type { CheckedCall } from './call-check.ts'

/**
 * Has the rules judge a call as a whole, before its texts.
 * @throws GatewayError `guardrail_blocked`, saying what there is and what is allowed.
 */
export function checkCall(rules: readonly GuardRule[], call: CheckedCall, notes: GuardNotes): void {
  for (const rule of rules) {
    if (!rule.phases.has('input')) continue
    for (const check of rule.checks ?? [])
      for (const { kind, place, path, says } of check(call, rule.places))
        notes.add([{ rule, kind, start: 0, end: 0, says }], 'input', place, path)
  }
}
