import type { Json } from '../canonical/json.ts'
import type { Entity } from '../stores/ports/directory.ts'

/** A part of a policy as an audit entry tells it: without what is absent. */
export function policyTold(
  policy: Entity['models' | 'require' | 'limits' | 'budgets' | 'timezone'] | null | undefined,
): Json {
  return policy === undefined || policy === null ? null : (JSON.parse(JSON.stringify(policy)) as Json)
}
