import { describe, expect, it } from 'vitest'
import { noUsage } from '../canonical/usage.ts'
import type { PriceRow } from '../config/price-row.ts'
import { openPriceBook, type PriceSources } from './price-book.ts'
import type { PriceFile } from './price-file.ts'
import type { RowsOfProviders } from './price-rows.ts'

const now = Date.parse('2026-11-23T12:00:00Z')
const row = (input: string, output: string, rest: Partial<PriceRow> = {}): PriceRow => ({ input, output, ...rest })
const fileOf = (prices: RowsOfProviders, version = '7'): readonly PriceFile[] => [
  { version, checkedAt: '2026-11-01', prices },
]

const priceProviders = new Map([
  ['openai', 'openai'],
  ['claude', 'anthropic'],
  ['local', undefined],
])
const bookOf = (sources: Partial<PriceSources> = {}) =>
  openPriceBook({ overrides: {}, files: [], priceProviders, ...sources })

function versionIn(book: ReturnType<typeof bookOf>, providerName: string, ...modelNames: readonly string[]): string {
  const lookup = book.priceFor(providerName, priceProviders.get(providerName), modelNames, now)
  return lookup.kind === 'priced' ? lookup.price.version : lookup.reason
}

describe('the layers of the price book', () => {
  const book = bookOf({
    overrides: { openai: { 'gpt-5.2': row('1', '2') } },
    files: fileOf({ openai: { 'gpt-5.2': row('3', '4'), 'gpt-4o': row('2', '9') }, local: { '*': row('0.1', '0.1') } }),
  })

  it.each([
    ['openai', 'gpt-5.2', 'config/openai/gpt-5.2'],
    ['openai', 'gpt-4o', 'prices-file@7/openai/gpt-4o'],
    ['openai', 'gpt-4.1', 'genai-prices@0.1.8/openai/gpt-4.1'],
    ['local', 'llama', 'prices-file@7/local/*'],
    ['claude', 'claude-opus-5', 'genai-prices@0.1.8/anthropic/claude-opus-5'],
  ])('at %s give %s from the uppermost that has it: %s', (providerName, modelName, version) => {
    expect(versionIn(book, providerName, modelName)).toBe(version)
  })

  it('are asked for the name in the answer before the name that was asked for', () => {
    expect(versionIn(book, 'openai', 'gpt-4.1-2025-04-14', 'gpt-4o-mini')).toBe('genai-prices@0.1.8/openai/gpt-4.1')
    expect(versionIn(book, 'openai', 'no-such-model', 'gpt-4.1')).toBe('genai-prices@0.1.8/openai/gpt-4.1')
    // A name that is listed without a price does not end the search.
    expect(bookOf().priceFor('openai', 'google', ['gemma-3', 'gemini-2.5-pro'], now)).toMatchObject({ kind: 'priced' })
  })

  it('never pass over a price of one’s own because the list knows the name in the answer', () => {
    expect(versionIn(book, 'openai', 'gpt-5.2-2025-12-11', 'gpt-5.2')).toBe('config/openai/gpt-5.2')
  })

  it('take the exact row of any name before a pattern, and a pattern of the name in the answer before one of the other', () => {
    const rows = { 'gpt-6': row('5', '20'), 'gpt-6-*': row('6', '20'), '*': row('0', '0') }
    for (const sources of [{ overrides: { local: rows } }, { files: fileOf({ local: rows }) }]) {
      const layered = bookOf(sources)
      expect(versionIn(layered, 'local', 'gpt-6-2026-10-01', 'gpt-6')).toMatch(/local\/gpt-6$/)
      expect(versionIn(layered, 'local', 'gpt-6', 'router')).toMatch(/local\/gpt-6$/)
      expect(versionIn(layered, 'local', 'gpt-6-mini', 'router')).toMatch(/local\/gpt-6-\*$/)
      expect(versionIn(layered, 'local', 'router', 'gpt-6-mini')).toMatch(/local\/\*$/)
    }
  })

  it('pass over an exact row that is not in force, for a pattern of the same layer', () => {
    const dated = row('5', '20', { from: '2027-01-01' })
    const later = bookOf({ overrides: { local: { 'gpt-6': dated, 'gpt-6-*': row('6', '20') } } })
    expect(versionIn(later, 'local', 'gpt-6-2026-10-01', 'gpt-6')).toBe('config/local/gpt-6-*')
  })

  it('remember lookups without mixing providers, list ids or times', () => {
    for (const _ of [1, 2]) {
      expect(versionIn(book, 'openai', 'gpt-4.1')).toMatch(/openai\/gpt-4\.1$/)
      expect(book.priceFor('openai', undefined, ['gpt-4.1'], now).kind).toBe('unpriced')
      expect(book.priceFor('openai', 'anthropic', ['gpt-4.1'], now).kind).toBe('unpriced')
    }
    const inputOf = (iso: string): bigint | undefined => {
      const lookup = book.priceFor('d', 'deepseek', ['deepseek-chat'], Date.parse(iso))
      return lookup.kind === 'priced' ? lookup.price.costOf({ ...noUsage, inputUncached: 1_000_000 }) : undefined
    }
    const times = ['2026-11-23T12:00:00Z', '2026-11-23T20:00:00Z', '2026-11-23T12:00:00Z']
    expect(times.map(inputOf)).toEqual([270_000_000n, 135_000_000n, 270_000_000n])
    expect(book.priceFor('openai', 'openai', ['gpt-4.1'], now)).toBe(
      book.priceFor('openai', 'openai', ['gpt-4.1'], now),
    )
  })

  it('give the same price for one name, however many others were asked for', () => {
    for (let place = 0; place < 5_000; place += 1) versionIn(book, 'openai', `made-up-${place}`)
    expect(versionIn(book, 'openai', 'gpt-4.1')).toBe('genai-prices@0.1.8/openai/gpt-4.1')
    expect(versionIn(book, 'openai', 'gpt-4o')).toBe('prices-file@7/openai/gpt-4o')
  })
})

