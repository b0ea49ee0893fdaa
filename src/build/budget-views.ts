import type { BudgetInForce } from '../admin/ports.ts'
import type { BudgetRule } from '../canonical/budget.ts'
import type { Snapshot } from '../gateway/snapshot.ts'
import { budgetsOfEntity, budgetsOfKey } from '../policies/identity/tree.ts'
import type { Entity } from '../stores/ports/directory.ts'

/** Every budget in force, with whose it is: those that nobody has drawn on yet too. */
export function budgetsInForce({
  identity,
  modelBudgets,
}: Pick<Snapshot, 'identity' | 'modelBudgets'>): readonly BudgetInForce[] {
  const zones = new Map(
    identity.entities.flatMap(({ entity: { kind, name, timezone } }) =>
      kind === 'organisation' ? [[name, timezone] as const] : [],
    ),
  )
  const owned = (rules: readonly BudgetRule[], owner: Omit<BudgetInForce, 'rule'>): readonly BudgetInForce[] =>
    rules.map((rule) => ({ rule, ...owner }))
  return [
    ...identity.entities.flatMap(({ entity, managedBy }) => {
      const place = placeOf(entity)
      return owned(budgetsOfEntity(entity, zones.get(place.organisation ?? '')), { place, managedBy })
    }),
    ...identity.keys
      .filter(({ entry }) => entry.revokedAtMs === undefined)
      .flatMap(({ entry, managedBy }) => {
        const { organisation, team, project, user, agent } = entry
        const place = { organisation, team, project, user, agent }
        return owned(budgetsOfKey(entry, zones.get(organisation)), { place, managedBy })
      }),
    ...[...modelBudgets.values()].flatMap((rules) => owned(rules, { place: {}, managedBy: 'config' })),
  ]
}

/** An entity is part of the place that it makes. */
function placeOf({ kind, name, organisation, team }: Entity): BudgetInForce['place'] {
  return { organisation, team, [kind]: name }
}
