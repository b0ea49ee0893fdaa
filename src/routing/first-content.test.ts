import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FirstContentTimes, firstContentLimits } from './first-content.ts'

/** The same from a plain list, newest last. */
function rankedOf(noted: readonly { ms: number; atMs: number }[], nowMs: number, percentile: number) {
  const fresh = noted
    .slice(-firstContentLimits.kept)
    .filter(({ atMs }) => nowMs - atMs <= firstContentLimits.windowMs)
    .map(({ ms }) => ms)
    .toSorted((one, other) => one - other)
  return { count: fresh.length, ms: fresh[Math.ceil((fresh.length * percentile) / 100) - 1] }
}

describe('the times to first content', () => {
  it('tell the median and the percentiles of what was measured lately, however often they are asked', () => {
    const steps = fc.array(fc.record({ waitMs: fc.nat(60_000), ms: fc.nat(5_000), isAsked: fc.boolean() }), {
      maxLength: 80,
    })
    fc.assert(
      fc.property(steps, fc.constantFrom(1, 50, 95, 100), (taken, percentile) => {
        const times = new FirstContentTimes()
        const noted: { ms: number; atMs: number }[] = []
        let nowMs = 0
        for (const { waitMs, ms, isAsked } of taken) {
          nowMs += waitMs
          if (isAsked) expect(times.expectedMs(nowMs)).toBe(rankedOf(noted, nowMs, 50).ms)
          times.note(ms, nowMs)
          noted.push({ ms, atMs: nowMs })
          expect(times.expectedMs(nowMs)).toBe(rankedOf(noted, nowMs, 50).ms)
          const { count, ms: wanted } = rankedOf(noted, nowMs, percentile)
          const isEnough = count >= firstContentLimits.forPercentile
          expect(times.percentileMs(nowMs, percentile)).toBe(isEnough ? wanted : undefined)
        }
      }),
    )
  })

  it('tell nothing before anything was measured, and nothing of another hour', () => {
    const times = new FirstContentTimes()
    expect(times.expectedMs(0)).toBeUndefined()
    times.note(100, 0)
    expect(times.expectedMs(firstContentLimits.windowMs)).toBe(100)
    expect(times.expectedMs(firstContentLimits.windowMs + 1)).toBeUndefined()
  })
})
