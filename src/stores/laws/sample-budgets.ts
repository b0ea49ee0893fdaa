import type { BudgetAsk, BudgetRule, Spend } from '../../canonical/budget.ts'
import type { HoldAsk } from '../ports/ledger.ts'

/** A rule of a thousand nano-dollars a day for the team `acme/search`, unless told otherwise. */
export function sampleBudget(fields: Partial<BudgetRule> = {}): BudgetRule {
  const rule = {
    name: 'daily',
    level: 'team acme/search',
    unit: 'usd' as const,
    cap: 1_000n,
    per: 'day' as const,
    timezone: 'UTC',
    by: undefined,
    missing: 'share' as const,
    models: undefined,
    unpricedNanos: undefined,
    mostPerCall: undefined,
    mostOpenPerKey: undefined,
    alertsAt: [],
    ...fields,
  }
  return { id: `${rule.level}/${rule.name} ${rule.unit}/${rule.per}`, ...rule }
}

export const spend = (nanos: bigint | undefined, tokens = 0n, calls = 1n): Spend => ({ nanos, tokens, calls })

export function sampleHold(holdId: string, asked: readonly (BudgetRule | BudgetAsk)[], most: Spend): HoldAsk {
  const asks = asked.map((one) => ('rule' in one ? one : { rule: one, value: undefined }))
  return { holdId, caller: 'key1', asks, most }
}