describe('several prices files', () => {
  const [list] = fileOf({ openai: { 'gpt-4o': row('2', '9'), 'gpt-4.1': row('3', '9') } }, 'list')
  const [contract] = fileOf({ openai: { 'gpt-4o': row('1', '9') } }, 'contract')
  const files = [list, contract].flatMap((file) => file ?? [])

  it('are layers: a later one wins, and what it does not name the earlier one still prices', () => {
    const book = bookOf({ files })
    expect(versionIn(book, 'openai', 'gpt-4o')).toBe('prices-file@contract/openai/gpt-4o')
    expect(versionIn(book, 'openai', 'gpt-4.1')).toBe('prices-file@list/openai/gpt-4.1')
    expect(versionIn(bookOf({ files: files.toReversed() }), 'openai', 'gpt-4o')).toBe('prices-file@list/openai/gpt-4o')
  })

  it('are each compared with what lies below them', () => {
    const [dear] = fileOf({ openai: { 'gpt-4o': row('100', '9') } }, 'dear')
    expect(bookOf({ files: [...files, ...(dear ? [dear] : [])] }).warnings).toEqual([
      'prices-file@dear openai/gpt-4o: input is 100 USD per million, and 1 in prices-file@contract/openai/gpt-4o; is the unit right?',
    ])
  })
})

describe('prices with dates', () => {
  const at = (book: ReturnType<typeof bookOf>, iso: string): string => {
    const lookup = book.priceFor('openai', 'openai', ['gpt-4o'], Date.parse(iso))
    return lookup.kind === 'priced' ? lookup.price.version : lookup.reason
  }

  it('hold from their first moment on, and end with the moment that the next one begins', () => {
    const book = bookOf({
      overrides: { openai: { 'gpt-4o': row('2', '9', { later: [{ from: '2026-12-01', input: '1', output: '8' }] }) } },
    })
    expect(at(book, '2026-11-30T23:59:59.999Z')).toBe('config/openai/gpt-4o')
    expect(at(book, '2026-12-01T00:00:00.000Z')).toBe('config/openai/gpt-4o@2026-12-01')
  })

  it('outside their time leave the word to the layer below', () => {
    const dated = row('1', '8', { from: '2026-12-01', until: '2027-01-01' })
    const book = bookOf({
      overrides: { openai: { 'gpt-4o': dated } },
      files: fileOf({ openai: { 'gpt-4*': row('3', '9') } }),
    })
    expect(at(book, '2026-11-30T12:00:00Z')).toBe('prices-file@7/openai/gpt-4*')
    expect(at(book, '2026-12-31T12:00:00Z')).toBe('config/openai/gpt-4o@2026-12-01')
    expect(at(book, '2027-01-01T00:00:00Z')).toBe('prices-file@7/openai/gpt-4*')
  })

  it('ten times off the one before them are warned of', () => {
    const later = [{ from: '2026-12-01', input: '0.001', output: '8' }]
    expect(bookOf({ overrides: { local: { mine: row('2', '9', { later }) } } }).warnings).toEqual([
      'config local/mine from 2026-12-01: input is 0.001 USD per million, and 2 in config/local/mine; is the unit right?',
    ])
  })
})

