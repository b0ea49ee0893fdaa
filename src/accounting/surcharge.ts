import { batchService, writtenService } from '../canonical/service.ts'
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
  return withTokensTimes(price, { times: BigInt(100 + percent), over: 100n }, why)
}

/**
 * What a call in a batch costs: half for its tokens (docs of OpenAI, Anthropic and Gemini on batches, read 2026-11). A search costs
 * what it costs elsewhere: the pages halve the prices of tokens only.
 */
export function inBatch(price: RatedPrice): RatedPrice {
  return withTokensTimes(price, { times: 1n, over: 2n }, 'in a batch', writtenService(batchService))
}

/** A fraction by which rates are multiplied. */
export interface Multiple {
  readonly times: bigint
  readonly over: bigint
}

/** @param suffix of its version, behind the per cent. */
export function withTokensTimes(price: RatedPrice, multiple: Multiple, why: string, suffix = ''): RatedPrice {
  const [first, ...others] = price.bands
  const changed = ({ inputOver, rates }: Band): Band => ({ inputOver, rates: tokenRatesTimes(rates, multiple) })
  const percent = (Number(multiple.times) / Number(multiple.over) - 1) * 100
  const distance = Number(Math.abs(percent).toFixed(2))
  return ratedPrice({
    version: `${price.version}${percent < 0 ? '-' : '+'}${distance}%${suffix}`,
    bands: [changed(first), ...others.map(changed)],
    requestFee: price.requestFee,
    ...(price.unrated && { unrated: price.unrated }),
    notes: [...price.notes, `${distance} % ${percent < 0 ? 'less' : 'more'}: ${why}`],
  })
}

function tokenRatesTimes(rates: Rates, { times, over }: Multiple): Rates {
  const changed = { ...rates }
  for (const component of tokenComponents) changed[component] = dividedUp(rates[component] * times, over)
  return changed
}
