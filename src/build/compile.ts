import { resolve } from 'node:path'
import type { Receiver } from '../alerts/receiver.ts'
import { listedContextTokens } from '../accounting/context-window.ts'
import { rowProblems } from '../accounting/price-rows.ts'
import type { OpenedPriceBook } from '../accounting/price-book.ts'
import { targetLookup } from '../accounting/target-price.ts'
import { tiedPatterns, tieOf } from '../canonical/pattern.ts'
import { openConditions } from '../config/condition.ts'
import { nearest } from '../config/nearest.ts'
import type { ConfigPath } from '../config/config-path.ts'
import type { ConfigProblem } from '../config/problem.ts'
import type { ListenerTls } from '../config/listener-tls.ts'
import { resolveSecret } from '../config/secrets.ts'
import type { ConfigSources } from '../config/sources.ts'
import { readVariable } from '../config/variable.ts'
import type { GuardWay } from '../gateway/guards/guard-way.ts'
import type { Snapshot } from '../gateway/snapshot.ts'
import { budgetRulesOf } from '../policies/budgets/rules.ts'
import { compileGuardrails } from '../policies/guardrails/compile.ts'
import type { AskedGuard } from '../policies/guardrails/external/asked-guard.ts'
import { directoryOfConfig } from '../policies/identity/from-config.ts'
import { ownersLost } from '../policies/identity/owners-lost.ts'
import { joinIdentity, type IdentityTree, type LeftOut } from '../policies/identity/tree.ts'
import { rulesOf } from '../policies/limits/rules.ts'
import { judgeAddress, judgeTls } from '../providers/network-problems.ts'
import { openProvider } from '../providers/open-provider.ts'
import type { Provider } from '../providers/provider.ts'
import { compileCatalog } from '../routing/catalog.ts'
import { deadlinesOver, defaultDeadlines } from '../routing/settings.ts'
import type { DirectoryContents } from '../stores/ports/directory.ts'
import type { Loaded } from './config-file.ts'
import { bedrockAddress, openGuardWay } from './guard-ways.ts'
import { openIdentity } from './identity.ts'
import { openListenerTls, openNetworkFiles, type Reports } from './network-files.ts'
import { apiPolicyWithoutEffect, policyWithoutEffect } from './policy-without-effect.ts'
import { openPrices } from './prices.ts'
import { openReceivers } from './receivers.ts'
import type { Config } from './settings.ts'

export interface Surroundings {
  readonly sources: ConfigSources
  /** What was made through the admin API. */
  readonly directory: DirectoryContents
  /** Who exists under the config that this one replaces; `undefined`: there is none. */
  readonly before: IdentityTree | undefined
  /** Where the in-process simulated provider listens; asked for only when one is configured. */
  readonly simulatedOrigin: string
  /** Missing secrets are problems to a gateway that starts, and warnings to an offline check. */
  readonly mustHaveSecrets: boolean
  readonly nowMs: number
}

export type Compiled =
  | {
      readonly ok: true
      readonly snapshot: Snapshot
      readonly warnings: readonly string[]
      /** Providers whose `when` is not met, with the reference that would switch them on. */
      readonly off: ReadonlyMap<string, string>
      readonly listeners: ListenersTls
      /** Who is told of budgets, by name. */
      readonly receivers: ReadonlyMap<string, Receiver>
      /** The book of the snapshot, with its workings. */
      readonly book: OpenedPriceBook
    }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] }

/** What each listener shows when it speaks TLS. */
export interface ListenersTls {
  readonly server: ListenerTls | undefined
  readonly admin: ListenerTls | undefined
}

/** Compiles a loaded config into the immutable snapshot that exchanges are served with. Touches nothing but the sources that it
 * is given. */
export function compile(loaded: Loaded, around: Surroundings): Compiled {
  const config = loaded.value
  const problems: ConfigProblem[] = []
  const warnings: string[] = []
  const report = (path: ConfigPath, message: string) => problems.push(loaded.problemAt(path, message))

  const reports: Reports = { ...around, problem: report, warning: (text) => void warnings.push(text) }
  const listeners = {
    server: openListenerTls(config.server.tls, 'server', reports),
    admin: openListenerTls(config.admin.tls, 'admin', reports),
  }
  const { providers, off } = openProviders(config, around, report, warnings, reports)
  const { catalog, problems: catalogProblems } = compileCatalog(
    config.models,
    deadlinesOver(defaultDeadlines, config.deadlines),
    providers,
    (name) => off.has(name),
    (name) => nearest(name, Object.keys(config.providers)),
    (provider, modelName) => listedContextTokens(provider.priceProvider, modelName),
  )
  for (const { path, message } of catalogProblems) report(path, message)

  for (const [name, { prices: rows }] of Object.entries(config.providers))
    for (const [pattern, row] of Object.entries(rows ?? {}))
      for (const { path, message } of rowProblems(row)) report(['providers', name, 'prices', pattern, ...path], message)
  for (const [name, { prices: rows }] of Object.entries(config.providers))
    for (const [one, other] of tiedPatterns(Object.keys(rows ?? {})))
      report(['providers', name, 'prices', other], tieOf(one, other))
  const prices = openPrices(config, providers, around.sources)
  if (!prices.ok) report(['prices'], prices.problem)
  else warnings.push(...prices.warnings)
  const receivers = openReceivers(config.alerts, reports)
  const ways = new Map<AskedGuard, GuardWay>()
  const guardrails = compileGuardrails(
    config,
    openConditions(),
    report,
    (guard, settings, name, path) => {
      if (settings.kind !== 'model') ways.set(guard, openGuardWay(guard, name, { settings, path, providers, reports }))
      else if (!catalog.find(settings.model)) report([...path, 'model'], `is none of \`models\``)
    },
    (name) => bedrockAddress(providers.get(name)),
  )
  policyWithoutEffect(config, around.nowMs, report, (text) => void warnings.push(text))
  const identity = joinIdentity(directoryOfConfig(config.organisations), around.directory)
  for (const leftOut of identity.leftOut) if (isMistake(leftOut)) report(['organisations'], leftOut.message)
  for (const message of around.before ? ownersLost(around.before, identity) : []) report(['organisations'], message)
  if (problems.length > 0 || !prices.ok) return { ok: false, problems }

  warnings.push(...unpricedTargets(catalog.models, prices.book, around.nowMs))
  for (const model of catalog.models)
    if (model.targets.length === 0 && !model.name.includes('*'))
      warnings.push(`model "${model.name}" has no target that is switched on`)
  warnings.push(...apiPolicyWithoutEffect(identity, Object.keys(config.models)))
  const { maxBodyBytes } = config.server
  return {
    ok: true,
    snapshot: {
      version: loaded.version,
      identity,
      catalog,
      providers,
      prices: prices.book,
      modelLimits: modelLimitsOf(config.models),
      modelBudgets: modelBudgetsOf(config.models),
      guardrails,
      guards: { ways, budgetMs: { input: config.guardrailBudget.inputMs, output: config.guardrailBudget.outputMs } },
      maxBodyBytes,
      deadlines: deadlinesOver(defaultDeadlines, config.deadlines),
    },
    warnings,
    off,
    listeners,
    receivers,
    book: prices.book,
  }
}

