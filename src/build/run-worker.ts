import type { DestinationStream, Logger } from 'pino'
import type { MetricsShare } from '../accounting/metrics/merge.ts'
import { openMetrics } from '../accounting/metrics/open-metrics.ts'
import { systemClock } from '../canonical/clock.ts'
import { reasonOf } from '../canonical/reason-of.ts'
import { sourcesFound } from '../config/sources.ts'
import type { Sink } from '../gateway/hooks.ts'
import { openKeyHasher } from '../policies/identity/key.ts'
import type { HealthNews } from '../routing/health-state.ts'
import { startSimulated } from '../providers/simulated/serve.ts'
import { targetIdsOf } from '../routing/catalog.ts'
import { openAccessLog, openLog } from '../server/access-log.ts'
import { openProbes } from '../server/probes.ts'
import { joinDataDir } from '../stores/embedded/data-dir.ts'
import { openSpool, type Spool } from '../stores/embedded/open-spool.ts'
import type { SpoolPosition } from '../stores/embedded/spool-segments.ts'
import type { DirectoryContents } from '../stores/ports/directory.ts'
import type { Work } from '../workers/balance.ts'
import { openLink, type Link } from '../workers/link.ts'
import type { ProcessPort } from '../workers/process-port.ts'
import {
  protocolVersion,
  type Drained,
  type DrainOrders,
  type Orders,
  type PrimaryAnswers,
  type PrimaryTells,
  type ReadConfig,
  type WorkerAnswers,
  type WorkerTells,
} from '../workers/protocol.ts'
import { guardLedger } from '../stores/guard-ledger.ts'
import { openRemoteLedger } from '../workers/remote-ledger.ts'
import { openRemoteLimiter } from '../workers/remote-limiter.ts'
import { openRemoteStateHolders } from '../workers/remote-state-holders.ts'
import { sendRecorded } from '../workers/send-recorded.ts'
import { readConfigText } from './config-file.ts'
import { openDataPlane } from './data-plane.ts'
import { openLiveConfig } from './live-config.ts'

export interface WorkerSettings {
  readonly log: DestinationStream
  /** The way to the primary. */
  readonly port: ProcessPort
  /** Ends the process. */
  readonly leave: (code: number) => void
}

/**
 * One worker process: the data plane, a spool of its own, and a link to the primary, which gives it its orders and
 * keeps everything that must be one.
 */
export async function runWorker({ log: destination, port, leave }: WorkerSettings): Promise<void> {
  const log = openLog(destination)
  const onBug = (error: unknown) => log.error({ err: error }, 'bug')
  // The primary may speak before everything here is open; what it says is taken up in its order once it is.
  const opened = Promise.withResolvers<Worker>()
  let spool: Spool | undefined
  const link = openLink<PrimaryAnswers, WorkerTells, WorkerAnswers, PrimaryTells>({
    clock: systemClock,
    send: sendRecorded(
      (batch, then) => port.send(batch, then),
      () => spool?.flush(),
    ),
    answers: {
      'take-config': async (config) => (await opened.promise).takeConfig(config),
      'take-directory': async (directory) => (await opened.promise).takeDirectory(directory),
      metrics: async () => (await opened.promise).share(),
      'attempts-running': async () => (await opened.promise).attemptsRunning(),
      'flush-spool': async () => (await opened.promise).flushSpool(),
      pulse: async () => (await opened.promise).work(),
      drain: async (orders) => (await opened.promise).drain(orders),
    },
    hears: {
      leave: () => leave(0),
      'spread-clients': (share) => void opened.promise.then(({ spreadClients }) => spreadClients(share)),
      health: (news) => void opened.promise.then(({ hearHealth }) => hearHealth(news)),
    },
    onBug,
    onStuck: () => leave(1),
  })
  port.onBatch(link.receive)
  try {
    const orders = await link.ask('begin', undefined, spareMs)
    const worker = await openWorker(orders, {
      log,
      accessLog: openAccessLog(destination, systemClock),
      link,
      onSpool: (ownSpool) => void (spool = ownSpool),
      onBug,
    })
    opened.resolve(worker)
    link.tell('serving', { origin: worker.origin })
  } catch (thrown) {
    link.tell('cannot-serve', { problem: reasonOf(thrown) })
    await link.flushed()
    leave(1)
  }
}

