import type { Service } from '../canonical/service.ts'
import { listedModels, listedPrice, listedSource, listVersion } from './genai-prices.ts'
import type { DatedPrice } from './dated-price.ts'
import type { PriceFile } from './price-file.ts'
import { priceJumps } from './price-jumps.ts'
import { isInForce, openRowShelf, type PriceTerm, type RowShelf, type RowsOfProviders } from './price-rows.ts'
import type { PriceBook } from './price.ts'
import type { RatedLookup, RatedPrice, RatedPriceBook } from './rated-price.ts'
import { remembered } from './remembered.ts'
import { openServedPrices } from './served-price.ts'
import { withSurcharge, type SurchargeOf } from './surcharge.ts'

/** Where prices come from, besides the built-in list. */
export interface PriceSources {
  /** `providers.<name>.prices` of the config, by the provider's name. */
  readonly overrides: RowsOfProviders
  /** The lowest layer first, each with a version of its own. */
  readonly files: readonly PriceFile[]
  /** Every provider of the config, by name, with its id in the built-in list. */
  readonly priceProviders: ReadonlyMap<string, string | undefined>
  /** By the provider's name: what it asks beyond the built-in list. Prices of the config and of files are whole. Absent: nothing. */
  readonly surcharges?: ReadonlyMap<string, SurchargeOf>
}

/** A price book that shows its workings. */
export interface OpenedPriceBook extends PriceBook {
  /** Besides `PriceBook`'s promise: the price shows its rates and what it leaves open. */
  priceFor(
    providerName: string,
    priceProvider: string | undefined,
    modelNames: readonly string[],
    atMs: number,
    service?: Service,
  ): RatedLookup
  /**
   * Every price that could count for a model, over all time: the one that comes first and is in force decides. Of the built-in
   * list only the price of the moment.
   */
  layersOf(name: PricedName, atMs: number): readonly PriceLayer[]
  /** What prices were written for, in files and config, by name or pattern. */
  readonly written: readonly PricedName[]
  /** The models of the built-in list, at the providers that use it. Hundreds. */
  listed(): readonly PricedName[]
  /** What is odd about the sources, in words for the operator. To be logged once. */
  readonly warnings: readonly string[]
}

/** A provider's model, as the config names both. */
export interface PricedName {
  readonly providerName: string
  /** Or a pattern, as it is written. */
  readonly modelName: string
}

/** One price that there is for a name, whether it is in force or stands behind another. */
export interface PriceLayer extends Omit<PriceTerm, 'terms'> {
  readonly isInForce: boolean
  /** It is the one that prices a call at this moment. */
  readonly decides: boolean
}

type PricedLookup = Extract<RatedLookup, { kind: 'priced' }>

/** Names come from clients too, where a pattern lets them; what is forgotten is looked up again. */
const rememberedNameLimit = 4_096
/** Far more than the list has; ids come from the config. */
const rememberedProviderLimit = 1_024

/**
 * Opens the book: the config's own prices, before the prices files (a later one before an earlier one), before the built-in
 * list. A source is asked for every name before the next source is asked for any, so that a price written for the model that
 * was asked for is not passed over because the list knows the name in the answer. Lookups are remembered; a new book is made
 * at every reload.
 */
