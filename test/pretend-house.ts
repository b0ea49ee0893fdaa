import type { BudgetRule } from '../src/canonical/budget.ts'
import { GatewayError } from '../src/canonical/error.ts'
import type { Principal } from '../src/canonical/principal.ts'
import type { UsageRecord } from '../src/canonical/usage-record.ts'
import { openPriceBook } from '../src/accounting/price-book.ts'
import type { RowsOfProviders } from '../src/accounting/price-rows.ts'
import { dialects } from '../src/dialects/all.ts'
import { askingOf } from '../src/gateway/asking.ts'
import { attemptInOrder, type Answer } from '../src/gateway/attempt.ts'
import { budgetsOver } from '../src/gateway/budget.ts'
import { CarriedGuard } from '../src/gateway/carried/guard-carried.ts'
import { carriedCallOf } from '../src/gateway/carried/carried-call.ts'
import { nothingUsed, refuseFailure, relayFlow, settleWhole } from '../src/gateway/carried/relay-carried.ts'
import { free, send, type Carrying, type Sent } from '../src/gateway/carried/send.ts'
import { Drains } from '../src/gateway/drain.ts'
import { ClientGone, type Client, type Exchange } from '../src/gateway/exchange.ts'
import { noGuardWays } from '../src/gateway/guards/guard-way.ts'
import { openMeter } from '../src/gateway/meter.ts'
import type { Parts } from '../src/gateway/parts.ts'
import { readAsked } from '../src/gateway/read-asked.ts'
import type { Snapshot } from '../src/gateway/snapshot.ts'
import type { OnAbort, Provider, Upstream, UpstreamCall, UpstreamHandler } from '../src/providers/provider.ts'
import { compileCatalog } from '../src/routing/catalog.ts'
import { openHealth, type Health } from '../src/routing/health.ts'
import { planFor } from '../src/routing/plan.ts'
import { mostRetries, openRetryBudget, type RetryBudget } from '../src/routing/retry-budget.ts'
import { defaultDeadlines, modelSettings, type Deadlines } from '../src/routing/settings.ts'
import { openRateLimiter } from '../src/stores/embedded/rate-limiter.ts'
import { openMemoryHolders } from './memory-holders.ts'
import type { Ledger } from '../src/stores/ports/ledger.ts'
import { seededRandom } from './replay-upstream.ts'
import { turnedClock, type TurnedClock } from './turned-clock.ts'

/*
 * The whole of choosing, trying, waiting and hedging, on a clock that is turned by hand. Only the network is made up.
 */

export interface Behaviour {
  /** 0: the connection is refused. */
  readonly status: number
  readonly afterMs: number
  readonly headers?: Readonly<Record<string, string>>
  /** What it bills. Default: one token each. */
  readonly inputTokens?: number
  readonly outputTokens?: number
}

export interface HouseSettings {
  readonly targets: readonly string[]
  readonly seed: number
  readonly model?: object
  readonly deadlines?: Partial<Deadlines>
  readonly tagsOf?: (provider: string) => readonly string[]
  readonly onAbortOf?: (provider: string) => OnAbort | undefined
  /** Above every call. They are kept by `ledger`. */
  readonly budgets?: readonly BudgetRule[]
  readonly ledger?: Ledger
  readonly prices?: RowsOfProviders
  /** Who calls, where that matters. */
  readonly caller?: Partial<Principal>
  /** How long the disk takes to confirm an intent. Default: no time. */
  readonly diskMs?: number
  /** From when on it confirms nothing more. Only with `diskMs`. Default: never. */
  readonly diskBreaksAfterMs?: number
  /** Told of every record, as a store is. */
  readonly onRecord?: (record: UsageRecord) => void
}

interface EndedCall {
  readonly id: string
  readonly attempts: number
  readonly answeredBy?: string
  readonly problem?: string
}

export interface HouseCall {
  leave(): void
  /** A drain ends it. */
  stop(problem: GatewayError): void
  /** What its client was told, in order. Only what is carried is told. */
  readonly told: readonly string[]
  readonly ended: Promise<void>
}

