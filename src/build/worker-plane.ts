import { isIP } from 'node:net'
import type { MetricsShare } from '../accounting/metrics/merge.ts'
import type { WorkerView } from '../admin/ports.ts'
import { systemLookup } from '../providers/resolver.ts'
import type { Health } from '../routing/health.ts'
import { handlesPerProcess } from '../server/acceptors.ts'
import type { SpoolEnd } from '../stores/embedded/spool-segments.ts'
import { openCrew, type Crew } from '../workers/crew.ts'
import { bindListeningSocket, type ListeningSocket } from '../workers/listening-socket.ts'
import type { DataPlane } from './data-plane.ts'
import { listenProblem } from './listen-problem.ts'
import { ServedWorkers, type ServedWorkersParts } from './served-workers.ts'
import { tellCrewNews } from './tell-crew-news.ts'

/** How long an answer of the admin API waits for every worker to have seen a change (failures.md A8). */
export const confirmMs = 1_000
/** How long a worker may take to compile a config. */
const takeConfigMs = 5_000
/** A worker that has owed an answer for so long is shown as silent; well ones answer within a turn of their event loop. */
const silentMs = 1_000
/** How long a scrape or a report waits for a worker. */
const gatherMs = 1_000

export interface WorkerPlaneParts extends ServedWorkersParts {
  /** How many workers serve, and how many wait. */
  readonly count: number
  readonly spares: number
}

/** A data plane of worker processes. This process serves nobody itself. */
export interface WorkerPlane extends DataPlane {
  /** What the directory holds has changed. Resolves when every exchange that begins sees it, or after `confirmMs`. */
  directoryChanged(): Promise<void>
  /** What the workers counted, those that have ended included, for the sum. */
  shares(): Promise<readonly MetricsShare[]>
  /** How far the spools of those that live are written. */
  spoolEnds(): Promise<readonly SpoolEnd[]>
  /** In the order of their start. */
  readonly workers: readonly WorkerView[]
  /** Replaces every worker, one after the other, without dropping a call. Resolves with how many are new. */
  restart(): Promise<number>
}

/**
 * Has worker processes serve exchanges. This process keeps what must be one: the config and its validation, the directory,
 * the limits, and the database that every worker's spool is shipped to.
 * @throws SetupProblem when a worker cannot start, or the address cannot be listened at.
 */
export async function openWorkerPlane(parts: WorkerPlaneParts): Promise<WorkerPlane> {
  const { clock, log, metrics, count, spares, place } = parts
  const listening = await openListeningSocket(place)
  try {
    const served = new ServedWorkers(parts, listening)
    const crew = await openCrew({
      clock,
      count,
      spares,
      start: (how) => served.start(how),
      onDrained: (member, drained) => served.drained(member, drained),
      onEnded: (member) => served.ended(member),
      onNews: (news) => {
        if (news.kind === 'died' || news.kind === 'spare-died') metrics.noteWorkerDeath()
        tellCrewNews(log, news)
      },
    })
    const origin = (await crew.members[0]?.serving) ?? ''
    return new CrewPlane(parts, { origin, served, crew, listening })
  } catch (thrown) {
    listening.close()
    throw thrown
  }
}

async function openListeningSocket(place: WorkerPlaneParts['place']): Promise<ListeningSocket> {
  try {
    const [address = place.host] = isIP(place.host) === 0 ? await systemLookup(place.host) : [place.host]
    return bindListeningSocket(address, place.port, handlesPerProcess)
  } catch (thrown) {
    throw listenProblem('server.listen', place, thrown)
  }
}

interface OpenedCrew {
  readonly origin: string
  readonly served: ServedWorkers
  readonly crew: Crew
  readonly listening: ListeningSocket
}

class CrewPlane implements WorkerPlane {
  readonly origin: string
  readonly #parts: WorkerPlaneParts
  readonly #served: ServedWorkers
  readonly #crew: Crew
  readonly #listening: ListeningSocket

  constructor(parts: WorkerPlaneParts, { origin, served, crew, listening }: OpenedCrew) {
    this.#parts = parts
    this.origin = origin
    this.#served = served
    this.#crew = crew
    this.#listening = listening
  }

  get health(): Health {
    return this.#served.health
  }

  async configChanged(): Promise<readonly string[]> {
    this.health.wakeCredentials()
    const { missing } = await this.#crew.askAll('take-config', this.#served.configInForce, takeConfigMs)
    const warnings = missing.map(({ member, why }) => `worker ${member.pid} has not taken this config: ${why}`)
    for (const warning of warnings) this.#parts.log.error(warning)
    return warnings
  }

  async directoryChanged(): Promise<void> {
    const { log, stores } = this.#parts
    const { missing } = await this.#crew.askAll('take-directory', stores.directory.contents(), confirmMs)
    for (const { member, why } of missing)
      log.error(
        { worker: member.pid, err: why },
        `a worker has not confirmed a change of keys or teams in ${confirmMs} ms; it takes it with its next turn, or is replaced`,
      )
  }

  async shares(): Promise<readonly MetricsShare[]> {
    const { given } = await this.#crew.askAll('metrics', undefined, gatherMs)
    for (const { member, value } of given) this.#served.counted(member, value)
    return this.#served.shares()
  }

  async attemptsRunning(): Promise<ReadonlyMap<string, number>> {
    const { given } = await this.#crew.askAll('attempts-running', undefined, gatherMs)
    const sums = new Map<string, number>()
    for (const { value } of given)
      for (const [targetId, count] of value) sums.set(targetId, (sums.get(targetId) ?? 0) + count)
    return sums
  }

  async spoolEnds(): Promise<readonly SpoolEnd[]> {
    const { given, missing } = await this.#crew.askAll('flush-spool', undefined, gatherMs)
    for (const { member, why } of missing)
      this.#parts.log.warn({ worker: member.pid, err: why }, 'a report may lack what this worker recorded last')
    // One that has died meanwhile is taken in whole.
    return given
      .filter(({ member }) => member.state !== 'dead' && member.state !== 'left')
      .map(({ member, value }) => ({ ownerId: member.ownerId, position: value }))
  }

  get workers(): readonly WorkerView[] {
    const { clock } = this.#parts
    const nowMs = clock.monotonicMs()
    const wallOf = (momentMs: number) => Math.round(clock.nowMs() - (nowMs - momentMs))
    return this.#crew.members.map(({ pid, state, startedAtMs, silentSinceMs }) => ({
      pid,
      state,
      startedAtMs,
      silentSinceMs:
        silentSinceMs === undefined || nowMs - silentSinceMs < silentMs ? undefined : wallOf(silentSinceMs),
    }))
  }

  restart(): Promise<number> {
    return this.#crew.replaceAll(() => this.#parts.live.loaded.value.server.drainMs)
  }

  async drain({ drainMs }: { readonly drainMs: number }): Promise<void> {
    this.#listening.close()
    await this.#crew.drain(drainMs)
    this.#parts.log.info('drained')
  }
}
