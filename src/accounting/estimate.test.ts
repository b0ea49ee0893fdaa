import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inputTokensOf, noUsage, outputTokensOf, usageComponents } from '../canonical/usage.ts'
import type { Call } from '../canonical/call.ts'
import type { JsonObject } from '../canonical/json.ts'
import { assumedOutputTokens, estimateAsked, estimateTokensIn, estimateUsage, mergePartial } from './estimate.ts'

describe('an estimate', () => {
  it('counts a token for four bytes sent and for three received, begun ones whole', () => {
    expect(estimateUsage({ inputBytes: 401, textBytes: 31, contentFrames: 0 })).toEqual({
      ...noUsage,
      inputUncached: 101,
      outputText: 11,
    })
  })

  it('counts at least a token for each frame', () => {
    expect(estimateUsage({ inputBytes: 0, textBytes: 30, contentFrames: 25 }).outputText).toBe(25)
  })

  it('of nothing is nothing', () => {
    expect(estimateUsage({ inputBytes: 0, textBytes: 0, contentFrames: 0 })).toEqual(noUsage)
  })
})

describe('what a call is counted as before it has begun', () => {
  const asked = (fields: Partial<Call>, bodyBytes = 0) => estimateAsked({ ...call, ...fields }, bodyBytes)
  const call: Call = {
    operation: 'chat',
    modelName: 'm',
    isStream: false,
    outputCapTokens: undefined,
    choiceCount: 1,
    wantsStreamUsage: false,
    needs: new Set(),
    endUser: undefined,
  }

  it('is its bytes and its cap, for each choice', () => {
    expect(asked({ outputCapTokens: 50, choiceCount: 3 }, 401)).toEqual({ input: 101, output: 150 })
    expect(asked({}, 401)).toEqual({ input: 101, output: assumedOutputTokens })
  })

  it.each([
    ['carried', { input: 1, output: 1 }],
    ['speech', { input: 1, output: 1 }],
    ['embeddings', { input: 1, output: 0 }],
    ['count-tokens', { input: 0, output: 0 }],
  ] as const)(
    'is at least a token of what it may use, so that a limit that is over holds it up: %s',
    (operation, count) => {
      expect(asked({ operation })).toEqual(count)
    },
  )

  it('is nothing where nothing is generated', () => {
    expect(asked({ operation: 'carried', asksNoTokens: true })).toEqual({ input: 0, output: 0 })
  })
})

describe('the tokens of a body that nobody counts', () => {
  const prose = ' the quick brown fox jumps'.repeat(1_600)
  const picture = Buffer.alloc(3_000, 'a picture').toString('base64')
  const counted = (part: JsonObject) => estimateTokensIn({ messages: [{ role: 'user', content: [part] }] })

  it('are those of a text by its bytes, however it begins', () => {
    const text = 'A'.repeat(256) + prose
    for (const part of [
      { type: 'text', text },
      { type: 'document', source: { type: 'text', media_type: 'text/plain', data: text } },
      { type: 'text', text: Buffer.from(text).toString('base64') },
    ])
      expect(counted(part)).toBeGreaterThan(text.length / 4)
  })

  it.each<[string, JsonObject]>([
    ['Anthropic', { type: 'image', source: { type: 'base64', media_type: 'image/png', data: picture } }],
    ['Google', { inlineData: { mimeType: 'image/png', data: picture } }],
    ['OpenAI', { type: 'image_url', image_url: { url: `data:image/png;base64,${picture}` } }],
    ['Responses', { type: 'input_image', image_url: `data:image/png;base64,${picture}` }],
    ['Anthropic, small', { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' } }],
    ['Anthropic, by URL', { type: 'image', source: { type: 'url', url: 'https://example.com/cat.png' } }],
    ['Anthropic, by file', { type: 'document', source: { type: 'file', file_id: 'file_011' } }],
    ['Google, by URL', { fileData: { fileUri: 'https://example.com/cat.png', mimeType: 'image/png' } }],
    ['Responses, by URL', { type: 'input_image', image_url: 'https://example.com/cat.png' }],
    ['Responses, by file', { type: 'input_file', file_id: 'file-1' }],
  ])('are about a thousand for a picture, whatever its size: %s', (_, part) => {
    expect(counted(part)).toBeGreaterThan(900)
    expect(counted(part)).toBeLessThan(1_100)
  })
})

describe('the tokens of tools that nobody counts', () => {
  const properties = Object.fromEntries(
    Array.from({ length: 40 }, (_, line) => [`customer_billing_address_line_${line}`, { type: 'string' }]),
  )
  const body = { tools: [{ name: 't', input_schema: { type: 'object', properties } }] }

  it('are those of their keys too', () => {
    expect(estimateTokensIn(body)).toBeGreaterThan(40 * 10)
  })

  it('are more where Claude is asked', () => {
    expect(estimateTokensIn(body, true) - estimateTokensIn(body)).toBe(500)
    expect(estimateTokensIn({ tools: [] }, true)).toBe(estimateTokensIn({ tools: [] }))
  })

  it('are those of the numbers that they were called with', () => {
    const input = { rows: Array.from({ length: 2_000 }, (_, row) => 10_000 + row) }
    const counted = estimateTokensIn({ messages: [{ role: 'assistant', content: [{ type: 'tool_use', input }] }] })
    expect(counted).toBeGreaterThan(2_000)
    expect(counted).toBeLessThan(4_000)
  })
})

describe('a partial count', () => {
  const estimate = estimateUsage({ inputBytes: 4_000, textBytes: 300, contentFrames: 40 })

  it('keeps the input that the provider told, and takes the output that was seen', () => {
    const told = { ...noUsage, inputUncached: 20, cacheRead: 5_000, outputText: 1 }
    expect(mergePartial(told, estimate)).toEqual({ ...told, outputText: 100 })
  })

  it('takes the estimate of the input where the provider told none', () => {
    expect(mergePartial({ ...noUsage, outputText: 3 }, estimate)).toEqual(estimate)
  })

  it('never lowers what the provider told, of reasoning that we did not see above all', () => {
    const told = { ...noUsage, inputUncached: 20, outputText: 10, outputReasoning: 4_000 }
    expect(mergePartial(told, estimate)).toEqual(told)
  })

  it('is at least as much as the provider told, in every component, and as the output that was seen', () => {
    const tokens = fc.nat({ max: 1_000_000 })
    const usage = fc.record({
      inputUncached: tokens,
      cacheRead: tokens,
      cacheReadAudio: tokens,
      cacheReadImage: tokens,
      cacheWrite5m: tokens,
      cacheWrite1h: tokens,
      cacheWriteOther: tokens,
      inputAudio: tokens,
      inputImage: tokens,
      outputText: tokens,
      outputReasoning: tokens,
      outputAudio: tokens,
      outputImage: tokens,
      webSearches: tokens,
      searches: tokens,
      images: tokens,
      audioSeconds: tokens,
      characters: tokens,
    })
    fc.assert(
      fc.property(usage, usage, (told, seen) => {
        const merged = mergePartial(told, seen)
        for (const component of usageComponents) expect(merged[component]).toBeGreaterThanOrEqual(told[component])
        expect(outputTokensOf(merged)).toBe(Math.max(outputTokensOf(told), outputTokensOf(seen)))
        expect(inputTokensOf(merged)).toBeGreaterThanOrEqual(inputTokensOf(told))
      }),
    )
  })
})
