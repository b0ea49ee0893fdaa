import {
  calcPrice,
  findProvider,
  type ConditionalPrice,
  type ModelInfo,
  type ModelPrice,
  type TieredPrices,
} from '@pydantic/genai-prices'
import { reasonOf } from '../canonical/reason-of.ts'
import type { UsageComponent } from '../canonical/usage.ts'
import {
  alwaysPriced,
  datedPrice,
  readTimeOfDay,
  type DatedPrice,
  type Season,
  type SeasonalPrice,
} from './dated-price.ts'
import { fillRates, googleSearchPrice, isClaude } from './fill-rates.ts'
import { everyInput, ratedPrice, type Band, type RatedLookup } from './rated-price.ts'
import { rateOfNumber, ratePerSecond, type GivenRates, type Rate } from './rates.ts'

/** The pinned version: a price change comes with a change of ours, never over the network (failures.md S10). */
export const listVersion = 'genai-prices@0.1.8'

/** Longer names are no models; they are not matched against 700 patterns. */
const modelNameLimit = 256

/** The list's price keys that a usage can be charged by, and what they are for. Tokens are listed per million, calls per thousand. */
const countedKeys: Readonly<Record<string, { readonly component: UsageComponent; readonly perCount: number }>> = {
  input_mtok: { component: 'inputUncached', perCount: 1_000_000 },
  cache_read_mtok: { component: 'cacheRead', perCount: 1_000_000 },
  cache_audio_read_mtok: { component: 'cacheReadAudio', perCount: 1_000_000 },
  cache_image_read_mtok: { component: 'cacheReadImage', perCount: 1_000_000 },
  cache_write_mtok: { component: 'cacheWriteOther', perCount: 1_000_000 },
  cache_write_5m_mtok: { component: 'cacheWrite5m', perCount: 1_000_000 },
  cache_write_1h_mtok: { component: 'cacheWrite1h', perCount: 1_000_000 },
  input_audio_mtok: { component: 'inputAudio', perCount: 1_000_000 },
  input_image_mtok: { component: 'inputImage', perCount: 1_000_000 },
  output_mtok: { component: 'outputText', perCount: 1_000_000 },
  output_reasoning_mtok: { component: 'outputReasoning', perCount: 1_000_000 },
  output_audio_mtok: { component: 'outputAudio', perCount: 1_000_000 },
  output_image_mtok: { component: 'outputImage', perCount: 1_000_000 },
  web_searches_kcount: { component: 'webSearches', perCount: 1_000 },
}
/** Sound that is listened to is listed by the hour, under two names of one price. */
const hourKeys = ['audio_hours', 'input_audio_hours'] as const
const secondsPerHour = 3_600n
/** OpenAI's page of omni-moderation-latest calls it a free model (read 2026-11). The list has it without any price. */
const freeModels: ReadonlySet<string> = new Set(['openai/moderation'])

/**
 * Sounds that the list leaves out, in dollars per million: as LiteLLM's table has them (2026-07), and Portkey's (2026-08) for the snapshots that
 * are still served. As text they would be 16 times too cheap.
 */
const soundRates: ReadonlyMap<string, GivenRates> = new Map([
  ['gpt-4o-audio-preview', sounds(40, 80)],
  ['gpt-4o-mini-audio-preview', sounds(10, 20)],
  ['gpt-audio', sounds(32, 64)],
  ['gpt-audio-mini', sounds(10, 20)],
])

function sounds(input: number, output: number): GivenRates {
  return { inputAudio: rateOfNumber(input, 1_000_000), outputAudio: rateOfNumber(output, 1_000_000) }
}

const requestFeeKey = 'requests_kcount'

/**
 * Looks a model up in the list, by the list's own matching (`gpt-4o-2024-08-06` is `gpt-4o`). Takes tens of
 * microseconds: once per model, not per call. The reason of an unpriced one completes "no price for model x at provider y".
 */
