import { randomBytes } from 'node:crypto'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Logger } from 'pino'
import type { MetricsShare } from '../accounting/merge-metrics.ts'
import type { Metrics } from '../accounting/metrics.ts'
import type { WorkerView } from '../admin/ports.ts'
import type { Clock } from '../canonical/clock.ts'
import type { HealthNews } from '../routing/health-state.ts'
import { openHealth } from '../routing/health.ts'
import { systemLookup } from '../providers/resolver.ts'
import { keepPrivate } from '../stores/embedded/data-dir.ts'
import type { SpoolEnd } from '../stores/embedded/spool-segments.ts'
import type { EmbeddedStores } from '../stores/embedded/open-embedded.ts'
import type { OwnLedger, RateLimiter } from '../stores/ports.ts'
import { openCrew, type Start } from '../workers/crew.ts'
import { bindListeningSocket } from '../workers/listening-socket.ts'
import { forkWorker, inheritedDescriptors, type WorkerLog } from '../workers/fork.ts'
import { openMember, type Member } from '../workers/member.ts'
import { openPriorities } from '../workers/priority.ts'
import { protocolVersion, type ReadConfig } from '../workers/protocol.ts'
import { openLedgerDesk, type LedgerDesk } from '../workers/serve-ledger.ts'
import { openLimitDesk, type LimitDesk } from '../workers/serve-limits.ts'
import { untilTakenIn } from '../workers/until-taken-in.ts'
import type { DataPlane } from './data-plane.ts'
import type { LiveConfig } from './live-config.ts'
import { tellCrewNews } from './tell-crew-news.ts'
import { openWorkerShares } from './worker-shares.ts'

/** How long an answer of the admin API waits for every worker to have seen a change (failures.md A8). */
export const confirmMs = 1_000
/** How long a worker may take to compile a config. */
const takeConfigMs = 5_000
/** A worker that has owed an answer for so long is shown as silent; well ones answer within a turn of their event loop. */
const silentMs = 1_000
/** How long a scrape or a report waits for a worker. */
const gatherMs = 1_000

