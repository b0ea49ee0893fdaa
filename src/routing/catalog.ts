import type { Provider } from '../providers/provider.ts'
import { abilitiesOf, type Abilities } from './abilities.ts'
import { matchPattern, tiedPatterns, tieOf, type PatternMatch } from '../canonical/pattern.ts'
import { openConditions, type Condition } from '../config/condition.ts'
import { deadlinesOver, type Deadlines, type ModelSettings } from './settings.ts'
import { withoutEffect, type EntryProblem } from './without-effect.ts'

/** One entry of `models:`, compiled: its targets are providers, not names of providers. */
export interface CatalogModel {
  /** The alias or pattern, as the config spells it. */
  readonly name: string
  readonly strategy: ModelSettings['strategy']
  readonly targets: readonly CatalogTarget[]
  /** Holds for all targets. `undefined`: always. */
  readonly when: Condition | undefined
  /** Tags that a target must have. */
  readonly require: readonly string[]
  readonly sticky: ModelSettings['sticky']
  readonly hedge: HedgeSettings | undefined
  readonly deadlines: Deadlines
  readonly retry: RetrySettings
  readonly failover: FailoverSettings
}

/** One target of a model, compiled. */
export interface CatalogTarget {
  readonly provider: Provider
  /** May hold one `*`, filled with what the client's model name had in place of the alias's own. */
  readonly modelName: string
  readonly hasWildcard: boolean
  /** `<provider>/<modelName>`, the wildcard not filled in. */
  readonly id: string
  readonly weight: number
  readonly abilities: Abilities
  /** What is sent for calls that set no cap of their own and need one. */
  readonly defaultOutputCapTokens: number | undefined
  readonly when: Condition | undefined
  /** The provider's and its own. */
  readonly tags: ReadonlySet<string>
}

export interface RetrySettings {
  /** Over all targets, hedges included. */
  readonly maxAttempts: number
  readonly afterReset: boolean
  readonly afterTimeout: boolean
  /** The longest wait before the same target is tried again. */
  readonly maxWaitMs: number
}

/** Whether a refusal that another target may not share is reason to try one. */
export interface FailoverSettings {
  readonly onContextLength: boolean
  readonly onContentPolicy: boolean
}

export type HedgeSettings = { readonly maxExtra: number } & (
  | { readonly kind: 'after-ms'; readonly afterMs: number }
  /** Between 0 and 100, of the target's recent times to the first content. */
  | { readonly kind: 'after-percentile'; readonly percentile: number }
)

/** The entry that a name met. */
export interface Found {
  readonly model: CatalogModel
  /** What stood in the place of `*`; empty for an exact name. */
  readonly wildcard: string
}

/** What clients may ask for: the `models` of one config, compiled. Never changed. */
export interface Catalog {
  readonly models: readonly CatalogModel[]
  /** An exact name wins over a pattern, a longer pattern over a shorter one. */
  find(modelName: string): Found | undefined
}

/**
 * Compiles the `models:` map.
 * @param providers those that are on. A target at a provider that is switched off (`when`) is left out;
 *   `isSwitchedOff` tells those from names that do not exist, which are problems.
 * @param contextTokensOf the context window of a provider's model as the built-in list knows it.
 */