export function listedPrice(priceProvider: string | undefined, modelName: string): DatedPrice {
  if (priceProvider === undefined) return unpriced('where list prices do not apply')
  if (listOf(priceProvider) === undefined)
    return unpriced(`in ${listVersion}, which has no provider "${priceProvider}"`)
  if (modelName === '' || modelName.length > modelNameLimit) return unpriced(`in ${listVersion}`)
  try {
    const match = calcPrice({}, modelName, { providerId: priceProvider })
    if (match === null) return unpriced(`in ${listVersion}`)
    return priceOfListing(priceProvider, match.model, match.provider.models.includes(match.model))
  } catch (thrown) {
    // The package throws where one of its rows contradicts itself.
    const why = reasonOf(thrown)
    return unpriced(`in ${listVersion}, whose entry cannot be used (${why})`)
  }
}

/** Every model that the list has for a provider, by the list's name. Empty for a provider that it does not have. */
export function listedModels(priceProvider: string): readonly string[] {
  return listOf(priceProvider)?.models.map(({ id }) => id) ?? []
}

/** The page that a provider's prices were taken from, where the list tells one. */
export function listedSource(priceProvider: string): string | undefined {
  return listOf(priceProvider)?.pricing_urls?.[0]
}

/** The package takes anything that contains a provider's name for that provider; a wrong guess is a wrong price. */
function listOf(priceProvider: string) {
  const found = findProvider({ providerId: priceProvider })
  return found?.id === priceProvider ? found : undefined
}

/**
 * Turns one entry of the list into a price.
 * @param isOwn whether the entry stands in this provider's own list; otherwise another's prices stand in for it.
 * @throws RangeError when the entry holds what is no price, or a condition that is not known.
 */
export function priceOfListing(priceProvider: string, listing: ModelInfo, isOwn: boolean): DatedPrice {
  const entries: readonly ConditionalPrice[] = Array.isArray(listing.prices)
    ? listing.prices
    : [{ prices: listing.prices }]
  const version = `${listVersion}/${priceProvider}/${listing.id}`
  if (freeModels.has(`${priceProvider}/${listing.id}`)) return freeOfCharge(version)
  const [first, ...others] = entries.map((entry): SeasonalPrice => ({
    season: seasonOf(entry.constraint),
    lookup: lookupOf(entry.prices, version, isOwn),
  }))
  return first ? datedPrice([first, ...others]) : unpriced(withoutAny)
}

function freeOfCharge(version: string): DatedPrice {
  const { rates } = fillRates({ inputUncached: 0n, outputText: 0n }, { isClaude: false, hasRequestFee: false })
  const bands = [{ inputOver: everyInput, rates }] as const
  const price = ratedPrice({ version, bands, requestFee: 0n, notes: ['its maker says that it is free of charge'] })
  return alwaysPriced({ kind: 'priced', price })
}

const withoutAny = `in ${listVersion}, which lists it without any and does not say whether it is free`

function unpriced(reason: string): DatedPrice {
  return alwaysPriced({ kind: 'unpriced', reason })
}

