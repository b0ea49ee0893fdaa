import type { Json } from '../canonical/json.ts'
import type { BudgetsSettings } from '../config/budget-settings.ts'
import type { LimitsSettings } from '../config/limit-settings.ts'

/** Limits or budgets as an audit entry tells them: without what is absent. */
export function policyTold(policy: LimitsSettings | BudgetsSettings | null | undefined): Json {
  return policy ? (JSON.parse(JSON.stringify(policy)) as Json) : null
}
