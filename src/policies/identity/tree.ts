import type { BudgetRule } from '../../canonical/budget.ts'
import type { LimitRule } from '../../canonical/limit.ts'
import type { AllowedModels, RequiredTags } from '../../canonical/principal.ts'
import type { DirectoryContents, Entity, KeyEntry } from '../../stores/ports.ts'
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
  /** With those that have lost their owner, which nobody can use and which can be removed. */
  readonly entities: readonly KnownEntity[]
  /** With those that have lost their owner: they are found by no hash, and can be revoked. */
  readonly keys: readonly KnownKey[]
  /** Grants nothing, and keeps nobody else out. Empty where all is well. */
  readonly leftOut: readonly LeftOut[]
  /** Look-up by hash only: the text of a key is never compared (failures.md A1, A9). */
  keyByHash(hash: string): KnownKey | undefined
}

/**
 * Joins the two sources. What cannot be joined is left out: where the same id is in both, what was made through the API, and all
 * that belongs to an organisation, team or project that does not exist. That stays among the entities and keys, to be removed.
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
    const missing = missingOwner(entity, byId)
    if (missing !== undefined) leftOut.push({ kind: 'ownerless', managedBy, id, message: ownerlessText(id, missing) })
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
    const missing = entry.revokedAtMs === undefined ? missingOwner(entry, byId) : undefined
    const twin = byHash.get(hash)
    if (missing !== undefined) {
      leftOut.push({ kind: 'ownerless', managedBy, id, message: ownerlessText(`key ${name} (${id})`, missing) })
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

export function budgetsOfKey({ id, name, budgets }: KeyEntry, timezone: string | undefined): readonly BudgetRule[] {
  return budgetRulesOf(budgets, `key ${id}`, `key ${name}`, timezone)
}

/** @param below a key, or an entity: each names its owners by the same fields. */
function missingOwner(
  below: Pick<Entity, 'organisation' | 'team'> & { readonly project?: string | undefined },
  byId: ReadonlyMap<string, KnownEntity>,
): string | undefined {
  const { organisation, team, project } = below
  if (organisation === undefined) return undefined
  const owners = [
    entityId({ kind: 'organisation', name: organisation, organisation: undefined, team: undefined }),
    ...(team === undefined ? [] : [entityId({ kind: 'team', name: team, organisation, team: undefined })]),
    // Users and agents need no entry: they are labels until they carry a policy of their own.
    ...(project === undefined ? [] : [entityId({ kind: 'project', name: project, organisation, team })]),
  ]
  return owners.find((owner) => !byId.has(owner))
}

function ownerlessText(what: string, owner: string): string {
  return `${what} belongs to ${owner}, which does not exist`
}
