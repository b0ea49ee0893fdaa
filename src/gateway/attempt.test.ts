import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../test/replay-upstream.ts'
import { turnedClock, type TurnedClock } from '../../test/turned-clock.ts'
import type { KeptDecision } from '../canonical/decision.ts'
import type { UsageRecord } from '../canonical/usage-record.ts'
import { dialects } from '../dialects/all.ts'
import { compileCatalog } from '../routing/catalog.ts'
import { circuitLimits } from '../routing/circuit.ts'
import { openHealth, type Health } from '../routing/health.ts'
import { planFor } from '../routing/plan.ts'
import { mostRetries, openRetryBudget, type RetryBudget } from '../routing/retry-budget.ts'
import { defaultDeadlines, modelSettings } from '../routing/settings.ts'
import type { Principal } from '../canonical/principal.ts'
import type { Provider, Upstream, UpstreamCall, UpstreamHandler } from '../providers/provider.ts'
import { openRateLimiter } from '../stores/embedded/rate-limiter.ts'
import { askingOf } from './asking.ts'
import { attemptInOrder, type Answer } from './attempt.ts'
import { ClientGone, type Client, type Exchange } from './exchange.ts'
import { openMeter } from './meter.ts'
import type { Parts } from './parts.ts'
import { readAsked } from './read-asked.ts'
import type { Snapshot } from './snapshot.ts'

/*
 * The whole of choosing, trying, waiting and hedging, on a clock that is turned by hand: thousands of calls in a second.
 * Only the network is made up. The journeys in `test/journeys` do the same over real sockets.
 */

describe('fault 18: a total outage', () => {
  it.each([
    ['from the start', 0],
    ['of providers that had been serving', 200],
  ])('%s: retries stay in their budget, and no provider gets more than 1.2 times the calls', async (_, served) => {
    const house = openHouse({ targets: ['a', 'b', 'c'], seed: 18 })
    house.behave(() =>
      house.sent.length < served ? { status: 200, afterMs: 40 } : { status: 503, afterMs: 20 + house.random() * 60 },
    )
    const calls = 3_000
    await house.callEvery(2, calls)
    expect(house.sent.length / calls).toBeLessThanOrEqual(1.2)
    expect(house.worstExcess).toBeLessThanOrEqual(0)
    // It is not refused without a try either: the last candidate is always tried.
    expect(house.records).toHaveLength(house.sent.length)
    expect(house.calls.every(({ attempts }) => attempts >= 1)).toBe(true)
  })

  it('lets one probe at a time through to a half-open target, and comes back when it is well', async () => {
    const house = openHouse({ targets: ['a', 'b'], seed: 4 })
    let isWell = false
    house.behave((id) => (id === 'a' && !isWell ? { status: 503, afterMs: 30 } : { status: 200, afterMs: 30 }))
    await house.callEvery(5, 100)
    expect(house.health.target('a/m')).toBe('open')
    const before = house.sentTo('a')
    await house.turn(circuitLimits.openMs)
    await house.callEvery(1, 20)
    expect(house.sentTo('a') - before).toBe(1)
    isWell = true
    await house.turn(circuitLimits.longestOpenMs)
    await house.callEvery(40, 20)
    expect(house.health.target('a/m')).toBe('closed')
    expect(house.calls.slice(-10).every(({ answeredBy }) => answeredBy === 'a/m')).toBe(true)
  })
})

