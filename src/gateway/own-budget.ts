import { accountValueOf } from '../canonical/account-value.ts'
import type { Balance, BudgetRule } from '../canonical/budget.ts'
import type { Call } from '../canonical/call.ts'
import type { Principal } from '../canonical/principal.ts'
import { mayUseSome } from '../policies/access/permit.ts'
import { identify, type IdentityHeaders } from '../policies/identity/identify.ts'
import { balanceFacts } from '../policies/budgets/refusal.ts'
import type { Parts } from './parts.ts'

/**
 * What `GET /v1/budget` tells a key: every budget that may refuse its calls, above them or of a model that it may use, with what is
 * spent, held and left. Where a budget keeps an account for each of some values, the key sees its own, or the one that calls without
 * such a value share.
 * @throws GatewayError `unauthenticated`.
 */
export async function ownBudget(headers: IdentityHeaders, parts: Parts): Promise<unknown> {
  const [{ identity, modelBudgets }, nowMs] = [parts.snapshot(), parts.clock.nowMs()]
  const principal = identify(headers, identity, parts.hashOf, nowMs)
  const ofModels = [...modelBudgets].flatMap(([name, rules]) => (mayUseSome(principal, name) ? rules : []))
  const inForce = [...principal.budgets, ...ofModels]
  const rules = new Map(inForce.map((rule) => [rule.id, rule]))
  const balances = await parts.ledger.balances(inForce)
  const budgets = balances.flatMap((balance) => {
    const rule = rules.get(balance.ruleId)
    return rule && isOwn(rule, balance, principal) ? [balanceFacts(rule, balance)] : []
  })
  return { object: 'list', observed_at: new Date(nowMs).toISOString(), data: budgets }
}

function isOwn({ by, missing }: BudgetRule, { value }: Balance, principal: Principal): boolean {
  if (!by || by.kind === 'model') return true
  return value === accountValueOf(by, principal, nobodysCall) && (value !== undefined || missing === 'share')
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
