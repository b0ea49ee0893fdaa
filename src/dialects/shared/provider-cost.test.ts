import { describe, expect, it } from 'vitest'
import type { Json, JsonObject } from '../../canonical/json.ts'
import { readProviderCost } from './provider-cost.ts'

describe('what a provider says it charges', () => {
  const cases: readonly (readonly [string, JsonObject, bigint | undefined])[] = [
    ['dollars of OpenRouter', { cost: 0.001156 }, 1_156_000n],
    ['dollars with the dust of floating point', { cost: 0.0076509169000000005 }, 7_650_917n],
    ['less than a nano-dollar is rounded up', { cost: 0.0004970133333333333 }, 497_014n],
    ['very small', { cost: 6e-8 }, 60n],
    ['a free model', { cost: 0, is_byok: false }, 0n],
    [
      'the key of the caller: fee and charge',
      { cost: 0, is_byok: true, cost_details: { upstream_inference_cost: 0.0000063 } },
      6_300n,
    ],
    [
      'not the key of the caller',
      { cost: 0.01, is_byok: false, cost_details: { upstream_inference_cost: 0.01 } },
      10_000_000n,
    ],
    ['ticks of xAI', { cost_in_usd_ticks: 1_721_250 }, 172_125n],
    ['ticks are rounded up', { cost_in_usd_ticks: 11 }, 2n],
    ['zero ticks are no price (Azure)', { cost_in_usd_ticks: 0 }, undefined],
    ['all of Perplexity', { cost: { currency: 'USD', input_cost: 0.01, total_cost: 0.02236 } }, 22_360_000n],
    ['no dollars', { cost: { currency: 'EUR', total_cost: 0.02236 } }, undefined],
    ['nothing said', {}, undefined],
  ]
  it.each(cases)('%s', (_name, usage, nanos) => {
    expect(readProviderCost(usage)).toBe(nanos)
  })

  it('M13 a hostile cost is none', () => {
    const hostile: readonly Json[] = [-1, -1e-9, Number.POSITIVE_INFINITY, 1e9, '0.1', '', [], {}, true, null]
    for (const cost of hostile) expect(readProviderCost({ cost }), String(cost)).toBeUndefined()
    for (const ticks of [-5, 0.5, Number.POSITIVE_INFINITY, '7'])
      expect(readProviderCost({ cost_in_usd_ticks: ticks })).toBeUndefined()
  })
})
