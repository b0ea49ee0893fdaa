import { GatewayError } from '../../canonical/error.ts'
import type { AllowedModels } from '../../canonical/principal.ts'
import type { DirectoryContents, Entity, KeyEntry } from '../../stores/ports.ts'

export type ManagedBy = 'config' | 'api'

export interface KnownKey {
  readonly entry: KeyEntry
  readonly managedBy: ManagedBy
  /** Worked out once, when the tree is made, not on every call. */
  readonly allowedModels: readonly AllowedModels[]
}

export interface KnownEntity {
  readonly entity: Entity
  readonly managedBy: ManagedBy
}

/** Who exists: the config and the directory joined. Immutable; a change makes a new tree, swapped in at once. */
export interface IdentityTree {
  readonly entities: readonly KnownEntity[]
  readonly keys: readonly KnownKey[]
  /** Look-up by hash only: the text of a key is never compared (failures.md A1, A9). */
  keyByHash(hash: string): KnownKey | undefined
}

/**
 * Joins the two sources.
 * @throws GatewayError `invalid_request` when the same id is in both, or a key names a project or team that does not exist.
 */
export function joinIdentity(config: DirectoryContents, api: DirectoryContents): IdentityTree {
  const entities: KnownEntity[] = [
    ...config.entities.map((entity) => ({ entity, managedBy: 'config' as const })),
    ...api.entities.map((entity) => ({ entity, managedBy: 'api' as const })),
  ]
  const byId = new Map<string, KnownEntity>()
  for (const known of entities) {
    const id = entityId(known.entity)
    if (byId.has(id))
      throw new GatewayError(
        'invalid_request',
        `${id} is in the config and was also made through the API: remove one of them`,
      )
    byId.set(id, known)
  }
  const modelsOf = (kind: Entity['kind'], organisation: string, team: string | undefined, name: string) =>
    byId.get(entityId({ kind, organisation, team, name }))?.entity.models
  const known = (entry: KeyEntry, managedBy: ManagedBy): KnownKey => {
    // A revoked key outlives its owner: it stays for the records that name it, and grants nothing.
    if (entry.revokedAtMs === undefined) checkOwner(entry, byId)
    const { organisation, team, project, user, agent } = entry
    const levels: readonly (readonly [string, readonly string[] | undefined])[] = [
      [`organisation ${organisation}`, byId.get(`organisation ${organisation}`)?.entity.models],
      [`team ${team}`, team === undefined ? undefined : modelsOf('team', organisation, undefined, team)],
      [`project ${project}`, project === undefined ? undefined : modelsOf('project', organisation, team, project)],
      [`user ${user}`, user === undefined ? undefined : modelsOf('user', organisation, undefined, user)],
      [`agent ${agent}`, agent === undefined ? undefined : modelsOf('agent', organisation, undefined, agent)],
      [`key ${entry.name}`, entry.models],
    ]
    return {
      entry,
      managedBy,
      allowedModels: levels.flatMap(([level, patterns]) => (patterns === undefined ? [] : [{ level, patterns }])),
    }
  }
  const keys = [...config.keys.map((entry) => known(entry, 'config')), ...api.keys.map((entry) => known(entry, 'api'))]
  const byHash = new Map<string, KnownKey>()
  for (const key of keys) {
    const twin = byHash.get(key.entry.hash)
    if (twin)
      throw new GatewayError('invalid_request', `the keys ${twin.entry.name} and ${key.entry.name} have the same hash`)
    byHash.set(key.entry.hash, key)
  }
  return { entities, keys, keyByHash: (hash) => byHash.get(hash) }
}

/** Kind and owner path, such as `team acme/search`: unique over config and API. */
export function entityId(entity: Pick<Entity, 'kind' | 'name' | 'organisation' | 'team'>): string {
  const path = [entity.organisation, entity.team, entity.name].filter((part) => part !== undefined)
  return `${entity.kind} ${path.join('/')}`
}

function checkOwner(key: KeyEntry, byId: ReadonlyMap<string, KnownEntity>): void {
  const { organisation, team, project } = key
  const owners = [
    entityId({ kind: 'organisation', name: organisation, organisation: undefined, team: undefined }),
    ...(team === undefined ? [] : [entityId({ kind: 'team', name: team, organisation, team: undefined })]),
    // Users and agents need no entry: they are labels until they carry a policy of their own.
    ...(project === undefined ? [] : [entityId({ kind: 'project', name: project, organisation, team })]),
  ]
  for (const owner of owners)
    if (!byId.has(owner))
      throw new GatewayError('invalid_request', `key ${key.name} belongs to ${owner}, which does not exist`)
}
