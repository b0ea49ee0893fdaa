import type { BudgetUnit } from '../canonical/budget.ts'
import { readAccountId } from '../ledger/account-id.ts'
import { readRuleId } from '../ledger/rule-id.ts'

/** An account of a budget as the API names it. */
export interface AccountTold {
  readonly budget: string
  readonly window: string
  /** Of a budget with an account for each value of something. */
  readonly value: string | null
}

/** @param accountId as the ledger names it: `team acme/search/monthly usd/month@2026-11`. */
export function accountTold(accountId: string): { readonly account: AccountTold; readonly unit: BudgetUnit } {
  const { ruleId, windowId, value } = readAccountId(accountId)
  const { budget, unit } = readRuleId(ruleId)
  return { account: { budget, window: windowId, value: value ?? null }, unit }
}