export function compileCatalog(
  models: Readonly<Record<string, ModelSettings>>,
  deadlines: Deadlines,
  providers: ReadonlyMap<string, Provider>,
  isSwitchedOff: (providerName: string) => boolean,
  suggest: (name: string) => string | undefined,
  contextTokensOf: (provider: Provider, modelName: string) => number | undefined = () => undefined,
): { readonly catalog: Catalog; readonly problems: readonly EntryProblem[] } {
  const problems: EntryProblem[] = []
  const readCondition = openConditions()
  const conditionAt = (path: EntryProblem['path'], source: string | undefined): Condition | undefined => {
    if (source === undefined) return undefined
    const read = readCondition(source)
    if (read.ok) return read.condition
    problems.push({ path, message: read.problem })
    return undefined
  }
  const compiled = Object.entries(models).map(([name, settings]): CatalogModel => {
    if (name.split('*').length > 2)
      problems.push({ path: ['models', name], message: `the pattern "${name}" has more than one *` })
    const targets = settings.targets.flatMap((target, place): CatalogTarget[] => {
      const path = ['models', name, 'targets', place]
      if (target.model.includes('*') && !name.includes('*'))
        problems.push({ path: [...path, 'model'], message: `"*" has nothing to stand for: "${name}" is no pattern` })
      const when = conditionAt([...path, 'when'], target.when)
      const provider = providers.get(target.provider)
      if (provider)
        return [
          {
            provider,
            modelName: target.model,
            hasWildcard: target.model.includes('*'),
            id: `${provider.name}/${target.model}`,
            weight: target.weight ?? 1,
            abilities: abilitiesOf(target.abilities ?? {}, contextTokensOf(provider, target.model)),
            defaultOutputCapTokens: target.defaultOutputCap,
            when,
            tags: new Set([...provider.tags, ...(target.tags ?? [])]),
          },
        ]
      if (!isSwitchedOff(target.provider)) {
        const hint = suggest(target.provider)
        const message = `there is no provider "${target.provider}"${hint === undefined ? '' : `; did you mean "${hint}"?`}`
        problems.push({ path: [...path, 'provider'], message })
      }
      return []
    })
    problems.push(...withoutEffect(name, settings, targets))
    return {
      name,
      strategy: settings.strategy,
      targets,
      when: conditionAt(['models', name, 'when'], settings.when),
      require: settings.require ?? [],
      sticky: settings.sticky,
      hedge: hedgeOf(settings.hedge),
      deadlines: deadlinesOver(deadlines, settings.deadlines ?? {}),
      retry: {
        maxAttempts: settings.retry?.maxAttempts ?? defaultRetry.maxAttempts,
        afterReset: settings.retry?.afterReset ?? defaultRetry.afterReset,
        afterTimeout: settings.retry?.afterTimeout ?? defaultRetry.afterTimeout,
        maxWaitMs: settings.retry?.maxWaitMs ?? defaultRetry.maxWaitMs,
      },
      failover: {
        onContextLength: settings.failover?.onContextLength ?? false,
        onContentPolicy: settings.failover?.onContentPolicy ?? false,
      },
    }
  })
  for (const [one, other] of tiedPatterns(Object.keys(models)))
    problems.push({ path: ['models', other], message: tieOf(one, other) })
  return { catalog: catalogOf(compiled), problems }
}

/** Those that have a name of their own; behind a wildcard clients choose it. */
export function plainTargetsOf({ models }: Catalog): readonly CatalogTarget[] {
  return models.flatMap(({ targets }) => targets.filter(({ hasWildcard }) => !hasWildcard))
}

/** Of the targets that have a name of their own, each once. */
export function targetIdsOf(catalog: Catalog): readonly string[] {
  return [...new Set(plainTargetsOf(catalog).map(({ id }) => id))]
}

export const defaultRetry: RetrySettings = {
  maxAttempts: 4,
  afterReset: false,
  afterTimeout: true,
  maxWaitMs: 2_000,
}

function hedgeOf(settings: ModelSettings['hedge']): HedgeSettings | undefined {
  const maxExtra = settings?.maxExtra ?? 1
  if (settings?.afterMs !== undefined) return { kind: 'after-ms', afterMs: settings.afterMs, maxExtra }
  if (settings?.afterPercentile === undefined) return undefined
  return { kind: 'after-percentile', percentile: settings.afterPercentile, maxExtra }
}

/** Google takes `models/x` for `x`, so a client would evade what stands at the entry `x`: its limits, its guardrails, its price. */
function isSecondSpelling(wildcard: string): boolean {
  return wildcard.startsWith('models/')
}

function catalogOf(models: readonly CatalogModel[]): Catalog {
  const exact = new Map(models.filter((model) => !model.name.includes('*')).map((model) => [model.name, model]))
  const patterns = models
    .filter((model) => model.name.includes('*'))
    .toSorted((one, other) => other.name.length - one.name.length)
  return {
    models,
    find: (modelName) => {
      const model = exact.get(modelName)
      if (model) return { model, wildcard: '' }
      for (const pattern of patterns) {
        const match: PatternMatch | undefined = matchPattern(pattern.name, modelName)
        if (match) return isSecondSpelling(match.wildcard) ? undefined : { model: pattern, wildcard: match.wildcard }
      }
      return undefined
    },
  }
}
