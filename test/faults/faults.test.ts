import { afterAll, beforeAll, describe, it } from 'vitest'
import { faultCases } from './cases/all.ts'
import type { House } from './house.ts'
import { openInProcess } from './in-process.ts'
import { runCase } from './trial.ts'

let house: House

beforeAll(async () => {
  house = await openInProcess(1)
})

afterAll(async () => {
  await house.close()
})

describe('faults', () => {
  it.each(faultCases)('$name', async (one) => {
    await runCase(house, one)
  })
})
