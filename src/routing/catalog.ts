import type { Provider } from '../providers/provider.ts'
import { abilitiesOf, type Abilities } from './abilities.ts'
import { matchPattern, type PatternMatch } from '../canonical/pattern.ts'
import { deadlinesOver, type Deadlines, type ModelSettings } from './settings.ts'

/** One entry of `models:`, compiled: its targets are providers, not names of providers. */
export interface CatalogModel {
  /** The alias or pattern, as the config spells it. */
  readonly name: string
  readonly strategy: ModelSettings['strategy']
  readonly targets: readonly CatalogTarget[]
  readonly deadlines: Deadlines
  readonly retry: RetrySettings
}

export interface CatalogTarget {
  readonly provider: Provider
  /** May hold one `*`, filled with what the client's model name had in place of the alias's own. */
  readonly modelName: string
  readonly weight: number
  readonly abilities: Abilities
}

export interface RetrySettings {
  readonly maxAttempts: number
  readonly afterReset: boolean
  readonly afterTimeout: boolean
}

export interface Found {
  readonly model: CatalogModel
  /** What stood in the place of `*`; empty for an exact name. */
  readonly wildcard: string
}

export interface Catalog {
  readonly models: readonly CatalogModel[]
  /** An exact name wins over a pattern, a longer pattern over a shorter one. */
  find(modelName: string): Found | undefined
}

export interface CatalogProblem {
  /** Where in the config, as keys. */
  readonly path: readonly (string | number)[]
  readonly message: string
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
): { readonly catalog: Catalog; readonly problems: readonly CatalogProblem[] } {
  const problems: CatalogProblem[] = []
  const compiled = Object.entries(models).map(([name, settings]): CatalogModel => {
    if (name.split('*').length > 2)
      problems.push({ path: ['models', name], message: `the pattern "${name}" has more than one *` })
    const targets = settings.targets.flatMap((target, place): CatalogTarget[] => {
      const path = ['models', name, 'targets', place]
      if (target.model.includes('*') && !name.includes('*'))
        problems.push({ path: [...path, 'model'], message: `"*" has nothing to stand for: "${name}" is no pattern` })
      const provider = providers.get(target.provider)
      if (provider) {
        const abilities = abilitiesOf(target.abilities ?? {}, contextTokensOf(provider, target.model))
        return [{ provider, modelName: target.model, weight: target.weight ?? 1, abilities }]
      }
      if (!isSwitchedOff(target.provider)) {
        const hint = suggest(target.provider)
        const message = `there is no provider "${target.provider}"${hint === undefined ? '' : `; did you mean "${hint}"?`}`
        problems.push({ path: [...path, 'provider'], message })
      }
      return []
    })
    return {
      name,
      strategy: settings.strategy,
      targets,
      deadlines: deadlinesOver(deadlines, settings.deadlines ?? {}),
      retry: {
        maxAttempts: settings.retry?.maxAttempts ?? 4,
        afterReset: settings.retry?.afterReset ?? false,
        afterTimeout: settings.retry?.afterTimeout ?? true,
      },
    }
  })
  return { catalog: catalogOf(compiled), problems }
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
        if (match) return { model: pattern, wildcard: match.wildcard }
      }
      return undefined
    },
  }
}
