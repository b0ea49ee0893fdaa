import { targetPrice } from '../accounting/target-price.ts'
import type { IdentityViews, KeyView, ModelView, ProviderView } from '../admin/ports.ts'
import type { Snapshot } from '../gateway/snapshot.ts'
import { entityId, type IdentityTree } from '../policies/identity/tree.ts'
import { networkView } from '../providers/network-view.ts'
import { targetIdsOf } from '../routing/catalog.ts'
import type { Health } from '../routing/health.ts'

/** What the admin API may see of the house: views without secrets and without hashes. */
export function identityViews({ entities, keys, leftOut }: IdentityTree): IdentityViews {
  const ownerless = new Set(leftOut.flatMap(({ kind, id }) => (kind === 'ownerless' ? [id] : [])))
  return {
    entities: entities.map(({ entity, managedBy }) => ({ id: entityId(entity), ...entity, managedBy })),
    keys: keys.map(({ entry, managedBy }): KeyView => {
      const { hash: _keptHere, ...visible } = entry
      return { ...visible, managedBy, isOwnerless: ownerless.has(entry.id) }
    }),
  }
}

export function modelViews(snapshot: Snapshot, nowMs: number): readonly ModelView[] {
  return snapshot.catalog.models.map((model) => ({
    name: model.name,
    strategy: model.strategy,
    targets: model.targets.map(({ provider, modelName, weight, tags }) => {
      return {
        provider: provider.name,
        model: modelName,
        weight,
        tags: [...tags],
        priceVersion: targetPrice(snapshot.prices, { provider, modelName }, nowMs)?.version,
      }
    }),
  }))
}

/** @param running attempts under way, by target. */
export function providerViews(
  snapshot: Snapshot,
  health: Health,
  running: ReadonlyMap<string, number>,
): readonly ProviderView[] {
  const targets = health.targets(targetIdsOf(snapshot.catalog))
  return [...snapshot.providers.values()].map((provider) => {
    const { restingCredentials, ...seen } = health.read(provider)
    return {
      name: provider.name,
      kind: provider.kind,
      origin: provider.origin,
      dialects: Object.keys(provider.endpoints),
      network: networkView(provider),
      credentials: provider.credentials.map(({ id, weight }) => ({
        id,
        weight,
        isResting: restingCredentials.includes(id),
      })),
      tags: provider.tags,
      targets: targets
        .filter(({ id }) => id.startsWith(`${provider.name}/`))
        .map(({ id, ...target }) => ({
          ...target,
          model: id.slice(provider.name.length + 1),
          running: running.get(id) ?? 0,
        })),
      ...seen,
    }
  })
}
