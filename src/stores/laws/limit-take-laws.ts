import { describe, expect, it } from 'vitest'
import type { LimiterBench } from './rate-limiter-laws.ts'
import { concurrentRule, noTokens, refusedOf, sampleRule, sampleTake, ticketOf, tokenRule } from './sample-limits.ts'

/** A take charges all accounts or none, and what it charged is corrected or given back once. */
export function limitTakeLaws(bench: LimiterBench): void {
  const used = async (value?: string) =>
    (await bench.limiter.accounts()).filter((account) => account.value === value).map((account) => account.used)

  describe('takes', () => {
    it('charge every account or none', async () => {
      const wide = sampleRule({ level: 'organisation acme', most: 100 })
      const narrow = sampleRule({ level: 'key ci', most: 3 })
      const parallel = concurrentRule(100)
      const verdicts = await bench.takes(10, sampleTake([wide, parallel, narrow]))
      expect(verdicts.filter(({ kind }) => kind === 'taken')).toHaveLength(3)
      expect(refusedOf(verdicts[9] ?? { kind: 'cancelled' })?.place).toBe(2)
      const states = (await bench.limiter.accounts()).map(({ ruleId, used: held }) => [ruleId, held])
      expect(Object.fromEntries(states)).toEqual({ [wide.id]: 3, [parallel.id]: 3, [narrow.id]: 3 })
    })

    it('let exactly n of many at once pass', async () => {
      const asked = sampleTake([sampleRule({ most: 500 }), concurrentRule(37)])
      const verdicts = await Promise.all(Array.from({ length: 1000 }, () => bench.limiter.take(asked)))
      expect(verdicts.filter(({ kind }) => kind === 'taken')).toHaveLength(37)
    })

    it('hand over and return plain data', async () => {
      const asked = sampleTake([{ rule: sampleRule({ most: 1 }), value: 'ada' }])
      expect(JSON.parse(JSON.stringify(asked))).toMatchObject({ caller: 'key1', asks: [{ value: 'ada' }] })
      for (const verdict of await bench.takes(2, asked))
        expect(JSON.parse(JSON.stringify(verdict))).toStrictEqual(verdict)
    })

    it('name the account that would refuse longest', async () => {
      const minute = sampleRule({ most: 1, level: 'key ci' })
      const day = sampleRule({ most: 1, name: 'daily', per: 'day' })
      await bench.takes(1, sampleTake([minute, day]))
      expect(refusedOf(await bench.limiter.take(sampleTake([minute, day])))?.place).toBe(1)
      expect(refusedOf(await bench.limiter.take(sampleTake([day, minute])))?.place).toBe(0)
    })

    it('refuse for good what asks for more than the whole limit, and everything of a suspended one', async () => {
      const volume = tokenRule(1000)
      const tooMuch = await bench.limiter.take(sampleTake([volume], { input: 900, output: 101 }))
      expect(refusedOf(tooMuch)).toEqual({ place: 0, outlook: { kind: 'never' } })
      for (const rule of [sampleRule({ most: 0 }), concurrentRule(0), tokenRule(0)])
        expect(refusedOf(await bench.limiter.take(sampleTake([rule])))?.outlook).toEqual({ kind: 'never' })
      expect(await used()).toEqual([])
    })

    it('keep values of one rule apart, and together those that have none', async () => {
      const rule = sampleRule({ most: 1, by: { kind: 'endUser' } })
      for (const value of ['ada', 'grace', undefined]) ticketOf(await bench.limiter.take(sampleTake([{ rule, value }])))
      for (const value of ['ada', 'grace', undefined])
        expect(refusedOf(await bench.limiter.take(sampleTake([{ rule, value }])))).toBeDefined()
    })

    it('keep the counts when the limit is lowered or raised, and begin anew when it counts something else', async () => {
      await bench.takes(8, sampleTake([sampleRule({ most: 10 })]))
      expect(refusedOf(await bench.limiter.take(sampleTake([sampleRule({ most: 5 })])))).toBeDefined()
      const raised = await bench.limiter.take(sampleTake([sampleRule({ most: 20 })]))
      expect(raised).toMatchObject({ states: [{ before: 8, after: 9 }] })
      const other = await bench.limiter.take(sampleTake([sampleRule({ most: 20, per: 'hour' })]))
      expect(other).toMatchObject({ states: [{ before: 0, after: 1 }] })
    })
  })

  describe('tickets', () => {
    it('settled: what was held at once is free, tokens are corrected, requests stay', async () => {
      const rules = [sampleRule(), tokenRule(1000), concurrentRule(1)]
      const ticket = ticketOf(await bench.limiter.take(sampleTake(rules, { input: 100, output: 500 })))
      bench.limiter.settle(ticket, { input: 120, output: 30 })
      const next = await bench.limiter.take(sampleTake(rules, { input: 1, output: 0 }))
      expect(next).toMatchObject({ states: [{ before: 1 }, { before: 150 }, { before: 0 }] })
    })

    it('refunded: everything is free', async () => {
      const rules = [sampleRule({ most: 1 }), tokenRule(600), concurrentRule(1)]
      const ticket = ticketOf(await bench.limiter.take(sampleTake(rules, { input: 100, output: 500 })))
      bench.limiter.refund(ticket)
      expect(await used()).toEqual([])
      ticketOf(await bench.limiter.take(sampleTake(rules, { input: 100, output: 500 })))
    })

    it('settled by nobody who knows, since its process died: what was held at once is free, and the estimate stands', async () => {
      const rules = [sampleRule(), tokenRule(1000), concurrentRule(1)]
      const ticket = ticketOf(await bench.limiter.take(sampleTake(rules, { input: 100, output: 500 })))
      bench.limiter.settle(ticket, undefined)
      const next = await bench.limiter.take(sampleTake(rules, { input: 1, output: 0 }))
      expect(next).toMatchObject({ states: [{ before: 1 }, { before: 600 }, { before: 0 }] })
    })

    it('count once, however often they are given back', async () => {
      const rules = [sampleRule(), concurrentRule(2), tokenRule(1000)]
      const one = ticketOf(await bench.limiter.take(sampleTake(rules, { input: 100, output: 0 })))
      const other = ticketOf(await bench.limiter.take(sampleTake(rules, { input: 100, output: 0 })))
      bench.limiter.settle(one, { input: 50, output: 0 })
      bench.limiter.settle(one, { input: 0, output: 0 })
      bench.limiter.refund(one)
      bench.limiter.settle(999_999, noTokens)
      const accounts = await bench.limiter.accounts()
      expect(accounts.map((account) => account.used).toSorted((a, b) => a - b)).toEqual([1, 2, 150])
      bench.limiter.settle(other, { input: 100, output: 0 })
      expect((await bench.limiter.accounts()).map((account) => account.used)).toEqual([2, 150])
    })

    it('correct tokens in the bucket they were charged in: they leave when it leaves', async () => {
      const rule = tokenRule(1000)
      const ticket = ticketOf(await bench.limiter.take(sampleTake([rule], { input: 100, output: 0 })))
      bench.clock.turn(30_000)
      bench.limiter.settle(ticket, { input: 100, output: 800 })
      expect(await used()).toEqual([900])
      bench.clock.turn(31_000)
      expect(await used()).toEqual([])
    })

    it('may put a limit over, which holds up later calls until it has passed', async () => {
      const rule = tokenRule(1000)
      const ticket = ticketOf(await bench.limiter.take(sampleTake([rule], { input: 100, output: 0 })))
      bench.limiter.settle(ticket, { input: 100, output: 4900 })
      const refused = await bench.limiter.take(sampleTake([rule], { input: 1, output: 0 }))
      expect(refused).toMatchObject({ kind: 'refused', states: [{ before: 5000 }] })
      bench.clock.turn(61_000)
      ticketOf(await bench.limiter.take(sampleTake([rule], { input: 1, output: 0 })))
    })

    it('of a call that outlasted its window: more than the estimate counts now, less changes nothing', async () => {
      const rule = tokenRule(1000)
      const over = ticketOf(await bench.limiter.take(sampleTake([rule], { input: 100, output: 0 })))
      const under = ticketOf(await bench.limiter.take(sampleTake([rule], { input: 100, output: 0 })))
      bench.clock.turn(120_000)
      bench.limiter.settle(over, { input: 100, output: 700 })
      bench.limiter.settle(under, { input: 10, output: 0 })
      expect(await used()).toEqual([700])
    })
  })
}
