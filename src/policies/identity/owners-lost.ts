import { entityId, levelsAbove, ownersNamed, type IdentityTree } from './tree.ts'

/** More are counted, not named: the first are enough to see what is meant. */
const namedLimit = 10

/**
 * What would lose an owner if one tree took the place of another: a sentence for each owner that has gone while keys that are not
 * revoked name it, or entities stand under it. Without it they would stop working, or stand under less policy than they were made
 * under. Where several levels have gone, the widest is named.
 */
export function ownersLost(before: IdentityTree, next: IdentityTree): readonly string[] {
  const kept = new Set(next.entities.map(({ entity }) => entityId(entity)))
  const gone = before.entities.map(({ entity }) => entity).filter((entity) => !kept.has(entityId(entity)))
  if (gone.length === 0) return []
  const below = new Map(gone.map((entity): [string, string[]] => [entityId(entity), []]))
  for (const { entry } of next.keys) {
    if (entry.revokedAtMs !== undefined) continue
    for (const owner of ownersNamed(entry)) below.get(owner)?.push(`key ${entry.name} (${entry.id})`)
  }
  for (const { entity } of next.entities)
    for (const level of levelsAbove(entity)) below.get(level)?.push(entityId(entity))
  return gone
    .filter((entity) => !levelsAbove(entity).some((level) => below.has(level)))
    .flatMap((entity) => {
      const id = entityId(entity)
      const held = below.get(id) ?? []
      return held.length === 0 ? [] : [sentence(id, held)]
    })
}

function sentence(owner: string, below: readonly string[]): string {
  const named = below.slice(0, namedLimit)
  const rest = below.length - named.length
  const list = (rest > 0 ? [...named, `${rest} more`] : named).join(', ')
  return `${owner} has gone from the config and still has below it: ${list}; put it back, or first revoke these keys and remove these owners`
}
