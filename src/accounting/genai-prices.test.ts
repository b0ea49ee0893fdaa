import { calcPrice, waitForUpdate, type ModelInfo, type Provider } from '@pydantic/genai-prices'
import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi, type MockInstance } from 'vitest'
import { cacheReadTokensOf, inputTokensOf, noUsage, usageComponents, type Usage } from '../canonical/usage.ts'
import { assumedSearchRate } from './fill-rates.ts'
import { listedPrice, listVersion, priceOfListing } from './genai-prices.ts'
import { fallingBand, type RatedPrice } from './rated-price.ts'
import { rateOfNumber } from './rates.ts'

interface Listed {
  readonly provider: Provider
  readonly listing: ModelInfo
  /** `openai/gpt-4o`. */
  readonly name: string
}

const list: readonly Listed[] = ((await waitForUpdate()) ?? []).flatMap((provider) =>
  provider.models.map((listing) => ({ provider, listing, name: `${provider.id}/${listing.id}` })),
)
const seasonsOf = ({ provider, listing }: Listed) => priceOfListing(provider.id, listing, true).seasons
const pricesOf = (listed: Listed): readonly RatedPrice[] =>
  seasonsOf(listed).flatMap(({ lookup }) => (lookup.kind === 'priced' ? [lookup.price] : []))
const allPrices = list.flatMap(pricesOf)
const keysOf = ({ listing }: Listed): readonly string[] =>
  [listing.prices].flat().flatMap((entry) => Object.keys('prices' in entry ? (entry.prices ?? {}) : entry))
const isBilledByWhatCounts = (listed: Listed): boolean =>
  keysOf(listed).some((key) => ['input_mtok', 'output_mtok', 'audio_hours', 'input_audio_hours'].includes(key))
/** OpenAI says that it is free of charge; the list has it without a price. */
const isFreeOfCharge = ({ name }: Pick<Listed, 'name'>): boolean => name === 'openai/moderation'

const at = (iso: string): number => Date.parse(iso)
const used = (parts: Partial<Usage>): Usage => ({ ...noUsage, ...parts })
function costOf(priceProvider: string, modelName: string, iso: string, usage: Partial<Usage>): bigint | string {
  const lookup = listedPrice(priceProvider, modelName).at(at(iso))
  return lookup.kind === 'priced' ? lookup.price.costOf(used(usage)) : lookup.reason
}

// The package warns on the console about keys it does not know; in the pinned version there must be none.
let warned: MockInstance
beforeEach(() => {
  warned = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
})
afterEach(() => {
  expect(warned).not.toHaveBeenCalled()
  warned.mockRestore()
})