describe('a plan\u2019s bounds', () => {
  it('hold whatever fails: tags are never violated, targets are tried in bounds, each attempt has one record', async () => {
    const behaviour = fc.constantFrom<Behaviour>(
      { status: 200, afterMs: 10 },
      { status: 200, afterMs: 4_000 },
      { status: 503, afterMs: 10 },
      { status: 429, afterMs: 10, headers: { 'retry-after': '1' } },
      { status: 401, afterMs: 10 },
      { status: 400, afterMs: 10 },
      { status: 0, afterMs: 10 },
    )
    await fc.assert(
      fc.asyncProperty(
        fc.array(behaviour, { minLength: 1, maxLength: 12 }),
        fc.constantFrom('priority', 'weighted', 'fastest', 'least-busy'),
        fc.boolean(),
        fc.integer(),
        async (behaviours, strategy, isHedged, seed) => {
          const house = openHouse({
            targets: ['eu1', 'us1', 'eu2', 'us2'],
            seed,
            model: { strategy, require: ['region:eu'], ...(isHedged ? { hedge: { afterMs: 500, maxExtra: 2 } } : {}) },
            tagsOf: (name) => [`region:${name.slice(0, 2)}`],
          })
          let next = 0
          house.behave(() => behaviours[next++ % behaviours.length] ?? { status: 200, afterMs: 1 })
          await house.callEvery(50, 12)
          expect(house.sent.filter((id) => !id.startsWith('eu'))).toEqual([])
          expect(house.records.map(({ requestId, attempt }) => `${requestId} ${attempt}`).toSorted()).toEqual(
            [...new Set(house.intents)].toSorted(),
          )
          expect(house.calls.every(({ attempts }) => attempts <= 4)).toBe(true)
          expect(house.health.runningInAll).toBe(0)
          expect(house.budget.underWay).toBe(0)
          const decided = house.records.filter(({ decision }) => decision !== undefined)
          expect(decided.map(({ requestId }) => requestId).toSorted()).toEqual(
            house.calls.map(({ id }) => id).toSorted(),
          )
        },
      ),
      { numRuns: 60 },
    )
  })
})

describe('hedging', () => {
  const hedged = { hedge: { afterMs: 500 } }

  it('begins a second attempt when no content came, and settles the loser', async () => {
    const house = openHouse({ targets: ['slow', 'quick'], seed: 1, model: hedged })
    house.behave((id) => ({ status: 200, afterMs: id === 'slow' ? 5_000 : 50 }))
    await house.callEvery(1, 1)
    expect(house.calls).toMatchObject([{ answeredBy: 'quick/m', attempts: 2 }])
    expect(house.records).toMatchObject([
      { attempt: 1, provider: 'slow', status: 'aborted', failureClass: 'unknown', usageSource: 'worst_case' },
      { attempt: 2, provider: 'quick', status: 'ok', reason: 'priority 2 of 2, hedge: no content within 500 ms' },
    ])
    expect(house.aborted).toEqual(['slow'])
    const decision = JSON.parse(house.records[1]?.decision ?? '{}') as KeptDecision
    expect(decision.verdicts).toEqual({ 1: 'another attempt was faster' })
  })

  it('begins none when content came in time, and takes the first that answers', async () => {
    const house = openHouse({ targets: ['first', 'second'], seed: 1, model: hedged })
    house.behave(() => ({ status: 200, afterMs: 450 }))
    await house.callEvery(1, 1)
    expect(house.sent).toEqual(['first'])
    house.behave((id) => ({ status: 200, afterMs: id === 'first' ? 600 : 400 }))
    await house.callEvery(1, 1)
    expect(house.calls[1]).toMatchObject({ answeredBy: 'first/m', attempts: 2 })
  })

  it('waits for the other when one fails, and fails when both have', async () => {
    const house = openHouse({ targets: ['first', 'second'], seed: 1, model: hedged })
    house.behave((id) => (id === 'first' ? { status: 503, afterMs: 600 } : { status: 200, afterMs: 400 }))
    await house.callEvery(1, 1)
    expect(house.calls[0]).toMatchObject({ answeredBy: 'second/m', attempts: 2 })
    house.behave((id) => ({ status: 503, afterMs: id === 'first' ? 600 : 400 }))
    await house.callEvery(1, 1)
    expect(house.calls[1]).toMatchObject({ problem: 'upstream_overloaded', attempts: 2 })
  })

  it('goes by a percentile of what was measured, and by nothing before anything was', async () => {
    const house = openHouse({ targets: ['a', 'b'], seed: 1, model: { hedge: { afterPercentile: 90 } } })
    house.behave(() => ({ status: 200, afterMs: 100 }))
    await house.callEvery(5, 20)
    expect(house.sentTo('b')).toBe(0)
    house.behave((id) => ({ status: 200, afterMs: id === 'a' ? 10_000 : 100 }))
    await house.callEvery(1, 1)
    expect(house.records.at(-1)?.reason).toMatch(/hedge: no content within 1\d\d ms/)
  })

  it('counts against the retry budget', async () => {
    const house = openHouse({ targets: ['slow', 'slower'], seed: 1, model: hedged })
    house.behave(() => ({ status: 200, afterMs: 2_000 }))
    await house.callEvery(1, 60)
    expect(house.sentTo('slow')).toBe(60)
    expect(house.sentTo('slower')).toBeLessThanOrEqual(mostRetries(60, 0))
    expect(house.sentTo('slower')).toBeGreaterThan(0)
    expect(house.worstExcess).toBeLessThanOrEqual(0)
  })

  it('ends both when the client goes', async () => {
    const house = openHouse({ targets: ['slow', 'slower'], seed: 1, model: hedged })
    house.behave(() => ({ status: 200, afterMs: 20_000 }))
    const call = house.call()
    await house.turn(1_000)
    expect(house.sent).toEqual(['slow', 'slower'])
    call.leave()
    await call.ended
    expect(house.aborted.toSorted()).toEqual(['slow', 'slower'])
    expect(house.records.map(({ attempt, status }) => [attempt, status]).toSorted()).toEqual([
      [1, 'aborted'],
      [2, 'aborted'],
    ])
  })
})

