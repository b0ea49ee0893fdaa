import { tokenComponents } from '../canonical/usage.ts'
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
  return withTokensAt(price, 100 + percent, `+${percent}%`, `${percent} % more: ${why}`)
}

/**
 * What a call in a batch costs: half for its tokens (docs of OpenAI, Anthropic and Gemini on batches, read 2026-11). A search costs
 * what it costs elsewhere: the pages halve the prices of tokens only.
 */
export function inBatch(price: RatedPrice): RatedPrice {
  return withTokensAt(price, 50, '-50%', '50 % less: in a batch')
}

function withTokensAt(price: RatedPrice, percent: number, suffix: string, note: string): RatedPrice {
  const [first, ...others] = price.bands
  const changed = ({ inputOver, rates }: Band): Band => ({ inputOver, rates: tokenRatesAt(rates, percent) })
  return ratedPrice({
    version: `${price.version}${suffix}`,
    bands: [changed(first), ...others.map(changed)],
    requestFee: price.requestFee,
    ...(price.unrated && { unrated: price.unrated }),
    notes: [...price.notes, note],
  })
}

function tokenRatesAt(rates: Rates, percent: number): Rates {
  const changed = { ...rates }
  for (const component of tokenComponents) changed[component] = dividedUp(rates[component] * BigInt(percent), 100n)
  return changed
}
