import { describe, expect, it } from 'vitest'
import { inputTokensOf, noUsage, outputTokensOf } from '../../../canonical/usage.ts'
import { readUsage } from './usage.ts'

const told = { prompt_tokens: 12, completion_tokens: 2, total_tokens: 14 }

describe('usage in OpenAI’s shape', () => {
  it('reads the three totals', () => {
    expect(readUsage(told)).toEqual({ ...noUsage, inputUncached: 12, outputText: 2 })
  })

  it('reasoning inside the completion (OpenAI, DeepSeek, Groq)', () => {
    const usage = {
      prompt_tokens: 97,
      completion_tokens: 17,
      total_tokens: 114,
      completion_tokens_details: { reasoning_tokens: 15 },
    }
    expect(readUsage(usage)).toMatchObject({ outputText: 2, outputReasoning: 15 })
  })

  it('reasoning beside the completion (xAI): the total tells', () => {
    const usage = {
      prompt_tokens: 12,
      completion_tokens: 2,
      total_tokens: 354,
      completion_tokens_details: { reasoning_tokens: 340 },
    }
    expect(readUsage(usage)).toMatchObject({ outputText: 2, outputReasoning: 340 })
  })

  it('thoughts that only the total counts (Gemini) are reasoning', () => {
    expect(readUsage({ prompt_tokens: 35, completion_tokens: 12, total_tokens: 109 })).toMatchObject({
      inputUncached: 35,
      outputText: 12,
      outputReasoning: 62,
    })
  })

  it.each([
    ['OpenAI', { prompt_tokens_details: { cached_tokens: 5 } }],
    ['DeepSeek', { prompt_cache_hit_tokens: 5, prompt_cache_miss_tokens: 7 }],
    ['Together', { cached_tokens: 5 }],
    ['Mistral', { num_cached_tokens: 5 }],
    ['Mistral with null details', { num_cached_tokens: 5, prompt_tokens_details: null }],
  ])('cached tokens as %s spells them', (_name, members) => {
    expect(readUsage({ ...told, ...members })).toMatchObject({ inputUncached: 7, cacheRead: 5 })
  })

  it('writes to a cache are part of the prompt', () => {
    const usage = {
      prompt_tokens: 4020,
      completion_tokens: 4,
      total_tokens: 4024,
      prompt_tokens_details: { cache_write_tokens: 4012 },
    }
    expect(readUsage(usage)).toMatchObject({ inputUncached: 8, cacheWriteOther: 4012 })
  })

  it('parts larger than their whole are cut to it (Azure’s Grok, Gemini at OpenRouter)', () => {
    const azure = readUsage({ ...told, prompt_tokens_details: { cached_tokens: 163 } })
    expect(azure).toMatchObject({ inputUncached: 0, cacheRead: 12 })
    const both = readUsage({ ...told, prompt_tokens_details: { cached_tokens: 10, cache_write_tokens: 10 } })
    expect(both).toMatchObject({ inputUncached: 0, cacheRead: 10, cacheWriteOther: 2 })
    const reasoning = readUsage({ ...told, completion_tokens_details: { reasoning_tokens: 3 } })
    expect(reasoning).toMatchObject({ outputText: 0, outputReasoning: 2 })
  })

  it('components always add up to the totals', () => {
    for (let seed = 1; seed < 500; seed++) {
      const at = (place: number) => (seed * (place * 7919 + 104_729)) % 50
      const usage = readUsage({
        prompt_tokens: at(1),
        completion_tokens: 1 + at(2),
        prompt_tokens_details: {
          cached_tokens: at(3),
          cache_write_tokens: at(4),
          audio_tokens: at(5),
          image_tokens: at(6),
        },
        completion_tokens_details: { reasoning_tokens: at(7), audio_tokens: at(8), image_tokens: at(9) },
      })
      expect(usage && inputTokensOf(usage)).toBe(at(1))
      expect(usage && outputTokensOf(usage)).toBe(1 + at(2))
      expect(Object.values(usage ?? {}).every((count) => count >= 0)).toBe(true)
    }
  })

  it('what is not said follows from the rest, or there is no usage', () => {
    expect(readUsage({ total_tokens: 14, prompt_tokens: 12 })).toMatchObject({ inputUncached: 12, outputText: 2 })
    expect(readUsage({ total_tokens: 14, completion_tokens: 2 })).toMatchObject({ inputUncached: 12, outputText: 2 })
    expect(readUsage({ prompt_tokens: 12, completion_tokens: 2 })).toMatchObject({ inputUncached: 12, outputText: 2 })
    for (const usage of [{}, { prompt_tokens: 12 }, { total_tokens: 14 }]) expect(readUsage(usage)).toBeUndefined()
  })

  it('M8 a usage of zeros is no usage', () => {
    expect(readUsage({ prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 })).toBeUndefined()
  })

  it('M13 details of an impossible shape make the usage absent', () => {
    for (const details of ['x', 7, [], true])
      expect(readUsage({ ...told, prompt_tokens_details: details }), JSON.stringify(details)).toBeUndefined()
    expect(readUsage({ ...told, prompt_tokens_details: null, completion_tokens_details: null })).toBeDefined()
  })
})
