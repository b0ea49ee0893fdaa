import type { Principal, RequiredTags } from '../canonical/principal.ts'
import type { CatalogModel, CatalogTarget } from './catalog.ts'

/** The tags that every level above a call requires, the model's own included. Most calls require none. */
export function requirementsOf(model: CatalogModel, principal: Principal): readonly RequiredTags[] {
  if (model.require.length === 0) return principal.requiredTags
  return [...principal.requiredTags, { level: `model ${model.name}`, tags: model.require }]
}

/** Names the first tag that a target lacks, and who requires it. */
export function reasonOfTags(target: CatalogTarget, required: readonly RequiredTags[]): string | undefined {
  for (const { level, tags } of required)
    for (const tag of tags) if (!target.tags.has(tag)) return `lacks the tag ${tag}, which ${level} requires`
  return undefined
}
