import { describe, expect, it } from 'vitest'
import { noUsage } from '../../canonical/usage.ts'
import type { UsageRecord } from '../../canonical/usage-record.ts'
import { sampleRecord } from '../../stores/laws/sample-records.ts'
import { openMetrics } from './open-metrics.ts'

describe('metrics of an attempt', () => {
  it('count what it used beside tokens, and what that cost', async () => {
    const text = await renderedOf({
      ...noUsage,
      images: 2,
      audioSeconds: 37,
      characters: 120,
      searches: 3,
      webSearches: 1,
    })
    for (const [unit, count] of [
      ['image', 2],
      ['audio_second', 37],
      ['character', 120],
      ['search', 3],
      ['web_search', 1],
    ] as const)
      expect(text).toMatch(new RegExp(`^weir_units_total\\{[^}]*unit="${unit}"[^}]*\\} ${count}$`, 'm'))
    expect(text).toMatch(/^gen_ai_client_cost_usd_total\{[^}]*\} 0\.04$/m)
    expect(text).toMatch(/^cost_catalog_lookups_total\{status="exact"\} 1$/m)
    // No tokens are not a usage of zero tokens.
    expect(text).not.toMatch(/^gen_ai_client_token_usage_count/m)
  })

  it('count as cached whatever a cache served', async () => {
    const text = await renderedOf({ cacheRead: 100, cacheReadAudio: 20, cacheReadImage: 3 })
    expect(text).toMatch(/^gen_ai_client_token_usage_sum\{[^}]*gen_ai_token_type="cached_input"[^}]*\} 123$/m)
  })

  it('M10 say of pictures without a price that it is not known', async () => {
    const text = await renderedOf({ ...noUsage, images: 1, costNanos: undefined })
    expect(text).toMatch(/^weir_unpriced_attempts_total\{[^}]*\} 1$/m)
  })

  it.each([
    ['whole', {}, ['0.1', '0.1']],
    ['cut off', { status: 'truncated', errorKind: 'upstream_cut' }, [undefined, undefined]],
    ['counted by us', { usageSource: 'estimated' }, ['0.1', undefined]],
  ] as const)('time the tokens of a stream that is %s', async (_name, how, [first, perToken]) => {
    const times = { isStream: true, firstByteMs: 100, durationMs: 1_100 }
    const text = await renderedOf({ ...noUsage, outputText: 11, ...times, ...how })
    const sumOf = (name: string) => new RegExp(`^${name}_sum\\{[^}]*\\} (.*)$`, 'm').exec(text)?.[1]
    expect([
      sumOf('gen_ai_server_time_to_first_token_seconds'),
      sumOf('gen_ai_server_time_per_output_token_seconds'),
    ]).toEqual([first, perToken])
  })

  it('count nothing of an attempt that used nothing', async () => {
    const text = await renderedOf(noUsage)
    expect(text).not.toMatch(/^(?:weir_units_total|gen_ai_client_cost_usd_total|cost_catalog_lookups_total)\{/m)
  })
})

async function renderedOf(used: Partial<UsageRecord>): Promise<string> {
  const nothing = { running: () => 0, waiting: () => 0, targets: () => [], load: () => undefined }
  const metrics = openMetrics({ ...nothing, ledger: async () => undefined })
  metrics.note({
    endpoint: '/v1/images/generations',
    isStream: false,
    status: 200,
    errorKind: undefined,
    limits: undefined,
    guardrails: [],
    extraAttempts: [],
    records: [sampleRecord({ operation: 'images', costNanos: 40_000_000n, ...used })],
  })
  return (await metrics.render()).text
}
