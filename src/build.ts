import { dirname, resolve } from 'node:path'
import type { DestinationStream } from 'pino'
import { openMetrics } from './accounting/metrics/open-metrics.ts'
import { openBudgetAlerts } from './build/budget-alerts.ts'
import { budgetsInForce } from './build/budget-views.ts'
import { dataDirOf } from './build/compile.ts'
import { readConfigFile, type Loaded } from './build/config-file.ts'
import { openConfiguredCaps } from './build/configured-caps.ts'
import { openControlPlane, type ControlPlane } from './build/control-plane.ts'
import { openDataPlane, type OwnDataPlane } from './build/data-plane.ts'
import { failingOpen } from './build/fails-open.ts'
import { openLedgerWatch } from './build/ledger-watch.ts'
import { leftOutOf, openLiveConfig } from './build/live-config.ts'
import { orderedCaps } from './build/ordered-caps.ts'
import { openReload } from './build/reload.ts'
import { openWorkerPlane, type WorkerPlane } from './build/worker-plane.ts'
import { systemClock, type Clock } from './canonical/clock.ts'
import { openTurns } from './canonical/turns.ts'
import { requireCertificateChecks } from './config/certificate-checks.ts'
import { splitHostAndPort } from './config/host-and-port.ts'
import { sourcesOnDisk } from './config/sources.ts'
import type { Hooks } from './gateway/hooks.ts'
import { openKeyHasher } from './policies/identity/key.ts'
import { loadPepper } from './policies/identity/pepper.ts'
import { entityId } from './policies/identity/tree.ts'
import type { Lookup } from './providers/resolver.ts'
import { startSimulated } from './providers/simulated/serve.ts'
import { targetIdsOf } from './routing/catalog.ts'
import { openAccessLog, openLog } from './server/access-log.ts'
import { openProbes, type Probes } from './server/probes.ts'
import { openEmbedded } from './stores/embedded/open-embedded.ts'
import { guardLedger } from './stores/guard-ledger.ts'
import { openLedger } from './stores/embedded/ledger.ts'
import { openRateLimiter } from './stores/embedded/rate-limiter.ts'
import type { WorkerLog } from './workers/fork.ts'

export interface BuildSettings {
  readonly configFile: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Where log lines of this process go. */
  readonly log: DestinationStream
  /** Where those of worker processes go: beside what this process prints, or nowhere. Default: beside it. */
  readonly workerLog?: WorkerLog
  readonly clock?: Clock
  readonly random?: () => number
  /** How names of providers are resolved. Default: as the system does it. */
  readonly lookup?: Lookup
  readonly hooks?: Partial<Hooks>
  /** What the process and the machine look like. */
  readonly probes?: Probes
}

/** A running gateway. */
export interface Gateway {
  readonly dataOrigin: string
  readonly adminOrigin: string
  readonly dataDir: string
  readonly warnings: readonly string[]
  /** Providers that are switched off, each with the reference that would switch it on. */
  readonly providersOff: ReadonlyMap<string, string>
  /** Guardrails that let calls pass where their guard, elsewhere, gives no verdict. */
  readonly guardsFailingOpen: readonly string[]
  /** Made at the first start, to be shown once. */
  readonly firstKey: string | undefined
  readonly newAdminKey: string | undefined
  readonly models: readonly string[]
  /** Exchanges under way. */
  readonly running: number
  /** Reads the config file anew, as a signal asks for it; a broken one keeps the last good one. */
  reload(): Promise<{ readonly isTaken: boolean; readonly told: string }>
  /**
   * Replaces every worker process by a new one, without dropping a call.
   * @returns how many are new: none where one process does everything.
   */
  restart(): Promise<number>
  /** Stops accepting, lets exchanges end, closes everything. Resolves when the last record is in the store. */
  drain(): Promise<void>
}

/**
 * Config in, running gateway out: the only file that knows every room.
 * @throws ConfigRefused with every problem, line and column; SetupProblem where certificates are not to be checked.
 */