export function openPriceBook(sources: PriceSources): OpenedPriceBook {
  const files = sources.files.map(({ version, source, checkedAt, prices }) =>
    openRowShelf(`prices-file@${version}`, prices, { source, checkedAt }),
  )
  const overrides = openRowShelf('config', sources.overrides)
  /** The uppermost first. */
  const shelves = [overrides, ...files.toReversed()]
  const listOf = remembered(rememberedProviderLimit, (priceProvider) =>
    remembered(rememberedNameLimit, (modelName) => listedPrice(priceProvider, modelName)),
  )
  const listed = (priceProvider: string | undefined, modelName: string): DatedPrice =>
    priceProvider === undefined ? listedPrice(priceProvider, modelName) : listOf(priceProvider)(modelName)
  const dearerOnes = new Map<SurchargeOf, WeakMap<PricedLookup, PricedLookup>>()
  /** What a price of the list comes to at a provider of the config. */
  const asCharged = (lookup: PricedLookup, providerName: string, modelName: string): PricedLookup => {
    const surchargeOf = sources.surcharges?.get(providerName)
    const surcharge = surchargeOf?.(modelName)
    if (!surchargeOf || !surcharge) return lookup
    const known = dearerOnes.get(surchargeOf) ?? new WeakMap<PricedLookup, PricedLookup>()
    dearerOnes.set(surchargeOf, known)
    const dearer = known.get(lookup) ?? { kind: 'priced', price: withSurcharge(lookup.price, surcharge) }
    known.set(lookup, dearer)
    return dearer
  }

  const listedPrices = (providerName: string, modelName: string): readonly RatedPrice[] =>
    listed(sources.priceProviders.get(providerName), modelName).seasons.flatMap(({ lookup }) =>
      lookup.kind === 'priced' ? [asCharged(lookup, providerName, modelName).price] : [],
    )
  /** What a model cost, over all time, if a shelf and all above it were not there. */
  const below = (shelf: RowShelf) => (providerName: string, modelName: string) => {
    for (const lower of shelves.slice(shelves.indexOf(shelf) + 1)) {
      const [first, ...others] = lower.termsOf(providerName, modelName)
      if (first) return [first, ...others.filter(({ pattern }) => pattern === first.pattern)].map(({ price }) => price)
    }
    return listedPrices(providerName, modelName)
  }

  const inList = ({ providerName, modelName }: PricedName, atMs: number): readonly Omit<PriceTerm, 'terms'>[] => {
    const priceProvider = sources.priceProviders.get(providerName)
    const lookup = listed(priceProvider, modelName).at(atMs)
    if (priceProvider === undefined || lookup.kind === 'unpriced') return []
    const { price } = asCharged(lookup, providerName, modelName)
    const source = listedSource(priceProvider)
    return [{ layer: listVersion, providerName, pattern: modelName, ...always, source, checkedAt: undefined, price }]
  }
  const layersOf = (name: PricedName, atMs: number): readonly PriceLayer[] => {
    const written = shelves.flatMap((shelf) => shelf.termsOf(name.providerName, name.modelName))
    const all = [...written, ...inList(name, atMs)]
    const deciding = all.find((term) => isInForce(term, atMs))
    return all.map((term) => ({ ...term, isInForce: isInForce(term, atMs), decides: term === deciding }))
  }
  const servedPrices = openServedPrices()
  const standardFor: RatedPriceBook['priceFor'] = (providerName, priceProvider, modelNames, atMs) => {
    for (const shelf of shelves) {
      const term = shelf.find(providerName, modelNames, atMs)
      if (term) return { kind: 'priced', price: term.price }
    }
    let reason = 'without a name'
    for (const modelName of modelNames) {
      const lookup = listed(priceProvider, modelName).at(atMs)
      if (lookup.kind === 'priced') return asCharged(lookup, providerName, modelName)
      reason = lookup.reason
    }
    return { kind: 'unpriced', reason: unpricedReason(modelNames.at(-1) ?? '', providerName, reason) }
  }
  const names = shelves.flatMap(({ terms }) =>
    terms.map(({ providerName, pattern }) => ({ providerName, modelName: pattern })),
  )

  return {
    layersOf,
    written: distinct(names),
    listed: () =>
      [...sources.priceProviders].flatMap(([providerName, priceProvider]) =>
        (priceProvider === undefined ? [] : listedModels(priceProvider)).map((modelName) => ({
          providerName,
          modelName,
        })),
      ),
    warnings: [
      ...files.flatMap((shelf) => strangers(shelf, sources.priceProviders)),
      ...[...files, overrides].flatMap((shelf) => priceJumps(shelf, below(shelf))),
    ],
    priceFor: (providerName, priceProvider, modelNames, atMs, service) => {
      const standard = standardFor(providerName, priceProvider, modelNames, atMs)
      if (service === undefined || standard.kind === 'unpriced') return standard
      const price = servedPrices.priceOf(standard.price, service, priceProvider, modelNames)
      if (price) return { kind: 'priced', price }
      const reason = `where it is served as ${service}`
      return { kind: 'unpriced', reason: unpricedReason(modelNames.at(-1) ?? '', providerName, reason) }
    },
  }
}

function unpricedReason(modelName: string, providerName: string, reason: string): string {
  return `no price for model "${modelName}" at provider "${providerName}" ${reason}; add providers.${providerName}.prices or prices: file:...`
}

/** Rows for a provider that the config does not have take no effect; a file may be shared by several gateways, so it is no error. */
function strangers(
  { layer, terms }: RowShelf,
  priceProviders: ReadonlyMap<string, string | undefined>,
): readonly string[] {
  return [...new Set(terms.map(({ providerName }) => providerName))]
    .filter((providerName) => !priceProviders.has(providerName))
    .map((providerName) => `${layer}: the config has no provider "${providerName}"; its prices take no effect`)
}

const always = { fromMs: -Infinity, untilMs: Infinity }

/** Each name once, in the order of the first. */
export function distinct(names: readonly PricedName[]): readonly PricedName[] {
  return [...new Map(names.map((name) => [`${name.providerName}/${name.modelName}`, name])).values()]
}
