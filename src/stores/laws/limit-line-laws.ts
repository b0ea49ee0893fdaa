import { describe, expect, it } from 'vitest'
import type { LimiterBench } from './rate-limiter-laws.ts'
import { concurrentRule, noTokens, refusedOf, sampleRule, sampleTake, ticketOf, tokenRule } from './sample-limits.ts'

const queue = { waitMs: 5_000, maxWaiting: 100 }

/** Waiting instead of refusing: fair, bounded, and at an end when nobody waits any more. */
export function limitLineLaws(bench: LimiterBench): void {
  /** Takes in the given order; what was admitted is noted by name, in the order it came about. */
  const lineUp = (rules: Parameters<typeof sampleTake>[0], callers: readonly string[]) => {
    const admitted: string[] = []
    const tickets: number[] = []
    const seen = new Map<string, number>()
    const verdicts = callers.map(async (caller) => {
      const name = `${caller}${(seen.get(caller) ?? 0) + 1}`
      seen.set(caller, (seen.get(caller) ?? 0) + 1)
      const verdict = await bench.limiter.take(sampleTake(rules, noTokens, caller))
      if (verdict.kind !== 'taken') return verdict
      admitted.push(name)
      tickets.push(verdict.ticket)
      return verdict
    })
    return { admitted, tickets, verdicts }
  }
  const waiting = async () => (await bench.limiter.accounts()).reduce((sum, account) => sum + account.waiting, 0)

  describe('lines', () => {
    it('callers take turns, each in its own order, however many one of them has sent', async () => {
      const rule = concurrentRule(1, { queue })
      const { admitted, tickets } = lineUp([rule], ['a', 'a', 'a', 'a', 'b', 'b', 'c'])
      await bench.arrived()
      for (let served = 0; served < 7; served += 1) {
        bench.limiter.settle(tickets[served] ?? -1, noTokens)
        await bench.arrived()
      }
      expect(admitted).toEqual(['a1', 'a2', 'b1', 'c1', 'a3', 'b2', 'a4'])
      expect(await waiting()).toBe(0)
      expect(bench.clock.pendingTimers).toBe(0)
    })

    it('nobody who comes later overtakes, even one that there would be room for', async () => {
      const rule = tokenRule(100, { queue: { waitMs: 90_000, maxWaiting: 10 } })
      const small = { input: 10, output: 0 }
      await bench.takes(1, sampleTake([rule], { input: 60, output: 0 }))
      const order: string[] = []
      const big = bench.limiter.take(sampleTake([rule], { input: 50, output: 0 }, 'a')).then(() => order.push('big'))
      await bench.arrived()
      const late = bench.limiter.take(sampleTake([rule], small, 'b')).then(() => order.push('late'))
      await bench.arrived()
      expect(order).toEqual([])
      bench.clock.turn(61_000)
      await Promise.all([big, late])
      expect(order).toEqual(['big', 'late'])
    })

    it('a window that opens lets the first in line pass without anyone ending', async () => {
      const rule = sampleRule({ most: 2, per: 'second', queue })
      const { admitted } = lineUp([rule], ['a', 'a', 'a', 'a', 'b'])
      await bench.arrived()
      expect(admitted).toEqual(['a1', 'a2'])
      bench.clock.turn(1_020)
      await bench.arrived()
      expect(admitted).toEqual(['a1', 'a2', 'a3', 'b1'])
      bench.clock.turn(1_020)
      await bench.arrived()
      expect(admitted).toEqual(['a1', 'a2', 'a3', 'b1', 'a4'])
      expect(bench.clock.pendingTimers).toBe(0)
    })

    it('whose time is up is refused as any other, and told how long it waited', async () => {
      const rule = concurrentRule(1, { queue })
      await bench.takes(1, sampleTake([rule]))
      const late = bench.limiter.take(sampleTake([rule]))
      await bench.arrived()
      bench.clock.turn(5_000)
      expect(await late).toMatchObject({
        kind: 'refused',
        refused: { place: 0, outlook: { kind: 'when-released' } },
        waitedMs: 5_000,
      })
      expect(await waiting()).toBe(0)
      expect(bench.clock.pendingTimers).toBe(0)
    })

    it('whoever goes away leaves the line, takes nothing, and bars nobody', async () => {
      const rule = concurrentRule(1, { queue })
      const [first] = await bench.takes(1, sampleTake([rule]))
      const leaving = new AbortController()
      const gone = bench.limiter.take(sampleTake([rule]), leaving.signal)
      const stays = bench.limiter.take(sampleTake([rule]))
      await bench.arrived()
      leaving.abort()
      expect(await gone).toEqual({ kind: 'cancelled' })
      bench.limiter.settle(ticketOf(first ?? { kind: 'cancelled' }), noTokens)
      bench.limiter.settle(ticketOf(await stays), noTokens)
      leaving.abort()
      expect(await bench.limiter.accounts()).toEqual([])
      expect(bench.clock.pendingTimers).toBe(0)
    })

    it('when the first in line goes, the next that there is room for passes at once', async () => {
      const rule = tokenRule(100, { queue: { waitMs: 90_000, maxWaiting: 10 } })
      await bench.takes(1, sampleTake([rule], { input: 60, output: 0 }))
      const leaving = new AbortController()
      const big = bench.limiter.take(sampleTake([rule], { input: 50, output: 0 }, 'a'), leaving.signal)
      const small = bench.limiter.take(sampleTake([rule], { input: 10, output: 0 }, 'b'))
      await bench.arrived()
      leaving.abort()
      expect(await big).toEqual({ kind: 'cancelled' })
      ticketOf(await small)
    })

    it('a line is bounded: who finds it full is refused at once', async () => {
      const rule = concurrentRule(1, { queue: { waitMs: 5_000, maxWaiting: 2 } })
      const { verdicts } = lineUp([rule], ['a', 'a', 'b', 'c', 'd'])
      await bench.arrived()
      expect(await Promise.all(verdicts.slice(3))).toMatchObject([{ kind: 'refused' }, { kind: 'refused' }])
      expect(await waiting()).toBe(2)
      bench.clock.turn(5_000)
      await Promise.all(verdicts)
    })

    it('who would wait in vain, or lacks room where there is no line, is refused at once', async () => {
      const minute = sampleRule({ most: 1, queue })
      await bench.takes(1, sampleTake([minute]))
      expect(refusedOf(await bench.limiter.take(sampleTake([minute])))?.outlook).toEqual({
        kind: 'after',
        waitMs: 61_000,
      })
      const rules = [concurrentRule(1, { queue }), sampleRule({ most: 1, level: 'key ci' })]
      await bench.takes(1, sampleTake(rules))
      expect(refusedOf(await bench.limiter.take(sampleTake(rules)))?.place).toBe(1)
      expect(await waiting()).toBe(0)
    })

    it('who would find the next windows full of those before it is told so at once, whoever they are', async () => {
      const minute = sampleRule({ most: 1, queue: { waitMs: 61_000, maxWaiting: 10 } })
      await bench.takes(1, sampleTake([minute]))
      const first = bench.limiter.take(sampleTake([minute], noTokens, 'a'))
      await bench.arrived()
      const second = await bench.limiter.take(sampleTake([minute], noTokens, 'b'))
      expect(refusedOf(second)?.outlook).toEqual({ kind: 'after', waitMs: 121_000 })
      // Its time is up in the moment in which there is room.
      bench.clock.turn(61_000)
      expect(await first).toMatchObject({ kind: 'taken', waitedMs: 61_000 })
    })

    it('who comes before most of a long line, since callers take turns, may wait', async () => {
      const minute = sampleRule({ most: 2, queue: { waitMs: 65_000, maxWaiting: 10 } })
      const { admitted, verdicts } = lineUp([minute], ['a', 'a', 'a', 'a', 'b', 'c'])
      await bench.arrived()
      expect(await waiting()).toBe(3)
      expect(await verdicts[5]).toMatchObject({ kind: 'refused', refused: { outlook: { waitMs: 121_000 } } })
      bench.clock.turn(61_000)
      await bench.arrived()
      expect(admitted).toEqual(['a1', 'a2', 'a3', 'b1'])
      bench.clock.turn(4_000)
      await Promise.all(verdicts)
    })

    it.each([
      ['and with a line', queue],
      ['and without a line', undefined],
    ])('a larger amount of the limit, %s, holds for those in line too', async (_, newQueue) => {
      const old = concurrentRule(1, { queue })
      await bench.takes(1, sampleTake([old]))
      const waits = bench.limiter.take(sampleTake([old], noTokens, 'a'))
      await bench.arrived()
      const raised = concurrentRule(3, { queue: newQueue })
      expect(await bench.limiter.take(sampleTake([raised], noTokens, 'b'))).toMatchObject({ kind: 'taken' })
      expect(await waits).toMatchObject({ kind: 'taken' })
    })

    it('room that comes back in one account lets nobody pass who lacks it in another, and holds nothing meanwhile', async () => {
      const team = concurrentRule(1, { queue, name: 'team' })
      const key = concurrentRule(1, { queue, name: 'key' })
      const [ofTeam] = await bench.takes(1, sampleTake([team]))
      const [ofKey] = await bench.takes(1, sampleTake([key]))
      const both = bench.limiter.take(sampleTake([team, key]))
      await bench.arrived()
      bench.limiter.settle(ticketOf(ofTeam ?? { kind: 'cancelled' }), noTokens)
      const again = ticketOf(await bench.limiter.take(sampleTake([team])))
      bench.limiter.settle(ticketOf(ofKey ?? { kind: 'cancelled' }), noTokens)
      await bench.arrived()
      expect(await waiting()).toBe(1)
      bench.limiter.settle(again, noTokens)
      bench.limiter.settle(ticketOf(await both), noTokens)
      expect(await bench.limiter.accounts()).toEqual([])
    })

    it('tokens that a call did not use let the next in line pass', async () => {
      const rule = tokenRule(1000, { queue })
      const asked = sampleTake([rule], { input: 10, output: 900 })
      const first = ticketOf(await bench.limiter.take(asked))
      const second = bench.limiter.take(asked)
      await bench.arrived()
      bench.limiter.settle(first, { input: 10, output: 5 })
      expect(await second).toMatchObject({ kind: 'taken', states: [{ before: 15 }] })
    })
  })
}
