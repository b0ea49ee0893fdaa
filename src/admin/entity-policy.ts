import type { Json, JsonObject } from '../canonical/json.ts'
import type { Entity } from '../stores/ports/directory.ts'
import { policyTold } from './policy-told.ts'

/** What an entity carries of policy, in the order in which audit entries tell it. */
const policyFields = ['models', 'require', 'limits', 'budgets', 'timezone'] as const
type PolicyField = (typeof policyFields)[number]

export type Policy = Pick<Entity, PolicyField>

/** What is asked for: `null` takes away what there was; absent leaves it. */
export type AskedPolicy = { readonly [Field in PolicyField]?: Policy[Field] | null }

/** The policy that there is once what was asked for holds. */
export function policyAfter(before: Partial<Policy>, asked: AskedPolicy): Policy {
  return {
    models: chosen(before.models, asked.models),
    require: chosen(before.require, asked.require),
    limits: chosen(before.limits, asked.limits),
    budgets: chosen(before.budgets, asked.budgets),
    timezone: chosen(before.timezone, asked.timezone),
  }
}

function chosen<Value>(before: Value | undefined, asked: Value | null | undefined): Value | undefined {
  return asked === undefined ? before : (asked ?? undefined)
}

/** As an audit entry tells the policy of what was made or removed: its models always, the rest where there is any. */
export function policyDetail(policy: Partial<Policy>): JsonObject {
  const told = policyFields.filter((field) => field === 'models' || policy[field] !== undefined)
  return Object.fromEntries(told.map((field) => [field, policyTold(policy[field])]))
}

/** As an audit entry tells what was asked to change, before and after. */
export function policyChangeDetail(before: Policy, asked: AskedPolicy): JsonObject {
  const told: (readonly [string, Json])[] = []
  for (const field of policyFields)
    if (asked[field] !== undefined) {
      const [nameBefore, nameAfter] = field === 'models' ? ['before', 'after'] : [`${field}Before`, `${field}After`]
      told.push([nameBefore, policyTold(before[field])], [nameAfter, policyTold(asked[field])])
    }
  return Object.fromEntries(told)
}
