import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { noUsage, type Usage } from '../canonical/usage.ts'
import { priceRow, type PriceRow } from '../config/price-row.ts'
import { isInForce, openRowShelf, rowProblems } from './price-rows.ts'

const now = Date.parse('2026-11-23T12:00:00Z')
const shelf = openRowShelf('config', {
  local: {
    '*': { input: '0', output: '0' },
    'gpt-*': { input: '1', output: '2' },
    'gpt-5*': { input: '3', output: '4' },
    'gpt-5': { input: '5', output: '6', cacheRead: '0.5', webSearch: '0.02' },
  },
})
const versionOf = (modelName: string): string | undefined => shelf.find('local', [modelName], now)?.price.version

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
    expect(shelf.find('elsewhere', ['gpt-5'], now)).toBeUndefined()
  })

  it('take their numbers exactly, and calls by the call', () => {
    const price = shelf.find('local', ['gpt-5'], now)?.price
    expect(price?.costOf({ ...noUsage, inputUncached: 1_000_000, cacheRead: 1_000_000, webSearches: 1 })).toBe(
      5_000_000_000n + 500_000_000n + 20_000_000n,
    )
  })

  it('of zero are free in every component (I16)', () => {
    const usage = Object.fromEntries(Object.keys(noUsage).map((component) => [component, 1_000]))
    expect(shelf.find('local', ['llama'], now)?.price.costOf({ ...noUsage, ...usage })).toBe(0n)
  })

  it('fall back as their schema documents, also for a model that has documented multiples', () => {
    const claude = openRowShelf('config', { a: { 'claude-x': { input: '1', output: '5', cacheWrite5m: '1.2' } } })
    const price = claude.find('a', ['claude-x'], now)?.price
    expect(price?.costOf({ ...noUsage, cacheWrite1h: 1_000_000 })).toBe(1_200_000_000n)
    expect(price?.costOf({ ...noUsage, cacheWriteOther: 1_000_000 })).toBe(1_200_000_000n)
  })

  it('price sounds and pictures of a cache where that is written, else like other cached tokens', () => {
    const rows = openRowShelf('config', {
      a: {
        apart: { input: '4', output: '16', cacheRead: '0.4', cacheReadAudio: '0.8', cacheReadImage: '0.5' },
        together: { input: '4', output: '16', cacheRead: '0.4' },
      },
    })
    const costsOf = (model: string) =>
      (['cacheRead', 'cacheReadAudio', 'cacheReadImage'] as const).map((component) =>
        rows.find('a', [model], 0)?.price.costOf({ ...noUsage, [component]: 1_000_000 }),
      )
    expect(costsOf('apart')).toEqual([400_000_000n, 800_000_000n, 500_000_000n])
    expect(costsOf('together')).toEqual([400_000_000n, 400_000_000n, 400_000_000n])
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
  const price = openRowShelf('config', { p: { m: tiered } }).find('p', ['m'], now)?.price

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

describe('the dates of a row', () => {
  const terms = (from: string | undefined, until?: string) => ({ input: '1', output: '2', from, until })

  it('may leave gaps, and follow one another', () => {
    const rows: readonly PriceRow[] = [
      { ...terms(undefined, '2026-11-01'), later: [{ ...terms(undefined), from: '2026-12-01' }] },
      { ...terms('2026-11-01', '2026-12-01'), later: [{ ...terms(undefined), from: '2026-12-01' }] },
      terms('2026-11-01T09:00:00+01:00', '2026-11-01T09:00:00Z'),
    ]
    expect(rows.flatMap(rowProblems)).toEqual([])
  })

  it.each<[string, PriceRow, readonly (string | number)[]]>([
    ['that end before they begin', terms('2026-12-01', '2026-12-01'), ['until']],
    [
      'that overlap',
      { ...terms('2026-11-01', '2026-12-02'), later: [{ ...terms(undefined), from: '2026-12-01' }] },
      ['until'],
    ],
    ['out of order', { ...terms('2026-12-01'), later: [{ ...terms(undefined), from: '2026-11-01' }] }, ['from']],
    [
      'that begin together',
      { ...terms(undefined), later: ['2026-12-01', '2026-12-01'].map((from) => ({ ...terms(undefined), from })) },
      ['later', 0, 'from'],
    ],
  ])('are refused %s, naming the place', (_, row, path) => {
    expect(rowProblems(row)).toMatchObject([{ path }])
  })

  it('carry source and check date, each row its own before the layer’s', () => {
    const rows = {
      p: { a: { ...terms(undefined), source: 'contract 7', checkedAt: '2026-11-20' }, b: terms(undefined) },
    }
    const defaults = { source: 'https://example.com/prices', checkedAt: '2026-11-01' }
    expect(openRowShelf('config', rows, defaults).terms).toMatchObject([
      { pattern: 'a', source: 'contract 7', checkedAt: '2026-11-20', fromMs: -Infinity, untilMs: Infinity },
      { pattern: 'b', ...defaults },
    ])
  })

  it('give every moment one price or none, and a boundary to the later price, whatever the dates', () => {
    const dayMs = 86_400_000
    const dayText = (day: number) => new Date(day * dayMs).toISOString().slice(0, 10)
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 20_000, max: 20_060 }), { minLength: 1, maxLength: 8 }),
        fc.boolean(),
        fc.array(fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined }), { minLength: 8, maxLength: 8 }),
        (days, isOpen, lengths) => {
          const begins = days.toSorted((one, other) => one - other)
          const written = begins.map((day, place) => {
            const length = lengths[place]
            const next = begins[place + 1] ?? Infinity
            const until = length === undefined ? undefined : dayText(Math.min(day + length, next))
            return { input: String(place), output: '1', from: dayText(day), until }
          })
          const [first, ...later] = written
          if (first === undefined) return
          const row: PriceRow = { ...first, from: isOpen ? undefined : first.from, later }
          expect(rowProblems(row)).toEqual([])
          const dated = openRowShelf('config', { p: { m: row } })
          for (let day = 19_999; day <= 20_082; day += 1) {
            for (const atMs of [day * dayMs - 1, day * dayMs]) {
              const inForce = dated.terms.filter((term) => isInForce(term, atMs))
              expect(inForce.length).toBeLessThanOrEqual(1)
              expect(dated.find('p', ['m'], atMs)).toBe(inForce[0])
            }
            const beginning = begins.indexOf(day)
            if (beginning >= 0) expect(dated.find('p', ['m'], day * dayMs)?.terms.input).toBe(String(beginning))
          }
        },
      ),
      { numRuns: 200 },
    )
  })
})

