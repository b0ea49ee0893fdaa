import { readConfigText } from '../../src/build/config-file.ts'
import { compile } from '../../src/build/compile.ts'
import { dialects } from '../../src/dialects/all.ts'
import { Drains } from '../../src/gateway/drain.ts'
import type { Client, Exchange } from '../../src/gateway/exchange.ts'
import type { FinishedExchange } from '../../src/gateway/hooks.ts'
import type { Parts } from '../../src/gateway/parts.ts'
import { serve } from '../../src/gateway/serve.ts'
import type { Snapshot } from '../../src/gateway/snapshot.ts'
import { windowAt } from '../../src/ledger/window.ts'
import { accountIdOf } from '../../src/ledger/account-id.ts'
import { openHealth } from '../../src/routing/health.ts'
import { openRetryBudget } from '../../src/routing/retry-budget.ts'
import { openLedger } from '../../src/stores/embedded/ledger.ts'
import { openMemoryHolders } from '../memory-holders.ts'
import { openRateLimiter } from '../../src/stores/embedded/rate-limiter.ts'
import { sampleEvent } from '../../src/stores/laws/sample-records.ts'
import type { DirectoryContents } from '../../src/stores/ports/directory.ts'
import type { Grant, OwnLedger } from '../../src/stores/ports/ledger.ts'
import { seededRandom } from '../replay-upstream.ts'
import { MadeUpProviders } from './made-up-providers.ts'
import { MadeUpStore } from './made-up-store.ts'
import { Oracle } from './oracle.ts'
import { withCaps, type OtherCaps } from './other-caps.ts'
import { SimulatedTime } from './simulated-clock.ts'
import { configText, drawCall, hashOf, makePeople, readTraces, type MadeUpKey, type TraceRow } from './traffic.ts'

/** Traces are played so many times as fast as they were recorded, for a crowd under way. */
const speed = 4
const clientsThatLeave = 0.03
const adminEveryMs = 20_000
const lookEveryMs = 30_000
const reloadEveryMs = 240_000
/** How long a dead gateway takes to be there again. */
const downMs = 1_500

export interface SimulationSettings {
  readonly requests: number
  readonly seed: number
  /** A process dies after about so many requests. */
  readonly crashEvery: number
  /** Few accounts in memory, so that they are read again and again. */
  readonly mostAccounts?: number
  /** Caps in place of those of the rules, by rule, and nobody changes them. */
  readonly caps?: OtherCaps
  readonly onProgress?: (told: SimulationReport) => void
}

export interface SimulationReport {
  readonly counts: Readonly<Record<string, number>>
  readonly broken: readonly string[]
  readonly overshootNanos: bigint
  readonly unexplainedNanos: bigint
  readonly simulatedHours: number
  /** By rule, the most that was ever spent and set aside in one of its accounts. */
  readonly most: ReadonlyMap<string, bigint>
}

/**
 * Plays a seeded story on the real pipeline, ledger, routing and meters: only time, clients, providers, disk and database are
 * made up. The process dies now and then, between any two awaits, and another one recovers. The same seed is the same story.
 */
export async function runSimulation(settings: SimulationSettings): Promise<SimulationReport> {
  const simulation = new Simulation(settings)
  return await simulation.run()
}

class Simulation {
  readonly #settings: SimulationSettings
  readonly #random: () => number
  readonly #time = new SimulatedTime(Date.UTC(2026, 10, 23, 12))
  readonly #oracle: Oracle
  readonly #store: MadeUpStore
  readonly #providers: MadeUpProviders
  readonly #directory: DirectoryContents
  readonly #keys: readonly MadeUpKey[]
  readonly #traces: readonly TraceRow[]
  readonly #snapshots: readonly Snapshot[]
  readonly #ends = new Map<string, number>()
  #process: GatewayProcess | undefined
  #asked = 0
  #ids = 0
  #unserved = 0
  #crashes = 0
  #looks = 0
  /** Looks that have come to something. */
  #looked = 0
  #grants = 0
  #unexplained = 0n
  #crashDue = false

