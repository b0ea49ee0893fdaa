import { describe, expect, it } from 'vitest'
import { boundTokens } from '../../accounting/token-bound.ts'
import type { JsonObject } from '../../canonical/json.ts'
import { dialects } from '../all.ts'
import type { DialectName } from '../dialect.ts'

const windowTokens = 8_191
const content = { parts: [{ text: 'a' }] }
const picture = 'data:image/png;base64,iVBO'

describe('several inputs in one call', () => {
  it.each<[DialectName, number, JsonObject]>([
    ['openai-embeddings', 1, { input: 'a' }],
    ['openai-embeddings', 1, { input: ['a'] }],
    ['openai-embeddings', 1, { input: [1, 2, 3] }],
    ['openai-embeddings', 1, { input: [[1, 2, 3]] }],
    ['openai-embeddings', 3, { input: ['a', 'b', 'c'] }],
    ['voyage-embeddings', 1, { input: ['a'] }],
    ['voyage-embeddings', 3, { input: ['a', 'b', 'c'] }],
    ['cohere-embeddings', 1, { texts: ['a'] }],
    ['cohere-embeddings', 3, { texts: ['a', 'b', 'c'] }],
    ['cohere-embeddings', 2, { images: [picture, picture] }],
    ['cohere-embeddings', 2, { inputs: [{ content: [{ type: 'text', text: 'a' }] }, { content: [] }] }],
    ['gemini-embeddings', 1, { content }],
    ['gemini-embeddings', 3, { requests: [{ content }, { content }, { content }] }],
  ])('I3 of %s may each fill the window by itself: %i of %j', (name, count, said) => {
    const body = { model: 'e', ...said }
    expect(dialects[name].readCall(body).inputCount ?? 1).toBe(count)
    const window = { contextTokens: windowTokens, imageTokens: undefined }
    const bound = boundTokens(dialects[name].readExtent(body), 1_000_000, 0, 1, window)
    expect(bound).toMatchObject({ inputTokens: count * windowTokens })
  })
})

describe('an answer to several inputs', () => {
  const vectors = [[0.5], [0.25]]
  it.each<[DialectName, JsonObject, JsonObject, JsonObject]>([
    [
      'openai-embeddings',
      { input: ['a', 'b'] },
      { data: vectors.map((embedding) => ({ embedding })) },
      { data: [{ embedding: [0.5] }] },
    ],
    [
      'voyage-embeddings',
      { input: ['a', 'b'] },
      { data: vectors.map((embedding) => ({ embedding })) },
      { data: [{ embedding: [0.5] }] },
    ],
    [
      'cohere-embeddings',
      { texts: ['a', 'b'] },
      { embeddings: { float: vectors, int8: vectors } },
      { embeddings: { float: vectors, int8: [[1]] } },
    ],
    ['cohere-embeddings', { texts: ['a', 'b'] }, { embeddings: vectors }, { embeddings: {} }],
    [
      'gemini-embeddings',
      { requests: [{ content }, { content }] },
      { embeddings: vectors.map((values) => ({ values })) },
      { embedding: { values: [0.5] } },
    ],
  ])('has a vector for each: %s', (name, said, whole, short) => {
    const { readCall, readReply, faultIn } = dialects[name]
    const call = readCall({ model: 'e', ...said })
    for (const reply of [whole, short]) expect(readReply(reply).problem).toBeUndefined()
    expect(faultIn?.(whole, call)).toBeUndefined()
    expect(faultIn?.(short, call)).toMatch(/^the answer has [01] embeddings for 2 inputs$/)
  })
})
