import { waitForUpdate, type Provider } from '@pydantic/genai-prices'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { inputTokensOf, noUsage, usageComponents, type Usage, type UsageComponent } from '../canonical/usage.ts'
import { corpusDir, reportMissingCorpus } from '../../test/corpus.ts'
import { listedPrice, priceOfListing } from './genai-prices.ts'
import { openPriceBook } from './price-book.ts'
import type { RatedLookup } from './rated-price.ts'

/**
 * Compares our costs with those that a naive reckoning in doubles makes of price tables from elsewhere, collected in July
 * and August 2026. Where they differ the reason stands in `prices.exceptions.json`; both a difference without a reason and
 * a reason without a difference fail.
 */
const tablesAtMs = Date.parse('2026-08-21T12:00:00Z')

/** USD per million, for a call with so many input tokens. What is missing is not compared. */
type NaiveRates = (inputTokens: number) => Partial<Record<UsageComponent, number>>

interface Comparison {
  readonly name: string
  readonly ours: RatedLookup
  readonly rates: NaiveRates
}

const inputLengths = [1_000, 190_000, 250_000, 300_000]
const dir = corpusDir === undefined ? undefined : join(corpusDir, 'pricing')
const present = dir !== undefined && existsSync(dir) ? dir : undefined
const exceptionsOf = z
  .record(z.string(), z.array(z.strictObject({ reason: z.string().min(10), models: z.array(z.string()).min(1) })))
  .parse(JSON.parse(readFileSync(join(import.meta.dirname, 'prices.exceptions.json'), 'utf8')))

describe('our costs', () => {
  it.each([
    ['genai-prices.v2.json', fromSnapshot, 1_200],
    ['litellm-subset.json', fromLitellm, 120],
    ['comparison.json', fromComparison, 15],
  ])('are those of a naive reckoning with %s, but for the exceptions with a reason', async (fileName, read, least) => {
    if (present === undefined) return reportMissingCorpus(`the comparison with ${fileName}`)
    const providers = (await waitForUpdate()) ?? []
    const comparisons = read(JSON.parse(readFileSync(join(present, fileName), 'utf8')), providers)
    const differing = comparisons.filter(isDifferent).map(({ name }) => name)
    const excepted = (exceptionsOf[fileName] ?? []).flatMap(({ models }) => models)
    console.info(
      `${fileName}: ${comparisons.length - differing.length} of ${comparisons.length} models cost the same, ${differing.length} differ`,
    )
    expect(differing.toSorted()).toEqual(excepted.toSorted())
    expect(comparisons.length - differing.length).toBeGreaterThan(least)
  })
})

describe('answers that were served as priority or flex', () => {
  it("cost the multiple of the standard price that LiteLLM's table tells, but for its own slips", () => {
    if (present === undefined) return reportMissingCorpus('the multiples of litellm-subset.json')
    const table = litellm.parse(JSON.parse(readFileSync(join(present, 'litellm-subset.json'), 'utf8')))
    const priceProviders = new Map(Object.values(providerOfLitellm).map((id) => [id, id]))
    const book = openPriceBook({ overrides: {}, files: [], priceProviders })
    const usage = { ...noUsage, inputUncached: 1_000_000, outputText: 100_000 }
    const differing: string[] = []
    let compared = 0
    for (const [modelName, row] of Object.entries(table)) {
      const priceProvider = providerOfLitellm[row.litellm_provider]
      if (priceProvider === undefined) continue
      const costOf = (service: string | undefined) => {
        const found = book.priceFor(priceProvider, priceProvider, [modelName], tablesAtMs, service)
        return found.kind === 'priced' ? Number(found.price.costOf(usage)) : undefined
      }
      for (const service of ['priority', 'flex']) {
        const [standard, served] = ['', `_${service}`].map((suffix) => {
          const [input, output] = ['input', 'output'].map((side) => row[`${side}_cost_per_token${suffix}`])
          return typeof input === 'number' && typeof output === 'number' ? input + output / 10 : undefined
        })
        if (standard === undefined || served === undefined) continue
        compared += 1
        const [ours, oursServed] = [costOf(undefined) ?? 0, costOf(service) ?? 0]
        if (Math.abs(oursServed / ours / (served / standard) - 1) > 1e-6) differing.push(`${modelName} ${service}`)
      }
    }
    console.info(`litellm-subset.json: ${compared - differing.length} of ${compared} multiples are the same`)
    expect(differing).toEqual([])
    expect(compared).toBeGreaterThan(60)
  })
})

