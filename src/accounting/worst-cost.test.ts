import { waitForUpdate } from '@pydantic/genai-prices'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inputTokensOf, noUsage, outputTokensOf, ownUnits, usageComponents, type Usage } from '../canonical/usage.ts'
import { priceOfListing } from './genai-prices.ts'
import type { RatedPrice } from './rated-price.ts'
import { worstCostOf } from './worst-cost.ts'

const list = (await waitForUpdate()) ?? []
const prices: readonly RatedPrice[] = list.flatMap((provider) =>
  provider.models.flatMap((listing) =>
    priceOfListing(provider.id, listing, true).seasons.flatMap(({ lookup }) =>
      lookup.kind === 'priced' ? [lookup.price] : [],
    ),
  ),
)

const count = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 2_000 }), fc.integer({ min: 0, max: 400_000 }))
const anyUsage = fc
  .array(count, { minLength: usageComponents.length, maxLength: usageComponents.length })
  .map((counts): Usage =>
    usageComponents.reduce((usage, component, place) => ({ ...usage, [component]: counts[place] ?? 0 }), noUsage),
  )

describe('the most a call can cost (M12, I3)', () => {
  it('is at least what any use within the bound costs, at every price of the list', () => {
    expect(prices.length).toBeGreaterThan(1_000)
    for (const price of prices)
      fc.assert(
        fc.property(anyUsage, count, count, (usage, moreInput, moreOutput) => {
          const worst = worstCostOf(price, {
            inputTokens: inputTokensOf(usage) + moreInput,
            outputTokens: outputTokensOf(usage) + moreOutput,
            inputKinds: [
              ...(['inputAudio', 'inputImage', 'cacheReadAudio', 'cacheReadImage'] as const),
              ...(['cacheWrite5m', 'cacheWrite1h', 'cacheWriteOther'] as const),
            ],
            outputKinds: ['outputAudio', 'outputImage'],
            webSearches: usage.webSearches,
            besides: Object.fromEntries(ownUnits.map((unit) => [unit, usage[unit]])),
          })
          expect(worst >= price.costOf(usage)).toBe(true)
        }),
        { numRuns: 20 },
      )
  })

  it('does not take audio and cache writing into account where the call has none', () => {
    const price = priceOfListing('anthropic', modelNamed('anthropic', 'claude-sonnet-4-5'), true).seasons[0].lookup
    if (price.kind !== 'priced') throw new Error('the list has lost a price')
    const plain = { inputTokens: 1_000, outputTokens: 1_000, inputKinds: [], outputKinds: [], webSearches: 0 } as const
    expect(worstCostOf(price.price, plain)).toBe(
      price.price.costOf({ ...noUsage, inputUncached: 1_000, outputText: 1_000 }),
    )
    expect(worstCostOf(price.price, { ...plain, inputKinds: ['cacheWrite1h'] })).toBe(
      price.price.costOf({ ...noUsage, cacheWrite1h: 1_000, outputText: 1_000 }),
    )
  })
})

function modelNamed(providerId: string, modelId: string) {
  const found = list.find(({ id }) => id === providerId)?.models.find(({ id }) => id === modelId)
  if (!found) throw new Error(`the list has lost ${providerId}/${modelId}`)
  return found
}