export interface House {
  readonly health: Health
  readonly budget: RetryBudget
  readonly random: () => number
  /** Providers in the order in which they were sent something. */
  readonly sent: readonly string[]
  readonly aborted: readonly string[]
  readonly records: readonly UsageRecord[]
  readonly intents: readonly string[]
  readonly calls: readonly EndedCall[]
  /** By how much retries under way ever went past their bound. */
  readonly worstExcess: number
  sentTo(provider: string): number
  behave(behaviour: (provider: string) => Behaviour): void
  call(): HouseCall
  /** A call that is carried whole, to the first target's provider. @param flows its answer passes as it comes. */
  carry(flows?: boolean): HouseCall
  callEvery(ms: number, count: number): Promise<void>
  turn(ms: number): Promise<void>
}

export function openHouse(settings: HouseSettings): House {
  const {
    targets,
    seed,
    model = {},
    tagsOf = () => [],
    onAbortOf = () => undefined,
    budgets = [],
    diskMs = 0,
    diskBreaksAfterMs = Infinity,
    onRecord = () => {},
  } = settings
  const clock = turnedClock()
  const openedAtMs = clock.nowMs()
  const deadlines = { ...defaultDeadlines, ...settings.deadlines }
  const random = seededRandom(seed)
  const providers = new Map(
    targets.map((name) => [name, { ...providerOf(name, tagsOf(name)), onAbort: onAbortOf(name) }]),
  )
  const { catalog } = compileCatalog(
    { smart: modelSettings.parse({ targets: targets.map((provider) => ({ provider, model: 'm' })), ...model }) },
    deadlines,
    providers,
    () => false,
    () => undefined,
  )
  const found = catalog.find('smart')
  if (!found) throw new Error('the catalog has lost its model')
  const [sent, aborted, records, intents, calls]: [string[], string[], UsageRecord[], string[], EndedCall[]] = [
    [],
    [],
    [],
    [],
    [],
  ]
  let behaviour: (provider: string) => Behaviour = () => ({ status: 200, afterMs: 1 })
  let worstExcess = -Infinity
  let begun = 0
  const health = openHealth({ clock, onOpened: () => {} })
  const budget = openRetryBudget(health)
  const upstream = upstreamOf(clock, (origin) => {
    const provider = origin.slice('http://'.length)
    sent.push(provider)
    return behaviour(provider)
  })
  const snapshot: Snapshot = {
    version: 'v1',
    identity: { entities: [], keys: [], leftOut: [], keyByHash: () => undefined },
    catalog,
    providers,
    prices: openPriceBook({
      overrides: settings.prices ?? {},
      files: [],
      priceProviders: new Map(targets.map((name) => [name, undefined])),
    }),
    guardrails: [],
    guards: noGuardWays,
    maxBodyBytes: 1_000,
    deadlines,
    modelLimits: new Map(),
    modelBudgets: new Map(),
  }
  const parts: Parts = {
    clock,
    random,
    snapshot: () => snapshot,
    hashOf: (key) => key,
    usage: {
      intend: ({ requestId, attempt }) => void intents.push(`${requestId} ${attempt}`),
      narrow: () => {},
      append: (record) => {
        records.push(record)
        onRecord(record)
      },
      written: () => {
        if (diskMs === 0) return Promise.resolve()
        const isBroken = clock.nowMs() - openedAtMs >= diskBreaksAfterMs
        return new Promise((resolve, reject) => {
          clock.after(diskMs, () => (isBroken ? reject(new GatewayError('overloaded')) : resolve()))
        })
      },
    },
    limiter: openRateLimiter(clock),
    stateHolders: openMemoryHolders(),
    ledger: settings.ledger ?? noLedger,
    sockets: { openSocket: () => Promise.reject(new Error('no sockets here')) },
    upstream: { send: (call, handler) => upstream(call, handler, aborted), close: () => Promise.resolve() },
    health,
    retryBudget: {
      take: (id) => {
        const before = budget.underWay
        const release = budget.take(id)
        if (release) worstExcess = Math.max(worstExcess, budget.underWay - mostRetries(health.runningInAll, before))
        return release
      },
      get underWay() {
        return budget.underWay
      },
    },
    drains: new Drains(),
    hooks: { weigh: [], sinks: [] },
    onGuardAsked: () => {},
    onNoCredential: () => {},
    monitor: { add: () => undefined },
  }

  const arrive = () => {
    const client = new PretendClient()
    const exchange: Exchange = {
      id: `call-${(begun += 1)}`,
      startedAtMs: clock.nowMs(),
      startedMonotonicMs: clock.monotonicMs(),
      endpoint: { path: '/v1/chat/completions', dialect: dialects['openai-chat'], operation: 'chat' },
      headers: { one: () => undefined, times: () => 0 },
      client,
      admit: () => undefined,
    }
    const meter = openMeter(exchange, snapshot, parts)
    const caller = { ...callerOf, ...settings.caller, budgets }
    meter.identified(caller)
    const endsWith = (came: Promise<{ readonly answeredBy: string }>): HouseCall => ({
      leave: () => client.leave(),
      stop: (problem) => client.stop(problem),
      told: client.told,
      ended: came.catch(problemOf).then((end) => {
        meter.close()
        calls.push({ id: exchange.id, attempts: meter.attempts, ...end })
      }),
    })
    return { exchange, meter, caller, endsWith }
  }

  const call = () => {
    const { exchange, meter, caller, endsWith } = arrive()
    const asked = readAsked(dialects['openai-chat'], body)
    meter.asked(asked)
    const plan = planFor(found, askingOf(exchange, asked, caller, found.model, snapshot, parts))
    const budgeted = budgetsOver(caller, asked, found.model.name, snapshot)
    const finish = (answer: Answer) => {
      answer.release()
      answer.meter.settle({
        status: 'ok',
        errorKind: undefined,
        failureClass: undefined,
        httpStatus: 200,
        facts:
          answer.opened.kind === 'whole' ? { ...answer.opened.facts, isUsageFinal: true, contentFrames: 0 } : undefined,
        answerLosses: [],
        isLast: true,
      })
      return { answeredBy: answer.target.id }
    }
    const trying = { exchange, asked, guard: undefined, plan, budgeted, meter, parts }
    return endsWith(attemptInOrder(trying).then(finish))
  }

  const carry = (flows = false) => {
    const { exchange, meter, caller, endsWith } = arrive()
    meter.asked({ call: carriedCallOf(''), body, textBytes: 0 })
    const [provider] = providers.values()
    const [credential] = provider?.credentials ?? []
    if (!provider || !credential) throw new Error('a house without a provider')
    const carrying: Carrying = { exchange, family: 'openai', meter, snapshot, parts }
    const sending = send(carrying, {
      destination: { provider, credential, basePath: '/v1' },
      method: 'POST',
      path: '/v1/batches',
      body,
      flows: () => flows,
      notFound: undefined,
      hold: undefined,
      declared: free,
      reason: 'the first',
    })
    const finish = async (sent: Sent) => {
      refuseFailure(sent)
      if (sent.opened.kind === 'flow') {
        const guard = new CarriedGuard({
          call: carriedCallOf(''),
          sizeBytes: body.length,
          principal: caller,
          snapshot,
          clock,
          isUnknown: true,
        })
        const start = { head: sent.opened.head, provider: provider.name, headers: [], guard }
        await relayFlow(carrying, sent, start, () => nothingUsed)
      } else settleWhole(sent, undefined)
      return { answeredBy: provider.name }
    }
    return endsWith(sending.then(finish))
  }

  const turn = async (ms: number) => {
    for (let turned = 0; turned < ms; turned += 1) {
      await settled()
      clock.turn(Math.min(1, ms - turned))
    }
    await settled()
  }
  return {
    health,
    budget,
    random,
    sent,
    aborted,
    records,
    intents,
    calls,
    get worstExcess() {
      return worstExcess
    },
    sentTo: (provider) => sent.filter((one) => one === provider).length,
    behave: (next) => void (behaviour = next),
    call,
    carry,
    turn,
    callEvery: async (ms, count) => {
      const running: Promise<void>[] = []
      for (let made = 0; made < count; made += 1) {
        running.push(call().ended)
        await settled()
        clock.turn(ms)
      }
      let isOver = false
      void Promise.all(running).then(() => (isOver = true))
      for (;;) {
        await settled()
        if (isOver) return
        clock.turn(25)
      }
    },
  }
}

