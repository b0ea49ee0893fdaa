import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Logger } from 'pino'
import type { MetricsShare } from '../accounting/metrics/merge.ts'
import type { Metrics } from '../accounting/metrics/open-metrics.ts'
import type { Clock } from '../canonical/clock.ts'
import type { HealthNews } from '../routing/health-state.ts'
import { openHealth, type Health } from '../routing/health.ts'
import { keepPrivate } from '../stores/embedded/data-dir.ts'
import type { EmbeddedStores } from '../stores/embedded/open-embedded.ts'
import type { OwnLedger } from '../stores/ports/ledger.ts'
import type { RateLimiter } from '../stores/ports/rate-limiter.ts'
import type { Start } from '../workers/crew.ts'
import { forkWorker, inheritedDescriptors, type WorkerLog } from '../workers/fork.ts'
import type { ListeningSocket } from '../workers/listening-socket.ts'
import { openMember, type Member, type MemberParts } from '../workers/member.ts'
import { openPriorities } from '../workers/priority.ts'
import { protocolVersion, type Drained, type Orders, type ReadConfig } from '../workers/protocol.ts'
import { openLedgerDesk, type LedgerDesk } from '../workers/serve-ledger.ts'
import { openLimitDesk, type LimitDesk } from '../workers/serve-limits.ts'
import { untilTakenIn } from '../workers/until-taken-in.ts'
import type { LiveConfig } from './live-config.ts'
import { openWorkerShares } from './worker-shares.ts'

export interface ServedWorkersParts {
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
  readonly workerLog: WorkerLog
  readonly place: { readonly host: string; readonly port: number }
}

/** What is kept here for one worker. */
interface Desks {
  readonly limits: LimitDesk
  readonly ledger: LedgerDesk
}

/**
 * The workers as this process serves them: started with their orders, answered from what must be one (config, directory, limits, books,
 * health, database), and taken in when they end.
 */
export class ServedWorkers {
  /** Serves nothing itself: it hears what all workers see, and grants the probes. */
  readonly health: Health
  readonly #parts: ServedWorkersParts
  readonly #listening: ListeningSocket
  readonly #desks = new Map<Member, Desks>()
  /** Places that are taken. */
  readonly #taken = new Set<number>()
  readonly #shares = openWorkerShares()
  readonly #priorities = openPriorities()
  readonly #compiledCodeDir: string

