import type { NoVerdict } from '../../../canonical/guardrail.ts'
import type { GuardRule } from '../rule.ts'
import type { Text } from '../texts.ts'
import type { AskedGuard } from './asked-guard.ts'
import type { ExternalFinding } from './external-guard.ts'

/** A rule whose judge is elsewhere. */
export interface AskedRule extends GuardRule {
  readonly asked: AskedGuard
}

/** What a rule's guard said of some texts, or why it said nothing. */
export type Verdict =
  | {
      readonly kind: 'judged'
      readonly rule: AskedRule
      /** That it was asked about. Not empty. */
      readonly texts: readonly Text[]
      readonly findings: readonly ExternalFinding[]
    }
  | { readonly kind: 'none'; readonly rule: AskedRule; readonly texts: readonly Text[]; readonly why: NoVerdict }

/** Whether a rule is judged elsewhere, and not here. */
export function isAsked(rule: GuardRule): rule is AskedRule {
  return rule.asked !== undefined
}
