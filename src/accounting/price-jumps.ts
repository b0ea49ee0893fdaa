import type { UsageComponent } from '../canonical/usage.ts'
import type { TokenRates } from '../config/price-row.ts'
import { isJump, toldJumps } from './price-jump.ts'
import type { PriceTerm, RowShelf } from './price-rows.ts'
import type { RatedPrice } from './rated-price.ts'
import { rateOfText, writeRate } from './rates.ts'

const compared = [
  { field: 'input', component: 'inputUncached' },
  { field: 'output', component: 'outputText' },
  { field: 'cacheRead', component: 'cacheRead' },
] as const satisfies readonly { readonly field: keyof TokenRates; readonly component: UsageComponent }[]

/**
 * Tells which prices are far from what they override or follow. A warning, not an error: it may be meant so.
 * @param below every price that applied to a model before, over all dates and hours. Empty: none did.
 */
export function priceJumps(
  { layer, terms }: Pick<RowShelf, 'layer' | 'terms'>,
  below: (providerName: string, modelName: string) => readonly RatedPrice[],
): readonly string[] {
  const jumps = terms.flatMap((term, place) => {
    // A pattern is for many models, which may well differ.
    if (term.pattern.includes('*')) return []
    const before = terms[place - 1]
    const isFollowing = before?.pattern === term.pattern && before.providerName === term.providerName
    return jumpsOf(term, isFollowing ? [before.price] : below(term.providerName, term.pattern))
  })
  return toldJumps(jumps, (count) => `${layer}: and ${count} more prices like these`)
}

function jumpsOf({ layer, providerName, pattern, terms }: PriceTerm, below: readonly RatedPrice[]): readonly string[] {
  const [first] = below
  if (first === undefined) return []
  const what = `${layer} ${providerName}/${pattern}${terms.from === undefined ? '' : ` from ${terms.from}`}`
  return compared.flatMap(({ field, component }) => {
    const usd = terms[field]
    const rate = usd === undefined ? undefined : rateOfText(usd)
    if (rate === undefined) return []
    const rates = below.map(({ bands }) => bands[0].rates[component])
    if (rates.some((other) => !isJump(rate, other))) return []
    const others = [...new Set(rates)].map(writeRate).join(' or ')
    return [
      `${what}: ${field} is ${writeRate(rate)} USD per million, and ${others} in ${first.version}; is the unit right?`,
    ]
  })
}
