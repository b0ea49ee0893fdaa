import { GatewayError } from '../../canonical/error.ts'
import type { Owner } from '../../canonical/principal.ts'
import type { DirectoryChange, DirectoryContents, Entity, KeyEntry } from '../ports/directory.ts'

/** What tells one entity from all others. */
export type EntityName = Pick<Entity, 'kind' | 'name' | 'organisation' | 'team'>

/**
 * What the directory holds after a change, as a new and frozen snapshot.
 * @param nowMs the moment of the change, for which keys still count as active.
 * @param isConfigured tells whether the config file names an entity: it may own what is made here, but not be made twice.
 * @throws GatewayError `invalid_request`, saying what stands in the way.
 */
export function contentsAfter(
  contents: DirectoryContents,
  change: DirectoryChange,
  nowMs: number,
  isConfigured: (entity: EntityName) => boolean,
): DirectoryContents {
  const isKnown = (entity: EntityName): boolean => find(contents, entity) !== undefined || isConfigured(entity)
  switch (change.kind) {
    case 'put-entity':
      return withEntity(contents, change.entity, change.mustBeNew, isKnown, isConfigured)
    case 'remove-entity':
      return withoutEntity(contents, change.entity, nowMs, isConfigured)
    case 'add-key':
      return withKey(contents, change.key, isKnown)
    case 'revoke-key':
      return withKeyChanged(contents, change.keyId, (key) => ({ ...key, revokedAtMs: key.revokedAtMs ?? change.atMs }))
    case 'rotate-key': {
      const ended = withKeyChanged(contents, change.oldKeyId, (key) => {
        if (!isActive(key, nowMs)) refuse(`key ${key.id} is not active any more; make a new key instead of rotating it`)
        return { ...key, expiresAtMs: Math.min(key.expiresAtMs ?? Infinity, change.oldExpiresAtMs) }
      })
      return withKey(ended, change.key, isKnown)
    }
  }
}

/** An entity's whole path, for people: `team acme/search`. */
export function describeEntity({ kind, name, organisation, team }: EntityName): string {
  return `${kind} ${[organisation, team, name].filter((level) => level !== undefined).join('/')}`
}

function withEntity(
  contents: DirectoryContents,
  entity: Entity,
  mustBeNew: boolean,
  isKnown: (entity: EntityName) => boolean,
  isConfigured: (entity: EntityName) => boolean,
): DirectoryContents {
  checkText('name', entity.name, entity.organisation, entity.team, ...(entity.models ?? []), ...(entity.require ?? []))
  checkPath(entity)
  if (isConfigured(entity)) refuse(`${describeEntity(entity)} is in the config file; change it there`)
  if (mustBeNew && isKnown(entity)) refuse(`${describeEntity(entity)} exists already`)
  for (const level of levelsAbove(entity)) {
    if (!isKnown(level)) refuse(`${describeEntity(entity)} cannot be made: there is no ${describeEntity(level)}`)
  }
  const others = contents.entities.filter((other) => !isSame(other, entity))
  return frozen([...others, Object.freeze({ ...entity })], contents.keys)
}

function withoutEntity(
  contents: DirectoryContents,
  entity: EntityName,
  nowMs: number,
  isConfigured: (entity: EntityName) => boolean,
): DirectoryContents {
  const found = find(contents, entity)
  if (found === undefined) {
    const reason = isConfigured(entity) ? 'is in the config file; remove it there' : 'does not exist'
    refuse(`${describeEntity(entity)} ${reason}`)
  }
  const child = contents.entities.find((other) => levelsAbove(other).some((level) => isSame(level, found)))
  if (child !== undefined) refuse(`${describeEntity(found)} still has ${describeEntity(child)}; remove that first`)
  const keys = contents.keys.filter(
    (key) => isActive(key, nowMs) && ownersOf(key).some((owner) => isSame(owner, found)),
  )
  const [key] = keys
  if (key !== undefined) {
    refuse(
      `${describeEntity(found)} still has ${keys.length} active ${keys.length === 1 ? 'key' : 'keys'} (${key.id}); revoke them first`,
    )
  }
  return frozen(
    contents.entities.filter((other) => other !== found),
    contents.keys,
  )
}

