import type { UsageComponent } from '../canonical/usage.ts'
import type { PriceRow, TokenRates } from '../config/price-row.ts'
import type { RowsOfProviders } from './price-rows.ts'
import type { RatedPrice } from './rated-price.ts'
import { rateOfText, writeRate } from './rates.ts'

/** A price that differs from the one it replaces by more than this is likely per token, or per thousand (failures.md S10). */
const jumpFactor = 10n
/** More are counted, not told. */
const toldJumpLimit = 50

const compared = [
  { field: 'input', component: 'inputUncached' },
  { field: 'output', component: 'outputText' },
  { field: 'cacheRead', component: 'cacheRead' },
] as const satisfies readonly { readonly field: keyof TokenRates; readonly component: UsageComponent }[]

/**
 * Tells which rows are far from what they override. A warning, not an error: it may be meant so.
 * @param source what the rows are called in the warning.
 * @param below every price that applied to a model before, over all dates and hours. Empty: none did.
 */
export function priceJumps(
  source: string,
  rows: RowsOfProviders,
  below: (providerName: string, modelName: string) => readonly RatedPrice[],
): readonly string[] {
  const jumps = Object.entries(rows).flatMap(([providerName, ofProvider]) =>
    Object.entries(ofProvider)
      // A pattern is for many models, which may well differ.
      .filter(([pattern]) => !pattern.includes('*'))
      .flatMap(([modelName, row]) =>
        jumpsOfRow(`${source} ${providerName}/${modelName}`, row, below(providerName, modelName)),
      ),
  )
  const rest = jumps.length - toldJumpLimit
  return rest > 0 ? [...jumps.slice(0, toldJumpLimit), `${source}: and ${rest} more prices like these`] : jumps
}

function jumpsOfRow(what: string, row: PriceRow, below: readonly RatedPrice[]): readonly string[] {
  const [first] = below
  if (first === undefined) return []
  return compared.flatMap(({ field, component }) => {
    const usd = row[field]
    const rate = usd === undefined ? undefined : rateOfText(usd)
    if (rate === undefined) return []
    const rates = below.map(({ bands }) => bands[0].rates[component])
    if (rates.some((other) => rate <= other * jumpFactor && rate * jumpFactor >= other)) return []
    const others = [...new Set(rates)].map(writeRate).join(' or ')
    return [
      `${what}: ${field} is ${writeRate(rate)} USD per million, and ${others} in ${first.version}; is the unit right?`,
    ]
  })
}
