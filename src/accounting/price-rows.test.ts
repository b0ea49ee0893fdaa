import { describe, expect, it } from 'vitest'
import { noUsage } from '../canonical/usage.ts'
import { priceRow } from '../config/price-row.ts'
import { openRowShelf, rowProblems } from './price-rows.ts'

const shelf = openRowShelf('config', {
  local: {
    '*': { input: '0', output: '0' },
    'gpt-*': { input: '1', output: '2' },
    'gpt-5*': { input: '3', output: '4' },
    'gpt-5': { input: '5', output: '6', cacheRead: '0.5', webSearch: '0.02' },
  },
})
const versionOf = (modelName: string): string | undefined => shelf.find('local', modelName)?.version

describe('rows of prices', () => {
  it.each([
    ['gpt-5', 'config/local/gpt-5'],
    ['gpt-5.2', 'config/local/gpt-5*'],
    ['gpt-4o', 'config/local/gpt-*'],
    ['llama', 'config/local/*'],
  ])('for %s are found as %s: exact before pattern, longer pattern before shorter', (modelName, version) => {
    expect(versionOf(modelName)).toBe(version)
    expect(versionOf(modelName)).toBe(version)
  })

  it('are the provider’s own', () => {
    expect(shelf.find('elsewhere', 'gpt-5')).toBeUndefined()
  })

  it('take their numbers exactly, and calls by the call', () => {
    const price = shelf.find('local', 'gpt-5')
    expect(price?.costOf({ ...noUsage, inputUncached: 1_000_000, cacheRead: 1_000_000, webSearches: 1 })).toBe(
      5_000_000_000n + 500_000_000n + 20_000_000n,
    )
  })

  it('of zero are free in every component (I16)', () => {
    const usage = Object.fromEntries(Object.keys(noUsage).map((component) => [component, 1_000]))
    expect(shelf.find('local', 'llama')?.costOf({ ...noUsage, ...usage })).toBe(0n)
  })

  it('fall back as their schema documents, also for a model that has documented multiples', () => {
    const claude = openRowShelf('config', { a: { 'claude-x': { input: '1', output: '5', cacheWrite5m: '1.2' } } })
    const price = claude.find('a', 'claude-x')
    expect(price?.costOf({ ...noUsage, cacheWrite1h: 1_000_000 })).toBe(1_200_000_000n)
    expect(price?.costOf({ ...noUsage, cacheWriteOther: 1_000_000 })).toBe(1_200_000_000n)
  })
})

describe('tiers of a row', () => {
  const tiered = priceRow.parse({
    input: '1',
    output: '10',
    cacheRead: '0.1',
    outputReasoning: '12',
    tiers: [
      { contextOver: 500_000, rates: { input: '4', output: '20' } },
      { contextOver: 200_000, rates: { input: '2', output: '15' } },
    ],
  })
  const price = openRowShelf('config', { p: { m: tiered } }).find('p', 'm')

  it.each([
    [200_000, 200_000_000n],
    [200_001, 400_002_000n],
    [500_000, 1_000_000_000n],
    [500_001, 2_000_004_000n],
  ])('are sorted, and price %d tokens whole', (inputUncached, costNanos) => {
    expect(price?.costOf({ ...noUsage, inputUncached })).toBe(costNanos)
  })

  it('replace the rates they name: those the base row names stay, those it leaves open follow', () => {
    const rates = price?.bands.at(-1)?.rates
    expect(rates?.cacheRead).toBe(price?.bands[0].rates.cacheRead)
    expect(rates?.outputReasoning).toBe(price?.bands[0].rates.outputReasoning)
    expect(rates?.outputAudio).toBe(rates?.outputText)
  })

  it('have nothing wrong when they rise', () => {
    expect(rowProblems(tiered)).toEqual([])
  })

  it('may not fall: a longer call would cost less (M12)', () => {
    const row = { input: '2', output: '10', tiers: [{ contextOver: 100, rates: { input: '1' } }] }
    expect(rowProblems(row)).toMatchObject([{ path: ['tiers', 0] }])
  })

  it('may not have the same border twice', () => {
    const tier = { contextOver: 100, rates: { input: '3' } }
    expect(rowProblems({ input: '2', output: '10', tiers: [tier, tier] })).toMatchObject([{ path: ['tiers', 1] }])
  })
})
