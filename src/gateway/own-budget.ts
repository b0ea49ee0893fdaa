import { accountValueOf } from '../canonical/account-value.ts'
import type { Balance, BudgetRule } from '../canonical/budget.ts'
import type { Call } from '../canonical/call.ts'
import type { Principal } from '../canonical/principal.ts'
import { balanceFacts } from '../policies/budgets/refusal.ts'
import type { Ledger } from '../stores/ports.ts'

/**
 * What `GET /v1/budget` tells a key: every budget above its calls, with what is spent, held and left. Where a budget keeps an
 * account for each of some values, the key sees its own.
 */
export async function budgetOf(principal: Principal, ledger: Ledger, nowMs: number): Promise<unknown> {
  const rules = new Map(principal.budgets.map((rule) => [rule.id, rule]))
  const balances = await ledger.balances(principal.budgets)
  const budgets = balances.flatMap((balance) => {
    const rule = rules.get(balance.ruleId)
    return rule && isOwn(rule, balance, principal) ? [balanceFacts(rule, balance)] : []
  })
  return { object: 'list', observed_at: new Date(nowMs).toISOString(), data: budgets }
}

function isOwn({ by }: BudgetRule, { value }: Balance, principal: Principal): boolean {
  if (!by || by.kind === 'model') return true
  return value !== undefined && value === accountValueOf(by, principal, nobodysCall)
}

/** What a call itself would say is not known here. */
const nobodysCall: Call = {
  operation: 'chat',
  modelName: '',
  isStream: false,
  outputCapTokens: undefined,
  choiceCount: 1,
  wantsStreamUsage: false,
  needs: new Set(),
  endUser: undefined,
}