  constructor(settings: SimulationSettings) {
    this.#settings = settings
    this.#random = seededRandom(settings.seed)
    this.#oracle = new Oracle(() => this.#time.nowMs)
    this.#store = new MadeUpStore(this.#time, this.#random, this.#oracle)
    this.#providers = new MadeUpProviders(this.#time, this.#random, this.#oracle)
    const { directory, keys } = makePeople(this.#random)
    this.#directory = directory
    this.#keys = keys
    this.#traces = readTraces(this.#random)
    this.#snapshots = ['15', '30', '5'].map((outputPrice) => this.#compile(outputPrice))
  }

  async run(): Promise<SimulationReport> {
    await this.#start()
    this.#time.after(0, this.#arrive)
    if (this.#settings.caps === undefined) this.#time.after(adminEveryMs, this.#administer)
    this.#time.after(lookEveryMs, this.#look)
    const { requests } = this.#settings
    while (this.#asked < requests || (this.#process?.running ?? 1) > 0) await this.#step()
    // Whatever is on its way arrives: writes, shipments, providers that nobody waits for.
    for (const untilMs = this.#time.elapsedMs + 120_000; this.#time.elapsedMs < untilMs;) await this.#step()
    await this.#check()
    this.#oracle.finish(this.#store)
    return this.#report()
  }

  async #step(): Promise<void> {
    if (!this.#time.step()) throw new Error('nothing is planned any more')
    if (!this.#crashDue) return await settled()
    // Between any two awaits: some of what this moment wakes has run, and the rest never will.
    this.#crashDue = false
    for (let awaits = Math.floor(this.#random() * 40); awaits > 0; awaits -= 1) await undefined
    this.#crash()
    await settled()
  }

  readonly #arrive = (): void => {
    const { requests, crashEvery, onProgress } = this.#settings
    if (this.#asked >= requests) return
    const row = this.#traces[this.#asked % this.#traces.length]
    if (!row) throw new Error('there are no traces')
    this.#asked += 1
    if (this.#asked % 10_000 === 0) onProgress?.(this.#report())
    if (this.#process) this.#process.serve(drawCall(row, this.#keys, this.#random))
    else this.#unserved += 1
    if (this.#random() < 1 / crashEvery) this.#time.after(this.#random() * 1_000, () => void (this.#crashDue = true))
    this.#time.after(row.gapMs / speed, this.#arrive)
  }

  #crash(): void {
    if (!this.#process) return
    this.#crashes += 1
    this.#process.die()
    this.#providers.cutAll()
    this.#process = undefined
    this.#store.recover()
    this.#oracle.recovered(this.#store)
    this.#time.after(downMs, () => void this.#start())
  }

  async #start(): Promise<void> {
    const process = new GatewayProcess({
      time: this.#time,
      random: this.#random,
      store: this.#store,
      providers: this.#providers,
      oracle: this.#oracle,
      snapshot: () => this.#snapshot,
      nextId: () => `r${(this.#ids += 1)}`,
      onEnd: (end) => this.#ends.set(end, (this.#ends.get(end) ?? 0) + 1),
      mostAccounts: this.#settings.mostAccounts,
      caps: this.#settings.caps,
    })
    const opening = process.open()
    // Before the first arrival nobody else moves time on.
    if (this.#asked === 0) while (!process.isOpen) await this.#step()
    await opening
    this.#process = process
  }

  get #snapshot(): Snapshot {
    const snapshot = this.#snapshots[Math.floor(this.#time.elapsedMs / reloadEveryMs) % this.#snapshots.length]
    if (!snapshot) throw new Error('there are no snapshots')
    return snapshot
  }

  /** Somebody tops up, raises, changes a cap, or prices anew. */
  readonly #administer = (): void => {
    this.#time.after(adminEveryMs, this.#administer)
    const process = this.#process
    const keyed = this.#snapshot.identity.keys[Math.floor(this.#random() * this.#keys.length)]
    const rule = keyed?.budgets[Math.floor(this.#random() * keyed.budgets.length)]
    if (!process || !rule) return
    const value = rule.by === undefined ? undefined : 'acme/c1'
    const accountId = accountIdOf({ rule, value }, windowAt(rule, this.#time.nowMs))
    const amount = rule.cap / 20n
    const chance = this.#random()
    this.#grants += 1
    if (chance < 0.2) {
      const entry = {
        kind: 'rerate' as const,
        requestId: undefined,
        attempt: undefined,
        accountId,
        amount: amount / 20n,
        detail: '{}',
      }
      const append = process.own.append([entry], { ...sampleEvent, atMs: this.#time.nowMs })
      return void append.then(() => process.isDead || this.#oracle.adjusted(accountId, amount / 20n))
    }
    const untilMs = this.#time.nowMs + 600_000
    const cap = this.#random() < 0.5 ? undefined : (rule.cap * BigInt(Math.floor(this.#random() * 150))) / 100n
    const grant: Grant =
      chance < 0.4
        ? { kind: 'top-up', accountId, amount }
        : chance < 0.6
          ? { kind: 'raise', ruleId: rule.id, value: this.#random() < 0.5 ? value : undefined, amount, untilMs }
          : { kind: 'cap', ruleId: rule.id, cap }
    void process.own.grant(grant, { ...sampleEvent, atMs: this.#time.nowMs }).then(() => {
      if (!process.isDead) this.#oracle.granted(this.#store.entries)
    })
  }

  readonly #look = (): void => {
    this.#time.after(lookEveryMs, this.#look)
    void this.#lookAt(this.#process)
  }

  async #lookAt(process: GatewayProcess | undefined): Promise<void> {
    if (!process) return
    this.#looks += 1
    const unexplained = await process.own.unexplained()
    this.#looked += 1
    if (process.isDead || unexplained === 0n) return
    this.#unexplained += unexplained
    this.#oracle.fail(`I2: ${unexplained} cannot be explained`)
  }

  async #check(): Promise<void> {
    while (!this.#process) await this.#step()
    const before = this.#looked
    void this.#lookAt(this.#process)
    while (this.#looked === before) await this.#step()
    const { holds } = this.#process.own.state()
    if (holds > 0) this.#oracle.fail(`I2: the ledger is left with ${holds} holds`)
  }

  #compile(outputPrice: string): Snapshot {
    const compiled = compile(readConfigText(configText(outputPrice), 'simulation.yaml'), {
      sources: {
        baseDir: '.',
        variable: () => undefined,
        privateFile: () => ({ ok: false, cause: 'absent', reason: 'there are no files' }),
        openFile: () => ({ ok: false, cause: 'absent', reason: 'there are no files' }),
      },
      directory: this.#directory,
      before: undefined,
      simulatedOrigin: '',
      mustHaveSecrets: false,
      nowMs: this.#time.nowMs,
    })
    if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems))
    return compiled.snapshot
  }

  #report(): SimulationReport {
    return {
      counts: {
        requests: this.#asked,
        unserved: this.#unserved,
        sent: this.#providers.sent,
        crashes: this.#crashes,
        looks: this.#looks,
        capChanges: this.#grants,
        ...this.#oracle.counts,
        ...Object.fromEntries([...this.#ends].toSorted(([one], [other]) => (one < other ? -1 : 1))),
      },
      broken: this.#oracle.broken,
      overshootNanos: this.#oracle.overshootNanos,
      unexplainedNanos: this.#unexplained,
      most: this.#oracle.most,
      simulatedHours: this.#time.elapsedMs / 3_600_000,
    }
  }
}

interface Surroundings {
  readonly time: SimulatedTime
  readonly random: () => number
  readonly store: MadeUpStore
  readonly providers: MadeUpProviders
  readonly oracle: Oracle
  readonly snapshot: () => Snapshot
  readonly nextId: () => string
  readonly onEnd: (end: string) => void
  readonly mostAccounts: number | undefined
  readonly caps: OtherCaps | undefined
}

/** One life of a gateway. */
class GatewayProcess {
  isDead = false
  isOpen = false
  running = 0
  readonly #around: Surroundings
  #parts: Parts | undefined
  #own: OwnLedger | undefined

  constructor(around: Surroundings) {
    this.#around = around
  }

  async open(): Promise<void> {
    const { time, random, store, providers, oracle, snapshot, mostAccounts, caps } = this.#around
    const clock = time.clockOf(this)
    const { usage, accounts, entries } = store.openFor(this)
    this.#own = await openLedger({ clock, accounts, entries, ...(mostAccounts === undefined ? {} : { mostAccounts }) })
    const health = openHealth({ clock, onOpened: () => {} })
    this.#parts = {
      clock,
      random,
      snapshot,
      hashOf,
      usage: {
        intend: (intent) => {
          if (!this.isDead) oracle.intended(intent)
          usage.intend(intent)
        },
        narrow: (intent) => {
          if (!this.isDead) oracle.narrowed(intent)
          usage.narrow(intent)
        },
        append: (record) => {
          if (!this.isDead) oracle.ended(record)
          usage.append(record)
        },
        written: () => usage.written(),
      },
      limiter: openRateLimiter(clock),
      stateHolders: openMemoryHolders(),
      ledger: withCaps(oracle.watch(this.#own, this), caps),
      upstream: providers.openFor(this),
      sockets: { openSocket: () => Promise.reject(new Error('no sockets here')) },
      health,
      retryBudget: openRetryBudget(health),
      drains: new Drains(),
      hooks: { weigh: [], sinks: [(finished) => this.#note(finished)] },
      onGuardAsked: () => {},
      onNoCredential: () => {},
      monitor: { add: () => undefined },
    }
    this.isOpen = true
  }

  get own(): OwnLedger {
    if (!this.#own) throw new Error('the process is not open')
    return this.#own
  }

  die(): void {
    this.isDead = true
  }

  serve({ body, headers }: { readonly body: Buffer; readonly headers: Readonly<Record<string, string>> }): void {
    const parts = this.#parts
    if (!parts) throw new Error('the process is not open')
    const { time, random, oracle, nextId } = this.#around
    const client = new MadeUpClient(body, () => {
      if (!this.isDead) oracle.answered(exchange.id)
    })
    const exchange: Exchange = {
      id: nextId(),
      startedAtMs: time.nowMs,
      startedMonotonicMs: time.elapsedMs,
      endpoint: { path: '/v1/chat/completions', dialect: dialects['openai-chat'], operation: 'chat' },
      headers: { one: (name) => headers[name], times: (name) => (name in headers ? 1 : 0) },
      client,
      admit: () => undefined,
    }
    this.running += 1
    if (random() < clientsThatLeave)
      time.after(random() * 8_000, () => {
        if (!this.isDead) client.leave()
      })
    void serve(exchange, parts).finally(() => (this.running -= 1))
  }

  #note({ status, errorKind, bug, id }: FinishedExchange): void {
    if (this.isDead) return
    if (bug !== undefined) this.#around.oracle.fail(`a bug in ${id}: ${String(bug)}`)
    this.#around.onEnd(errorKind ?? `status ${status}`)
  }
}

class MadeUpClient implements Client {
  readonly #body: Buffer
  readonly #onEnd: () => void
  readonly #onGone: (() => void)[] = []
  isGone = false
  hasBegun = false

  constructor(body: Buffer, onEnd: () => void) {
    this.#body = body
    this.#onEnd = onEnd
  }

  leave(): void {
    if (this.isGone) return
    this.isGone = true
    for (const then of this.#onGone) then()
  }

  readBody(): Promise<Buffer> {
    return Promise.resolve(this.#body)
  }

  gone(then: () => void): void {
    if (this.isGone) then()
    else this.#onGone.push(then)
  }

  head(): void {
    this.hasBegun = true
  }

  end(): void {
    this.#onEnd()
  }

  breakOff(): void {
    this.#onEnd()
  }

  write(): boolean {
    return true
  }

  drained(then: () => void): void {
    then()
  }

  stopped(): void {}
}

/** Everything that this moment wakes has run. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