describe('waiting for the same target', () => {
  it('fault 17: waits as long as the provider asked, and a while more, when no other target is left', async () => {
    const house = openHouse({ targets: ['only'], seed: 1 })
    let refusals = 1
    house.behave(() =>
      refusals-- > 0 ? { status: 429, afterMs: 5, headers: { 'retry-after': '1' } } : { status: 200, afterMs: 5 },
    )
    const call = house.call()
    await house.turn(1_000)
    expect(house.sent).toHaveLength(1)
    await house.turn(300)
    expect(house.sent).toHaveLength(2)
    await call.ended
    expect(house.calls[0]).toMatchObject({ answeredBy: 'only/m', attempts: 2 })
  })

  it('ends when the client goes meanwhile, or the time of the exchange is up', async () => {
    const house = openHouse({ targets: ['only'], seed: 1, model: { deadlines: { totalMs: 900 } } })
    house.behave(() => ({ status: 503, afterMs: 5, headers: { 'retry-after': '2' } }))
    const gone = house.call()
    await house.turn(100)
    gone.leave()
    await gone.ended
    const late = house.call()
    await house.turn(900)
    await late.ended
    expect(house.calls).toMatchObject([{ problem: 'gone' }, { problem: 'upstream_timeout' }])
    expect(house.sent).toHaveLength(2)
    expect(house.budget.underWay).toBe(0)
  })
})

// --- the house -------------------------------------------------------------------------------------------------------

interface Behaviour {
  /** 0: the connection is refused. */
  readonly status: number
  readonly afterMs: number
  readonly headers?: Readonly<Record<string, string>>
}

interface HouseSettings {
  readonly targets: readonly string[]
  readonly seed: number
  readonly model?: object
  readonly tagsOf?: (provider: string) => readonly string[]
}

interface EndedCall {
  readonly id: string
  readonly attempts: number
  readonly answeredBy?: string
  readonly problem?: string
}

interface House {
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
  call(): { leave(): void; readonly ended: Promise<void> }
  callEvery(ms: number, count: number): Promise<void>
  turn(ms: number): Promise<void>
}

