import { describe, expect, it } from 'vitest'
import { noUsage, type Usage } from '../canonical/usage.ts'
import { fillRates } from './fill-rates.ts'
import { costUnder } from './price.ts'
import { everyInput, fallingBand, ratedPrice, type Band, withoutUnratedTokens } from './rated-price.ts'
import { rateOfNumber as usd } from './rates.ts'

const used = (parts: Partial<Usage>): Usage => ({ ...noUsage, ...parts })

function bandOver(inputOver: number, input: number, output: number): Band {
  const given = { inputUncached: usd(input), outputText: usd(output), cacheRead: usd(input / 10) }
  return { inputOver, rates: fillRates(given, { isClaude: false, hasRequestFee: false }).rates }
}

const flat = ratedPrice({ version: 'flat', bands: [bandOver(everyInput, 3, 15)], requestFee: 0n, notes: [] })
const tiered = ratedPrice({
  version: 'tiered',
  bands: [bandOver(everyInput, 1.25, 10), bandOver(200_000, 2.5, 15)],
  requestFee: 0n,
  notes: [],
})

describe('the cost of a usage', () => {
  it('is the sum over its components', () => {
    const usage = used({ inputUncached: 1_000_000, cacheRead: 1_000_000, outputText: 1_000_000, webSearches: 3 })
    expect(flat.costOf(usage)).toBe(3_000_000_000n + 300_000_000n + 15_000_000_000n + 30_000_000n)
  })

  it('is rounded up once, at the end (M16)', () => {
    const price = ratedPrice({
      version: 'tiny',
      bands: [bandOver(everyInput, 0.0001, 0.0001)],
      requestFee: 0n,
      notes: [],
    })
    // A token costs 0.1 nano-dollars: eleven of them 1.1, rounded up; each rounded by itself they would cost eleven.
    expect(price.costOf(used({ inputUncached: 6, outputText: 5 }))).toBe(2n)
    expect(price.costOf(used({ inputUncached: 5, outputText: 5 }))).toBe(1n)
    expect(price.costOf(used({ outputText: 1 }))).toBe(1n)
  })

  it('of a million calls at a millionth of a dollar is a dollar, to the last digit (M16)', () => {
    const price = ratedPrice({ version: 'micro', bands: [bandOver(everyInput, 1, 1)], requestFee: 0n, notes: [] })
    let sum = 0n
    for (let call = 0; call < 1_000_000; call += 1) sum += price.costOf(used({ inputUncached: 1 }))
    expect(sum).toBe(1_000_000_000n)
  })

  it('of nothing is nothing, also where every call has a fee', () => {
    const price = ratedPrice({
      version: 'fee',
      bands: [bandOver(everyInput, 1, 1)],
      requestFee: usd(12, 1_000),
      notes: [],
    })
    expect(price.costOf(noUsage)).toBe(0n)
    expect(price.costOf(used({ outputText: 1 }))).toBe(12_000_000n + 1_000n)
  })

  it('may be zero by an explicit price of zero (I16)', () => {
    const price = ratedPrice({ version: 'free', bands: [bandOver(everyInput, 0, 0)], requestFee: 0n, notes: [] })
    expect(price.costOf(used({ inputUncached: 5_000, cacheWrite1h: 5_000, outputText: 5_000, webSearches: 5 }))).toBe(
      0n,
    )
  })

  it('stays exact where a double would not', () => {
    expect(flat.costOf(used({ inputUncached: Number.MAX_SAFE_INTEGER }))).toBe(9_007_199_254_740_991n * 3_000n)
  })
})

describe('a price by a unit', () => {
  const { rates, unrated, notes } = fillRates({ images: usd(0.04, 1) }, { isClaude: false, hasRequestFee: false })
  const byImage = ratedPrice({
    version: 'by image',
    bands: [{ inputOver: everyInput, rates }],
    requestFee: 0n,
    unrated,
    notes,
  })

  it('pays for the unit, and for what else was used besides', () => {
    expect(byImage.costOf(used({ images: 3 }))).toBe(120_000_000n)
    expect(byImage.costOf(used({ images: 1, inputUncached: 50 }))).toBe(40_000_000n)
    expect(byImage.ratesOf(used({ images: 1, inputUncached: 50 }))).toEqual({ images: '40000' })
  })

  it('leaves tokens out of what was guessed, and no unit', () => {
    const guess = used({ images: 1, characters: 7, inputUncached: 50, outputImage: 4_160 })
    expect(withoutUnratedTokens(byImage, guess)).toEqual(used({ images: 1, characters: 7 }))
    expect(withoutUnratedTokens(flat, guess)).toBe(guess)
  })

  it('says nothing of a call that was counted in anything else (M10)', () => {
    expect(byImage.covers(used({ images: 1, outputImage: 4_160 }))).toBe(true)
    expect(byImage.covers(used({ outputImage: 4_160 }))).toBe(false)
    expect(byImage.covers(used({ characters: 4_160 }))).toBe(false)
    expect(byImage.covers(noUsage)).toBe(true)
    expect(costUnder(byImage, used({ characters: 4_160 }))).toBeUndefined()
  })
})

describe('a tier for long inputs', () => {
  it.each([
    ['below the border', 199_999, 199_999n * 1_250n],
    ['at the border', 200_000, 200_000n * 1_250n],
    ['above the border', 200_001, 200_001n * 2_500n],
  ])('prices the whole call %s', (_, inputUncached, costNanos) => {
    expect(tiered.costOf(used({ inputUncached }))).toBe(costNanos)
  })

  it('is reached by input of every kind together, and prices the output too (M12)', () => {
    const usage = used({
      inputUncached: 1,
      cacheRead: 100_000,
      cacheWrite5m: 50_000,
      inputImage: 50_000,
      outputText: 10,
    })
    expect(tiered.costOf(usage)).toBe(2_500n + 100_000n * 250n + 100_000n * 2_500n + 10n * 15_000n)
    expect(tiered.costOf({ ...usage, inputUncached: 0 })).toBe(100_000n * 125n + 100_000n * 1_250n + 10n * 10_000n)
  })

  it('is not reached by output', () => {
    expect(tiered.costOf(used({ outputText: 300_000 }))).toBe(300_000n * 10_000n)
  })

  it('that falls below the one before it is found', () => {
    expect(fallingBand(tiered.bands)).toBeUndefined()
    const cheaper = bandOver(300_000, 3, 14)
    expect(fallingBand([...tiered.bands, cheaper])).toBe(cheaper)
  })
})
