import { requestFee } from '../canonical/decision.ts'
import type { Nanos } from '../canonical/money.ts'
import { inputTokensOf, tokenComponents, usageComponents, type Usage, type UsageComponent } from '../canonical/usage.ts'
import type { Price, PriceBook } from './price.ts'
import { dividedUp, ratedPerNano, writeRate, type Rate, type Rates } from './rates.ts'

/** The rates of calls whose input is longer than a border. They apply to the whole call, not to the part beyond it. */
export interface Band {
  /** Input tokens of every kind, cached ones included. The band applies to a call with more than these. */
  readonly inputOver: number
  readonly rates: Rates
}

/** The border of the band that is for every call, also for one without any input. */
export const everyInput = -1

/** A price that shows what it is made of. */
export interface RatedPrice extends Price {
  /** By `inputOver`, ascending; the first is for every call. */
  readonly bands: readonly [Band, ...Band[]]
  /** For each call that used anything, in the unit of a rate. */
  readonly requestFee: Rate
  /** What has no rate: where something else that was used has one, that one pays for it. Its rate reads 0. Absent: nothing. */
  readonly unrated?: ReadonlySet<UsageComponent>
  /** What the list leaves open and how it is charged all the same. */
  readonly notes: readonly string[]
}

/** What a price lookup found, with its particulars. */
export type RatedLookup =
  | { readonly kind: 'priced'; readonly price: RatedPrice }
  | { readonly kind: 'unpriced'; readonly reason: string }

/** A book that shows what its prices are made of. */
export interface RatedPriceBook extends PriceBook {
  priceFor(...asked: Parameters<PriceBook['priceFor']>): RatedLookup
}

type Rated = Omit<RatedPrice, 'covers' | 'costOf' | 'ratesOf'>

export function ratedPrice(parts: Rated): RatedPrice {
  // Writing a rate takes longer than all else; a price has as many as it has bands and components.
  const texts = new Map<Rate, string>()
  const textOf = (rate: Rate): string => {
    const text = texts.get(rate) ?? writeRate(rate)
    texts.set(rate, text)
    return text
  }
  return {
    ...parts,
    covers: (usage) => covers(parts, usage),
    costOf: (usage) => costOf(parts, usage),
    ratesOf: (usage) => ratesOf(parts, usage, textOf),
  }
}

function ratesFor({ bands }: Rated, usage: Usage): Rates {
  const inputTokens = inputTokensOf(usage)
  let { rates } = bands[0]
  for (const band of bands) if (inputTokens > band.inputOver) rates = band.rates
  return rates
}

function ratesOf(parts: Rated, usage: Usage, textOf: (rate: Rate) => string): Readonly<Record<string, string>> {
  const rates = ratesFor(parts, usage)
  const told: Record<string, string> = {}
  for (const component of usageComponents)
    if (usage[component] > 0 && !parts.unrated?.has(component)) told[component] = textOf(rates[component])
  if (parts.requestFee > 0n && Object.keys(told).length > 0) told[requestFee] = textOf(parts.requestFee)
  return told
}

function covers({ unrated }: Rated, usage: Usage): boolean {
  if (!unrated) return true
  let isUsed = false
  for (const component of usageComponents) {
    if (usage[component] <= 0) continue
    if (!unrated.has(component)) return true
    isUsed = true
  }
  return !isUsed
}

/**
 * A usage that nobody told, without the tokens that a price has no rate for: a model that is billed by the second or by the character
 * has none. Costs the same.
 */
export function withoutUnratedTokens({ unrated }: Pick<RatedPrice, 'unrated'>, usage: Usage): Usage {
  const isLeftOut = (component: UsageComponent) => usage[component] > 0 && unrated?.has(component) === true
  if (!tokenComponents.some(isLeftOut)) return usage
  const rated = { ...usage }
  for (const component of tokenComponents) if (isLeftOut(component)) rated[component] = 0
  return rated
}

function costOf(parts: Rated, usage: Usage): Nanos {
  const rates = ratesFor(parts, usage)

  let sum = 0n
  let isUsed = false
  for (const component of usageComponents) {
    const count = usage[component]
    if (count <= 0) continue
    isUsed = true
    sum += BigInt(count) * rates[component]
  }
  return dividedUp(isUsed ? sum + parts.requestFee : sum, ratedPerNano)
}

/**
 * The first band whose rates fall below those of the band before it. Such a price would make a longer call cheaper than a
 * shorter one, and a worst case no bound (failures.md M12).
 */
export function fallingBand(bands: readonly Band[]): Band | undefined {
  return bands.find((band, place) => {
    const before = bands[place - 1]
    return before !== undefined && usageComponents.some((component) => band.rates[component] < before.rates[component])
  })
}