function isDifferent({ ours, rates }: Comparison): boolean {
  if (ours.kind === 'unpriced') return true
  return inputLengths.some((inputTokens) => {
    const usdPerMillion = rates(inputTokens)
    const usage = usageOf(inputTokens, usdPerMillion)
    const naiveUsd = usageComponents.reduce(
      (sum, component) => sum + (usage[component] * (usdPerMillion[component] ?? 0)) / 1e6,
      0,
    )
    const naiveNanos = naiveUsd * 1e9
    const slack = 1e-3 + naiveNanos * 1e-12
    const costNanos = Number(ours.price.costOf(usage))
    return costNanos < naiveNanos - slack || costNanos > naiveNanos + 1 + slack
  })
}

/** Some of everything that has a rate, the whole input being so long. */
function usageOf(inputTokens: number, rates: Partial<Record<UsageComponent, number>>): Usage {
  const usage: Record<UsageComponent, number> = { ...noUsage }
  const components = usageComponents.filter((component) => rates[component] !== undefined)
  for (const [place, component] of components.entries())
    usage[component] = component === 'inputUncached' ? 0 : 11 + place
  if (components.includes('inputUncached')) usage.inputUncached = inputTokens - inputTokensOf(usage)
  return usage
}

const tieredUsd = z.union([
  z.number(),
  z.object({ base: z.number(), tiers: z.array(z.object({ start: z.number(), price: z.number() })) }),
])
const usdByKey = z.record(z.string(), tieredUsd)
const conditionalUsd = z.object({ constraint: z.record(z.string(), z.string()).optional(), prices: usdByKey })
const snapshot = z.array(
  z.object({
    id: z.string(),
    models: z.array(z.object({ id: z.string(), prices: z.union([z.array(conditionalUsd), usdByKey]) })),
  }),
)
const componentOfKey: Readonly<Record<string, UsageComponent>> = {
  input_mtok: 'inputUncached',
  output_mtok: 'outputText',
  cache_read_mtok: 'cacheRead',
  cache_audio_read_mtok: 'cacheReadAudio',
  cache_image_read_mtok: 'cacheReadImage',
  cache_write_mtok: 'cacheWrite5m',
  cache_write_1h_mtok: 'cacheWrite1h',
  input_audio_mtok: 'inputAudio',
  input_image_mtok: 'inputImage',
  output_reasoning_mtok: 'outputReasoning',
  output_audio_mtok: 'outputAudio',
  output_image_mtok: 'outputImage',
}

/** The package's own table as it was a month before the pinned version, read anew from its JSON. */
function fromSnapshot(table: unknown, providers: readonly Provider[]): readonly Comparison[] {
  return snapshot.parse(table).flatMap((theirs) => {
    const provider = providers.find(({ id }) => id === theirs.id)
    return theirs.models.flatMap((model): Comparison[] => {
      const prices = inForce(model.prices)
      if (prices['input_mtok'] === undefined) return []
      const listing = provider?.models.find(({ id }) => id === model.id)
      const name = `${theirs.id}/${model.id}`
      const ours: RatedLookup = listing
        ? priceOfListing(theirs.id, listing, true).at(tablesAtMs)
        : { kind: 'unpriced', reason: 'the pinned version does not list it' }
      const feePerMillion = prices['requests_kcount']
      const rates: NaiveRates = (inputTokens) => {
        const found = Object.entries(prices).flatMap(([key, usd]) => {
          const component = componentOfKey[key]
          if (component === undefined) return []
          if (typeof usd === 'number') return [[component, usd]]
          const passed = usd.tiers
            .toSorted((one, other) => one.start - other.start)
            .filter(({ start }) => inputTokens > start)
          return [[component, passed.at(-1)?.price ?? usd.base]]
        })
        return Object.fromEntries(found)
      }
      // A fee for each call is no rate; those four models are checked beside the list.
      return feePerMillion === undefined ? [{ name, ours, rates }] : []
    })
  })
}