export interface WorkerPlaneParts {
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
  readonly stores: EmbeddedStores
  /** The one that counts. */
  readonly limiter: RateLimiter
  /** The one that keeps the books. */
  readonly ledger: OwnLedger
  readonly live: LiveConfig
  readonly pepper: Uint8Array
  readonly dataDir: string
  /** How many workers serve, and how many wait. */
  readonly count: number
  readonly spares: number
  readonly workerLog: WorkerLog
  readonly place: { readonly host: string; readonly port: number }
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
 * @throws SetupProblem when a worker cannot start.
 */
export async function openWorkerPlane(parts: WorkerPlaneParts): Promise<WorkerPlane> {
  const { clock, log, metrics, stores, limiter, ledger, live, pepper, dataDir, count, spares, workerLog, place } = parts
  const desks = new Map<Member, LimitDesk>()
  const ledgerDesks = new Map<Member, LedgerDesk>()
  const tellOthers = (news: HealthNews, teller: Member | undefined): void => {
    for (const member of desks.keys())
      // Whoever has not begun is told with its orders what is known by then.
      if (member !== teller && member.hasBegun && member.state !== 'dead' && member.state !== 'left')
        member.tell('health', news)
  }
  // Serves nothing itself: it hears what all workers see, and grants the probes.
  const health = openHealth({ clock, onOpened: () => {}, tell: (news) => tellOthers(news, undefined) })
  const { stateHolders } = stores
  const [address = place.host] = isIP(place.host) === 0 ? await systemLookup(place.host) : [place.host]
  const listening = bindListeningSocket(address, place.port)
  const taken = new Set<number>()
  const shares = openWorkerShares()

  const priorities = openPriorities()
  const compiledCodeDir = join(dataDir, compiledCodeFolder)
  // Here, and not by the worker that comes first, whose Node would let others read it.
  keepPrivate(compiledCodeDir)
  const configInForce = (): ReadConfig => ({ fileName: live.configFile, text: live.loaded.text, found: live.found })

  const start = (how: Start): Member => {
    const ownerId = randomBytes(8).toString('hex')
    const number = lowestFree(taken)
    taken.add(number)
    const desk = openLimitDesk(limiter)
    const ledgerDesk = openLedgerDesk(ledger, (fault) => {
      metrics.noteLedgerFault()
      log.error({ err: fault }, 'bug')
    })
    const process = forkWorker(workerFile, [compiledCodeDir], listening.descriptors, workerLog)
    if (how !== 'urgent') priorities.lower(process.pid)
    const member = openMember({
      clock,
      process,
      ownerId,
      place: number,
      isSpare: how === 'spare',
      onNeeded: () => priorities.restore(process.pid),
      orders: () => ({
        protocolVersion,
        dataDir,
        ownerId,
        place: number,
        listen: { host: place.host, descriptors: inheritedDescriptors(listening.descriptors) },
        config: configInForce(),
        pepper,
        directory: stores.directory.contents(),
        health: health.news(),
      }),
      answers: {
        'take-limit': (asked) => desk.take(asked),
        reserve: (ask) => ledgerDesk.reserve(ask),
        'probe-hold': (ask) => ledger.probe(ask),
        balances: (rules) => ledger.balances(rules),
        'give-back': async (asked) => void (await ledger.giveBack(asked)),
        'limit-accounts': () => limiter.accounts(),
        'claim-probe': (subject) => health.claimProbe(subject),
        'state-holders': async (ids) => (await stateHolders.holdersOf(ids)).map((holder) => holder ?? null),
        'keep-object': (object) => stateHolders.keepObject(object),
        'objects-of': (question) => stateHolders.objectsOf(question),
        'forget-object': async (id) => void (await stateHolders.forget(id)),
        'find-open': async (asked) => (await stateHolders.openOf(asked)) ?? null,
        'take-open': async (asked) => (await stateHolders.takeOpen(asked)) ?? null,
        'prepare-reserve': async () => void (await stores.workerSpools.prepareReserve(number)),
      },
      hears: {
        spool: (position) => stores.workerSpools.announce({ ownerId, position }),
        'limit-rule': (told) => desk.learnRule(told),
        'forget-limit-rules': () => desk.forgetRules(),
        'settle-limit': ({ takeId, used }) => desk.settle(takeId, used),
        'keep-state': ({ ids, holder }) => stateHolders.keep(ids, holder),
        'refund-limit': (takeId) => desk.refund(takeId),
        'cancel-limit': (takeId) => desk.cancel(takeId),
        dispatch: (holdId) => ledgerDesk.dispatch(holdId),
        shrink: ({ holdId, most }) => ledgerDesk.shrink(holdId, most),
        settle: ({ holdId, entry }) => ledgerDesk.settle(holdId, entry),
        release: (holdId) => ledgerDesk.release(holdId),
        health: (news) => {
          health.hear(news)
          tellOthers(news, member)
        },
        'store-failure': (problem) => {
          metrics.noteRecordFailure()
          log.error({ err: problem, worker: member.pid }, 'the store reports a failure in a worker')
        },
      },
      onBug: (error) => log.error({ err: error }, 'bug'),
    })
    desks.set(member, desk)
    ledgerDesks.set(member, ledgerDesk)
    return member
  }
  const onEnded = async (member: Member): Promise<void> => {
    desks.get(member)?.release()
    desks.delete(member)
    shares.end(member)
    const ledgerDesk = ledgerDesks.get(member)
    ledgerDesks.delete(member)
    // One that could not write all its records has kept to itself what they would have ended.
    const isInOrder = member.state === 'left' && ledgerDesk?.hasOpen !== true
    if (!isInOrder && member.hasBegun) await takeInWhatIsLeft(member, ledgerDesk)
    taken.delete(member.place)
  }
  const takeInWhatIsLeft = (member: Member, ledgerDesk: LedgerDesk | undefined): Promise<void> => {
    const takeIn = async () => {
      const recovery = await stores.workerSpools.adopt(member.ownerId)
      log.warn(
        { worker: member.pid, recovery },
        'a worker did not end in order; what it had under way is recorded as unknown',
      )
      // What it recorded is in the database now: that is what its holds came to. Until it is, they stay set aside.
      await ledgerDesk?.bury((requestId) => stores.usage.ofRequest(requestId))
    }
    return untilTakenIn(clock, takeIn, (thrown, nextInMs) =>
      log.error(
        { worker: member.pid, err: String(thrown), nextInMs },
        'the records of a dead worker are not in the database yet',
      ),
    )
  }
  const crew = await openCrew({
    clock,
    count,
    spares,
    start,
    onDrained: async (member, { position, failure, metrics: share }) => {
      shares.tell(member, share)
      if (failure !== undefined)
        log.error({ worker: member.pid, err: failure }, 'a worker could not write all its records')
      await stores.workerSpools.end({ ownerId: member.ownerId, position })
    },
    onEnded,
    onNews: (news) => {
      if (news.kind === 'died' || news.kind === 'spare-died') metrics.noteWorkerDeath()
      tellCrewNews(log, news)
    },
  }).catch((thrown: unknown) => {
    listening.close()
    throw thrown
  })
  const origin = (await crew.members[0]?.serving) ?? ''

  return {
    origin,
    health,
    async configChanged() {
      health.wakeCredentials()
      const { missing } = await crew.askAll('take-config', configInForce(), takeConfigMs)
      const warnings = missing.map(({ member, why }) => `worker ${member.pid} has not taken this config: ${why}`)
      for (const warning of warnings) log.error(warning)
      return warnings
    },
    async directoryChanged() {
      const { missing } = await crew.askAll('take-directory', stores.directory.contents(), confirmMs)
      for (const { member, why } of missing)
        log.error(
          { worker: member.pid, err: why },
          `a worker has not confirmed a change of keys or teams in ${confirmMs} ms; it takes it with its next turn, or is replaced`,
        )
    },
    async shares() {
      const { given } = await crew.askAll('metrics', undefined, gatherMs)
      for (const { member, value } of given) if (desks.has(member)) shares.tell(member, value)
      return shares.all()
    },
    async attemptsRunning() {
      const { given } = await crew.askAll('attempts-running', undefined, gatherMs)
      const sums = new Map<string, number>()
      for (const { value } of given)
        for (const [targetId, count] of value) sums.set(targetId, (sums.get(targetId) ?? 0) + count)
      return sums
    },
    async spoolEnds() {
      const { given, missing } = await crew.askAll('flush-spool', undefined, gatherMs)
      for (const { member, why } of missing)
        log.warn({ worker: member.pid, err: why }, 'a report may lack what this worker recorded last')
      // One that has died meanwhile is taken in whole.
      return given
        .filter(({ member }) => member.state !== 'dead' && member.state !== 'left')
        .map(({ member, value }) => ({ ownerId: member.ownerId, position: value }))
    },
    get workers() {
      const nowMs = clock.monotonicMs()
      const wallOf = (momentMs: number) => Math.round(clock.nowMs() - (nowMs - momentMs))
      return crew.members.map(({ pid, state, startedAtMs, silentSinceMs }) => ({
        pid,
        state,
        startedAtMs,
        silentSinceMs:
          silentSinceMs === undefined || nowMs - silentSinceMs < silentMs ? undefined : wallOf(silentSinceMs),
      }))
    },
    restart: () => crew.replaceAll(() => live.loaded.value.server.drainMs),
    drain: async ({ drainMs }) => {
      listening.close()
      await crew.drain(drainMs)
      log.info('drained')
    },
  }
}

/** In the data directory: no one else may write there, since workers run what they find. */
const compiledCodeFolder = 'compiled-code'

/** Beside `main`, under the same ending: `.ts` when run from source, `.js` when compiled. */
const workerFile = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../worker.ts' : '../worker.js', import.meta.url),
)

function lowestFree(taken: ReadonlySet<number>): number {
  let number = 1
  while (taken.has(number)) number += 1
  return number
}