  constructor(parts: ServedWorkersParts, listening: ListeningSocket) {
    this.#parts = parts
    this.#listening = listening
    this.health = openHealth({
      clock: parts.clock,
      onOpened: () => {},
      tell: (news) => this.#tellOthers(news, undefined),
    })
    this.#compiledCodeDir = join(parts.dataDir, compiledCodeFolder)
    // Here, and not by the worker that comes first, whose Node would let others read it.
    keepPrivate(this.#compiledCodeDir)
  }

  get configInForce(): ReadConfig {
    const { live } = this.#parts
    return { fileName: live.configFile, text: live.loaded.text, found: live.found }
  }

  start(how: Start): Member {
    const { clock, log, metrics, limiter, ledger, workerLog } = this.#parts
    const ownerId = randomBytes(8).toString('hex')
    const place = lowestFree(this.#taken)
    this.#taken.add(place)
    const desks = {
      limits: openLimitDesk(limiter),
      ledger: openLedgerDesk(ledger, (fault) => {
        metrics.noteLedgerFault()
        log.error({ err: fault }, 'bug')
      }),
    }
    const process = forkWorker(workerFile, [this.#compiledCodeDir], this.#listening.descriptors, workerLog)
    if (how !== 'urgent') this.#priorities.lower(process.pid)
    const member = openMember({
      clock,
      process,
      ownerId,
      place,
      isSpare: how === 'spare',
      onNeeded: () => this.#priorities.restore(process.pid),
      orders: () => this.#ordersFor(ownerId, place),
      answers: this.#answersFor(desks, place),
      hears: this.#hearsFrom(desks, ownerId, () => member),
      onBug: (error) => log.error({ err: error }, 'bug'),
    })
    this.#desks.set(member, desks)
    return member
  }

  /** It has closed its spool in order, and is about to leave. */
  async drained(member: Member, { position, failure, metrics: share }: Drained): Promise<void> {
    const { log, stores } = this.#parts
    this.#shares.tell(member, share)
    if (failure !== undefined)
      log.error({ worker: member.pid, err: failure }, 'a worker could not write all its records')
    await stores.workerSpools.end({ ownerId: member.ownerId, position })
  }

  /** Its process is dead. */
  async ended(member: Member): Promise<void> {
    const desks = this.#desks.get(member)
    this.#desks.delete(member)
    desks?.limits.release()
    this.#shares.end(member)
    // One that could not write all its records has kept to itself what they would have ended.
    const isInOrder = member.state === 'left' && desks?.ledger.hasOpen !== true
    if (!isInOrder && member.hasBegun) await this.#takeInWhatIsLeft(member, desks?.ledger)
    this.#taken.delete(member.place)
  }

  /** What a worker has counted so far. */
  counted(member: Member, share: MetricsShare): void {
    if (this.#desks.has(member)) this.#shares.tell(member, share)
  }

  /** What the workers counted, those that have ended included. */
  shares(): Promise<readonly MetricsShare[]> {
    return this.#shares.all()
  }

  #ordersFor(ownerId: string, place: number): Orders {
    const { dataDir, pepper, place: listensAt, stores } = this.#parts
    return {
      protocolVersion,
      dataDir,
      ownerId,
      place,
      listen: { host: listensAt.host, descriptors: inheritedDescriptors(this.#listening.descriptors) },
      config: this.configInForce,
      pepper,
      directory: stores.directory.contents(),
      health: this.health.news(),
    }
  }

  #answersFor(desks: Desks, place: number): MemberParts['answers'] {
    const { ledger, limiter, stores } = this.#parts
    const { stateHolders } = stores
    return {
      'take-limit': (asked) => desks.limits.take(asked),
      reserve: (ask) => desks.ledger.reserve(ask),
      'probe-hold': (ask) => ledger.probe(ask),
      balances: (rules) => ledger.balances(rules),
      'balances-for': (asks) => ledger.balancesFor(asks),
      'give-back': async (asked) => void (await ledger.giveBack(asked)),
      'limit-accounts': () => limiter.accounts(),
      'claim-probe': (subject) => this.health.claimProbe(subject),
      'state-holders': async (ids) => (await stateHolders.holdersOf(ids)).map((holder) => holder ?? null),
      'keep-object': (object) => stateHolders.keepObject(object),
      'objects-of': (question) => stateHolders.objectsOf(question),
      'forget-object': async (id) => void (await stateHolders.forget(id)),
      'find-open': async (asked) => (await stateHolders.openOf(asked)) ?? null,
      'take-open': async (asked) => (await stateHolders.takeOpen(asked)) ?? null,
      'prepare-reserve': async () => void (await stores.workerSpools.prepareReserve(place)),
    }
  }

  #hearsFrom(desks: Desks, ownerId: string, member: () => Member): MemberParts['hears'] {
    const { log, metrics, stores } = this.#parts
    return {
      spool: (position) => stores.workerSpools.announce({ ownerId, position }),
      'limit-rule': (told) => desks.limits.learnRule(told),
      'forget-limit-rules': () => desks.limits.forgetRules(),
      'settle-limit': ({ takeId, used }) => desks.limits.settle(takeId, used),
      'keep-state': ({ ids, holder }) => stores.stateHolders.keep(ids, holder),
      'refund-limit': (takeId) => desks.limits.refund(takeId),
      'cancel-limit': (takeId) => desks.limits.cancel(takeId),
      dispatch: (holdId) => desks.ledger.dispatch(holdId),
      shrink: ({ holdId, most }) => desks.ledger.shrink(holdId, most),
      settle: ({ holdId, entry }) => desks.ledger.settle(holdId, entry),
      release: (holdId) => desks.ledger.release(holdId),
      health: (news) => {
        this.health.hear(news)
        this.#tellOthers(news, member())
      },
      'store-failure': (problem) => {
        metrics.noteRecordFailure()
        log.error({ err: problem, worker: member().pid }, 'the store reports a failure in a worker')
      },
    }
  }

  #tellOthers(news: HealthNews, teller: Member | undefined): void {
    for (const member of this.#desks.keys())
      // Whoever has not begun is told with its orders what is known by then.
      if (member !== teller && member.hasBegun && member.state !== 'dead' && member.state !== 'left')
        member.tell('health', news)
  }

  #takeInWhatIsLeft(member: Member, ledgerDesk: LedgerDesk | undefined): Promise<void> {
    const { clock, log, stores } = this.#parts
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
