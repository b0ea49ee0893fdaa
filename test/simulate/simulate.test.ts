import { describe, expect, it } from 'vitest'
import { proofMs, proofSize } from '../proof/size.ts'
import { playAtTheCaps } from './at-the-caps.ts'
import { runSimulation } from './run-simulation.ts'

const { numRuns: requests, seed = 20_261_129 } = proofSize(2_000)

describe('the simulation', () => {
  it(
    'I1 to I14, I19: breaks no invariant, with a death every few hundred calls and prices and caps that change',
    async () => {
      const { counts, broken, overshootNanos, unexplainedNanos } = await runSimulation({
        requests,
        seed,
        crashEvery: 300,
      })
      expect(broken).toEqual([])
      expect([overshootNanos, unexplainedNanos, counts['falseRefusals'], counts['brokenInvariants']]).toEqual([
        0n,
        0n,
        0,
        0,
      ])
      // It is worth something only where all of it happened.
      for (const happened of [
        'granted',
        'refused',
        'crashes',
        'unknown',
        'voided',
        'looks',
        'capChanges',
        'status 200',
      ])
        expect(counts[happened], happened).toBeGreaterThan(0)
      expect(counts['records']).toBeGreaterThanOrEqual(counts['sent'] ?? Infinity)
    },
    proofMs,
  )

  it(
    'I19: refuses nobody where every cap is exactly what its budget comes to, and somebody where it is one less',
    async () => {
      const settings = { requests, seed, crashEvery: 300 }
      const { free, exact } = await playAtTheCaps(settings)
      expect([free.counts['refused'], exact.counts['refused'], ...exact.broken]).toEqual([0, 0])
      expect(exact).toEqual(free)
      const less = new Map([...free.most].map(([rule, most]) => [rule, most - 1n]))
      const short = await runSimulation({ ...settings, caps: less })
      expect(short.counts['refused']).toBeGreaterThan(0)
      expect(short.broken).toEqual([])
    },
    proofMs,
  )

  it('is so with few accounts in memory, and tells the same story for the same seed', async () => {
    const settings = { requests: 500, seed: 7, crashEvery: 100, mostAccounts: 5 }
    const report = await runSimulation(settings)
    expect(report.broken).toEqual([])
    expect(await runSimulation(settings)).toEqual(report)
  })
})
