import type { DirectoryContents, Entity, KeyEntry } from '../../stores/ports/directory.ts'
import type { KeySettings, OrganisationsSettings } from './settings.ts'

/** A key or entity of the config is the same thing as one made through the API, so the tree knows one kind only. */
export function directoryOfConfig(organisations: OrganisationsSettings): DirectoryContents {
  const entities: Entity[] = []
  const keys: KeyEntry[] = []
  for (const [organisation, settings] of Object.entries(organisations)) {
    entities.push(entity('organisation', organisation, undefined, undefined, settings))
    for (const [name, person] of Object.entries(settings.users ?? {}))
      entities.push(entity('user', name, organisation, undefined, person))
    for (const [name, agent] of Object.entries(settings.agents ?? {}))
      entities.push(entity('agent', name, organisation, undefined, agent))
    keys.push(...keysOf(settings.keys, organisation, undefined))
    for (const [team, teamSettings] of Object.entries(settings.teams ?? {})) {
      entities.push(entity('team', team, organisation, undefined, teamSettings))
      for (const [name, project] of Object.entries(teamSettings.projects ?? {}))
        entities.push(entity('project', name, organisation, team, project))
      keys.push(...keysOf(teamSettings.keys, organisation, team))
    }
  }
  return { entities, keys }
}

type LevelSettings = Partial<Pick<Entity, 'models' | 'limits' | 'budgets' | 'require' | 'timezone'>>

function entity(
  kind: Entity['kind'],
  name: string,
  organisation: string | undefined,
  team: string | undefined,
  { models, limits, budgets, require, timezone }: LevelSettings,
): Entity {
  return { kind, name, organisation, team, models, limits, budgets, require, timezone, createdAtMs: 0 }
}

function keysOf(
  keys: Readonly<Record<string, KeySettings>> | undefined,
  organisation: string,
  team: string | undefined,
): readonly KeyEntry[] {
  return Object.entries(keys ?? {}).map(([name, settings]) => ({
    id: configKeyId(organisation, team, name),
    name,
    hash: settings.hash.slice('hmac:'.length),
    last4: undefined,
    organisation,
    team,
    project: settings.project,
    user: settings.user,
    agent: settings.agent,
    models: settings.models,
    limits: settings.limits,
    budgets: settings.budgets,
    require: settings.require,
    createdAtMs: 0,
    expiresAtMs: settings.expires === undefined ? undefined : Date.parse(settings.expires),
    // It is rotated in the file.
    lifetimeMs: undefined,
    revokedAtMs: undefined,
  }))
}

/** The config never sees the key itself, so the id in the key's text is unknown here. The path is as unique. */
export function configKeyId(organisation: string, team: string | undefined, name: string): string {
  return ['config', organisation, ...(team === undefined ? [] : [team]), name].join('/')
}