function problemOf(thrown: unknown): { readonly problem: string } {
  return {
    problem: thrown instanceof ClientGone ? 'gone' : thrown instanceof GatewayError ? thrown.kind : String(thrown),
  }
}

/** Everything that is due on this turn of the event loop has run. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

const body = Buffer.from(JSON.stringify({ model: 'smart', messages: [{ role: 'user', content: 'hello' }] }))

function replyOf({ inputTokens = 1, outputTokens = 1 }: Behaviour): Buffer {
  const usage = {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
  }
  const message = { role: 'assistant', content: 'hello' }
  return Buffer.from(JSON.stringify({ choices: [{ index: 0, message, finish_reason: 'stop' }], usage }))
}

/** Has room for everything, and keeps no books. */
export const grantingLedger: Ledger = {
  reserve: () => Promise.resolve({ kind: 'granted', entry: '[]', states: '[]' }),
  dispatch: () => {},
  shrunkEntry: () => '[]',
  shrink: () => '[]',
  settle: () => ({ entry: '[]', excess: [] }),
  void: () => {},
  release: () => {},
  probe: () => Promise.resolve({ kind: 'granted', entry: '[]', states: '[]' }),
  balances: () => Promise.resolve([]),
  balancesFor: () => Promise.resolve([]),
  giveBack: () => Promise.resolve(),
}