function inForce(prices: z.infer<typeof snapshot>[number]['models'][number]['prices']): z.infer<typeof usdByKey> {
  if (!Array.isArray(prices)) return prices
  const timeOfDay = new Date(tablesAtMs).toISOString().slice(11)
  const last = prices.findLast(({ constraint }) => {
    const { start_date: date, start_time: from, end_time: until } = constraint ?? {}
    if (date !== undefined) return tablesAtMs >= Date.parse(date)
    if (from === undefined || until === undefined) return true
    return from <= until ? timeOfDay >= from && timeOfDay < until : timeOfDay >= from || timeOfDay < until
  })
  return (last ?? prices[0])?.prices ?? {}
}

const litellm = z.record(z.string(), z.looseObject({ litellm_provider: z.string() }))
const providerOfLitellm: Readonly<Record<string, string>> = {
  openai: 'openai',
  anthropic: 'anthropic',
  gemini: 'google',
  'vertex_ai-language-models': 'google',
  xai: 'x-ai',
  deepseek: 'deepseek',
  moonshot: 'moonshotai',
}
const componentOfField: Readonly<Record<string, UsageComponent>> = {
  input_cost_per_token: 'inputUncached',
  output_cost_per_token: 'outputText',
  cache_read_input_token_cost: 'cacheRead',
  cache_creation_input_token_cost: 'cacheWrite5m',
  cache_creation_input_token_cost_above_1hr: 'cacheWrite1h',
  input_cost_per_audio_token: 'inputAudio',
  output_cost_per_audio_token: 'outputAudio',
  output_cost_per_reasoning_token: 'outputReasoning',
  output_cost_per_image_token: 'outputImage',
  input_cost_per_image_token: 'inputImage',
}

/** Prices per token, with long-context prices in fields of their own. */
function fromLitellm(table: unknown): readonly Comparison[] {
  return Object.entries(litellm.parse(table)).flatMap(([key, row]): Comparison[] => {
    const priceProvider = providerOfLitellm[row.litellm_provider]
    const input = row['input_cost_per_token']
    if (priceProvider === undefined || typeof input !== 'number' || input === 0) return []
    const rates: NaiveRates = (inputTokens) => {
      const over = ([272, 200] as const).find(
        (border) => inputTokens > border * 1_000 && `input_cost_per_token_above_${border}k_tokens` in row,
      )
      const found = Object.entries(componentOfField).flatMap(([field, component]) => {
        const perToken = row[over === undefined ? field : `${field}_above_${over}k_tokens`] ?? row[field]
        return typeof perToken === 'number' ? [[component, perToken * 1e6]] : []
      })
      return Object.fromEntries(found)
    }
    return [{ name: key, ours: listedPrice(priceProvider, key.replace(/^.*\//, '')).at(tablesAtMs), rates }]
  })
}

const source = z.record(z.string(), z.unknown())
const comparison = z.array(
  z.object({
    provider: z.string(),
    model: z.string(),
    genai_prices: source.nullable(),
    litellm: source.nullable(),
    models_dev: source.nullable(),
    portkey: source.nullable(),
  }),
)
const componentOfColumn = {
  input: 'inputUncached',
  output: 'outputText',
  cache_read: 'cacheRead',
  cache_write_5m: 'cacheWrite5m',
  audio_in: 'inputAudio',
  audio_out: 'outputAudio',
} as const satisfies Record<string, UsageComponent>

/** Four sources side by side: what at least two of them say, and none denies, is compared. Short calls only. */
function fromComparison(table: unknown): readonly Comparison[] {
  return comparison.parse(table).flatMap((row): Comparison[] => {
    const sources = [row.genai_prices, row.litellm, row.models_dev, row.portkey]
    const agreed = Object.entries(componentOfColumn).flatMap(([column, component]) => {
      const said = sources
        .map((found) => tieredUsd.safeParse(found?.[column]))
        .flatMap(({ data }) => (data === undefined ? [] : [data]))
      const base = said.map((usd) => (typeof usd === 'number' ? usd : usd.base))
      return base.length >= 2 && new Set(base).size === 1 ? [[component, base[0] ?? 0]] : []
    })
    const rates = Object.fromEntries(agreed)
    if (agreed.length === 0) return []
    const priceProvider = row.provider === 'xai' ? 'x-ai' : row.provider
    const ours = listedPrice(priceProvider, row.model).at(tablesAtMs)
    return [
      { name: `${row.provider}/${row.model}`, ours, rates: (inputTokens) => (inputTokens > 100_000 ? {} : rates) },
    ]
  })
}
