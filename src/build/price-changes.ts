import { costUnder, type PriceBook } from '../accounting/price.ts'
import { isJump } from '../accounting/price-jump.ts'
import { writeUsd } from '../canonical/money.ts'
import { noUsage } from '../canonical/usage.ts'
import type { Snapshot } from '../gateway/snapshot.ts'
import type { CatalogTarget } from '../routing/catalog.ts'

const perTokens = 1_000_000
const compared = ['inputUncached', 'outputText'] as const

/**
 * Warns of targets whose price a reload changes more than tenfold. A warning, not an error: it may be meant so. What the price
 * layers say against one another is told when they are laid, at every load.
 */
export function priceChanges(before: Snapshot, after: Snapshot, nowMs: number): readonly string[] {
  return after.catalog.models.flatMap((model) =>
    model.targets
      .filter(({ modelName }) => !modelName.includes('*'))
      .flatMap((target) =>
        compared.flatMap((component) => {
          const [was, is] = [before, after].map(({ prices }) => costOf(prices, target, component, nowMs))
          if (was === undefined || is === undefined) return []
          if (!isJump(was, is)) return []
          const what = component === 'outputText' ? 'output' : 'input'
          return [
            `model "${model.name}": the ${what} price of ${target.provider.name}/${target.modelName} goes from ${writeUsd(was)} to ` +
              `${writeUsd(is)} USD per million tokens; is the unit right?`,
          ]
        }),
      ),
  )
}

function costOf(
  prices: PriceBook,
  { provider, modelName }: CatalogTarget,
  component: (typeof compared)[number],
  nowMs: number,
): bigint | undefined {
  const found = prices.priceFor(provider.name, provider.priceProvider, [modelName], nowMs)
  return found.kind === 'priced' ? costUnder(found.price, { ...noUsage, [component]: perTokens }) : undefined
}
