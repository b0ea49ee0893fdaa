import { mayMeet } from '../canonical/pattern.ts'
import type { BudgetsSettings } from '../config/budget-settings.ts'
import type { ConfigPath } from '../config/config-path.ts'
import { countedPatterns, placed, type PlacedPattern, problemOfModelPattern } from '../config/model-pattern.ts'
import { pathText } from '../config/problem.ts'
import { guardLevelsOf } from '../policies/guardrails/levels.ts'
import type { KeySettings } from '../policies/identity/settings.ts'
import { entityId, type IdentityTree } from '../policies/identity/tree.ts'
import type { Config } from './settings.ts'

/**
 * Finds policy that what stands elsewhere in the config leaves without effect. What would let calls pass that somebody meant to bound is a
 * problem: a budget or limit for models that there are not. What refuses more than may have been meant is a warning, since it may be meant
 * for later: allowed models, required tags and keys.
 */
export function policyWithoutEffect(
  config: Config,
  nowMs: number,
  report: (path: ConfigPath, message: string) => void,
  warn: (message: string) => void,
): void {
  const models = Object.keys(config.models)
  const tags = tagsOf(config)
  const tellStrangers = (patterns: readonly PlacedPattern[], tell: (path: ConfigPath, message: string) => void) => {
    for (const { path, pattern } of patterns) {
      const problem = problemOfModelPattern(pattern, models)
      if (problem !== undefined) tell(path, problem)
    }
  }
  const warnAt = (path: ConfigPath, message: string) => warn(`${pathText(path)} ${message}`)
  const tellCeilings = (path: ConfigPath, budgets: BudgetsSettings = {}) => {
    for (const [name, { usd, unpriced }] of Object.entries(budgets))
      if (
        typeof unpriced === 'object' &&
        usd !== undefined &&
        Number(usd) > 0 &&
        Number(unpriced.ceiling) > Number(usd)
      )
        warnAt(
          [...path, 'budgets', name, 'unpriced', 'ceiling'],
          'is above the cap: every call without a price is refused',
        )
  }
  for (const { path, policy } of levelsOf(config.organisations)) {
    tellStrangers(countedPatterns(policy), (at, message) => report([...path, ...at], message))
    tellStrangers(placed(['models'], policy.models), (at, message) => warnAt([...path, ...at], message))
    for (const [place, tag] of (policy.require ?? []).entries())
      if (!tags.has(tag)) warnAt([...path, 'require', place], `no target has the tag "${tag}": every call is refused`)
    tellCeilings(path, policy.budgets)
    if (policy.expires !== undefined && Date.parse(policy.expires) <= nowMs)
      warnAt([...path, 'expires'], 'has passed: the key is refused')
  }
  for (const [name, policy] of Object.entries(config.models)) {
    const path: ConfigPath = ['models', name]
    tellCeilings(path, policy.budgets)
    for (const { path: at, pattern } of countedPatterns(policy))
      if (!mayMeet(pattern, name))
        report([...path, ...at], `"${pattern}" is not the model that it counts for: leave \`models\` out`)
  }
  for (const { path, settings } of guardLevelsOf(config))
    for (const [name, { tag }] of Object.entries(settings))
      if (tag !== undefined && !tags.has(tag))
        warnAt([...path, name, 'tag'], `no target has the tag "${tag}": every call with a finding is refused`)
}

/** The same of budgets and limits that were made through the admin API, for models that have gone since: they stop no start. */
export function apiPolicyWithoutEffect(identity: IdentityTree, models: readonly string[]): readonly string[] {
  const made = [
    ...identity.entities.map(({ entity, managedBy }) => ({ id: entityId(entity), policy: entity, managedBy })),
    ...identity.keys
      .filter(({ entry }) => entry.revokedAtMs === undefined)
      .map(({ entry, managedBy }) => ({ id: `key ${entry.name} (${entry.id})`, policy: entry, managedBy })),
  ]
  return made
    .filter(({ managedBy }) => managedBy === 'api')
    .flatMap(({ id, policy }) =>
      countedPatterns(policy).flatMap(({ path, pattern }) => {
        const problem = problemOfModelPattern(pattern, models)
        return problem === undefined ? [] : [`${id}: ${pathText(path)}: ${problem}`]
      }),
    )
}

/** As much of an owner or a key as is judged here. */
interface Policy extends Partial<Pick<KeySettings, 'models' | 'limits' | 'budgets' | 'require' | 'expires'>> {}

interface Level {
  readonly path: ConfigPath
  readonly policy: Policy
}

function levelsOf(organisations: Config['organisations']): readonly Level[] {
  return Object.entries(organisations).flatMap(([name, organisation]) => {
    const path: ConfigPath = ['organisations', name]
    return [
      { path, policy: organisation },
      ...below([...path, 'users'], organisation.users),
      ...below([...path, 'agents'], organisation.agents),
      ...below([...path, 'teams'], organisation.teams),
      ...Object.entries(organisation.teams ?? {}).flatMap(([team, { projects, keys }]) => [
        ...below([...path, 'teams', team, 'projects'], projects),
        ...below([...path, 'teams', team, 'keys'], keys),
      ]),
      ...below([...path, 'keys'], organisation.keys),
    ]
  })
}

function below(path: ConfigPath, named: Readonly<Record<string, Policy>> = {}): readonly Level[] {
  return Object.entries(named).map(([name, policy]) => ({ path: [...path, name], policy }))
}

/** Of every target, whether its provider is on or not. */
function tagsOf({ providers, models }: Config): ReadonlySet<string> {
  return new Set([
    ...Object.values(providers).flatMap(({ tags = [] }) => tags),
    ...Object.values(models).flatMap(({ targets }) => targets.flatMap(({ tags = [] }) => tags)),
  ])
}
