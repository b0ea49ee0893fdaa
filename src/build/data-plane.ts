import { randomBytes } from 'node:crypto'
import type { Logger } from 'pino'
import type { Metrics } from '../accounting/metrics/open-metrics.ts'
import type { Clock } from '../canonical/clock.ts'
import { openIds } from '../canonical/ids.ts'
import { carryNative } from '../gateway/carry-native.ts'
import { carryLive } from '../gateway/carry-live.ts'
import { carryRealtime } from '../gateway/carry-realtime.ts'
import { carry } from '../gateway/carry.ts'
import { Drains } from '../gateway/drain.ts'
import { GuardMonitor } from '../gateway/guards/guard-monitor.ts'
import type { Hooks, Sink } from '../gateway/hooks.ts'
import { tellModels } from '../gateway/list-models.ts'
import { ownBudget } from '../gateway/own-budget.ts'
import type { Parts } from '../gateway/parts.ts'
import { quote } from '../gateway/quote.ts'
import { serve } from '../gateway/serve.ts'
import type { Snapshot } from '../gateway/snapshot.ts'
import type { Lookup } from '../providers/resolver.ts'
import { openUpstream } from '../providers/upstream.ts'
import { openHealth, type CircuitOpened, type Health, type HealthParts } from '../routing/health.ts'
import { openRetryBudget } from '../routing/retry-budget.ts'
import { listen, type DataListenerPlace, type ListenerLoad } from '../server/listen.ts'
import type { Probes } from '../server/probes.ts'
import type { ServerSettings } from '../server/settings.ts'
import type { Ledger } from '../stores/ports/ledger.ts'
import type { RateLimiter } from '../stores/ports/rate-limiter.ts'
import type { StateHolders } from '../stores/ports/state-holders.ts'
import type { UsageNotes } from '../stores/ports/usage-records.ts'
import type { DrainOrders } from '../workers/protocol.ts'
import type { ListenersTls } from './compile.ts'
import { listenProblem } from './listen-problem.ts'

/** Clients in, providers out: what serves exchanges, whether in this process or in workers. */
export interface DataPlane {
  readonly origin: string
  /** What was seen of providers, by whichever process. */
  readonly health: Health
  /** Attempts under way, by target. */
  attemptsRunning(): Promise<ReadonlyMap<string, number>>
  /** A new config is in force here. Resolves when every exchange that begins sees it, with warnings about where it may not. */
  configChanged(): Promise<readonly string[]>
  /** Stops accepting, lets exchanges end for at most `drainMs`, and closes the connections to providers. */
  drain(orders: DrainOrders): Promise<void>
}

/** One that serves in this process. What the directory holds it sees at once. */
export interface OwnDataPlane extends DataPlane {
  /** Exchanges under way. */
  readonly running: number
  /** Requests that have come so far. */
  readonly requests: number
  /** How near this process is to its limits, for the metrics. */
  load(): ListenerLoad
  /** Others have less to do: this share of the clients, 0 to 1, is to connect anew. */
  spreadClients(share: number): void
}

export interface DataPlaneParts {
  readonly clock: Clock
  readonly random: () => number
  readonly log: Logger
  readonly accessLog: Sink
  readonly metrics: Metrics
  readonly hashOf: (key: string) => string
  readonly usage: UsageNotes
  readonly limiter: RateLimiter
  readonly stateHolders: StateHolders
  readonly ledger: Ledger
  readonly hooks: Partial<Hooks>
  /** What an exchange that begins now is served with. */
  readonly snapshot: () => Snapshot
  readonly place: Omit<DataListenerPlace, 'tls'>
  /** The certificates in force. */
  readonly listeners: () => ListenersTls
  /** How names of providers are resolved. Default: as the system does it. */
  readonly lookup?: Lookup | undefined
  /** The way to the other processes that serve. Absent: this one alone serves. */
  readonly others?: Pick<HealthParts, 'known' | 'tell' | 'askForProbe'>
  /** Of the config in force. */
  readonly server: () => ServerSettings
  readonly probes: Probes
}

