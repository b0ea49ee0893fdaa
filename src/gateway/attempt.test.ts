import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { grantingLedger, openHouse, type Behaviour, type House } from '../../test/pretend-house.ts'
import { GatewayError } from '../canonical/error.ts'
import { sampleBudget } from '../stores/laws/sample-budgets.ts'
import type { Ledger } from '../stores/ports/ledger.ts'
import type { KeptDecision } from '../canonical/decision.ts'
import { circuitLimits } from '../routing/circuit.ts'
import { mostRetries } from '../routing/retry-budget.ts'

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

  it.each([429, 401, 503])('once all have answered %i, a call is tried once', async (status) => {
    const house = openHouse({ targets: ['a', 'b', 'c'], seed: 1 })
    house.behave(() => ({ status, afterMs: 5, headers: { 'retry-after': '30' } }))
    await house.callEvery(1, 1)
    expect(house.sent).toEqual(['a', 'b', 'c'])
    await house.callEvery(1, 1)
    expect(house.calls).toMatchObject([{ attempts: 3 }, { attempts: 1 }])
  })

  it('a client that leaves gives back the probe that its own call was, and no other', async () => {
    const house = openHouse({ targets: ['a'], seed: 4 })
    house.behave(() => ({ status: 200, afterMs: 60_000 }))
    const before = house.call()
    await house.turn(1)
    failOften(house, 'a')
    await house.turn(circuitLimits.openMs)
    const probe = house.call()
    await house.turn(1)
    before.leave()
    await before.ended
    expect(house.health.claimProbe('target a/m')).toBe(false)
    probe.leave()
    await probe.ended
    expect(house.records.at(-1)?.reason).toBe('the only target (probe of the target)')
    expect(house.health.claimProbe('target a/m')).toBe(true)
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

  it('C7: goes on without company where the books cannot be read', async () => {
    const rule = sampleBudget()
    let asked = 0
    const ledger: Ledger = {
      ...grantingLedger,
      reserve: () => {
        asked += 1
        return asked === 1
          ? Promise.resolve({ kind: 'granted', entry: '[]', states: '[]' })
          : Promise.reject(new GatewayError('ledger_unavailable'))
      },
    }
    const prices = { slow: { m: { input: '1', output: '1' } }, quick: { m: { input: '1', output: '1' } } }
    const house = openHouse({ targets: ['slow', 'quick'], seed: 1, model: hedged, budgets: [rule], ledger, prices })
    house.behave(() => ({ status: 200, afterMs: 2_000 }))
    await house.callEvery(1, 1)
    expect(asked).toBe(2)
    expect(house.calls).toMatchObject([{ answeredBy: 'slow/m', attempts: 1 }])
  })

  it('goes to no target that is to be probed first', async () => {
    const house = openHouse({ targets: ['slow', 'ill'], seed: 1, model: hedged })
    failOften(house, 'ill')
    await house.turn(circuitLimits.openMs)
    expect(house.health.target('ill/m')).toBe('half-open')
    house.behave(() => ({ status: 200, afterMs: 2_000 }))
    await house.callEvery(1, 1)
    expect(house.sent).toEqual(['slow'])
    expect(house.health.claimProbe('target ill/m')).toBe(true)
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

  it('listens on to the one whose provider bills to its end when the client goes, and breaks off only the other', async () => {
    const onAbortOf = (name: string) => (name === 'billed' ? 'drain' : 'cancel-and-estimate')
    for (const targets of [
      ['billed', 'cheap'],
      ['cheap', 'billed'],
    ]) {
      const house = openHouse({ targets, seed: 1, model: hedged, onAbortOf })
      house.behave(() => ({ status: 200, afterMs: 2_000, outputTokens: 30 }))
      const call = house.call()
      await house.turn(1_000)
      call.leave()
      await house.turn(2_000)
      await call.ended
      expect(house.aborted).toEqual(['cheap'])
      expect(house.records.find(({ provider }) => provider === 'billed')).toMatchObject({
        usageSource: 'provider',
        outputText: 30,
      })
      expect(house.records.find(({ provider }) => provider === 'cheap')).toMatchObject({ status: 'aborted' })
    }
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

describe('a call that waits to leave', () => {
  const notSent = { status: 'failed', failureClass: 'not-sent', usageSource: 'provider', outputText: 0 }

  it('is not sent where the disk is slow and the exchange has run out of time, and is held against no target', async () => {
    const house = openHouse({ targets: ['a', 'b'], seed: 1, diskMs: 1_500, deadlines: { totalMs: 1_000 } })
    for (let made = 0; made < 20; made += 1) {
      const call = house.call()
      await house.turn(2_000)
      await call.ended
    }
    expect(house.sent).toEqual([])
    expect(house.calls[0]).toMatchObject({ problem: 'upstream_timeout', attempts: 1 })
    expect(house.records[0]).toMatchObject({ ...notSent, errorKind: 'upstream_timeout' })
    expect(house.health.target('a/m')).toBe('closed')
  })

  it('is not sent where the disk is slow and a drain has ended it', async () => {
    const house = openHouse({ targets: ['a'], seed: 1, diskMs: 1_500 })
    const call = house.call()
    await house.turn(1_000)
    call.stop(new GatewayError('draining'))
    await house.turn(1_000)
    await call.ended
    expect(house.sent).toEqual([])
    expect(house.calls).toMatchObject([{ problem: 'draining' }])
    expect(house.records).toMatchObject([{ ...notSent, errorKind: 'draining' }])
  })

  it('begins no attempt where a drain has ended the exchange while a target was chosen', async () => {
    const house = openHouse({ targets: ['a'], seed: 1 })
    const call = house.call()
    call.stop(new GatewayError('draining'))
    await call.ended
    expect(house.sent).toEqual([])
    expect(house.calls).toMatchObject([{ problem: 'draining', attempts: 0 }])
  })

  it('leaves with the whole wait for its first byte, however slow the disk was', async () => {
    const house = openHouse({ targets: ['a'], seed: 1, diskMs: 500, deadlines: { firstByteUnaryMs: 300 } })
    house.behave(() => ({ status: 200, afterMs: 250 }))
    await house.callEvery(1, 1)
    house.behave(() => ({ status: 200, afterMs: 350 }))
    await house.callEvery(1, 1)
    expect(house.calls).toMatchObject([{ answeredBy: 'a/m' }, { problem: 'upstream_timeout' }])
    expect(house.records[1]).toMatchObject({ failureClass: 'unknown', usageSource: 'worst_case' })
    expect(house.aborted).toEqual(['a'])
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

/** Its circuit opens. */
function failOften({ health }: House, provider: string): void {
  const failed = { kind: 'failed', fault: 'target', errorKind: 'upstream_timeout', probes: [] } as const
  for (let failure = 0; failure < circuitLimits.failuresInARow; failure += 1)
    health.note({ ...failed, targetId: `${provider}/m`, credentialId: `${provider}#0` })
}
