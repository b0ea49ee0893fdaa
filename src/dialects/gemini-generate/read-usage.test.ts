import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../canonical/json.ts'
import { inputTokensOf, noUsage, type Usage } from '../../canonical/usage.ts'
import { readUsage } from './read-usage.ts'
import { usageWords } from './translation/usage-words.ts'

describe('what Gemini counts', () => {
  it.each<[string, JsonObject, Partial<Usage>]>([
    [
      'of a prompt from a cache is told by what it was (recorded 2026-02)',
      {
        promptTokenCount: 373,
        candidatesTokenCount: 89,
        thoughtsTokenCount: 167,
        totalTokenCount: 629,
        cachedContentTokenCount: 204,
        promptTokensDetails: split({ TEXT: 115, IMAGE: 258 }),
        cacheTokensDetails: split({ TEXT: 63, IMAGE: 141 }),
      },
      { inputUncached: 52, inputImage: 117, cacheRead: 63, cacheReadImage: 141, outputText: 89, outputReasoning: 167 },
    ],
    [
      'of sounds and pictures alike; videos and documents are as texts',
      {
        promptTokenCount: 100,
        totalTokenCount: 100,
        cachedContentTokenCount: 60,
        promptTokensDetails: split({ TEXT: 10, AUDIO: 40, IMAGE: 30, VIDEO: 20 }),
        cacheTokensDetails: split({ AUDIO: 25, IMAGE: 15, VIDEO: 20 }),
      },
      { inputUncached: 10, inputAudio: 15, inputImage: 15, cacheRead: 20, cacheReadAudio: 25, cacheReadImage: 15 },
    ],
    [
      'of a cache is believed as a whole where its parts are larger',
      {
        promptTokenCount: 100,
        totalTokenCount: 100,
        cachedContentTokenCount: 30,
        cacheTokensDetails: split({ AUDIO: 25, IMAGE: 15 }),
      },
      { inputUncached: 70, cacheReadAudio: 25, cacheReadImage: 5 },
    ],
    [
      'of a cache is text where nothing is split',
      { promptTokenCount: 100, totalTokenCount: 100, cachedContentTokenCount: 30 },
      { inputUncached: 70, cacheRead: 30 },
    ],
  ])('%s', (_, said, expected) => {
    const usage = readUsage(said)
    expect(usage).toEqual({ ...noUsage, ...expected })
    expect(usage && inputTokensOf(usage)).toBe(said['promptTokenCount'])
    // In its own words it is the same again.
    expect(readUsage(usageWords(usage))).toEqual(usage)
  })
})

function split(counts: Readonly<Record<string, number>>): JsonObject[] {
  return Object.entries(counts).map(([modality, tokenCount]) => ({ modality, tokenCount }))
}