function openHouse({ targets, seed, model = {}, tagsOf = () => [] }: HouseSettings): House {
  const clock = turnedClock()
  const random = seededRandom(seed)
  const providers = new Map(targets.map((name) => [name, providerOf(name, tagsOf(name))]))
  const { catalog } = compileCatalog(
    { smart: modelSettings.parse({ targets: targets.map((provider) => ({ provider, model: 'm' })), ...model }) },
    defaultDeadlines,
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
  const health = openHealth({ clock, onOpened: () => {} })
  const budget = openRetryBudget(health)
  const upstream = upstreamOf(clock, (origin) => {
    const provider = origin.slice('http://'.length)
    sent.push(provider)
    return behaviour(provider)
  })
  const snapshot: Snapshot = {
    version: 'v1',
    identity: { entities: [], keys: [], keyByHash: () => undefined },
    catalog,
    providers,
    prices: { priceFor: () => ({ kind: 'unpriced', reason: 'nothing has a price here' }) },
    maxBodyBytes: 1_000,
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
      append: (record) => void records.push(record),
      written: () => Promise.resolve(),
    },
    limiter: openRateLimiter(clock),
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
    hooks: { guardInput: [], weigh: [], sinks: [] },
  }

  const call = () => {
    const client = new PretendClient()
    const exchange: Exchange = {
      id: `call-${calls.length}-${intents.length}-${clock.monotonicMs()}`,
      startedAtMs: clock.nowMs(),
      startedMonotonicMs: clock.monotonicMs(),
      endpoint: { path: '/v1/chat/completions', dialect: dialects['openai-chat'], operation: 'chat' },
      headers: { one: () => undefined, times: () => 0 },
      client,
      admit: () => undefined,
    }
    const asked = readAsked(dialects['openai-chat'], body)
    const meter = openMeter(exchange, snapshot, parts)
    meter.identified(caller)
    meter.asked(asked)
    const plan = planFor(found, askingOf(exchange, asked, caller, found.model, snapshot, parts))
    const finish = (answer: Answer) => {
      answer.release()
      answer.meter.settle({
        status: 'ok',
        errorKind: undefined,
        failureClass: undefined,
        httpStatus: 200,
        facts: undefined,
        answerLosses: [],
        isLast: true,
      })
      return { answeredBy: answer.target.id }
    }
    const ended = attemptInOrder({ exchange, asked, plan, meter, parts }).then(finish, (thrown: unknown) => ({
      problem: thrown instanceof ClientGone ? 'gone' : String((thrown as { kind?: string }).kind ?? thrown),
    }))
    return {
      leave: () => client.leave(),
      ended: ended.then((end) => {
        meter.close()
        calls.push({ id: exchange.id, attempts: meter.attempts, ...end })
      }),
    }
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

/** Everything that is due on this turn of the event loop has run. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

const body = Buffer.from(JSON.stringify({ model: 'smart', messages: [{ role: 'user', content: 'hello' }] }))
const reply = Buffer.from(
  JSON.stringify({
    choices: [{ index: 0, message: { role: 'assistant', content: 'hello' }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
  }),
)

const caller: Principal = {
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
    const { status, afterMs, headers = {} } = ask(call.origin)
    const timer = clock.after(afterMs, () => {
      if (status === 0)
        return handler.failure({ class: 'not-sent', kind: 'upstream_unavailable', message: 'connect ECONNREFUSED' })
      handler.head(status, (name) => headers[name])
      handler.chunk(status === 200 ? reply : Buffer.from('{"error":{"message":"no"}}'))
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
  isGone = false
  readonly hasBegun = false

  leave(): void {
    this.isGone = true
    for (const then of this.#onGone) then()
  }

  readBody(): Promise<Buffer> {
    return Promise.resolve(body)
  }

  gone(then: () => void): void {
    this.#onGone.push(then)
  }

  head(): void {}
  stopped(): void {}
  end(): void {}

  write(): boolean {
    return true
  }

  drained(then: () => void): void {
    then()
  }
}