function modelLimitsOf(models: Config['models']): Snapshot['modelLimits'] {
  const limited = Object.entries(models).filter(([, { limits }]) => limits !== undefined)
  return new Map(limited.map(([name, { limits }]) => [name, rulesOf(limits, `model ${name}`, `model ${name}`)]))
}

function modelBudgetsOf(models: Config['models']): Snapshot['modelBudgets'] {
  const bound = Object.entries(models).filter(([, { budgets }]) => budgets !== undefined)
  return new Map(
    bound.map(([name, { budgets }]) => [name, budgetRulesOf(budgets, `model ${name}`, `model ${name}`, undefined)]),
  )
}

function openProviders(
  config: Config,
  around: Surroundings,
  report: (path: ConfigPath, message: string) => void,
  warnings: string[],
  reports: Reports,
): { readonly providers: ReadonlyMap<string, Provider>; readonly off: ReadonlyMap<string, string> } {
  const providers = new Map<string, Provider>()
  const off = new Map<string, string>()
  for (const [name, settings] of Object.entries(config.providers)) {
    if (settings.when !== undefined && !resolveSecret(settings.when, around.sources).ok) {
      off.set(name, settings.when)
      continue
    }
    const credentials = ('credentials' in settings ? settings.credentials : undefined) ?? []
    const secrets = credentials.map(({ apiKey, weight }, place) => {
      const secret = resolveSecret(apiKey, around.sources)
      if (secret.ok) return { secret: secret.value, weight }
      const path: ConfigPath = ['providers', name, 'credentials', place, 'apiKey']
      if (around.mustHaveSecrets) report(path, secret.reason)
      else warnings.push(`providers.${name}: ${secret.reason}`)
      return { secret: '', weight }
    })
    const files = openNetworkFiles(['providers', name, 'network'], settings.network, reports)
    const surroundings = { simulatedOrigin: around.simulatedOrigin }
    const provider = openProvider(name, settings, secrets, surroundings, files, openIdentity(name, settings, reports))
    const { problem, warning } = judgeAddress(provider.origin, provider.network)
    if (problem !== undefined) report(['providers', name, 'baseUrl'], problem)
    if (warning !== undefined) warnings.push(`providers.${name}: ${warning}`)
    // Where tokens are fetched, whoever gives them out is reached by the same settings.
    const unused = provider.authorize ? undefined : judgeTls(provider.origin, provider.network)
    if (unused !== undefined) report(['providers', name, 'network', 'tls'], unused)
    for (const [place, dialect] of (settings.dialects ?? []).entries())
      if (provider.endpoints[dialect] === undefined)
        report(
          ['providers', name, 'dialects', place],
          `is not spoken by a provider of kind ${settings.kind}: docs/providers.md says what is`,
        )
    providers.set(name, provider)
  }
  return { providers, off }
}

/** Whether the config is refused for it, at a start too. What the API made and has no owner is left out alone, so that it stops no start. */
function isMistake({ kind, managedBy }: LeftOut): boolean {
  return kind === 'twice' || managedBy === 'config'
}

/** A missing price is never zero (failures.md M10): it is said here, at load, and shows as `cost: null` in every record. */
function unpricedTargets(
  models: Snapshot['catalog']['models'],
  prices: OpenedPriceBook,
  nowMs: number,
): readonly string[] {
  return models.flatMap((model) =>
    model.targets
      .filter((target) => !target.modelName.includes('*'))
      .flatMap(({ provider, modelName }) => {
        const found = targetLookup(prices, { provider, modelName }, nowMs)
        return found.kind === 'unpriced' ? [`model "${model.name}": ${found.reason}`] : []
      }),
  )
}

/** @throws SetupProblem when the variable that wins over the config is empty. */
export function dataDirOf(config: Config, env: Readonly<Record<string, string | undefined>>): string {
  return resolve(readVariable(env, 'WEIR_DATA_DIR') ?? config.store.dir)
}
