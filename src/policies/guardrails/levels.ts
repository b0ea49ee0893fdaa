import type { ConfigPath } from '../../config/config-path.ts'
import { configKeyId } from '../identity/from-config.ts'
import type { KeySettings, OrganisationsSettings } from '../identity/settings.ts'
import type { RuleOwner } from './rule.ts'
import type { GuardrailsSettings } from './settings.ts'

/** As much of the config as has guardrails. */
export interface GuardedConfig {
  readonly guardrails: GuardrailsSettings
  readonly organisations: OrganisationsSettings
  readonly models: Readonly<Record<string, { readonly guardrails?: GuardrailsSettings | undefined }>>
}

/** A place of the config where guardrails stand. */
export interface GuardLevel {
  /** `undefined`: the gateway. */
  readonly owner: RuleOwner | undefined
  readonly path: ConfigPath
  readonly settings: GuardrailsSettings
}

/** Every place where guardrails stand: the gateway, and below it what is wide before what is narrow. Models last. */
export function guardLevelsOf({ guardrails, organisations, models }: GuardedConfig): readonly GuardLevel[] {
  return [
    { owner: undefined, path: ['guardrails'], settings: guardrails },
    ...Object.entries(organisations).flatMap(([name, settings]) => levelsOf(name, settings)),
    ...Object.entries(models).flatMap(([model, { guardrails: settings }]) =>
      levelAt(['models', model], { level: `model ${model}`, caller: {}, model }, settings),
    ),
  ]
}

/** Whether a call of this caller stands below an owner, for the model that is asked for: the name of its entry in the catalog. */
export function isBelow(owner: RuleOwner | undefined, caller: RuleOwner['caller'], model: string | undefined): boolean {
  if (owner === undefined) return true
  if (owner.model !== undefined && owner.model !== model) return false
  const { organisation, team, project, user, agent, keyId } = owner.caller
  return (
    (organisation === undefined || organisation === caller.organisation) &&
    (team === undefined || team === caller.team) &&
    (project === undefined || project === caller.project) &&
    (user === undefined || user === caller.user) &&
    (agent === undefined || agent === caller.agent) &&
    (keyId === undefined || keyId === caller.keyId)
  )
}

function levelsOf(organisation: string, settings: OrganisationsSettings[string]): readonly GuardLevel[] {
  const { guardrails, users = {}, agents = {}, teams = {}, keys } = settings
  const path: ConfigPath = ['organisations', organisation]
  const at = (
    below: ConfigPath,
    level: string,
    caller: RuleOwner['caller'],
    rules: GuardrailsSettings | undefined,
  ): readonly GuardLevel[] =>
    levelAt([...path, ...below], { level, caller: { organisation, ...caller }, model: undefined }, rules)
  const keysAt = (below: ConfigPath, named: Readonly<Record<string, KeySettings>> = {}, team?: string) =>
    Object.entries(named).flatMap(([name, { project, user, agent, guardrails: rules }]) => {
      const keyId = configKeyId(organisation, team, name)
      return at([...below, 'keys', name], `key ${name}`, { team, project, user, agent, keyId }, rules)
    })
  return [
    ...at([], `organisation ${organisation}`, {}, guardrails),
    ...Object.entries(users).flatMap(([user, person]) =>
      at(['users', user], `user ${organisation}/${user}`, { user }, person.guardrails),
    ),
    ...Object.entries(agents).flatMap(([agent, person]) =>
      at(['agents', agent], `agent ${organisation}/${agent}`, { agent }, person.guardrails),
    ),
    ...Object.entries(teams).flatMap(([team, own]) => [
      ...at(['teams', team], `team ${organisation}/${team}`, { team }, own.guardrails),
      ...Object.entries(own.projects ?? {}).flatMap(([project, { guardrails: rules }]) =>
        at(
          ['teams', team, 'projects', project],
          `project ${organisation}/${team}/${project}`,
          { team, project },
          rules,
        ),
      ),
      ...keysAt(['teams', team], own.keys, team),
    ]),
    ...keysAt([], keys),
  ]
}

function levelAt(path: ConfigPath, owner: RuleOwner, settings: GuardrailsSettings = {}): readonly GuardLevel[] {
  return Object.keys(settings).length === 0 ? [] : [{ owner, path: [...path, 'guardrails'], settings }]
}
