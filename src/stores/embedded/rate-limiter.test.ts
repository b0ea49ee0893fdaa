import { describe, expect, it } from 'vitest'
import { turnedClock } from '../../../test/turned-clock.ts'
import { rateLimiterLaws } from '../laws/rate-limiter-laws.ts'
import { concurrentRule, refusedOf, sampleRule, sampleTake, ticketOf } from '../laws/sample-limits.ts'
import { mostValuesOfOneRule, overflowValue } from './limit-accounts.ts'
import { openRateLimiter } from './rate-limiter.ts'

rateLimiterLaws('limits in memory', {
  open: async (clock) => ({ limiter: openRateLimiter(clock), close: async () => {} }),
})

describe('limits in memory', () => {
  const rule = sampleRule({ most: 2, by: { kind: 'endUser' } })

  it('A10: made-up values fill no memory: those beyond the cap share one account, and gain nothing', async () => {
    const limiter = openRateLimiter(turnedClock())
    for (let count = 0; count < mostValuesOfOneRule; count += 1)
      limiter.settle(ticketOf(await limiter.take(sampleTake([{ rule, value: `user${count}` }]))), noTokens)
    ticketOf(await limiter.take(sampleTake([{ rule, value: 'one more' }])))
    ticketOf(await limiter.take(sampleTake([{ rule, value: 'another' }])))
    expect(refusedOf(await limiter.take(sampleTake([{ rule, value: 'a third' }])))).toBeDefined()
    ticketOf(await limiter.take(sampleTake([{ rule, value: 'user7' }])))
    const accounts = await limiter.accounts()
    expect(accounts).toHaveLength(mostValuesOfOneRule + 1)
    expect(accounts.find(({ value }) => value === overflowValue)).toMatchObject({ used: 2 })
  })

  it('a value that has shared an account finds in one of its own what it may have used there', async () => {
    const clock = turnedClock()
    const limiter = openRateLimiter(clock)
    for (let count = 0; count < mostValuesOfOneRule; count += 1)
      limiter.settle(ticketOf(await limiter.take(sampleTake([{ rule, value: `user${count}` }]))), noTokens)
    clock.turn(30_000)
    limiter.settle(ticketOf(await limiter.take(sampleTake([{ rule, value: 'late' }]))), noTokens)
    limiter.settle(ticketOf(await limiter.take(sampleTake([{ rule, value: 'late' }]))), noTokens)
    clock.turn(40_000)
    expect(refusedOf(await limiter.take(sampleTake([{ rule, value: 'late' }])))).toBeDefined()
    clock.turn(21_000)
    ticketOf(await limiter.take(sampleTake([{ rule, value: 'late' }])))
    expect((await limiter.accounts()).map(({ value }) => value)).toEqual(['late'])
  })

  it('a burst of made-up values holds the others up for two windows at most, however steadily they come', async () => {
    const clock = turnedClock()
    const limiter = openRateLimiter(clock)
    const take = async (value: string) => {
      const verdict = await limiter.take(sampleTake([{ rule: sampleRule({ ...rule, most: 20 }), value }]))
      if (verdict.kind === 'taken') limiter.settle(verdict.ticket, noTokens)
      return verdict.kind
    }
    for (let count = 0; count <= mostValuesOfOneRule; count += 1) await take(`made up ${count}`)
    const seen = new Set<string>()
    for (let second = 0; second < 600; second += 1) {
      clock.turn(1_000)
      for (let user = second % 10; user < 30; user += 10) {
        const kind = await take(`user${user}`)
        if (second > 122) seen.add(kind)
      }
    }
    expect([...seen]).toEqual(['taken'])
  })

  it('counts the values that hold something, and not those of windows ago', async () => {
    const clock = turnedClock()
    const limiter = openRateLimiter(clock)
    for (let count = 0; count < 3 * mostValuesOfOneRule; count += 1) {
      if (count % 100 === 0) clock.turn(700)
      limiter.settle(ticketOf(await limiter.take(sampleTake([{ rule, value: `user${count}` }]))), noTokens)
    }
    expect((await limiter.accounts()).map(({ value }) => value)).not.toContain(overflowValue)
  })

  it('calls under way in a shared account count in one’s own, and who waits for them is served when they end', async () => {
    const clock = turnedClock()
    const limiter = openRateLimiter(clock)
    const parallel = concurrentRule(1, { by: { kind: 'endUser' }, queue: { waitMs: 60_000, maxWaiting: 5 } })
    const tickets: number[] = []
    for (let count = 0; count <= mostValuesOfOneRule; count += 1)
      tickets.push(ticketOf(await limiter.take(sampleTake([{ rule: parallel, value: `user${count}` }]))))
    limiter.settle(tickets[0] ?? -1, noTokens)
    clock.turn(1_000)
    // Has the idle one forgotten.
    limiter.settle(ticketOf(await limiter.take(sampleTake([sampleRule()]))), noTokens)
    const waits = limiter.take(sampleTake([{ rule: parallel, value: 'one more' }]))
    expect(limiter.waiting).toBe(1)
    limiter.settle(tickets.at(-1) ?? -1, noTokens)
    expect(await waits).toMatchObject({ kind: 'taken' })
  })

  it('keeps the empty account of a call that waits for another one', async () => {
    const clock = turnedClock()
    const limiter = openRateLimiter(clock)
    const busy = concurrentRule(1, { queue: { waitMs: 60_000, maxWaiting: 5 } })
    const first = ticketOf(await limiter.take(sampleTake([busy])))
    const waits = limiter.take(sampleTake([busy, { rule, value: 'ada' }]))
    for (let count = 0; count < 10; count += 1)
      limiter.settle(ticketOf(await limiter.take(sampleTake([{ rule, value: `user${count}` }]))), noTokens)
    limiter.settle(first, noTokens)
    ticketOf(await waits)
    expect(await limiter.take(sampleTake([{ rule, value: 'ada' }]))).toMatchObject({ states: [{ before: 1 }] })
  })

  it('forgets accounts that hold nothing, of values and of rules that are gone', async () => {
    const clock = turnedClock()
    const limiter = openRateLimiter(clock)
    for (let round = 0; round < 50_000; round += 1) {
      clock.turn(100)
      const asked = sampleTake([{ rule: sampleRule({ ...rule, level: `key k${round % 977}` }), value: `u${round}` }])
      limiter.settle(ticketOf(await limiter.take(asked)), noTokens)
    }
    expect(limiter.kept).toBeLessThan(3_000)
    expect(limiter.open).toBe(0)
  })
})

const noTokens = { input: 0, output: 0 }