/** Where no budget is above a call, nobody asks the ledger. */
export const noLedger: Ledger = {
  reserve: () => Promise.reject(new Error('no ledger was handed in')),
  dispatch: () => {},
  shrunkEntry: () => '[]',
  shrink: () => '[]',
  settle: () => ({ entry: '[]', excess: [] }),
  void: () => {},
  release: () => {},
  probe: () => Promise.reject(new Error('no ledger was handed in')),
  balances: () => Promise.resolve([]),
  balancesFor: () => Promise.resolve([]),
  giveBack: () => Promise.resolve(),
}

const callerOf: Principal = {
  organisation: 'acme',
  team: undefined,
  project: undefined,
  user: undefined,
  agent: undefined,
  keyId: 'k',
  keyName: 'ci',
  allowedModels: [],
  requiredTags: [],
  limits: [],
  budgets: [],
  runId: undefined,
  metadata: {},
}

function providerOf(name: string, tags: readonly string[]): Provider {
  return {
    name,
    kind: 'openai-compatible',
    origin: `http://${name}`,
    endpoints: { 'openai-chat': '/v1/chat/completions' },
    credentials: [{ id: `${name}#0`, secret: '', weight: 1 }],
    priceProvider: undefined,
    network: { connectTimeoutMs: 1, maxConnections: 1 },
    tags,
    headers: () => [],
  }
}

/** A network in which a provider answers after a while. */
function upstreamOf(clock: TurnedClock, ask: (origin: string) => Behaviour) {
  return (call: UpstreamCall, handler: UpstreamHandler, aborted: string[]): ReturnType<Upstream['send']> => {
    const behaviour = ask(call.origin)
    const { status, afterMs, headers = {} } = behaviour
    const timer = clock.after(afterMs, () => {
      if (status === 0)
        return handler.failure({ class: 'not-sent', kind: 'upstream_unavailable', message: 'connect ECONNREFUSED' })
      handler.head(status, (name) => headers[name])
      handler.chunk(status === 200 ? replyOf(behaviour) : Buffer.from('{"error":{"message":"no"}}'))
      handler.end()
    })
    return {
      pause: () => {},
      resume: () => {},
      abort: () => {
        timer.cancel()
        aborted.push(call.origin.slice('http://'.length))
      },
    }
  }
}

class PretendClient implements Client {
  readonly #onGone: (() => void)[] = []
  readonly #onStop: ((problem: GatewayError) => void)[] = []
  #stopped: GatewayError | undefined
  readonly told: string[] = []
  isGone = false
  readonly hasBegun = false

  leave(): void {
    this.isGone = true
    for (const then of this.#onGone) then()
  }

  stop(problem: GatewayError): void {
    this.#stopped = problem
    for (const then of this.#onStop) then(problem)
  }

  readBody(): Promise<Buffer> {
    return Promise.resolve(body)
  }

  gone(then: () => void): void {
    if (this.isGone) then()
    else this.#onGone.push(then)
  }

  stopped(then: (problem: GatewayError) => void): void {
    if (this.#stopped) then(this.#stopped)
    else this.#onStop.push(then)
  }

  head(status: number): void {
    this.told.push(`head ${status}`)
  }

  end(lastBytes?: Buffer): void {
    this.told.push(`end ${lastBytes?.length ?? 0}`)
  }

  breakOff(): void {
    this.told.push('break-off')
  }

  write(bytes: Buffer): boolean {
    this.told.push(`write ${bytes.length}`)
    return true
  }

  drained(then: () => void): void {
    then()
  }
}
