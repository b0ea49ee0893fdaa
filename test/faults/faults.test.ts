import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { faultCases } from './cases/all.ts'
import type { House } from './house.ts'
import { openInProcess } from './in-process.ts'
import { runCase } from './trial.ts'
import { mismatchesOf } from './truth.ts'

let house: House

beforeAll(async () => {
  house = await openInProcess(1)
})

afterAll(async () => {
  const left = await house.close()
  expect(left.served.length).toBeGreaterThan(100)
  expect(mismatchesOf(left)).toEqual([])
})

describe('faults', () => {
  it.each(faultCases)('$name', async (one) => {
    await runCase(house, one)
  })
})
