import { describe, expect, it } from 'vitest'
import { noUsage } from '../canonical/usage.ts'
import { openPriceBook } from './price-book.ts'
import { inBatch } from './surcharge.ts'
import { worstCostOf } from './worst-cost.ts'

const atMs = Date.UTC(2026, 10, 29)
const usage = { ...noUsage, inputUncached: 1_000, outputText: 100 }
const worstUsage = { inputTokens: 1_000, outputTokens: 100, inputKinds: [], outputKinds: [], webSearches: 0 }
const tenth = (modelName: string) => (modelName.startsWith('claude') ? { percent: 10, why: 'a region' } : undefined)
const book = openPriceBook({
  overrides: {
    here: { 'claude-of-ours': { input: '1', output: '1' }, cheap: { input: '0.0005', output: '0.0005' } },
  },
  files: [],
  priceProviders: new Map([
    ['here', 'google'],
    ['global', 'google'],
  ]),
  surcharges: new Map([['here', tenth]]),
})

describe('what a provider asks beyond the list', () => {
  it('is part of the cost, and of the rates and the version that the record keeps', () => {
    const [listed, dearer] = [priced('global', 'claude-opus-4-8'), priced('here', 'claude-opus-4-8')]
    // 1,000 at 5 and 100 at 25 dollars a million.
    expect([listed.costOf(usage), dearer.costOf(usage)]).toEqual([7_500_000n, 8_250_000n])
    expect(dearer.ratesOf(usage)).toEqual({ inputUncached: '5.5', outputText: '27.5' })
    expect(dearer.version).toBe(`${listed.version}+10%`)
    expect(dearer.notes).toContain('10 % more: a region')
  })

  it('I3 is set aside too', () => {
    const worst = (providerName: string) => worstCostOf(priced(providerName, 'claude-opus-4-8'), worstUsage)
    expect(worst('here')).toBeGreaterThan(worst('global'))
  })

  it('is asked for tokens, not for searches', () => {
    const searches = { ...noUsage, webSearches: 3 }
    expect(priced('here', 'claude-opus-4-8').costOf(searches)).toBe(
      priced('global', 'claude-opus-4-8').costOf(searches),
    )
  })

  it('is not added to prices that somebody wrote down, nor for other models', () => {
    expect(priced('here', 'claude-of-ours').costOf(usage)).toBe(1_100_000n)
    expect(priced('here', 'gemini-2.5-flash')).toBe(priced('global', 'gemini-2.5-flash'))
  })

  it('is worked out once for each price', () => {
    expect(priced('here', 'claude-opus-4-8')).toBe(priced('here', 'claude-opus-4-8'))
  })
})

describe('what a call in a batch costs', () => {
  it('is half for its tokens, and the whole of its searches', () => {
    const price = inBatch(priced('global', 'claude-opus-4-8'))
    expect(price.costOf(usage)).toBe(3_750_000n)
    expect(price.costOf({ ...usage, webSearches: 10 })).toBe(3_750_000n + 100_000_000n)
    expect(price.ratesOf({ ...usage, webSearches: 10 })).toEqual({
      inputUncached: '2.5',
      outputText: '12.5',
      webSearches: '10000',
    })
  })

  it('is rounded up once, when it is whole', () => {
    // 0.5 nano-dollars a token here, and a quarter in a batch.
    const price = inBatch(priced('here', 'cheap'))
    const costs = [1, 4, 5, 6].map((inputUncached) => price.costOf({ ...noUsage, inputUncached }))
    expect(costs).toEqual([1n, 1n, 2n, 2n])
  })
})

function priced(providerName: string, modelName: string) {
  const found = book.priceFor(providerName, 'google', [modelName], atMs)
  if (found.kind === 'unpriced') throw new Error(found.reason)
  return found.price
}
