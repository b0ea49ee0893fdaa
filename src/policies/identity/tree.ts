import type { BudgetRule } from '../../canonical/budget.ts'
import type { LimitRule } from '../../canonical/limit.ts'
import type { AllowedModels, RequiredTags } from '../../canonical/principal.ts'
import type { DirectoryContents, Entity, KeyEntry } from '../../stores/ports/directory.ts'
import { budgetRulesOf } from '../budgets/rules.ts'
import { rulesOf } from '../limits/rules.ts'

export type ManagedBy = 'config' | 'api'

export interface KnownKey {
  readonly entry: KeyEntry
  readonly managedBy: ManagedBy
  /** Worked out once, when the tree is made, not on every call. */
  readonly allowedModels: readonly AllowedModels[]
  /** The same: the limits of every level above the key, and its own. */
  readonly limits: readonly LimitRule[]
  readonly budgets: readonly BudgetRule[]
  readonly requiredTags: readonly RequiredTags[]
}

export interface KnownEntity {
  readonly entity: Entity
  readonly managedBy: ManagedBy
}

/** What one of the two sources has and the other does not allow. */
export interface LeftOut {
  readonly kind: 'ownerless' | 'twice'
  readonly managedBy: ManagedBy
  /** Of the key or the entity. */
  readonly id: string
  readonly message: string
}

/** Who exists: the config and the directory joined. Immutable; a change makes a new tree, swapped in at once. */
export interface IdentityTree {
  /** With those that have lost their owner: no key below them works, and they can be removed. */
  readonly entities: readonly KnownEntity[]
  /** With those that have lost their owner: they are found by no hash, and can be revoked. */
  readonly keys: readonly KnownKey[]
  /** Grants nothing, and keeps nobody else out. Empty where all is well. */
  readonly leftOut: readonly LeftOut[]
  /** Look-up by hash only: the text of a key is never compared (failures.md A1, A9). */
  keyByHash(hash: string): KnownKey | undefined
}

/**
 * Joins the two sources. What cannot be joined is left out: where the same id is in both, what was made through the API; and whatever
 * belongs to an organisation, a team or a project that does not exist.
 */
export function joinIdentity(config: DirectoryContents, api: DirectoryContents): IdentityTree {
  const leftOut: LeftOut[] = []
  const byId = new Map<string, KnownEntity>()
  for (const entity of config.entities) byId.set(entityId(entity), { entity, managedBy: 'config' })
  for (const entity of api.entities) {
    const id = entityId(entity)
    const message = `${id} is in the config and was also made through the API: remove one of them`
    if (byId.has(id)) leftOut.push({ kind: 'twice', managedBy: 'api', id, message })
    else byId.set(id, { entity, managedBy: 'api' })
  }
  for (const [id, { entity, managedBy }] of byId) {
    const missing = levelsAbove(entity).find((level) => !byId.has(level))
    if (missing !== undefined) leftOut.push({ kind: 'ownerless', managedBy, id, message: ownerless(id, missing) })
  }
  const entityOf = (
    kind: Entity['kind'],
    organisation: string | undefined,
    team: string | undefined,
    name: string | undefined,
  ) => (name === undefined ? undefined : byId.get(entityId({ kind, organisation, team, name }))?.entity)
  const known = (entry: KeyEntry, managedBy: ManagedBy): KnownKey => {
    const { organisation, team, project, user, agent } = entry
    const above = [
      entityOf('organisation', undefined, undefined, organisation),
      entityOf('team', organisation, undefined, team),
      entityOf('project', organisation, team, project),
      entityOf('user', organisation, undefined, user),
      entityOf('agent', organisation, undefined, agent),
    ].filter((entity) => entity !== undefined)
    const timezone = above.find(({ kind }) => kind === 'organisation')?.timezone
    const levels = [
      ...above.map((entity) => ({ ...entity, level: `${entity.kind} ${entity.name}` })),
      { ...entry, level: `key ${entry.name}` },
    ]
    return {
      entry,
      managedBy,
      allowedModels: levels.flatMap(({ level, models }) => (models === undefined ? [] : [{ level, patterns: models }])),
      requiredTags: levels.flatMap(({ level, require = [] }) =>
        require.length === 0 ? [] : [{ level, tags: require }],
      ),
      limits: [...above.flatMap(limitsOfEntity), ...limitsOfKey(entry)],
      budgets: [...above.flatMap((entity) => budgetsOfEntity(entity, timezone)), ...budgetsOfKey(entry, timezone)],
    }
  }
  const keys = [...config.keys.map((entry) => known(entry, 'config')), ...api.keys.map((entry) => known(entry, 'api'))]
  const byHash = new Map<string, KnownKey>()
  for (const key of keys) {
    const { entry, managedBy } = key
    const { id, name, hash } = entry
    // A revoked key outlives its owner: it stays for the records that name it, and grants nothing.
    const missing = entry.revokedAtMs === undefined ? ownersNeeded(entry).find((owner) => !byId.has(owner)) : undefined
    const twin = byHash.get(hash)
    if (missing !== undefined) {
      leftOut.push({ kind: 'ownerless', managedBy, id, message: ownerless(`key ${name} (${id})`, missing) })
    } else if (twin) {
      const message = `the keys ${twin.entry.name} and ${name} have the same hash`
      leftOut.push({ kind: 'twice', managedBy, id, message })
    } else byHash.set(hash, key)
  }
  return { entities: [...byId.values()], keys, leftOut, keyByHash: (hash) => byHash.get(hash) }
}