describe('the whole list', () => {
  it('is the version that its prices are named after', () => {
    const path = join(import.meta.dirname, '../../node_modules/@pydantic/genai-prices/package.json')
    const { version }: { readonly version: string } = JSON.parse(readFileSync(path, 'utf8'))
    expect(`genai-prices@${version}`).toBe(listVersion)
  })

  it('gives a price for every model that is billed by tokens or by the hour, and for no other (M10)', () => {
    expect(list).toHaveLength(1_694)
    const unpriced = list.filter((listed) => pricesOf(listed).length === 0)
    expect(unpriced.filter(isBilledByWhatCounts).map(({ name }) => name)).toEqual([])
    const partly = list
      .filter((listed) => pricesOf(listed).length > 0 && !isBilledByWhatCounts(listed))
      .filter((listed) => !isFreeOfCharge(listed))
    expect(partly.map(({ name }) => name)).toEqual([])

    const without = unpriced.filter((listed) => keysOf(listed).length === 0)
    const otherwise = unpriced.filter((listed) => keysOf(listed).length > 0).map(({ name }) => name)
    console.info(
      `${listVersion}: ${list.length - unpriced.length} models priced, ${without.length} listed without a price, ${otherwise.length} billed by what is not counted: ${otherwise.join(', ')}`,
    )
    expect(without).toHaveLength(162)
    expect(otherwise.every((name) => /ocr|voice|voxtral/.test(name))).toBe(true)
  })

  it('never gives anything for nothing: a missing price is never zero (M10)', () => {
    const free = allPrices.flatMap((price) =>
      usageComponents
        .filter((component) => price.covers(used({ [component]: 1 })) && price.costOf(used({ [component]: 1 })) <= 0n)
        .map((component) => `${price.version} ${component}`),
    )
    expect([...new Set(free.map((one) => one.split(' ')[0]))]).toEqual(['genai-prices@0.1.8/openai/moderation'])
  })

  it('never makes a longer call cheaper: more of anything never costs less (M12)', () => {
    expect(allPrices.filter(({ bands }) => fallingBand(bands) !== undefined)).toEqual([])
    const borders = [...new Set(allPrices.flatMap(({ bands }) => bands.map(({ inputOver }) => inputOver)))]
    const counts = [...new Set([0, 1, 999, ...borders.flatMap((border) => [border - 1, border, border + 1])])]
      .filter((count) => count >= 0)
      .toSorted((one, other) => one - other)
    for (const price of allPrices) {
      for (const component of usageComponents) {
        const base = used({ cacheRead: 7, outputText: 11 })
        const costs = counts.map((count) => price.costOf({ ...base, [component]: base[component] + count }))
        costs.reduce((before, cost) => {
          if (cost < before) expect.fail(`${price.version}: ${component} costs ${cost} after ${before}`)
          return cost
        })
      }
    }
  })

  it('is monotone for any usage of any model (M12)', () => {
    const count = fc.oneof(fc.nat({ max: 10 }), fc.nat({ max: 600_000 }))
    const usage = fc
      .tuple(...usageComponents.map(() => count))
      .map((counts): Usage =>
        used(Object.fromEntries(usageComponents.map((component, place) => [component, counts[place]]))),
      )
    fc.assert(
      fc.property(fc.constantFrom(...allPrices), usage, usage, (price, some, more) => {
        const sum = used(
          Object.fromEntries(usageComponents.map((component) => [component, some[component] + more[component]])),
        )
        expect(price.costOf(sum) >= price.costOf(some)).toBe(true)
      }),
      { numRuns: 3_000 },
    )
  })

  it('assumes for searches without a price the dearest that is listed', () => {
    const searches = list.flatMap(({ listing }) =>
      [listing.prices].flat().flatMap((entry) => {
        const prices = 'prices' in entry && typeof entry.prices === 'object' ? entry.prices : entry
        const price = Object.entries(prices).find(([key]) => key === 'web_searches_kcount')?.[1]
        return typeof price === 'number' ? [price] : []
      }),
    )
    expect(rateOfNumber(Math.max(...searches), 1_000)).toBe(assumedSearchRate)
  })

  it('is priced as the package itself prices it, at every hour and length, to the nano-dollar', () => {
    const times = ['2025-01-01T03:00:00Z', '2026-08-18T02:00:00Z', '2026-11-23T12:00:00Z', '2027-01-01T08:30:00Z']
    const lengths = [100, 128_001, 199_999, 200_001, 271_999, 272_000, 600_000]
    let compared = 0
    for (const listed of list) {
      const price = priceOfListing(listed.provider.id, listed.listing, true)
      for (const iso of times) {
        const lookup = price.at(at(iso))
        if (lookup.kind === 'unpriced') continue
        for (const length of lengths) {
          const usage = usageLike(listed, length)
          const costNanos: number = Number(lookup.price.costOf(usage))
          const theirNanos = packageUsd(listed, usage, iso) * 1e9
          const slack = 1e-3 + theirNanos * 1e-12
          if (costNanos < theirNanos - slack || costNanos > theirNanos + 1 + slack)
            expect.fail(`${listed.name} at ${iso}, ${length} tokens: ${costNanos} and not ${theirNanos}`)
          compared += 1
        }
      }
    }
    console.info(`${listVersion}: ${compared} costs compared with the package's own`)
    expect(compared).toBeGreaterThan(40_000)
  })
})

