import type { Nanos } from '../canonical/money.ts'
import type { Service } from '../canonical/service.ts'
import type { Usage } from '../canonical/usage.ts'

/** What a price lookup found. A missing price is never zero (failures.md M10); an explicit zero is a price. */
export type PriceLookup =
  | { readonly kind: 'priced'; readonly price: Price }
  | { readonly kind: 'unpriced'; readonly reason: string }

/** What a model costs, for usages of any size. */
export interface Price {
  /** Names source, version, provider and model, such as `genai-prices@0.1.8/openai/gpt-4o`. */
  readonly version: string
  /**
   * Whether it has a rate for any of what was used. A price by the picture says nothing of a call that was counted in tokens: such
   * a call has no price, which is never zero (failures.md M10).
   */
  covers(usage: Usage): boolean
  /** The cost of a usage that it covers, in nano-dollars, rounded up once at the end. */
  costOf(usage: Usage): Nanos
  /** What it is made of: US dollars per million, by component that was used. */
  ratesOf(usage: Usage): Readonly<Record<string, string>>
}

/** What a usage costs; `undefined` where the price does not cover it. */
export function costUnder(price: Pick<Price, 'covers' | 'costOf'>, usage: Usage): Nanos | undefined {
  return price.covers(usage) ? price.costOf(usage) : undefined
}

/** Immutable; a reload makes another one. */
export interface PriceBook {
  /**
   * @param priceProvider the provider's id in the book, `undefined` where list prices do not apply.
   * @param modelNames in the order to try: the answer's own model name first, then the one asked for.
   * @param atMs when the call was made: prices have dates and, at some providers, hours.
   * @param service how the answer was served. `undefined`: as prices mean.
   */
  priceFor(
    providerName: string,
    priceProvider: string | undefined,
    modelNames: readonly string[],
    atMs: number,
    service?: Service,
  ): PriceLookup
}
