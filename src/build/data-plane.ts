import { randomBytes } from 'node:crypto'
import type { Logger } from 'pino'
import type { Metrics } from '../accounting/metrics.ts'
import type { Clock } from '../canonical/clock.ts'
import { openIds } from '../canonical/ids.ts'
import type { Hooks } from '../gateway/hooks.ts'
import { listModels } from '../gateway/list-models.ts'
import type { Parts } from '../gateway/parts.ts'
import { serve } from '../gateway/serve.ts'
import type { Snapshot } from '../gateway/snapshot.ts'
import { identify } from '../policies/identity/identify.ts'
import { openUpstream } from '../providers/upstream.ts'
import { openHealth, type CircuitOpened, type Health } from '../routing/health.ts'
import { openRetryBudget } from '../routing/retry-budget.ts'
import { accessLine } from '../server/access-log.ts'
import { listen } from '../server/listen.ts'
import type { RateLimiter, UsageRecords } from '../stores/ports.ts'

/** Clients in, providers out: what serves exchanges, and all that one process needs to do so. */
export interface DataPlane {
  readonly origin: string
  readonly health: Health
  /** Exchanges under way. */
  readonly running: number
  /** Stops accepting, lets exchanges end for at most `drainMs`, and closes the connections to providers. */
  drain(drainMs: number): Promise<void>
}

export interface DataPlaneParts {
  readonly clock: Clock
  readonly random: () => number
  readonly log: Logger
  readonly metrics: Metrics
  readonly hashOf: (key: string) => string
  readonly usage: UsageRecords
  readonly limiter: RateLimiter
  readonly hooks: Partial<Hooks>
  /** What an exchange that begins now is served with. */
  readonly snapshot: () => Snapshot
  readonly place: { readonly host: string; readonly port: number; readonly maxConnections: number }
}

export async function openDataPlane(parts: DataPlaneParts): Promise<DataPlane> {
  const { clock, log, metrics, hashOf, usage, hooks, snapshot, place } = parts
  const health = openHealth({ clock, onOpened: alarmOf(log, metrics) })
  const upstream = openUpstream({ clock, onBug: (error) => log.error({ err: error }, 'bug') })
  const serving: Parts = {
    clock,
    random: parts.random,
    snapshot,
    hashOf,
    usage,
    limiter: parts.limiter,
    upstream,
    health,
    retryBudget: openRetryBudget(health),
    hooks: {
      guardInput: hooks.guardInput ?? [],
      weigh: hooks.weigh ?? [],
      sinks: [
        metrics.note,
        (finished) => log.info(accessLine(finished), 'exchange'),
        (finished) => {
          if (finished.bug !== undefined) log.error({ requestId: finished.id, err: finished.bug }, 'bug')
        },
        ...(hooks.sinks ?? []),
      ],
    },
  }
  const listener = await listen(
    {
      clock,
      nextId: openIds(clock, randomBytes),
      serve: (exchange) => serve(exchange, serving),
      listModels: (headers, dialect) =>
        listModels(snapshot(), identify(headers, snapshot().identity, hashOf, clock.nowMs()), dialect),
      onBug: (error, requestId) => log.error({ requestId, err: error }, 'bug'),
    },
    place,
  )
  return {
    origin: listener.origin,
    health,
    get running() {
      return listener.running
    },
    drain: async (drainMs) => {
      const ended = await listener.drain(drainMs)
      log.info({ ended }, 'drained')
      await upstream.close()
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
