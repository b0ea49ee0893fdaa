import type { Nanos } from '../canonical/money.ts'
import { inputTokensOf, usageComponents, type Usage } from '../canonical/usage.ts'
import type { CostLine, Price } from './price.ts'
import { dividedUp, ratedPerNano, writeRate, writeRated, type Rate, type Rates } from './rates.ts'

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
  /** What the list leaves open and how it is charged all the same. */
  readonly notes: readonly string[]
}

/** What a price lookup found, with its particulars. */
export type RatedLookup =
  | { readonly kind: 'priced'; readonly price: RatedPrice }
  | { readonly kind: 'unpriced'; readonly reason: string }

type Rated = Omit<RatedPrice, 'costOf' | 'linesOf'>

export function ratedPrice(parts: Rated): RatedPrice {
  return { ...parts, costOf: (usage) => costOf(parts, usage), linesOf: (usage) => linesOf(parts, usage) }
}

function ratesFor({ bands }: Rated, usage: Usage): Rates {
  const inputTokens = inputTokensOf(usage)
  let { rates } = bands[0]
  for (const band of bands) if (inputTokens > band.inputOver) rates = band.rates
  return rates
}

function linesOf(parts: Rated, usage: Usage): readonly CostLine[] {
  const rates = ratesFor(parts, usage)
  const lines: CostLine[] = []
  const add = (component: string, count: number, rate: Rate) =>
    lines.push({ component, count, usdPerMillion: writeRate(rate), nanos: writeRated(BigInt(count) * rate) })
  for (const component of usageComponents) if (usage[component] > 0) add(component, usage[component], rates[component])
  if (lines.length > 0 && parts.requestFee > 0n) add('requestFee', 1, parts.requestFee)
  return lines
}

function costOf(parts: Rated, usage: Usage): Nanos {
  const { requestFee } = parts
  const rates = ratesFor(parts, usage)

  let sum = 0n
  let isUsed = false
  for (const component of usageComponents) {
    const count = usage[component]
    if (count <= 0) continue
    isUsed = true
    sum += BigInt(count) * rates[component]
  }
  return dividedUp(isUsed ? sum + requestFee : sum, ratedPerNano)
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
