import { describe, expect, it } from 'vitest'
import { fullOf, lateShare, type PressureLimits, type Readings } from './pressure.ts'

const limits: PressureLimits = {
  maxExchanges: 100,
  maxHeldBodyBytes: 1_000,
  memoryShare: 0.85,
  loopDelayMs: 100,
  openFiles: 936,
}
const calm: Readings = { exchanges: 99, heldBodyBytes: 999, memoryShare: 0.84, loopDelayMs: 0, openFiles: 935 }

describe('what there is none left of', () => {
  it.each([
    ['nothing, just below every limit', {}, undefined],
    ['N6 fault 42: memory, from its share of 85 %', { memoryShare: 0.85 }, 'memory'],
    ['fault 42: memory at 90 %', { memoryShare: 0.9 }, 'memory'],
    ['fault 43: file descriptors, when only the reserve is left', { openFiles: 936 }, 'files'],
    ['places', { exchanges: 100 }, 'exchanges'],
    ['room for bodies', { heldBodyBytes: 1_000 }, 'bodies'],
    ['files first, which connections are closed for', { exchanges: 100, openFiles: 936, memoryShare: 1 }, 'files'],
    ['memory before what ends by itself', { exchanges: 100, heldBodyBytes: 1_000, memoryShare: 1 }, 'memory'],
    ['nothing, where the system does not tell', { openFiles: undefined }, undefined],
    ['nothing, for a late event loop: that depends on who asks', { loopDelayMs: 10_000 }, undefined],
  ] as const)('%s', (_what, changed, shortage) => {
    expect(fullOf({ ...calm, ...changed }, limits)).toBe(shortage)
  })
})

describe('a late event loop', () => {
  it.each([
    [0, 0, 0],
    [100, 0, 0],
    [125, 0.5, 0],
    [150, 1, 0],
    [175, 1, 0.5],
    [200, 1, 1],
    [2_000, 1, 1],
  ])('at %i ms of 100 refuses %f of those with their fair share, and %f of the others', (delayMs, most, others) => {
    expect([lateShare(delayMs, 100, true), lateShare(delayMs, 100, false)]).toEqual([most, others])
  })
})