/** A usage of every component in which our reckoning and the package's mean the same, gaps of the list aside. */
function usageLike(listed: Listed, length: number): Usage {
  const keys = new Set(keysOf(listed))
  // Where the list has no price for a write, the package takes another's, and we the documented multiple. Where it has none for a cached
  // sound, the package may take that of one that was not cached, and we that of the cache.
  const isClaude = /claude/.test(listed.name)
  const hasOutput = keys.has('output_mtok')
  // Some of these are told by other tables, and by the package as text.
  const hasSounds = keys.has('input_audio_mtok') || !listed.listing.id.includes('audio')
  const parts = {
    cacheRead: 31,
    cacheReadAudio: keys.has('cache_audio_read_mtok') ? 11 : 0,
    cacheReadImage: keys.has('cache_image_read_mtok') ? 3 : 0,
    cacheWrite5m: isClaude && !keys.has('cache_write_mtok') ? 0 : 17,
    cacheWrite1h: isClaude && !keys.has('cache_write_1h_mtok') ? 0 : 13,
    inputAudio: hasSounds ? 7 : 0,
    inputImage: 5,
    outputText: hasOutput ? 101 : 0,
    outputReasoning: hasOutput ? 53 : 0,
    outputAudio: hasOutput && hasSounds ? 3 : 0,
    outputImage: hasOutput ? 2 : 0,
    webSearches: keys.has('web_searches_kcount') ? 2 : 0,
  }
  return used({ ...parts, inputUncached: length - inputTokensOf(used(parts)) })
}

function packageUsd({ provider, listing }: Listed, usage: Usage, iso: string): number {
  const cacheWrites = usage.cacheWrite5m + usage.cacheWrite1h + usage.cacheWriteOther
  const result = calcPrice(
    {
      input_tokens: inputTokensOf(usage),
      cache_read_tokens: cacheReadTokensOf(usage),
      cache_write_tokens: cacheWrites,
      cache_write_1h_tokens: usage.cacheWrite1h,
      input_audio_tokens: usage.inputAudio + usage.cacheReadAudio,
      cache_audio_read_tokens: usage.cacheReadAudio,
      input_image_tokens: usage.inputImage + usage.cacheReadImage,
      cache_image_read_tokens: usage.cacheReadImage,
      input_video_tokens: 0,
      output_tokens: usage.outputText + usage.outputReasoning + usage.outputAudio + usage.outputImage,
      output_reasoning_tokens: usage.outputReasoning,
      output_citation_tokens: 0,
      output_audio_tokens: usage.outputAudio,
      output_image_tokens: usage.outputImage,
      output_video_tokens: 0,
      web_searches: usage.webSearches,
      storage_searches: 0,
    },
    listing.id,
    { provider: { ...provider, models: [{ ...listing, match: { equals: listing.id } }] }, timestamp: new Date(iso) },
  )
  return result?.total_price ?? Number.NaN
}

