import { accountValueOf } from '../canonical/account-value.ts'
import type { BudgetAsk, BudgetRule } from '../canonical/budget.ts'
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
  // A budget may keep accounts for very many: only those of this key are read.
  const asks = inForce.flatMap((rule) => (countsByModel(rule) ? [] : (askOf(rule, principal) ?? [])))
  const own = await parts.ledger.balancesFor(asks)
  const ofEachModel = await parts.ledger.balances(inForce.filter(countsByModel))
  const balances = Map.groupBy([...own, ...ofEachModel], ({ ruleId }) => ruleId)
  const data = inForce.flatMap((rule) => (balances.get(rule.id) ?? []).map((balance) => balanceFacts(rule, balance)))
  return { object: 'list', observed_at: new Date(nowMs).toISOString(), data }
}

function countsByModel({ by }: BudgetRule): boolean {
  return by?.kind === 'model'
}

/** @returns `undefined` where the key's calls are refused, since they have no such value. */
function askOf(rule: BudgetRule, principal: Principal): BudgetAsk | undefined {
  const value = rule.by && accountValueOf(rule.by, principal, nobodysCall)
  return rule.by && value === undefined && rule.missing === 'refuse' ? undefined : { rule, value }
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
