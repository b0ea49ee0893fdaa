import { usageComponents, type UsageComponent } from '../canonical/usage.ts'
import { ratedPrice, type Band, type RatedPrice } from './rated-price.ts'
import { dividedUp, type Rates } from './rates.ts'

/** What a provider asks for tokens beyond the price in its list, by the place where they are worked on. */
export interface Surcharge {
  /** 10: a tenth more. More than 0. */
  readonly percent: number
  /** For what, in words for the operator, with their source. */
  readonly why: string
}

/** Which models of a provider have one. */
export type SurchargeOf = (modelName: string) => Surcharge | undefined

/** A price of the list with a surcharge on its tokens. Its version and its notes say so, and its rates are what is asked for in the end. */
export function withSurcharge(price: RatedPrice, { percent, why }: Surcharge): RatedPrice {
  const [first, ...others] = price.bands
  const dearer = ({ inputOver, rates }: Band): Band => ({ inputOver, rates: dearerRates(rates, percent) })
  return ratedPrice({
    version: `${price.version}+${percent}%`,
    bands: [dearer(first), ...others.map(dearer)],
    requestFee: price.requestFee,
    ...(price.unrated && { unrated: price.unrated }),
    notes: [...price.notes, `${percent} % more: ${why}`],
  })
}

function dearerRates(rates: Rates, percent: number): Rates {
  const dearer = { ...rates }
  for (const component of usageComponents)
    if (!byThePiece.has(component)) dearer[component] = dividedUp(rates[component] * BigInt(100 + percent), 100n)
  return dearer
}

/** Not tokens. */
const byThePiece: ReadonlySet<UsageComponent> = new Set([
  'webSearches',
  'searches',
  'images',
  'audioSeconds',
  'characters',
])
