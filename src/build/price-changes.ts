import { distinct, type OpenedPriceBook, type PricedName } from '../accounting/price-book.ts'
import { isJump, toldJumps } from '../accounting/price-jump.ts'
import { costUnder } from '../accounting/price.ts'
import { writeUsd } from '../canonical/money.ts'
import { mayMeet } from '../canonical/pattern.ts'
import { noUsage } from '../canonical/usage.ts'
import { plainTargetsOf, type Catalog, type CatalogTarget } from '../routing/catalog.ts'

const perTokens = 1_000_000
const compared = ['inputUncached', 'outputText'] as const

/** Two books that follow each other, and the catalog that comes with the second. */
export interface PriceChange {
  readonly before: OpenedPriceBook
  readonly after: OpenedPriceBook
  readonly catalog: Catalog
}

/**
 * Warns of prices that a reload changes more than tenfold: of all targets with plain names, and of all rows that a target with a
 * pattern can lead to. A warning, not an error: it may be meant so. What the price layers say against one another is told when they
 * are laid, at every load.
 */
export function priceChanges(change: PriceChange, nowMs: number): readonly string[] {
  const { before, after, catalog } = change
  const names = distinct([...plainNamesOf(catalog), ...before.written, ...after.written])
  const jumps = names.flatMap((name) => {
    const way = firstWayTo(name, catalog)
    return way === undefined ? [] : jumpsOf(name, way, change, nowMs)
  })
  return toldJumps(jumps, (count) => `and ${count} more changed prices like these`)
}

/** What models lead to by plain names. */
export function plainNamesOf(catalog: Catalog): readonly PricedName[] {
  return plainTargetsOf(catalog).map(({ provider, modelName }) => ({ providerName: provider.name, modelName }))
}

interface Way {
  /** The entry of `models:`. */
  readonly entryName: string
  readonly priceProvider: string | undefined
}

function firstWayTo({ providerName, modelName }: PricedName, { models }: Catalog): Way | undefined {
  for (const { name: entryName, targets } of models)
    for (const target of targets)
      if (target.provider.name === providerName && leadsTo(target, modelName))
        return { entryName, priceProvider: target.provider.priceProvider }
  return undefined
}

/** @param modelName or the pattern of a row. */
function leadsTo(target: CatalogTarget, modelName: string): boolean {
  return target.hasWildcard ? mayMeet(target.modelName, modelName) : target.modelName === modelName
}

function jumpsOf(
  { providerName, modelName }: PricedName,
  { entryName, priceProvider }: Way,
  { before, after }: PriceChange,
  nowMs: number,
): readonly string[] {
  return compared.flatMap((component) => {
    const costIn = (book: OpenedPriceBook): bigint | undefined => {
      const found = book.priceFor(providerName, priceProvider, [modelName], nowMs)
      return found.kind === 'priced' ? costUnder(found.price, { ...noUsage, [component]: perTokens }) : undefined
    }
    const [was, is] = [costIn(before), costIn(after)]
    if (was === undefined || is === undefined || !isJump(was, is)) return []
    const what = component === 'outputText' ? 'output' : 'input'
    return [
      `model "${entryName}": the ${what} price of ${providerName}/${modelName} goes from ${writeUsd(was)} to ` +
        `${writeUsd(is)} USD per million tokens; is the unit right?`,
    ]
  })
}