describe('a listed price', () => {
  const now = '2026-11-23T12:00:00Z'

  it.each([
    ['openai', 'gpt-4o-2024-08-06', 'gpt-4o'],
    ['openai', 'gpt-5.2-2025-12-11', 'gpt-5.2'],
    ['anthropic', 'claude-sonnet-4-5-20250929', 'claude-sonnet-4-5'],
    ['anthropic', 'claude-haiku-4-5', 'claude-haiku-4-5'],
    ['google', 'gemini-2.5-flash', 'gemini-2.5-flash'],
    ['aws', 'us.anthropic.claude-sonnet-4-5-20250929-v1:0', 'regional.anthropic.claude-sonnet-4-5-20250929-v1:0'],
    ['fireworks', 'accounts/fireworks/models/deepseek-v4-pro', 'deepseek-v4-pro'],
  ])('at %s of %s is that of %s, by the list’s own matching', (priceProvider, modelName, id) => {
    const lookup = listedPrice(priceProvider, modelName).at(at(now))
    expect(lookup).toMatchObject({ kind: 'priced', price: { version: `${listVersion}/${priceProvider}/${id}` } })
  })

  it('at a cloud may be that of the maker of the model, and says so', () => {
    const lookup = listedPrice('azure', 'gpt-5.2').at(at(now))
    expect(lookup).toMatchObject({
      kind: 'priced',
      price: {
        version: `${listVersion}/azure/gpt-5.2`,
        notes: expect.arrayContaining([expect.stringMatching(/company that made/)]),
      },
    })
  })

  it.each([
    ['below the border', 200_000, 3_000n],
    ['above it', 200_001, 6_000n],
  ])('of a long call is that of its tier, %s (M12)', (_, cacheRead, inputNanos) => {
    const usage = { inputUncached: 0, cacheRead }
    expect(costOf('anthropic', 'claude-sonnet-4-5', now, usage)).toBe((BigInt(cacheRead) * inputNanos) / 10n)
  })

  it('depends on the date of the call', () => {
    const usage = { inputUncached: 1_000_000 }
    expect(costOf('openai', 'o3', '2025-06-09T23:59:59.999Z', usage)).toBe(10_000_000_000n)
    expect(costOf('openai', 'o3', '2025-06-10T00:00:00.000Z', usage)).toBe(2_000_000_000n)
    expect(costOf('google', 'gemini-3.6-flash', '2026-12-31T23:59:59.999Z', usage)).toBe(750_000_000n)
    expect(costOf('google', 'gemini-3.6-flash', '2027-01-01T00:00:00.000Z', usage)).toBe(1_500_000_000n)
  })

  it('depends on the hour of the call', () => {
    const usage = { inputUncached: 1_000_000 }
    const hourly = ['00:29:59', '00:30:00', '16:29:59', '16:30:00'].map((time) =>
      costOf('deepseek', 'deepseek-chat', `2026-11-23T${time}Z`, usage),
    )
    expect(hourly).toEqual([135_000_000n, 270_000_000n, 270_000_000n, 135_000_000n])
    const peaks = ['00:59:59', '01:00:00', '04:00:00', '09:59:59', '10:00:00'].map((time) =>
      costOf('deepseek', 'deepseek-v4-flash', `2026-11-23T${time}Z`, usage),
    )
    expect(peaks).toEqual([220_000_000n, 440_000_000n, 220_000_000n, 440_000_000n, 220_000_000n])
  })

  it('charges cache writes of an hour as listed, else by the documented multiple for Claude, else as any write', () => {
    const usage = { cacheWrite1h: 1_000_000 }
    expect(costOf('anthropic', 'claude-sonnet-4-5', now, usage)).toBe(12_000_000_000n)
    expect(costOf('google', 'claude-opus-4-8', now, usage)).toBe(10_000_000_000n)
    expect(costOf('openai', 'gpt-5.6-luna', now, usage)).toBe(500_000_000n)
    expect(costOf('openai', 'gpt-4o', now, usage)).toBe(2_500_000_000n)
  })

  it.each([
    ['openai', 'gpt-realtime-mini', { cacheRead: 1_000_000 }, 60_000_000n],
    ['openai', 'gpt-realtime-mini', { cacheReadAudio: 1_000_000 }, 300_000_000n],
    ['openai', 'gpt-realtime-mini', { cacheReadImage: 1_000_000 }, 80_000_000n],
    ['google', 'gemini-2.0-flash', { cacheReadAudio: 1_000_000 }, 175_000_000n],
    // Pictures and texts have one price there.
    ['google', 'gemini-2.0-flash', { cacheReadImage: 1_000_000 }, 25_000_000n],
  ])('charges what a cache served by its kind: %s of %s, %j', (priceProvider, modelName, usage, costNanos) => {
    expect(costOf(priceProvider, modelName, now, usage)).toBe(costNanos)
  })

  it('has a fee for each call where the provider has one, which pays for its searches too', () => {
    expect(costOf('perplexity', 'sonar', now, { inputUncached: 1, webSearches: 2 })).toBe(12_001_000n)
  })

  it('has Google’s own fee for a search by its Gemini models, and tells that it is not listed', () => {
    expect(costOf('google', 'gemini-2.5-flash', now, { webSearches: 1 })).toBe(35_000_000n)
    expect(costOf('google', 'gemini-3-flash-preview', now, { webSearches: 2 })).toBe(28_000_000n)
    const lookup = listedPrice('google', 'gemini-2.5-flash').at(at(now))
    expect(lookup).toMatchObject({
      price: { notes: expect.arrayContaining([expect.stringContaining('0.035 USD for each answer that searched')]) },
    })
  })

  it('says what it lists beyond what is counted', () => {
    const lookup = listedPrice('openai', 'gpt-4o').at(at(now))
    expect(lookup).toMatchObject({
      price: { notes: expect.arrayContaining(['storage_searches_kcount is listed too, and not counted here']) },
    })
  })

  it.each([
    [undefined, 'gpt-4o', /list prices do not apply/],
    ['nobody', 'gpt-4o', /has no provider "nobody"/],
    // The package takes it for `openai`, since it contains the name.
    ['my-openai-proxy', 'gpt-4o', /has no provider "my-openai-proxy"/],
    ['openai', 'no-such-model', /^in genai-prices@0\.1\.8$/],
    ['openai', '', /^in genai-prices@0\.1\.8$/],
    ['openai', 'gpt-4o'.padEnd(257, 'o'), /^in genai-prices@0\.1\.8$/],
    ['google', 'gemma-3', /without any/],
    ['mistral', 'mistral-ocr-2512', /kpages/],
  ])('is missing at %s for %s, with a reason', (priceProvider, modelName, reason) => {
    const lookup = listedPrice(priceProvider, modelName).at(at(now))
    expect(lookup).toEqual({ kind: 'unpriced', reason: expect.stringMatching(reason) })
  })

  it.each([
    ['gpt-4o-audio-preview', 40_000n, 80_000n],
    ['gpt-4o-audio-preview-2025-06-03', 40_000n, 80_000n],
    ['gpt-4o-mini-audio-preview-2024-12-17', 10_000n, 20_000n],
  ])(
    'M10: of sounds that the list leaves out is that of other tables, never that of text: %s',
    (name, heard, spoken) => {
      expect(costOf('openai', name, now, { inputAudio: 1 })).toBe(heard)
      expect(costOf('openai', name, now, { outputAudio: 1 })).toBe(spoken)
    },
  )

  it('of sound is by the second, and says nothing of what is counted in tokens', () => {
    const lookup = listedPrice('openai', 'whisper-1').at(at(now))
    if (lookup.kind !== 'priced') throw new Error('the list has lost a price')
    // 0.006 dollars a minute.
    expect(lookup.price.costOf(used({ audioSeconds: 60 }))).toBe(6_000_000n)
    expect(lookup.price.covers(used({ inputAudio: 60 }))).toBe(false)
    // 0.04 dollars an hour.
    expect(costOf('groq', 'whisper-large-v3-turbo', now, { audioSeconds: 3_600 })).toBe(40_000_000n)
  })

  it.each([
    ['a negative price', { input_mtok: -1 }],
    ['no number', { input_mtok: Number.NaN }],
  ])('is refused when it holds %s', (_, prices) => {
    expect(() => priceOfListing('p', { id: 'm', match: { equals: 'm' }, prices }, true)).toThrow(RangeError)
  })

  it('may have a border of its own for every kind of token, and a tier from the first token on', () => {
    const prices = {
      input_mtok: { base: 1, tiers: [{ start: 0, price: 2 }] },
      output_mtok: {
        base: 10,
        tiers: [
          { start: 500, price: 30 },
          { start: 100, price: 20 },
        ],
      },
    }
    const lookup = priceOfListing('p', { id: 'm', match: { equals: 'm' }, prices }, true).at(0)
    const outputNanos = (inputUncached: number): bigint | undefined =>
      lookup.kind === 'priced'
        ? lookup.price.costOf(used({ inputUncached, outputText: 1 })) - lookup.price.costOf(used({ inputUncached }))
        : undefined
    expect([0, 1, 100, 101, 500, 501].map(outputNanos)).toEqual([10_000n, 10_000n, 10_000n, 20_000n, 20_000n, 30_000n])
    expect(lookup.kind === 'priced' && lookup.price.costOf(used({ inputUncached: 1 }))).toBe(2_000n)
  })
})
