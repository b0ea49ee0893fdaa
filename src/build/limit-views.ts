import type { LimitView } from '../admin/ports.ts'
import type { LimitRule } from '../canonical/limit.ts'
import type { Snapshot } from '../gateway/snapshot.ts'
import { limitsOfEntity, limitsOfKey } from '../policies/identity/tree.ts'
import { describeAccountKey } from '../canonical/account-key.ts'
import type { LimitAccount } from '../stores/ports/rate-limiter.ts'

/** Every limit in force, with its accounts: those that nobody has used yet too. */
export function limitViews(snapshot: Snapshot, accounts: readonly LimitAccount[]): readonly LimitView[] {
  const byRule = Map.groupBy(accounts, ({ ruleId }) => ruleId)
  return rulesInForce(snapshot).map((rule) => ({
    rule,
    by: rule.by && describeAccountKey(rule.by),
    accounts: byRule.get(rule.id) ?? [],
  }))
}

function rulesInForce({ identity, modelLimits }: Snapshot): readonly LimitRule[] {
  return [
    ...identity.entities.flatMap(({ entity }) => limitsOfEntity(entity)),
    ...identity.keys.filter(({ entry }) => entry.revokedAtMs === undefined).flatMap(({ entry }) => limitsOfKey(entry)),
    ...[...modelLimits.values()].flat(),
  ]
}
