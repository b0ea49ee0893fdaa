import { adviceOnMissing, describeAccountKey, headerOfMissing } from '../canonical/account-key.ts'
import { accountValueOf } from '../canonical/account-value.ts'
import type { BudgetRule } from '../canonical/budget.ts'
import type { Call } from '../canonical/call.ts'
import { GatewayError } from '../canonical/error.ts'
import type { LimitRule } from '../canonical/limit.ts'
import { matchPattern } from '../canonical/pattern.ts'
import type { Principal } from '../canonical/principal.ts'

/**
 * Which account of a limit or budget a call counts in. They look at the model that is asked for, not at the one that serves:
 * failover must not charge another account.
 * @returns `undefined` where the call does not count at all, since it asks for another model.
 * @throws GatewayError `invalid_request` when accounts are kept by something that the call does not say, and such a call is to be
 *   refused.
 */
export function accountFor(
  what: 'limit' | 'budget',
  rule: Pick<LimitRule | BudgetRule, 'name' | 'level' | 'by' | 'missing' | 'models'>,
  principal: Principal,
  call: Call,
): { readonly value: string | undefined } | undefined {
  const { name, level, by, missing, models } = rule
  if (models && !models.some((pattern) => matchPattern(pattern, call.modelName) !== undefined)) return undefined
  if (!by) return all
  const value = accountValueOf(by, principal, call)
  if (value === undefined && missing === 'refuse')
    throw new GatewayError(
      'invalid_request',
      `${what} "${name}" of ${level} counts by ${describeAccountKey(by)}, and this call has none: ${adviceOnMissing(by)}`,
      { param: headerOfMissing(by) },
    )
  return { value }
}

const all = { value: undefined } as const
