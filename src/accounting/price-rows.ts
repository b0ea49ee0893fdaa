import { matchPattern } from '../canonical/pattern.ts'
import { usageComponents, type OwnUnit, type UsageComponent } from '../canonical/usage.ts'
import type { DatedTerms, PriceRow, TokenRates } from '../config/price-row.ts'
import { fillRates, type FilledRates } from './fill-rates.ts'
import { everyInput, fallingBand, ratedPrice, type Band, type RatedPrice } from './rated-price.ts'
import { rateOfText, ratePerSecond, type GivenRates, type Rate } from './rates.ts'
import { remembered } from './remembered.ts'

/** Rows by model name or pattern with one `*`. */
export type PriceRows = Readonly<Record<string, PriceRow>>

/** Rows by the provider's name in the config. */
export type RowsOfProviders = Readonly<Record<string, PriceRows>>

/** One price of a row, and when it is in force: `fromMs` is part of that time, `untilMs` is not. */
export interface PriceTerm {
  readonly layer: string
  readonly providerName: string
  /** The model's name, or a pattern. */
  readonly pattern: string
  /** `-Infinity`: always was. */
  readonly fromMs: number
  /** `Infinity`: for ever. */
  readonly untilMs: number
  /** Where it was found, and when somebody last looked. */
  readonly source: string | undefined
  readonly checkedAt: string | undefined
  /** As it is written. */
  readonly terms: DatedTerms
  readonly price: RatedPrice
}

/** What holds for the rows of a layer that do not say it themselves. */
export interface ShelfDefaults {
  readonly source?: string | undefined
  readonly checkedAt?: string | undefined
}

/** The prices that people wrote down themselves: one layer of the book. */
export interface RowShelf {
  readonly layer: string
  /** Every price of it, over all time. */
  readonly terms: readonly PriceTerm[]
  /** The prices of a model over all time, in the order in which they count: an exact name before a pattern, a longer pattern first. */
  termsOf(providerName: string, modelName: string): readonly PriceTerm[]
  /**
   * The one in force, of a model that has several names, the best first. An exact name comes before a pattern, whichever of the
   * names the pattern is for. A row that is not in force at the moment is passed over, and the next pattern counts.
   */
  find(providerName: string, modelNames: readonly string[], atMs: number): PriceTerm | undefined
}

/** Names come from clients too, where a pattern lets them; what is forgotten is looked up again. */
const rememberedNameLimit = 4_096

/** @param layer names the origin in the price's version: `<layer>/<provider>/<model or pattern>`, then `@<from>` where it has one. */
export function openRowShelf(layer: string, rows: RowsOfProviders, defaults: ShelfDefaults = {}): RowShelf {
  const providers = new Map(
    Object.entries(rows).map(([providerName, ofProvider]) => {
      const kept = Object.entries(ofProvider).map(([pattern, row]) => ({
        pattern,
        terms: termsOfRow(row).map((terms, place, all) =>
          termOf({ layer, providerName, pattern, terms, next: all[place + 1], defaults }),
        ),
      }))
      const exact = new Map(kept.map(({ pattern, terms }) => [pattern, terms]))
      const patterns = kept
        .filter(({ pattern }) => pattern.includes('*'))
        .toSorted((one, other) => other.pattern.length - one.pattern.length)
      const termsOf = (modelName: string): readonly PriceTerm[] => [
        ...(exact.get(modelName) ?? []),
        ...patterns
          .filter(({ pattern }) => pattern !== modelName && matchPattern(pattern, modelName) !== undefined)
          .flatMap(({ terms }) => terms),
      ]
      return [
        providerName,
        { all: kept.flatMap(({ terms }) => terms), termsOf: remembered(rememberedNameLimit, termsOf) },
      ]
    }),
  )
  const termsOf = (providerName: string, modelName: string) => providers.get(providerName)?.termsOf(modelName) ?? []
  return {
    layer,
    terms: [...providers.values()].flatMap(({ all }) => all),
    termsOf,
    find: (providerName, modelNames, atMs) => {
      let byPattern: PriceTerm | undefined
      for (const modelName of modelNames) {
        const term = termsOf(providerName, modelName).find((one) => isInForce(one, atMs))
        if (term?.pattern === modelName) return term
        byPattern ??= term
      }
      return byPattern
    },
  }
}

/** A boundary belongs to the later price. */
export function isInForce({ fromMs, untilMs }: Pick<PriceTerm, 'fromMs' | 'untilMs'>, atMs: number): boolean {
  return atMs >= fromMs && atMs < untilMs
}

function termsOfRow({ later = [], ...first }: PriceRow): readonly DatedTerms[] {
  return [first, ...later]
}

function termOf(written: {
  readonly layer: string
  readonly providerName: string
  readonly pattern: string
  readonly terms: DatedTerms
  readonly next: DatedTerms | undefined
  readonly defaults: ShelfDefaults
}): PriceTerm {
  const { layer, providerName, pattern, terms, next, defaults } = written
  const version = `${layer}/${providerName}/${pattern}${terms.from === undefined ? '' : `@${terms.from}`}`
  return {
    layer,
    providerName,
    pattern,
    fromMs: momentOf(terms.from, -Infinity),
    untilMs: momentOf(terms.until ?? next?.from, Infinity),
    source: terms.source ?? defaults.source,
    checkedAt: terms.checkedAt ?? defaults.checkedAt,
    terms,
    price: priceOfRow(version, terms),
  }
}

function momentOf(written: string | undefined, otherwise: number): number {
  return written === undefined ? otherwise : Date.parse(written)
}