interface Worker {
  readonly origin: string
  hearHealth(news: HealthNews): void
  spreadClients(share: number): void
  /** Since it was last asked. */
  work(): Work
  takeConfig(config: ReadConfig): undefined
  takeDirectory(directory: DirectoryContents): undefined
  share(): Promise<MetricsShare>
  attemptsRunning(): ReadonlyMap<string, number>
  flushSpool(): SpoolPosition
  drain(orders: DrainOrders): Promise<Drained>
}

interface WorkerParts {
  readonly log: Logger
  readonly accessLog: Sink
  readonly link: Link<PrimaryAnswers, WorkerTells>
  /** Before anything is recorded. */
  readonly onSpool: (spool: Spool) => void
  readonly onBug: (error: unknown) => void
}

async function openWorker(orders: Orders, { log, accessLog, link, onSpool, onBug }: WorkerParts): Promise<Worker> {
  if (orders.protocolVersion !== protocolVersion)
    throw new Error(
      'this worker is of another version of Weir than the process that started it; stop that one and start it anew',
    )
  const { dataDir, ownerId, place } = orders
  const clock = systemClock
  // Held while it writes, so that nobody takes its spool for one of the dead.
  const joined = joinDataDir(dataDir)
  const metrics = openMetrics({
    ledger: async () => undefined,
    running: () => data.running,
    waiting: () => 0,
    load: () => data.load(),
    targets: () => data.health.targets(targetIdsOf(live.snapshot.catalog)),
  })
  let { config, directory } = orders
  const first = readConfigText(config.text, config.fileName)
  const spool = openSpool({
    dir: dataDir,
    clock,
    ownerId,
    reservePlace: place,
    prepareReserve: () => link.ask('prepare-reserve', undefined, prepareReserveMs),
    announce: (position) => link.tell('spool', position),
    durability: first.value.store.durability,
    onFailure: (failure) => link.tell('store-failure', failure.message),
  })
  onSpool(spool)
  const simulated = await startSimulated({ clock, onBug })
  const live = openLiveConfig(first, {
    configFile: config.fileName,
    sources: () => sourcesFound(config.found),
    clock,
    directory: () => directory,
    simulatedOrigin: simulated.origin,
  })
  const data = await openDataPlane({
    clock,
    random: Math.random,
    log,
    accessLog,
    metrics,
    hashOf: openKeyHasher(orders.pepper),
    usage: spool.usage,
    limiter: openRemoteLimiter(link),
    stateHolders: openRemoteStateHolders(link),
    ledger: guardLedger(openRemoteLedger(link), (fault) => {
      metrics.noteLedgerFault()
      log.error({ err: fault }, 'bug')
    }),
    hooks: {},
    snapshot: () => live.snapshot,
    listeners: () => live.listeners,
    server: () => live.loaded.value.server,
    probes: openProbes(live.loaded.value.server.workers),
    place: { ...orders.listen, port: 0, maxConnections: live.loaded.value.server.maxConnections },
    others: {
      known: orders.health,
      tell: (news) => link.tell('health', news),
      askForProbe: (subject) => link.ask('claim-probe', subject).catch(noProbe),
    },
  })
  let told = { requests: 0, atMs: clock.monotonicMs() }
  return {
    origin: data.origin,
    hearHealth: (news) => data.health.hear(news),
    spreadClients: (share) => data.spreadClients(share),
    work: () => {
      const [calls, overMs] = [data.requests - told.requests, clock.monotonicMs() - told.atMs]
      told = { requests: data.requests, atMs: clock.monotonicMs() }
      return { calls, overMs, connections: data.load().connections.open }
    },
    takeConfig(next) {
      config = next
      live.take(readConfigText(next.text, next.fileName))
      void data.configChanged()
      return undefined
    },
    takeDirectory(next) {
      directory = next
      for (const leftOut of live.directoryChanged()) log.error(leftOut)
      return undefined
    },
    share: () => metrics.share(),
    attemptsRunning: () => data.health.runningByTarget,
    flushSpool: () => spool.flush(),
    async drain(drainOrders) {
      await data.drain(drainOrders)
      await simulated.close()
      const { position, failure } = await spool.close()
      joined.release()
      return { position, failure: failure?.message, metrics: await metrics.share() }
    },
  }
}

/** A primary that does not answer grants nothing: the target is passed over once more, as if it were being probed. */
const noProbe = (): boolean => false

/** A spare is told what to do when it is needed, so it waits as long as a timer can: it is replaced after 24 days. */
const spareMs = 2 ** 31 - 1

/** The database's thread writes 16 MB for it, perhaps behind a long report. */
const prepareReserveMs = 60_000
