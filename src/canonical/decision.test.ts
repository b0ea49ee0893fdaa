import { expect, it } from 'vitest'
import { costLines } from './decision.ts'
import { ratedPrice, everyInput } from '../accounting/rated-price.ts'
import { rateOfText, type Rates } from '../accounting/rates.ts'
import { sampleRecord } from '../stores/laws/sample-records.ts'
import { noUsage, usageComponents } from './usage.ts'

it('the lines of a cost are exact, and their sum rounded up is the cost', () => {
  const rates = Object.fromEntries(
    usageComponents.map((component, place) => [component, rateOfText(`0.00000${place + 1}123456789`)]),
  ) as Rates
  const price = ratedPrice({
    version: 'v',
    bands: [{ inputOver: everyInput, rates }],
    requestFee: rateOfText('1234.5') ?? 0n,
    notes: [],
  })
  const usage = { ...noUsage, inputUncached: 1_501, cacheRead: 7, outputText: 321, outputReasoning: 3 }
  const lines = costLines(sampleRecord(usage), price.ratesOf(usage))
  expect(lines.map(({ component, count }) => [component, count])).toEqual([
    ['inputUncached', 1_501],
    ['cacheRead', 7],
    ['outputText', 321],
    ['outputReasoning', 3],
    ['requestFee', 1],
  ])
  const femtos = lines.map(({ nanos }) => {
    const [whole = '0', fraction = ''] = nanos.split('.')
    return BigInt(whole + fraction.padEnd(15, '0'))
  })
  const sum = femtos.reduce((one, other) => one + other, 0n)
  expect((sum + 10n ** 15n - 1n) / 10n ** 15n).toBe(price.costOf(usage))
  expect(price.ratesOf(noUsage)).toEqual({})
})