/** What is wrong with a row beyond its schema, placed by a path inside the row. */
export interface RowProblem {
  readonly path: readonly (string | number)[]
  readonly message: string
}

/**
 * What is wrong with a price that the schema takes: with its rates, its dates and its tiers, by the path within the row. Empty:
 * nothing.
 */
export function rowProblems(row: PriceRow): readonly RowProblem[] {
  const terms = termsOfRow(row)
  return terms.flatMap((one, place) => {
    const path = place === 0 ? [] : ['later', place - 1]
    return [...rateProblems(one), ...dateProblems(one, terms[place + 1]), ...tierProblems(one)].map((problem) => ({
      ...problem,
      path: [...path, ...problem.path],
    }))
  })
}

/** A price says what tokens cost, both ways, or what a unit of its own does; else it would be none (failures.md M10). */
function rateProblems(terms: DatedTerms): readonly RowProblem[] {
  const sides = [terms.input, terms.output].filter((usd) => usd !== undefined)
  if (sides.length === 2) return []
  const hasUnit = unitFields.some(({ field }) => terms[field] !== undefined)
  if (sides.length === 0 && hasUnit) return []
  const path = terms.input === undefined ? ['input'] : ['output']
  const units = unitFields.map(({ field }) => `\`${field}\``).join(', ')
  return [{ path, message: `must be given: \`input\` and \`output\`, or the price of a unit alone (${units})` }]
}

/** At every moment a model has one price of a row, or none. */
function dateProblems(terms: DatedTerms, next: DatedTerms | undefined): readonly RowProblem[] {
  const fromMs = momentOf(terms.from, -Infinity)
  const untilMs = momentOf(terms.until, Infinity)
  const nextFromMs = momentOf(next?.from, Infinity)
  if (untilMs <= fromMs) return [{ path: ['until'], message: '`until` must be after `from`' }]
  if (nextFromMs <= fromMs)
    return [{ path: ['from'], message: 'the next price begins before this one or with it: write the earliest first' }]
  if (next !== undefined && terms.until !== undefined && untilMs > nextFromMs)
    return [{ path: ['until'], message: 'the next price begins earlier: at a moment a model has one price only' }]
  return []
}

function tierProblems(row: DatedTerms): readonly RowProblem[] {
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

function priceOfRow(version: string, row: DatedTerms): RatedPrice {
  return ratedPrice({ version, requestFee: 0n, ...bandsOf(row) })
}

/** The rates of a row, or those that a tier names. */
type RowRates = { readonly [Field in keyof TokenRates]?: string | undefined }

function bandsOf(row: DatedTerms): Pick<RatedPrice, 'bands' | 'unrated' | 'notes'> {
  const tiers = (row.tiers ?? []).toSorted((one, other) => one.contextOver - other.contextOver)
  const notes = new Set<string>()
  const bandOf = (inputOver: number, given: GivenRates): Band => {
    const filled = filledRow(given)
    for (const note of filled.notes) notes.add(note)
    return { inputOver, rates: filled.rates }
  }
  const base = { ...givenRates(row, row.webSearch), ...unitRates(row) }
  const { unrated } = filledRow(base)
  // A tier names the rates that differ from the base row.
  const above = tiers.map(({ contextOver, rates }) => bandOf(contextOver, { ...base, ...givenRates(rates, undefined) }))
  return { bands: [bandOf(everyInput, base), ...above], unrated, notes: row.input === undefined ? [] : [...notes] }
}

/** The fallbacks are those that the schema of a row documents: what is written is all there is, nothing is known of the model. */
function filledRow(given: GivenRates): FilledRates {
  return fillRates(given, { isClaude: false, hasRequestFee: false })
}

const fieldOfComponent = {
  inputUncached: 'input',
  cacheRead: 'cacheRead',
  cacheReadAudio: 'cacheReadAudio',
  cacheReadImage: 'cacheReadImage',
  cacheWrite5m: 'cacheWrite5m',
  cacheWrite1h: 'cacheWrite1h',
  cacheWriteOther: 'cacheWriteOther',
  inputAudio: 'inputAudio',
  inputImage: 'inputImage',
  outputText: 'output',
  outputReasoning: 'outputReasoning',
  outputAudio: 'outputAudio',
  outputImage: 'outputImage',
  // Priced by the call and by the unit, outside the rates.
  webSearches: undefined,
  searches: undefined,
  images: undefined,
  audioSeconds: undefined,
  characters: undefined,
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

/** A minute is listed, a second counted; characters are listed by the million as tokens are. */
const unitFields = [
  { field: 'search', component: 'searches', rate: (usd: string) => rateOf(usd, 1) },
  { field: 'image', component: 'images', rate: (usd: string) => rateOf(usd, 1) },
  { field: 'audioMinute', component: 'audioSeconds', rate: (usd: string) => ratePerSecond(rateOf(usd, 1), 60n) },
  { field: 'characters', component: 'characters', rate: (usd: string) => rateOf(usd, 1_000_000) },
] as const satisfies readonly {
  readonly field: keyof DatedTerms
  readonly component: OwnUnit
  readonly rate: unknown
}[]

function unitRates(row: DatedTerms): GivenRates {
  const given: Partial<Record<UsageComponent, Rate>> = {}
  for (const { field, component, rate } of unitFields) {
    const usd = row[field]
    if (usd !== undefined) given[component] = rate(usd)
  }
  return given
}

function rateOf(usd: string, perCount: number): Rate {
  const rate = rateOfText(usd, perCount)
  // The schema lets no such text through.
  if (rate === undefined) throw new RangeError('a price must be a plain decimal number of dollars')
  return rate
}