describe('a price of zero and no price', () => {
  const book = bookOf({ overrides: { local: { free: row('0', '0') } } })

  it('are different things: an explicit zero is a price (M10, I16)', () => {
    const lookup = book.priceFor('local', undefined, ['free'], now)
    expect(lookup.kind === 'priced' && lookup.price.costOf({ ...noUsage, inputUncached: 9, outputText: 9 })).toBe(0n)
    expect(book.priceFor('local', undefined, ['dear'], now).kind).toBe('unpriced')
  })

  it.each([
    [
      'openai',
      'gpt-99',
      'no price for model "gpt-99" at provider "openai" in genai-prices@0.1.8; add providers.openai.prices or prices: file:...',
    ],
    [
      'local',
      'dear',
      'no price for model "dear" at provider "local" where list prices do not apply; add providers.local.prices or prices: file:...',
    ],
  ])('at %s for %s is told in words that help', (providerName, modelName, reason) => {
    expect(versionIn(book, providerName, modelName)).toBe(reason)
  })

  it('names the model that was asked for, not the one in the answer', () => {
    expect(versionIn(book, 'openai', 'gpt-99-2031-01-01', 'gpt-99')).toMatch(/^no price for model "gpt-99" /)
    expect(versionIn(book, 'openai')).toMatch(/^no price for model "" /)
  })
})

describe('odd prices', () => {
  it('ten times off the list are warned of, with both figures (S10)', () => {
    const { warnings } = bookOf({
      files: fileOf({ openai: { 'gpt-4.1': row('0.000002', '8'), 'gpt-4o': row('2.5', '101') } }),
    })
    expect(warnings).toEqual([
      'prices-file@7 openai/gpt-4.1: input is 0.000002 USD per million, and 2 in genai-prices@0.1.8/openai/gpt-4.1; is the unit right?',
      'prices-file@7 openai/gpt-4o: output is 101 USD per million, and 10 in genai-prices@0.1.8/openai/gpt-4o; is the unit right?',
    ])
  })

  it('of zero where the list has a price are warned of', () => {
    expect(bookOf({ overrides: { openai: { 'gpt-4.1': row('0', '8') } } }).warnings).toHaveLength(1)
  })

  it('in the config are compared with the file before the list', () => {
    const files = fileOf({ openai: { 'gpt-4.1': row('2', '8') }, local: { mine: row('1', '1') } })
    const { warnings } = bookOf({
      files,
      overrides: { local: { mine: row('11', '1') }, openai: { 'gpt-4.1': row('19', '8') } },
    })
    expect(warnings).toEqual([
      'config local/mine: input is 11 USD per million, and 1 in prices-file@7/local/mine; is the unit right?',
    ])
  })

  it('within ten times, of unknown models and of patterns are nobody’s business', () => {
    const rows = { openai: { 'gpt-4.1': row('20', '0.8'), 'gpt-99': row('999', '999'), 'gpt-4*': row('900', '900') } }
    expect(bookOf({ files: fileOf(rows), overrides: rows }).warnings).toEqual([])
  })

  it('are compared with every hour and date of the list', () => {
    const providers = new Map([['openai', 'openai']])
    const cheapAsOfOld = openPriceBook({
      overrides: { openai: { o3: row('99', '80') } },
      files: [],
      priceProviders: providers,
    })
    expect(cheapAsOfOld.warnings).toEqual([])
  })

  it('of a provider that the config does not have are warned of', () => {
    expect(bookOf({ files: fileOf({ opnai: { x: row('1', '1') } }) }).warnings).toEqual([
      'prices-file@7: the config has no provider "opnai"; its prices take no effect',
    ])
  })

  it('in great number are counted, not all told', () => {
    const many = Object.fromEntries(Array.from({ length: 70 }, (_, place) => [`m${place}`, row('100', '100')]))
    const few = Object.fromEntries(Array.from({ length: 70 }, (_, place) => [`m${place}`, row('1', '1')]))
    const { warnings } = bookOf({ files: fileOf({ local: few }), overrides: { local: many } })
    expect(warnings).toHaveLength(51)
    expect(warnings.at(-1)).toBe('config: and 90 more prices like these')
  })
})
