import { distinct, type OpenedPriceBook, type PricedName, type PriceLayer } from '../accounting/price-book.ts'
import { priceDifference } from '../accounting/price-diff.ts'
import { everyInput, type RatedPrice } from '../accounting/rated-price.ts'
import { writeRate } from '../accounting/rates.ts'
import type { PriceDifferenceView, PriceLayerView, PriceSide, PriceViews } from '../admin/ports.ts'
import { GatewayError } from '../canonical/error.ts'
import { sourcesFound } from '../config/sources.ts'
import { usageComponents } from '../canonical/usage.ts'
import type { LiveConfig } from './live-config.ts'
import { plainNamesOf } from './price-changes.ts'
import { openPrices, type TrialFile } from './prices.ts'

/** What the admin API may see of the price book in force. */
export function priceViews(live: LiveConfig): PriceViews {
  return {
    list: (atMs, isAll) => {
      const { book } = live
      const names = distinct([...plainNamesOf(live.snapshot.catalog), ...book.written, ...(isAll ? book.listed() : [])])
      return names.map((name) => ({
        provider: name.providerName,
        model: name.modelName,
        price: layerViews(book, name, atMs).find(({ decides }) => decides),
      }))
    },
    layers: (providerName, modelName, atMs) => layerViews(live.book, { providerName, modelName }, atMs),
    differences: (before, after) => differences(live, before, after),
  }
}

/**
 * The book in force, or what it would be with another prices file.
 * @throws GatewayError `invalid_request` for a prices file that cannot be used.
 */
export function bookWith(live: LiveConfig, file: TrialFile | undefined): OpenedPriceBook {
  if (file === undefined) return live.book
  const opened = openPrices(live.loaded.value, live.snapshot.providers, sourcesFound(live.found), file)
  if (!opened.ok) throw new GatewayError('invalid_request', `the prices file cannot be used:\n${opened.problem}`)
  return opened.book
}

function differences(live: LiveConfig, before: PriceSide, after: PriceSide): readonly PriceDifferenceView[] {
  const [bookBefore, bookAfter] = [bookWith(live, before.file), bookWith(live, after.file)]
  const names = [
    ...plainNamesOf(live.snapshot.catalog),
    ...bookBefore.written,
    ...bookAfter.written,
    ...live.book.listed(),
  ]
  return distinct(names).flatMap((name) => {
    const [was, is] = [decidingPrice(bookBefore, name, before.atMs), decidingPrice(bookAfter, name, after.atMs)]
    const difference = priceDifference(was, is)
    if (difference === undefined) return []
    return [
      {
        provider: name.providerName,
        model: name.modelName,
        kind: difference.kind,
        before: was?.version,
        after: is?.version,
        rates: difference.rates.map((rate) => ({
          ...rate,
          before: writeRate(rate.before),
          after: writeRate(rate.after),
        })),
      },
    ]
  })
}

function decidingPrice(book: OpenedPriceBook, name: PricedName, atMs: number): RatedPrice | undefined {
  return book.layersOf(name, atMs).find(({ decides }) => decides)?.price
}

function layerViews(book: OpenedPriceBook, name: PricedName, atMs: number): readonly PriceLayerView[] {
  return book.layersOf(name, atMs).map(layerView)
}

function layerView(one: PriceLayer): PriceLayerView {
  const { layer, pattern, fromMs, untilMs, source, checkedAt, price, isInForce, decides } = one
  return {
    layer,
    pattern,
    version: price.version,
    fromMs: finite(fromMs),
    untilMs: finite(untilMs),
    source,
    checkedAt,
    isInForce,
    decides,
    bands: price.bands.map(({ inputOver, rates }) => ({
      inputOver: inputOver === everyInput ? undefined : inputOver,
      rates: Object.fromEntries(usageComponents.map((component) => [component, writeRate(rates[component])])),
    })),
    requestFee: price.requestFee === 0n ? undefined : writeRate(price.requestFee),
    notes: price.notes,
  }
}

function finite(atMs: number): number | undefined {
  return Number.isFinite(atMs) ? atMs : undefined
}
