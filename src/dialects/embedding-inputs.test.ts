import { describe, expect, it } from 'vitest'
import { boundTokens } from '../accounting/token-bound.ts'
import type { JsonObject } from '../canonical/json.ts'
import { dialects } from './all.ts'
import type { DialectName } from './dialect.ts'

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