function withKey(
  contents: DirectoryContents,
  key: KeyEntry,
  isKnown: (entity: EntityName) => boolean,
): DirectoryContents {
  checkText('key', key.id, key.name, key.hash, key.last4, ...(key.models ?? []), ...(key.require ?? []))
  if (contents.keys.some(({ id }) => id === key.id)) refuse(`a key with the id ${key.id} exists already`)
  for (const owner of ownersOf(key)) {
    // Users and agents need no entry: they are labels until they carry a policy of their own.
    if (owner.kind === 'user' || owner.kind === 'agent') continue
    if (!isKnown(owner)) refuse(`key "${key.name}" cannot be made: there is no ${describeEntity(owner)}`)
  }
  return frozen(contents.entities, [...contents.keys, Object.freeze({ ...key })])
}

function withKeyChanged(
  contents: DirectoryContents,
  keyId: string,
  edit: (key: KeyEntry) => KeyEntry,
): DirectoryContents {
  if (!contents.keys.some(({ id }) => id === keyId)) refuse(`there is no key ${keyId}`)
  return frozen(
    contents.entities,
    contents.keys.map((key) => (key.id === keyId ? Object.freeze(edit(key)) : key)),
  )
}

export function frozen(entities: readonly Entity[], keys: readonly KeyEntry[]): DirectoryContents {
  return Object.freeze({ entities: Object.freeze([...entities]), keys: Object.freeze([...keys]) })
}

/** A revoked or expired key keeps its place in the list, for the records that name it, and holds nothing up. */
function isActive(key: KeyEntry, nowMs: number): boolean {
  return key.revokedAtMs === undefined && (key.expiresAtMs === undefined || key.expiresAtMs > nowMs)
}

function checkPath(entity: Entity): void {
  const wantsOrganisation = entity.kind !== 'organisation'
  const wantsTeam = entity.kind === 'project'
  if ((entity.organisation !== undefined) !== wantsOrganisation) {
    refuse(wantsOrganisation ? `a ${entity.kind} needs its organisation` : 'an organisation stands under no other')
  }
  if ((entity.team !== undefined) !== wantsTeam) {
    refuse(wantsTeam ? 'a project needs its team' : `the ${entity.kind} ${entity.name} cannot stand under a team`)
  }
}

function levelsAbove({ organisation, team }: EntityName): readonly EntityName[] {
  if (organisation === undefined) return []
  const levels: EntityName[] = [{ kind: 'organisation', name: organisation, organisation: undefined, team: undefined }]
  if (team !== undefined) levels.push({ kind: 'team', name: team, organisation, team: undefined })
  return levels
}

/** Every entity a key stands under, wide to narrow. */
function ownersOf({ organisation, team, project, user, agent }: Owner): readonly EntityName[] {
  const owners = [...levelsAbove({ kind: 'project', name: '', organisation, team })]
  if (project !== undefined) {
    if (team === undefined) refuse(`project ${project} is named without its team`)
    owners.push({ kind: 'project', name: project, organisation, team })
  }
  if (user !== undefined) owners.push({ kind: 'user', name: user, organisation, team: undefined })
  if (agent !== undefined) owners.push({ kind: 'agent', name: agent, organisation, team: undefined })
  return owners
}

function find(contents: DirectoryContents, entity: EntityName): Entity | undefined {
  return contents.entities.find((other) => isSame(other, entity))
}

function isSame(one: EntityName, other: EntityName): boolean {
  return (
    one.kind === other.kind &&
    one.name === other.name &&
    one.organisation === other.organisation &&
    one.team === other.team
  )
}

/** Half a surrogate pair cannot be stored: the name would come back as another. */
function checkText(what: string, ...texts: readonly (string | undefined)[]): void {
  if (texts.some((text) => text?.isWellFormed() === false)) refuse(`the ${what} is not valid Unicode`)
}

function refuse(message: string): never {
  throw new GatewayError('invalid_request', message)
}
