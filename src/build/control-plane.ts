import { randomBytes } from 'node:crypto'
import { dirname } from 'node:path'
import type { Logger } from 'pino'
import type { Metrics } from '../accounting/metrics/open-metrics.ts'
import { openAdmin } from '../admin/app.ts'
import { serveAdmin } from '../admin/serve-admin.ts'
import type { Clock } from '../canonical/clock.ts'
import type { Turns } from '../canonical/turns.ts'
import { splitHostAndPort } from '../config/host-and-port.ts'
import { watchFile } from '../config/watch.ts'
import { loadAdminKey, type AdminKey } from '../policies/identity/admin-key.ts'
import { directoryOfConfig } from '../policies/identity/from-config.ts'
import { makeKey } from '../policies/identity/key.ts'
import type { OwnLedger } from '../stores/ports/ledger.ts'
import type { RateLimiter } from '../stores/ports/rate-limiter.ts'
import type { Stores } from '../stores/ports/stores.ts'
import { identityViews, modelViews, providerViews } from './admin-views.ts'
import type { ListenersTls } from './compile.ts'
import type { Loaded } from './config-file.ts'
import type { ConfiguredCaps } from './configured-caps.ts'
import type { DataPlane } from './data-plane.ts'
import { makeFirstKey } from './first-start.ts'
import { budgetsInForce } from './budget-views.ts'
import { limitViews } from './limit-views.ts'
import { listenProblem } from './listen-problem.ts'
import type { LiveConfig } from './live-config.ts'
import { orderedCaps } from './ordered-caps.ts'
import { priceViews } from './price-views.ts'
import { openPriceWatches } from './price-watches.ts'
import { pricesFilesOf } from './prices.ts'
import { rerateRecords } from './rerate-records.ts'
import type { Reload } from './reload.ts'
import type { WorkerPlane } from './worker-plane.ts'

/** The admin API, the watch over the config file, and the keys of a first start. */
export interface ControlPlane {
  readonly origin: string
  /** Made at the first start, to be shown once. */
  readonly firstKey: string | undefined
  readonly newAdminKey: string | undefined
  /** A new config is in force: another certificate perhaps. */
  configTaken(listeners: ListenersTls): void
  /** Another config is not: its prices files are watched too, so that mending one of them is noticed. */
  configRefused(refused: Loaded): void
  /** No change is begun from here on; the admin API still answers. */
  stopWatching(): Promise<void>
  close(): Promise<void>
}

export interface ControlPlaneParts {
  readonly clock: Clock
  readonly configFile: string
  readonly dataDir: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly log: Logger
  readonly stores: Stores
  /** Of the changes and the reloads. */
  readonly turns: Turns
  readonly live: LiveConfig
  readonly reload: Reload
  readonly data: DataPlane
  /** Where others serve than this process. */
  readonly workers: WorkerPlane | undefined
  readonly limiter: RateLimiter
  readonly ledger: OwnLedger
  readonly configuredCaps: ConfiguredCaps
  readonly metrics: Metrics
  readonly hashOf: (key: string) => string
}

export async function openControlPlane(parts: ControlPlaneParts): Promise<ControlPlane> {
  const { clock, configFile, dataDir, env, log, stores, turns, live, reload, data, workers, metrics } = parts
  const newKey = () => {
    const made = makeKey(randomBytes)
    return { ...made, hash: parts.hashOf(made.key) }
  }
  const directoryChanged = async () => {
    for (const leftOut of live.directoryChanged()) log.error(leftOut)
    await workers?.directoryChanged()
    await parts.configuredCaps.note('admin')
  }
  let adminKey: AdminKey | undefined
  const { app } = openAdmin({
    clock,
    stores,
    turns,
    verifyAdminKey: (candidate) => adminKey?.verify(candidate) ?? false,
    makeKey: newKey,
    identities: () => identityViews(live.snapshot.identity),
    directoryChanged,
    models: () => modelViews(live.snapshot, clock.nowMs()),
    providers: async () => providerViews(live.snapshot, data.health, await data.attemptsRunning()),
    limits: async () => limitViews(live.snapshot, await parts.limiter.accounts()),
    budgets: () => budgetsInForce(live.snapshot),
    ledger: parts.ledger,
    config: () => ({
      version: live.loaded.version,
      fileName: configFile,
      loadedAtMs: live.loadedAtMs,
      warnings: [...live.warnings, ...orderedCaps(budgetsInForce(live.snapshot), parts.ledger)],
      lastReloadProblem: reload.lastProblem,
    }),
    reload: () => reload.now('admin'),
    prices: priceViews(live),
    rerate: (order) => rerateRecords(order, live, stores.usage),
    metrics: async () => metrics.render(await workers?.shares()),
    workers: () => workers?.workers ?? [],
    restart: () => void workers?.restart(),
    onBug: (error, id) => log.error({ requestId: id, err: error }, 'bug in the admin API'),
  })
  const place = splitHostAndPort(live.loaded.value.admin.listen)
  const admin = await serveAdmin(app, { ...place, tls: live.listeners.admin }).catch((thrown: unknown) => {
    throw listenProblem('admin.listen', place, thrown)
  })
  const watching = watchFile(configFile, {
    clock,
    onChange: () => void reload.now('file'),
    onProblem: (problem) =>
      log.error({ err: problem }, 'watching the config file failed: changes take effect at SIGHUP only'),
  })
  await watching.ready
  const priceWatches = openPriceWatches({
    clock,
    onChange: () => void reload.now('file'),
    onProblem: (problem) =>
      log.error({ err: problem }, 'watching a prices file failed: its changes take effect at SIGHUP only'),
  })
  const followPrices = (...configs: readonly Loaded[]) =>
    priceWatches.follow(configs.flatMap(({ value }) => pricesFilesOf(value, dirname(configFile))))
  void followPrices(live.loaded)

  // Keys are made last, when nothing can refuse the start any more: they are shown once, by the start that made them. One
  // made by a start that then failed (a secret missing, a port in use) would be lost, and never made again.
  const firstKey = await turns.take(async () => {
    const made = await makeFirstKey(stores, directoryOfConfig(live.loaded.value.organisations), newKey, clock)
    if (made !== undefined) await directoryChanged()
    return made
  })
  adminKey = loadAdminKey({ env, dataDir, random: randomBytes })

  return {
    origin: admin.origin,
    firstKey,
    newAdminKey: adminKey.shownOnce,
    configTaken: ({ admin: tls }) => {
      if (tls) admin.useTls(tls)
      void followPrices(live.loaded)
    },
    configRefused: (refused) => {
      // A file that was mended before its watch began is told by nobody.
      void followPrices(live.loaded, refused)?.then(() => reload.now('file'))
    },
    stopWatching: async () => {
      await Promise.all([watching.close(), priceWatches.close()])
    },
    close: () => admin.close(),
  }
}
