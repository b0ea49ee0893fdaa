import type { Call } from '../../canonical/call.ts'
import type { LimitAsk, LimitRule } from '../../canonical/limit.ts'
import type { Principal } from '../../canonical/principal.ts'
import { accountFor } from '../account-for.ts'

/**
 * What a call asks of the limits above it and of the model it asks for, wide to narrow. Limits look at the model that is
 * asked for, not at the one that serves: failover must not charge another account.
 * @throws GatewayError `invalid_request` when a limit counts by something that the call does not say and is set to refuse that.
 */
export function asksOf(
  rules: readonly LimitRule[],
  rulesOfModel: readonly LimitRule[],
  principal: Principal,
  call: Call,
): readonly LimitAsk[] {
  const asks: LimitAsk[] = []
  for (const rule of rules) addAsk(asks, rule, principal, call)
  for (const rule of rulesOfModel) addAsk(asks, rule, principal, call)
  return asks
}

function addAsk(asks: LimitAsk[], rule: LimitRule, principal: Principal, call: Call): void {
  const account = accountFor('limit', rule, principal, call)
  if (account !== undefined) asks.push({ rule, value: account.value })
}
