import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Detector, Finding } from './detector.ts'
import { findAll } from './find-all.ts'

/** A detector that has found these already. */
function found(kind: string, findings: readonly Finding[]): Detector {
  return { kind, find: () => findings, liveFrom: (text) => text.length }
}

/** Places in order and without overlaps, as every detector tells them. */
const places = fc
  .array(fc.tuple(fc.nat({ max: 6 }), fc.integer({ min: 1, max: 6 })), { maxLength: 12 })
  .map((steps) => {
    let at = 0
    return steps.map(([gap, length]) => {
      const start = at + gap
      at = start + length
      return { start, end: at }
    })
  })

/** Of two that overlap, one, until none do. */
function unitedByPairs(all: readonly (Finding & { readonly rank: number })[]): readonly Finding[] {
  for (const [at, one] of all.entries()) {
    const other = all.find((next, place) => place > at && one.start < next.end && next.start < one.end)
    if (!other) continue
    const stays = one.rank <= other.rank ? one : other
    const united = { ...stays, start: Math.min(one.start, other.start), end: Math.max(one.end, other.end) }
    return unitedByPairs([...all.filter((next) => next !== one && next !== other), united])
  }
  return all.map(({ kind, start, end }) => ({ kind, start, end })).toSorted((one, other) => one.start - other.start)
}

describe('all that detectors find', () => {
  it('is united wherever two overlap, under the name of the detector that stands first', () => {
    fc.assert(
      fc.property(fc.array(places, { maxLength: 4 }), (ofDetectors) => {
        const ranked = ofDetectors.map((of, rank) => of.map((place) => ({ ...place, kind: `k${rank}`, rank })))
        const detectors = ranked.map((of, rank) => found(`k${rank}`, of))
        expect(findAll(detectors, 'x')).toEqual(unitedByPairs(ranked.flat()))
      }),
    )
  })
})