/** Serves exchanges in this process. */
export async function openDataPlane(parts: DataPlaneParts): Promise<OwnDataPlane> {
  const { clock, log, metrics, hashOf, usage, hooks, snapshot, place } = parts
  const health = openHealth({ clock, onOpened: alarmOf(log, metrics), ...parts.others })
  const upstream = openUpstream({
    clock,
    onBug: (error) => log.error({ err: error }, 'bug'),
    onConnection: metrics.noteConnection,
    ...(parts.lookup ? { lookup: parts.lookup } : {}),
  })
  const monitor = new GuardMonitor({
    clock,
    onDropped: metrics.noteUnmonitored,
    onBug: (error) => log.error({ err: error }, 'bug'),
    nextTurn: (then) => void setImmediate(then),
  })
  const serving: Parts = {
    clock,
    random: parts.random,
    snapshot,
    hashOf,
    usage,
    limiter: parts.limiter,
    stateHolders: parts.stateHolders,
    ledger: parts.ledger,
    upstream,
    sockets: upstream,
    health,
    retryBudget: openRetryBudget(health),
    drains: new Drains(),
    onGuardAsked: metrics.noteGuardAsked,
    // The messages alone: whatever else a library has hung on to its errors may be secret.
    onNoCredential: (provider, { message, cause }) =>
      log.error({ provider, cause: cause instanceof Error ? cause.message : undefined }, message),
    monitor,
    hooks: {
      weigh: hooks.weigh ?? [],
      onMonitored: [metrics.noteMonitored, ...(hooks.onMonitored ?? [])],
      sinks: [
        metrics.note,
        parts.accessLog,
        (finished) => {
          if (finished.bug !== undefined) log.error({ requestId: finished.id, err: finished.bug }, 'bug')
          for (const { accountId, amount } of finished.excess) {
            metrics.noteBudgetExcess()
            log.error(
              { requestId: finished.id, account: accountId, excess: amount.toString() },
              'a call came to more than was set aside for it; its budget grants nothing until it has room again',
            )
          }
        },
        ...(hooks.sinks ?? []),
      ],
    },
  }
  const listener = await listen(
    {
      clock,
      random: parts.random,
      probes: parts.probes,
      limits: parts.server,
      nextId: openIds(clock, randomBytes),
      serve: (exchange) => serve(exchange, serving),
      carry: (exchange) => carry(exchange, serving),
      carryNative: (exchange) => carryNative(exchange, serving),
      carryRealtime: (exchange) =>
        exchange.endpoint.dialect.name === 'gemini-generate'
          ? carryLive(exchange, serving)
          : carryRealtime(exchange, serving),
      tellModels: (headers, dialect, name, query) => tellModels(headers, dialect, name, query, serving),
      ownBudget: (headers) => ownBudget(headers, serving),
      quote: (exchange) => quote(exchange, serving),
      onBug: (error, requestId) => log.error({ requestId, err: error }, 'bug'),
      onStall: (longestMs) => log.warn({ longestMs }, 'the event loop stood still; no call went on meanwhile'),
      onAcceptFailure: (error) => log.error({ err: error.message }, 'no connection could be accepted'),
    },
    { ...place, tls: parts.listeners().server },
  ).catch((thrown: unknown) => {
    throw listenProblem('server.listen', place, thrown)
  })
  return {
    origin: listener.origin,
    health,
    get running() {
      return listener.running
    },
    attemptsRunning: async () => health.runningByTarget,
    load: () => listener.load(),
    spreadClients: (share) => listener.spreadClients(share),
    get requests() {
      return listener.requests
    },
    configChanged: async () => {
      health.wakeCredentials()
      const { server } = parts.listeners()
      if (server) listener.useTls(server)
      upstream.keepOnly([...snapshot().providers.values(), ...snapshot().guards.ways.values()])
      return []
    },
    drain: async (orders) => {
      const ended = await listener.drain(orders)
      const unmonitored = await monitor.close()
      if (unmonitored > 0) log.warn({ exchanges: unmonitored }, 'guardrails did not come to look at these')
      log.info({ ended }, 'drained')
      await upstream.close()
      parts.probes.close()
    },
  }
}

/** Something of ours or of a provider's has stopped working: it is counted, and it is in the log. */
function alarmOf(log: Logger, metrics: Metrics): (opened: CircuitOpened) => void {
  return ({ kind, id, forMs }) => {
    switch (kind) {
      case 'credential':
        metrics.noteCredentialRefused(id)
        return log.error({ credential: id, forMs }, 'a provider refused this credential; it rests')
      case 'target':
        metrics.noteBreakerOpened(id.slice(0, id.indexOf('/')))
        return log.error({ target: id, forMs }, 'this target failed too often: its circuit breaker is open')
    }
  }
}
