import type { Registry } from 'prom-client'
import type { UsageRecord } from '../../canonical/usage-record.ts'
import { cacheReadTokensOf, inputTokensOf, outputTokensOf, type OwnUnit } from '../../canonical/usage.ts'
import { served, type ServedLabels } from './served-labels.ts'
import { TalliedCounter, TalliedHistogram } from './tallies.ts'

const tokenBuckets = [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864]

/** The words of the label `unit`, for what is not counted in tokens. */
const countedUnits = [
  { component: 'images', unit: 'image' },
  { component: 'audioSeconds', unit: 'audio_second' },
  { component: 'characters', unit: 'character' },
  { component: 'searches', unit: 'search' },
  { component: 'webSearches', unit: 'web_search' },
] as const satisfies readonly { readonly component: OwnUnit | 'webSearches'; readonly unit: string }[]

/** What attempts used. @returns what finds the series of a kind of attempts. */
export function openAttemptUsage(registers: Registry[]) {
  const tokens = new TalliedHistogram({
    name: 'gen_ai_client_token_usage',
    help: 'Tokens used by an attempt, by type.',
    labelNames: [...served, 'gen_ai_token_type'] as const,
    buckets: tokenBuckets,
    registers,
  })
  const units = new TalliedCounter({
    name: 'weir_units_total',
    help: 'What attempts used beside tokens, by unit: pictures, seconds of sound, characters, searches.',
    labelNames: [...served, 'unit'] as const,
    registers,
  })
  const sources = new TalliedCounter({
    name: 'weir_usage_source_total',
    help: 'Where the numbers of attempts came from.',
    labelNames: ['provider', 'source'] as const,
    registers,
  })

  return (labels: ServedLabels, { usageSource: source }: UsageRecord) => {
    const ofType = (type: string) => tokens.spread({ ...labels, gen_ai_token_type: type })
    const series = {
      source: sources.tally({ provider: labels.gen_ai_provider_name, source }),
      input: ofType('input'),
      output: ofType('output'),
      cacheRead: ofType('cached_input'),
      cacheWritten: ofType('cache_creation_input'),
      reasoning: ofType('reasoning'),
      units: countedUnits.map(({ component, unit }) => ({ component, tally: units.tally({ ...labels, unit }) })),
    }
    return {
      /** @returns whether anything was used. */
      note: (record: UsageRecord): boolean => {
        const outputTokens = outputTokensOf(record)
        const inputTokens = inputTokensOf(record)
        let hasUsed = inputTokens + outputTokens > 0
        for (const { component, tally } of series.units)
          if (record[component] > 0) {
            hasUsed = true
            tally.add(record[component])
          }
        if (!hasUsed) return false
        series.source.add(1)
        if (inputTokens + outputTokens > 0) {
          series.input.observe(inputTokens)
          series.output.observe(outputTokens)
        }
        const cached = cacheReadTokensOf(record)
        if (cached > 0) series.cacheRead.observe(cached)
        const written = record.cacheWrite5m + record.cacheWrite1h + record.cacheWriteOther
        if (written > 0) series.cacheWritten.observe(written)
        if (record.outputReasoning > 0) series.reasoning.observe(record.outputReasoning)
        return true
      },
    }
  }
}