export async function build(settings: BuildSettings): Promise<Gateway> {
  const { env, clock = systemClock } = settings
  requireCertificateChecks(env)
  const configFile = resolve(settings.configFile)
  const log = openLog(settings.log)
  const onBug = (error: unknown) => log.error({ err: error }, 'bug')
  const first = readConfigFile(configFile)
  const dataDir = dataDirOf(first.value, env)

  // --- the stores ----------------------------------------------------------------------------------------------------
  // What is named here and made below is asked for at a scrape and at a change, when everything is long open.
  const metrics = openMetrics({
    running: () => planes.own?.running ?? 0,
    waiting: () => limiter.waiting,
    targets: () => data.health.targets(targetIdsOf(live.snapshot.catalog)),
    load: () => planes.own?.load(),
    ledger: () => ledgerWatch.measure(),
  })
  const stores = await openEmbedded({
    dir: dataDir,
    clock,
    durability: first.value.store.durability,
    isConfigured: (entity) => live.configEntities.has(entityId(entity)),
    workerEnds: async () => (await planes.workers?.spoolEnds()) ?? [],
    onFailure: (error) => {
      metrics.noteRecordFailure()
      log.error({ err: error.message }, 'the store reports a failure')
    },
  })
  const { recovery } = stores
  if (recovery.adoptedSpools + recovery.unknownRecords + recovery.tornBytes > 0)
    log.warn(
      { recovery },
      'the gateway before this one did not end in order; what it had under way is recorded as unknown',
    )
  const pepper = loadPepper({ env, dataDir })
  const hashOf = openKeyHasher(pepper)

  // --- the config ----------------------------------------------------------------------------------------------------
  // Listens on loopback only, and serves nothing that the config does not send there. It is always on, so that a reload may
  // add a simulated provider.
  const simulated = await startSimulated({ clock, onBug })
  const live = openLiveConfig(first, {
    configFile,
    sources: () => sourcesOnDisk(env, dirname(configFile)),
    clock,
    directory: () => stores.directory.contents(),
    simulatedOrigin: simulated.origin,
  })
  const { providersOff } = live
  for (const message of leftOutOf(live.snapshot.identity)) log.error(message)

  // --- limits and budgets --------------------------------------------------------------------------------------------
  const limiter = openRateLimiter(clock)
  const ledger = await openLedger({
    clock,
    accounts: stores.accounts,
    entries: stores.entries,
    onPosted: (...posted) => budgetAlerts.posted(...posted),
  })
  const configuredCaps = await openConfiguredCaps({
    clock,
    log,
    entries: stores.entries,
    budgets: () => budgetsInForce(live.snapshot),
    version: () => live.loaded.version,
  })
  await configuredCaps.note(`config ${live.loaded.version}`)
  const budgetAlerts = openBudgetAlerts({ clock, log, ledger, accounts: stores.accounts, alerts: stores.alerts, live })

  // --- the data plane ------------------------------------------------------------------------------------------------
  const { listen, maxConnections, workers, spareWorkers } = first.value.server
  const place = splitHostAndPort(listen)
  const planes: Planes =
    workers > 1
      ? {
          own: undefined,
          workers: await openWorkerPlane({
            clock,
            log,
            metrics,
            stores,
            limiter,
            ledger,
            live,
            pepper,
            dataDir,
            count: workers,
            spares: spareWorkers,
            workerLog: settings.workerLog ?? 'inherit',
            place,
          }),
        }
      : {
          workers: undefined,
          own: await openDataPlane({
            clock,
            random: settings.random ?? Math.random,
            log,
            accessLog: openAccessLog(settings.log, clock),
            metrics,
            hashOf,
            usage: stores.usage,
            limiter,
            stateHolders: stores.stateHolders,
            ledger: guardLedger(ledger, (fault) => {
              metrics.noteLedgerFault()
              onBug(fault)
            }),
            hooks: settings.hooks ?? {},
            snapshot: () => live.snapshot,
            server: () => live.loaded.value.server,
            probes: settings.probes ?? openProbes(workers),
            place: { ...place, maxConnections },
            listeners: () => live.listeners,
            lookup: settings.lookup,
          }),
        }
  const data = planes.own === undefined ? planes.workers : planes.own

  budgetAlerts.begin()
  // It asks for everything that is written, by workers too.
  const ledgerWatch = openLedgerWatch({ ledger, accounts: stores.accounts, clock, log })

  // --- the control plane ---------------------------------------------------------------------------------------------
  let tellControl: Pick<ControlPlane, 'configTaken' | 'configRefused'> = {
    configTaken: () => {},
    configRefused: () => {},
  }
  const onTaken = async () => {
    tellControl.configTaken(live.listeners)
    const warnings = await data.configChanged()
    await configuredCaps.note(`config ${live.loaded.version}`)
    return [...warnings, ...orderedCaps(budgetsInForce(live.snapshot), ledger)]
  }
  const onRefused = (refused: Loaded) => tellControl.configRefused(refused)
  const turns = openTurns()
  const reload = openReload({
    clock,
    turns,
    audit: stores.audit,
    configFile,
    live,
    log,
    metrics,
    onTaken,
    onRefused,
    onBug,
  })
  const control = await openControlPlane({
    clock,
    configFile,
    dataDir,
    env,
    log,
    stores,
    turns,
    live,
    reload,
    limiter,
    ledger,
    configuredCaps,
    data,
    workers: planes.workers,
    metrics,
    hashOf,
  })
  // The file is watched before this line, so a new certificate may be in force already.
  tellControl = control
  tellControl.configTaken(live.listeners)

  return {
    dataOrigin: data.origin,
    adminOrigin: control.origin,
    dataDir,
    warnings: [...live.warnings, ...orderedCaps(budgetsInForce(live.snapshot), ledger)],
    firstKey: control.firstKey,
    newAdminKey: control.newAdminKey,
    providersOff,
    guardsFailingOpen: failingOpen(live.snapshot.guardrails),
    models: live.snapshot.catalog.models.filter((model) => model.targets.length > 0).map((model) => model.name),
    get running() {
      return planes.own?.running ?? 0
    },
    reload: async () => {
      const outcome = await reload.now('signal')
      return { isTaken: outcome.isTaken, told: outcome.isTaken ? outcome.version : outcome.problem }
    },
    restart: async () => (await planes.workers?.restart()) ?? 0,
    drain: async () => {
      await control.stopWatching()
      await data.drain({ drainMs: live.loaded.value.server.drainMs, isReplaced: false })
      await budgetAlerts.close()
      await control.close()
      await ledgerWatch.close()
      await simulated.close()
      await stores.close()
    },
  }
}

/** Exchanges are served by this process, or by others. */
type Planes =
  | { readonly own: OwnDataPlane; readonly workers: undefined }
  | { readonly own: undefined; readonly workers: WorkerPlane }
