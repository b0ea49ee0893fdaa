import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { House } from './house.ts'
import { openInProcess } from './in-process.ts'
import { randomFault, runRandomFault } from './random.ts'
import { openTrial } from './trial.ts'
import { mismatchesOf } from './truth.ts'

let house: House
const altered = new Set<string>()

beforeAll(async () => {
  house = await openInProcess(2, { splits: true })
})

afterAll(async () => {
  expect(mismatchesOf(await house.close(), altered)).toEqual([])
})

/** More of them, and real pauses: `npm run faults -- --random 1000`. */
const runs = 200

it('S1 S2 S4 M8 I5 any fault at any byte: the truth for the client, one record for each attempt, and nothing left open', async () => {
  const trial = openTrial(house)
  const asked = { count: 0 }
  await fc.assert(
    fc.asyncProperty(randomFault, async (fault) => {
      asked.count += 1
      await runRandomFault(trial, fault, altered)
    }),
    { numRuns: runs, seed: 4, endOnFailure: true },
  )
  expect(asked.count).toBe(runs)
})
