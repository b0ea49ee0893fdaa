import type { Call } from '../../canonical/call.ts'
import { GatewayError } from '../../canonical/error.ts'
import type { LimitAsk, LimitKey, LimitRule } from '../../canonical/limit.ts'
import { matchPattern } from '../../canonical/pattern.ts'
import type { Principal } from '../../canonical/principal.ts'
import { describeKey } from './rules.ts'

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
  const { by, models } = rule
  if (models && !models.some((pattern) => matchPattern(pattern, call.modelName) !== undefined)) return
  if (!by) return void asks.push({ rule, value: undefined })
  const value = valueOf(by, principal, call)
  if (value === undefined && rule.missing === 'refuse') throw missingValue(rule, by)
  asks.push({ rule, value })
}

/** Names are unique within their organisation only, and a model's limit may be asked by several. */
function valueOf(by: LimitKey, principal: Principal, call: Call): string | undefined {
  const { organisation, team, project, user, agent } = principal
  const below = (name: string | undefined) => (name === undefined ? undefined : `${organisation}/${name}`)
  switch (by.kind) {
    case 'key':
      return principal.keyId
    case 'organisation':
      return organisation
    case 'team':
      return below(team)
    case 'project':
      return project === undefined ? undefined : below(`${team}/${project}`)
    case 'user':
      return below(user)
    case 'agent':
      return below(agent)
    case 'endUser':
      return below(call.endUser)
    case 'metadata':
      return Object.hasOwn(principal.metadata, by.name) ? below(principal.metadata[by.name]) : undefined
    case 'model':
      return call.modelName
  }
}

function missingValue({ name, level }: LimitRule, by: LimitKey): GatewayError {
  const advice = {
    metadata: 'send it in the header x-weir-metadata',
    endUser: "name the end user in the call, in the dialect's own field",
  }
  const what = describeKey(by)
  const how = by.kind === 'metadata' || by.kind === 'endUser' ? advice[by.kind] : `use a key that has one`
  return new GatewayError(
    'invalid_request',
    `limit "${name}" of ${level} counts by ${what}, and this call has none: ${how}`,
    {
      param: by.kind === 'metadata' ? 'x-weir-metadata' : undefined,
    },
  )
}
