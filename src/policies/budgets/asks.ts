import type { BudgetAsk, BudgetRule } from '../../canonical/budget.ts'
import type { Call } from '../../canonical/call.ts'
import type { Principal } from '../../canonical/principal.ts'
import { accountFor } from '../account-for.ts'

/**
 * What a call asks of the budgets above it and of the model it asks for, wide to narrow.
 * @throws GatewayError `invalid_request` when a budget counts by something that the call does not say and is set to refuse that.
 */
export function budgetAsksOf(
  rules: readonly BudgetRule[],
  rulesOfModel: readonly BudgetRule[],
  principal: Principal,
  call: Call,
): readonly BudgetAsk[] {
  const asks: BudgetAsk[] = []
  for (const some of [rules, rulesOfModel])
    for (const rule of some) {
      const account = accountFor('budget', rule, principal, call)
      if (account !== undefined) asks.push({ rule, value: account.value })
    }
  return asks
}

/** The same for what was spent before anybody asked: what a call does not say counts as shared, since there is nothing to refuse. */
export function owedAsksOf(
  rules: readonly BudgetRule[],
  rulesOfModel: readonly BudgetRule[],
  principal: Principal,
  call: Call,
): readonly BudgetAsk[] {
  return budgetAsksOf(rules.map(shared), rulesOfModel.map(shared), principal, call)
}

function shared(rule: BudgetRule): BudgetRule {
  return { ...rule, missing: 'share' }
}
