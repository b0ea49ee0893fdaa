import type { BudgetUnit } from '../canonical/budget.ts'

export interface RuleName {
  /** Level and name, such as `team acme/search/monthly`: unique among the budgets in force. Of a key, by its id. */
  readonly budget: string
  readonly unit: BudgetUnit
}

/**
 * The parts of a rule's id, as `policies/budgets/rules.ts` makes it: `team acme/search/monthly usd/month by user`.
 * @throws Error for anything else.
 */
export function readRuleId(ruleId: string): RuleName {
  const { budget, unit } = form.exec(ruleId)?.groups ?? {}
  const known = units.find((one) => one === unit)
  if (budget === undefined || known === undefined) throw new Error(`"${ruleId}" names no budget`)
  return { budget, unit: known }
}

const units = ['usd', 'tokens', 'calls', 'seconds'] as const satisfies readonly BudgetUnit[]
// Levels may hold spaces (`model my model`), names of budgets do not.
const form = /^(?<budget>.+?\/[\w.-]+) (?<unit>[a-z]+)\/(?:hour|day|week|month|quarter|year|total)(?: by .+)?$/s