describe('a row without prices of tokens', () => {
  const shelf = openRowShelf('config', {
    images: { 'dall-e-3': { image: '0.04' } },
    sound: { whisper: { audioMinute: '0.006' }, 'tts-1': { characters: '15' }, rerank: { search: '0.002' } },
  })
  const costOf = (provider: string, model: string, parts: Partial<Usage>) =>
    shelf.find(provider, [model], 0)?.price.costOf({ ...noUsage, ...parts })

  it('prices its own unit', () => {
    expect(costOf('images', 'dall-e-3', { images: 2 })).toBe(80_000_000n)
    expect(costOf('sound', 'whisper', { audioSeconds: 90 })).toBe(9_000_000n)
    expect(costOf('sound', 'tts-1', { characters: 1_000 })).toBe(15_000_000n)
    expect(costOf('sound', 'rerank', { searches: 3 })).toBe(6_000_000n)
  })

  it('prices whole minutes as they are written, and a part of one rounded up once', () => {
    const odd = openRowShelf('config', { sound: { odd: { audioMinute: '0.0061' } } }).find('sound', ['odd'], 0)?.price
    const costs = [1, 60, 61, 3_600].map((audioSeconds) => odd?.costOf({ ...noUsage, audioSeconds }))
    expect(costs).toEqual([101_667n, 6_100_000n, 6_201_667n, 366_000_000n])
  })

  it('must have one, or both prices of tokens (M10)', () => {
    expect(rowProblems({ image: '0.04' })).toEqual([])
    expect(rowProblems({ input: '1', output: '2', image: '0.04' })).toEqual([])
    expect(rowProblems({ webSearch: '0.01' })).toMatchObject([{ path: ['input'] }])
    expect(rowProblems({ input: '1', image: '0.04' })).toMatchObject([{ path: ['output'] }])
  })
})