function lookupOf(prices: ModelPrice, version: string, isOwn: boolean): RatedLookup {
  const listed = Object.entries(prices).flatMap(([key, price]) => (price === undefined ? [] : [{ key, price }]))
  const uncounted = listed
    .map(({ key }) => key)
    .filter((key) => !Object.hasOwn(countedKeys, key) && key !== requestFeeKey && !isHourKey(key))
  // The package charges nothing for a row without prices: a missing price would be zero (failures.md M10).
  if (listed.length === 0) return { kind: 'unpriced', reason: withoutAny }
  const hasTokens = prices['input_mtok'] !== undefined || prices['output_mtok'] !== undefined
  if (!hasTokens && !listed.some(({ key }) => isHourKey(key)))
    return {
      kind: 'unpriced',
      reason: `in ${listVersion}, which bills what is not counted here: ${uncounted.join(', ')}`,
    }

  const requestFee = rateUnder(prices[requestFeeKey], everyInput, 1_000) ?? 0n
  const name = version.slice(listVersion.length)
  const terms = {
    isClaude: isClaude(name),
    hasRequestFee: requestFee > 0n,
    search: name.startsWith('/google/') ? googleSearchPrice(name) : undefined,
  }
  const notes = new Set<string>()
  if (!isOwn) notes.add('the prices are those of the company that made the model')
  for (const key of uncounted) notes.add(`${key} is listed too, and not counted here`)
  const added = soundRates.get(name.slice(name.lastIndexOf('/') + 1))
  if (added && prices['input_audio_mtok'] === undefined) notes.add('sounds cost what other tables list for them')
  const given = (inputOver: number): GivenRates => ({ ...added, ...givenRates(prices, inputOver) })
  const { unrated } = fillRates(given(everyInput), terms)
  const bandOver = (inputOver: number): Band => {
    const filled = fillRates(given(inputOver), terms)
    if (hasTokens) for (const note of filled.notes) notes.add(note)
    return { inputOver, rates: filled.rates }
  }
  const bands: readonly [Band, ...Band[]] = [bandOver(everyInput), ...bordersOf(prices).map(bandOver)]
  return { kind: 'priced', price: ratedPrice({ version, bands, requestFee, unrated, notes: [...notes] }) }
}

function isHourKey(key: string): boolean {
  return hourKeys.some((one) => one === key)
}

function givenRates(prices: ModelPrice, inputOver: number): GivenRates {
  const given: Partial<Record<UsageComponent, Rate>> = {}
  for (const [key, { component, perCount }] of Object.entries(countedKeys)) {
    const rate = rateUnder(prices[key], inputOver, perCount)
    if (rate !== undefined) given[component] = rate
  }
  const perHour = hourKeys.map((key) => rateUnder(prices[key], inputOver, 1)).find((rate) => rate !== undefined)
  if (perHour !== undefined) given.audioSeconds = ratePerSecond(perHour, secondsPerHour)
  // Without a suffix the list means writes of any lifetime; a lifetime's own price is more precise.
  const anyWrite = given.cacheWriteOther
  return anyWrite === undefined ? given : { cacheWrite5m: anyWrite, ...given }
}

/**
 * The rate of a call whose input is just over a border. As the package reckons (0.1.8, `calcPrice`): the last tier whose
 * `start` is less than the total of input tokens, cached ones included, prices the whole call.
 */
function rateUnder(price: number | TieredPrices | undefined, inputOver: number, perCount: number): Rate | undefined {
  if (price === undefined) return undefined
  if (typeof price === 'number') return rateOfNumber(price, perCount)
  const reached = price.tiers.filter(({ start }) => start <= inputOver)
  const last = reached.toSorted((one, other) => one.start - other.start).at(-1)
  return rateOfNumber(last?.price ?? price.base, perCount)
}

/** Every kind of token may have borders of its own. */
function bordersOf(prices: ModelPrice): readonly number[] {
  const starts = Object.values(prices).flatMap((price) =>
    price === undefined || typeof price === 'number' ? [] : price.tiers.map(({ start }) => start),
  )
  return [...new Set(starts)].toSorted((one, other) => one - other)
}

function seasonOf(constraint: ConditionalPrice['constraint']): Season | undefined {
  if (constraint === undefined) return undefined
  if (constraint.type === 'start_date') {
    const fromMs = Date.parse(constraint.start_date)
    if (!Number.isNaN(fromMs)) return { kind: 'from', fromMs }
  } else if (constraint.type === 'time_of_date') {
    const fromMs = readTimeOfDay(constraint.start_time)
    const untilMs = readTimeOfDay(constraint.end_time)
    if (fromMs !== undefined && untilMs !== undefined) return { kind: 'daily', fromMs, untilMs }
  }
  throw new RangeError(`${JSON.stringify(constraint)} is not a known condition`)
}