/** Kind and owner path, such as `team acme/search`: unique over config and API. */
export function entityId(entity: Pick<Entity, 'kind' | 'name' | 'organisation' | 'team'>): string {
  const path = [entity.organisation, entity.team, entity.name].filter((part) => part !== undefined)
  return `${entity.kind} ${path.join('/')}`
}

/** Ids of the levels above an entity, wide to narrow. None above an organisation. */
export function levelsAbove({ organisation, team }: Pick<Entity, 'organisation' | 'team'>): readonly string[] {
  const levels: string[] = []
  if (organisation !== undefined)
    levels.push(entityId({ kind: 'organisation', name: organisation, organisation: undefined, team: undefined }))
  if (team !== undefined) levels.push(entityId({ kind: 'team', name: team, organisation, team: undefined }))
  return levels
}

/** Ids of what a key cannot be without. Users and agents need no entry: they are labels until they carry a policy of their own. */
function ownersNeeded(key: KeyEntry): readonly string[] {
  const { organisation, team, project } = key
  if (project === undefined) return levelsAbove(key)
  return [...levelsAbove(key), entityId({ kind: 'project', name: project, organisation, team })]
}

/** Ids of everything that a key names, whether it has an entry or is a label. */
export function ownersNamed(key: KeyEntry): readonly string[] {
  const { organisation, user, agent } = key
  const owners = [...ownersNeeded(key)]
  if (user !== undefined) owners.push(entityId({ kind: 'user', name: user, organisation, team: undefined }))
  if (agent !== undefined) owners.push(entityId({ kind: 'agent', name: agent, organisation, team: undefined }))
  return owners
}

/** The limits of an organisation, a team, a project, a user or an agent, compiled. */
export function limitsOfEntity(entity: Entity): readonly LimitRule[] {
  const id = entityId(entity)
  return rulesOf(entity.limits, id, id)
}

/** Kept under the key's id: names of keys are not unique. */
export function limitsOfKey({ id, name, limits }: KeyEntry): readonly LimitRule[] {
  return rulesOf(limits, `key ${id}`, `key ${name}`)
}

/** @param timezone of the organisation. */
export function budgetsOfEntity(entity: Entity, timezone: string | undefined): readonly BudgetRule[] {
  const id = entityId(entity)
  return budgetRulesOf(entity.budgets, id, id, timezone)
}

/**
 * Kept under the key's id, as its limits are.
 * @param timezone of its organisation.
 */
export function budgetsOfKey({ id, name, budgets }: KeyEntry, timezone: string | undefined): readonly BudgetRule[] {
  return budgetRulesOf(budgets, `key ${id}`, `key ${name}`, timezone)
}

function ownerless(what: string, owner: string): string {
  return `${what} belongs to ${owner}, which does not exist`
}
