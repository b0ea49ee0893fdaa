import type { RatedLookup, RatedPrice, RatedPriceBook } from './rated-price.ts'

/** A model at the provider that is asked for it. */
export interface PricedTarget {
  readonly provider: { readonly name: string; readonly priceProvider: string | undefined }
  /** As the provider is asked for it. */
  readonly modelName: string
}

/** What a book says of a target before it has answered, or why it has no price. */
export function targetLookup(prices: RatedPriceBook, { provider, modelName }: PricedTarget, atMs: number): RatedLookup {
  return prices.priceFor(provider.name, provider.priceProvider, [modelName], atMs)
}

/** The price of a target before it has answered. `undefined`: it has none. */
export function targetPrice(prices: RatedPriceBook, target: PricedTarget, atMs: number): RatedPrice | undefined {
  const found = targetLookup(prices, target, atMs)
  return found.kind === 'priced' ? found.price : undefined
}
