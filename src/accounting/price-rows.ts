import { matchPattern } from '../canonical/pattern.ts'
import { usageComponents, type UsageComponent } from '../canonical/usage.ts'
import type { PriceRow, TokenRates } from '../config/price-row.ts'
import { fillRates, type FilledRates } from './fill-rates.ts'
import { everyInput, fallingBand, ratedPrice, type Band, type RatedPrice } from './rated-price.ts'
import { rateOfText, type GivenRates, type Rate } from './rates.ts'
import { remembered } from './remembered.ts'

/** Rows by model name or pattern with one `*`. */
export type PriceRows = Readonly<Record<string, PriceRow>>

/** Rows by the provider's name in the config. */
export type RowsOfProviders = Readonly<Record<string, PriceRows>>

/** The prices that people wrote down themselves. */
export interface RowShelf {
  /** An exact name wins over a pattern, a longer pattern over a shorter one. */
  find(providerName: string, modelName: string): RatedPrice | undefined
}

/** Names come from clients too, where a pattern lets them; what is forgotten is looked up again. */
const rememberedNameLimit = 4_096

/** @param source names the origin in the price's version: `<source>/<provider>/<model or pattern>`. */
export function openRowShelf(source: string, rows: RowsOfProviders): RowShelf {
  const providers = new Map(
    Object.entries(rows).map(([providerName, ofProvider]) => {
      const prices = Object.entries(ofProvider).map(([pattern, row]) => ({
        pattern,
        price: priceOfRow(`${source}/${providerName}/${pattern}`, row),
      }))
      const exact = new Map(prices.map(({ pattern, price }) => [pattern, price]))
      const patterns = prices
        .filter(({ pattern }) => pattern.includes('*'))
        .toSorted((one, other) => other.pattern.length - one.pattern.length)
      const find = (modelName: string): RatedPrice | undefined =>
        exact.get(modelName) ?? patterns.find(({ pattern }) => matchPattern(pattern, modelName) !== undefined)?.price
      return [providerName, remembered(rememberedNameLimit, find)]
    }),
  )
  return { find: (providerName, modelName) => providers.get(providerName)?.(modelName) }
}

/** What is wrong with a row beyond its schema, placed by a path inside the row. */
export interface RowProblem {
  readonly path: readonly (string | number)[]
  readonly message: string
}

export function rowProblems(row: PriceRow): readonly RowProblem[] {
  const tiers = row.tiers ?? []
  const twice = tiers.findIndex((tier, place) =>
    tiers.slice(0, place).some((earlier) => earlier.contextOver === tier.contextOver),
  )
  if (twice >= 0)
    return [{ path: ['tiers', twice], message: 'another tier has the same `contextOver`; keep one of them' }]
  const falling = fallingBand(bandsOf(row).bands)
  if (falling === undefined) return []
  const message =
    'a tier for longer inputs must not be cheaper than the one before it: a longer call would cost less than a shorter one'
  return [{ path: ['tiers', tiers.findIndex((tier) => tier.contextOver === falling.inputOver)], message }]
}

function priceOfRow(version: string, row: PriceRow): RatedPrice {
  return ratedPrice({ version, requestFee: 0n, ...bandsOf(row) })
}

/** The rates of a row, or those that a tier names. */
type RowRates = { readonly [Field in keyof TokenRates]?: string | undefined }

function bandsOf(row: PriceRow): Pick<RatedPrice, 'bands' | 'notes'> {
  const tiers = (row.tiers ?? []).toSorted((one, other) => one.contextOver - other.contextOver)
  const notes = new Set<string>()
  const bandOf = (inputOver: number, given: GivenRates): Band => {
    const filled = filledRow(given)
    for (const note of filled.notes) notes.add(note)
    return { inputOver, rates: filled.rates }
  }
  const base = givenRates(row, row.webSearch)
  // A tier names the rates that differ from the base row.
  const above = tiers.map(({ contextOver, rates }) => bandOf(contextOver, { ...base, ...givenRates(rates, undefined) }))
  return { bands: [bandOf(everyInput, base), ...above], notes: [...notes] }
}

/** The fallbacks are those that the schema of a row documents: what is written is all there is, nothing is known of the model. */
function filledRow(given: GivenRates): FilledRates {
  return fillRates(given, { isClaude: false, hasRequestFee: false })
}

const fieldOfComponent = {
  inputUncached: 'input',
  cacheRead: 'cacheRead',
  cacheWrite5m: 'cacheWrite5m',
  cacheWrite1h: 'cacheWrite1h',
  cacheWriteOther: 'cacheWriteOther',
  inputAudio: 'inputAudio',
  inputImage: 'inputImage',
  outputText: 'output',
  outputReasoning: 'outputReasoning',
  outputAudio: 'outputAudio',
  outputImage: 'outputImage',
  // Priced by the call, outside the rates.
  webSearches: undefined,
} as const satisfies Record<UsageComponent, keyof TokenRates | undefined>

function givenRates(rates: RowRates, webSearch: string | undefined): GivenRates {
  const given: Partial<Record<UsageComponent, Rate>> = {}
  for (const component of usageComponents) {
    const field = fieldOfComponent[component]
    const usd = field === undefined ? undefined : rates[field]
    if (usd !== undefined) given[component] = rateOf(usd, 1_000_000)
  }
  if (webSearch !== undefined) given.webSearches = rateOf(webSearch, 1)
  return given
}

function rateOf(usd: string, perCount: number): Rate {
  const rate = rateOfText(usd, perCount)
  // The schema lets no such text through.
  if (rate === undefined) throw new RangeError('a price must be a plain decimal number of dollars')
  return rate
}
