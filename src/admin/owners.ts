import type { Entity } from '../stores/ports/directory.ts'
import type { AdminParts, EntityView } from './ports.ts'
import { AdminProblem } from './problem.ts'

type EntityPath = Pick<Entity, 'kind' | 'name' | 'organisation' | 'team'>

/** Kind and owner path. Names hold no slash, so it is unique; the views that are handed in name entities by the same rule. */
export function entityIdOf({ kind, name, organisation, team }: EntityPath): string {
  return `${kind} ${[organisation, team, name].filter((part) => part !== undefined).join('/')}`
}

export function findEntity(parts: Pick<AdminParts, 'identities'>, id: string): EntityView | undefined {
  return parts.identities().entities.find((entity) => entity.id === id)
}

/**
 * Everything something new would belong to must be there, in the config file or made here.
 * Users and agents that a key names are the directory's to judge.
 */
export function requireOwners(
  parts: AdminParts,
  owner: {
    readonly organisation: string | undefined
    readonly team: string | undefined
    readonly project?: string | undefined
  },
): void {
  const { organisation, team, project } = owner
  if (organisation === undefined) return
  const none = { organisation: undefined, team: undefined }
  const owners: readonly EntityPath[] = [
    { ...none, kind: 'organisation', name: organisation },
    ...(team === undefined ? [] : [{ ...none, kind: 'team', name: team, organisation } as const]),
    ...(project === undefined ? [] : [{ kind: 'project', name: project, organisation, team } as const]),
  ]
  const missing = owners.map(entityIdOf).find((id) => !findEntity(parts, id))
  if (missing !== undefined) throw new AdminProblem('invalid_request', `There is no ${missing}: create it first.`)
}

/** Removing what others belong to would lift the policy they stand under, or leave them without an owner. */
export function requireEmpty(parts: AdminParts, entity: EntityView): void {
  const { entities, keys } = parts.identities()
  const isWhole = entity.kind === 'organisation'
  const organisation = isWhole ? entity.name : entity.organisation
  const below = entities
    .filter((other) => other.organisation === organisation)
    .filter((other) => isWhole || (entity.kind === 'team' && other.team === entity.name))
  const live = keys
    .filter((key) => key.organisation === organisation && key.revokedAtMs === undefined)
    .filter((key) => isWhole || key[entity.kind] === entity.name)
    .filter((key) => entity.kind !== 'project' || key.team === entity.team)
  if (below.length > 0 || live.length > 0)
    throw new AdminProblem(
      'conflict',
      `${entity.id} still has ${counted(below.length, 'owner', 'owners')} and ${counted(live.length, 'key', 'keys')} ` +
        'that are not revoked below it: remove and revoke those first.',
    )
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`
}
