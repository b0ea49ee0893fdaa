import { describe, expect, it } from 'vitest'
import { noUsage } from '../canonical/usage.ts'
import { openPriceBook } from './price-book.ts'
import { worstCostOf } from './worst-cost.ts'

const atMs = Date.UTC(2026, 10, 29)
const usage = { ...noUsage, inputUncached: 1_000, outputText: 100 }
const worstUsage = { inputTokens: 1_000, outputTokens: 100, inputKinds: [], outputKinds: [], webSearches: 0 }
const tenth = (modelName: string) => (modelName.startsWith('claude') ? { percent: 10, why: 'a region' } : undefined)
const book = openPriceBook({
  overrides: { here: { 'claude-of-ours': { input: '1', output: '1' } } },
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

function priced(providerName: string, modelName: string) {
  const found = book.priceFor(providerName, 'google', [modelName], atMs)
  if (found.kind === 'unpriced') throw new Error(found.reason)
  return found.price
}
