import { describe, expect, it } from 'vitest'
import type { Json } from '../../canonical/json.ts'
import { noUsage, type Usage } from '../../canonical/usage.ts'
import { readUsage } from './read-usage.ts'

describe('what Cohere counts', () => {
  it.each<[string, Json, Partial<Usage> | undefined]>([
    [
      'is what it charges, whatever was read and cached besides (recorded 2026-08)',
      {
        billed_units: { input_tokens: 181, output_tokens: 34 },
        tokens: { input_tokens: 1698, output_tokens: 66 },
        cached_tokens: 1616,
      },
      { inputUncached: 181, outputText: 34 },
    ],
    [
      'has thoughts within what was written (recorded 2026-08)',
      {
        billed_units: { input_tokens: 44, output_tokens: 1781 },
        tokens: { input_tokens: 1430, output_tokens: 1786, reasoning_tokens: 1516 },
      },
      { inputUncached: 44, outputText: 265, outputReasoning: 1516 },
    ],
    [
      'has pictures beside what was read (recorded 2026-08)',
      {
        billed_units: { input_tokens: 267, output_tokens: 66 },
        tokens: { input_tokens: 34, output_tokens: 70, image_tokens: 259 },
      },
      { inputUncached: 8, inputImage: 259, outputText: 66 },
    ],
    [
      'tells what came from a cache where all that was read is charged',
      {
        billed_units: { input_tokens: 60, output_tokens: 7 },
        tokens: { input_tokens: 60, output_tokens: 7 },
        cached_tokens: 40,
      },
      { inputUncached: 20, cacheRead: 40, outputText: 7 },
    ],
    [
      'is what was read and written where nothing is said to be charged',
      { tokens: { input_tokens: 60, output_tokens: 7 }, cached_tokens: 40 },
      { inputUncached: 20, cacheRead: 40, outputText: 7 },
    ],
    ['M8 is nothing where nothing is told', {}, undefined],
    ['M8 is nothing where nothing is told of tokens', { billed_units: { search_units: 1 } }, undefined],
    ['M13 is nothing where a count is none', { billed_units: { input_tokens: -1, output_tokens: 7 } }, undefined],
  ])('%s', (_, said, usage) => {
    expect(readUsage(said)).toEqual(usage && { ...noUsage, ...usage })
  })
})
