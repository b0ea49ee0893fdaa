import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { limitWindows, type LimitPeriod } from '../../canonical/limit.ts'
import type { LimiterBench } from './rate-limiter-laws.ts'
import { refusedOf, sampleRule, sampleTake, ticketOf, tokenRule } from './sample-limits.ts'

interface Arrival {
  readonly atMs: number
  readonly amount: number
  readonly isAdmitted: boolean
}

/** Windows slide: nothing passes at their edge that would not pass in their midst. */
export function limitWindowLaws(bench: LimiterBench): void {
  describe('windows', () => {
    it.each(['second', 'minute', 'hour', 'day'] as const)(
      'never hold more than n in any span of a %s, whatever the arrivals, and refuse nothing that had room a bucket ago',
      async (per) => {
        const { lengthMs, bucketMs } = limitWindows[per]
        let run = 0
        const gap = fc.oneof(
          fc.constant(0),
          fc.double({ min: 0, max: lengthMs / 20, noNaN: true }),
          fc.double({ min: 0, max: lengthMs * 1.2, noNaN: true }),
          // From one edge of a window to the other: where fixed windows let twice as much pass.
          fc.double({ min: lengthMs - bucketMs, max: lengthMs + bucketMs, noNaN: true }),
        )
        await fc.assert(
          fc.asyncProperty(
            fc.integer({ min: 1, max: 40 }),
            fc.array(fc.tuple(gap, fc.integer({ min: 1, max: 5 })), { minLength: 20, maxLength: 60 }),
            async (most, steps) => {
              const rule = tokenRule(most, { per, name: `run${run++}` })
              const arrivals: Arrival[] = []
              for (const [gapMs, amount] of steps) {
                bench.clock.turn(gapMs)
                const verdict = await bench.limiter.take(sampleTake([rule], { input: amount, output: 0 }))
                arrivals.push({ atMs: bench.clock.monotonicMs(), amount, isAdmitted: verdict.kind === 'taken' })
              }
              expect(mostInAnySpan(arrivals, lengthMs)).toBeLessThanOrEqual(most)
              expect(falseRefusals(arrivals, most, per)).toEqual([])
            },
          ),
          { numRuns: 60, seed: 4 },
        )
      },
    )

    it('let exactly n of a burst pass, and again n when the window has gone by', async () => {
      const rule = sampleRule({ most: 100 })
      const admitted = async () =>
        (await Promise.all(Array.from({ length: 1000 }, () => bench.limiter.take(sampleTake([rule]))))).filter(
          ({ kind }) => kind === 'taken',
        ).length
      bench.clock.turn(59_990)
      expect(await admitted()).toBe(100)
      bench.clock.turn(20)
      expect(await admitted()).toBe(0)
      bench.clock.turn(limitWindows.minute.lengthMs + limitWindows.minute.bucketMs)
      expect(await admitted()).toBe(100)
    })

    it('tell when the next call would pass, and it passes then and not before', async () => {
      const rule = sampleRule({ most: 2 })
      bench.clock.turn(12_345)
      await bench.takes(1, sampleTake([rule]))
      bench.clock.turn(7_000)
      await bench.takes(1, sampleTake([rule]))
      const refused = refusedOf(await bench.limiter.take(sampleTake([rule])))
      expect(refused).toEqual({ place: 0, outlook: { kind: 'after', waitMs: 53_655 } })
      bench.clock.turn(53_654)
      expect(refusedOf(await bench.limiter.take(sampleTake([rule])))).toBeDefined()
      bench.clock.turn(1)
      ticketOf(await bench.limiter.take(sampleTake([rule])))
    })

    it('fault 35: stay as they are when the wall clock is moved an hour back or forward', async () => {
      const rule = sampleRule({ most: 1 })
      await bench.takes(1, sampleTake([rule]))
      for (const byMs of [-3_600_000, 3_600_000, -bench.clock.nowMs()]) {
        bench.clock.setWall(bench.clock.nowMs() + byMs)
        expect(refusedOf(await bench.limiter.take(sampleTake([rule])))).toBeDefined()
      }
      bench.clock.turn(61_000)
      ticketOf(await bench.limiter.take(sampleTake([rule])))
    })

    it('say how much is used before and after, and when all of it is free again', async () => {
      const rule = tokenRule(1000)
      const verdict = await bench.limiter.take(sampleTake([rule], { input: 300, output: 100 }))
      expect(verdict).toMatchObject({ kind: 'taken', states: [{ before: 0, after: 400, resetMs: 61_000 }] })
      bench.clock.turn(1000)
      const refused = await bench.limiter.take(sampleTake([rule], { input: 601, output: 0 }))
      expect(refused).toMatchObject({ kind: 'refused', states: [{ before: 400, after: 400, resetMs: 60_000 }] })
    })
  })
}

/** The largest sum over a closed span of the window's length. */
function mostInAnySpan(arrivals: readonly Arrival[], lengthMs: number): number {
  const admitted = arrivals.filter(({ isAdmitted }) => isAdmitted)
  return Math.max(0, ...admitted.map((last) => sumBetween(admitted, last.atMs - lengthMs, last.atMs)))
}

/** Refusals for which the last window and one bucket more do not account. Whole milliseconds are counted, hence one more. */
function falseRefusals(arrivals: readonly Arrival[], most: number, per: LimitPeriod): readonly Arrival[] {
  const { lengthMs, bucketMs } = limitWindows[per]
  return arrivals.filter((refused, place) => {
    if (refused.isAdmitted) return false
    const before = arrivals.slice(0, place).filter(({ isAdmitted }) => isAdmitted)
    const used = sumBetween(before, refused.atMs - lengthMs - bucketMs - 1, refused.atMs)
    return used + refused.amount <= most
  })
}

function sumBetween(arrivals: readonly Arrival[], fromMs: number, untilMs: number): number {
  return arrivals.filter(({ atMs }) => atMs >= fromMs && atMs <= untilMs).reduce((sum, { amount }) => sum + amount, 0)
}
