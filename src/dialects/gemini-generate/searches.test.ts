import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../canonical/json.ts'
import { readCall } from './read-call.ts'
import { readReply } from './read-reply.ts'
import { openStream } from './read-stream.ts'

const usageMetadata = { promptTokenCount: 9, candidatesTokenCount: 5, totalTokenCount: 14 }
const candidate = (more: JsonObject): JsonObject => ({
  content: { role: 'model', parts: [{ text: 'so it is' }] },
  finishReason: 'STOP',
  ...more,
})
const grounded = (webSearchQueries: readonly string[], more: JsonObject = {}) =>
  candidate({ groundingMetadata: { webSearchQueries }, ...more })
const searchesOf = (modelVersion: string | undefined, ...candidates: readonly JsonObject[]) =>
  readReply({ candidates, usageMetadata, ...(modelVersion !== undefined && { modelVersion }) }).usage?.webSearches

describe('searches of Google’s', () => {
  it('are counted by the query from Gemini 3 on, but for empty ones, which nobody bills', () => {
    expect(searchesOf('gemini-3-flash-preview', grounded(['', 'a', 'b']))).toBe(2)
    expect(searchesOf('gemini-3-flash-preview', grounded(['']))).toBe(0)
    expect(searchesOf('gemini-3.1-flash-image', candidate({ groundingMetadata: { imageSearchQueries: ['a'] } }))).toBe(
      1,
    )
  })

  it('are one for an answer of an earlier model, however often it searched', () => {
    expect(searchesOf('gemini-2.5-flash', grounded(['a', 'b', 'c', 'd']))).toBe(1)
    expect(searchesOf('gemini-2.0-flash', grounded(['a']), grounded(['b'], { index: 1 }))).toBe(1)
    expect(searchesOf('gemini-2.5-flash', grounded([]))).toBe(0)
  })

  it('M10: are counted by the query where nobody knows the model', () => {
    expect(searchesOf('someone-else', grounded(['a', 'b']))).toBe(2)
    expect(searchesOf(undefined, grounded(['a', 'b']))).toBe(2)
  })

  it('are none where pages were read, and not searched for', () => {
    const groundingMetadata = { groundingChunks: [{ web: { uri: 'https://a.example' } }], groundingSupports: [] }
    expect(searchesOf('gemini-3-flash-preview', candidate({ groundingMetadata }))).toBe(0)
  })

  it.each([
    ['gemini-3-flash-preview', 5],
    ['gemini-2.5-pro', 1],
  ])('of a stream of %s are %i: each frame tells all of its candidate so far', (modelVersion, searches) => {
    const reader = openStream(readCall({ model: 'm', contents: [] }))
    const read = (...candidates: readonly JsonObject[]) =>
      reader.read('', Buffer.from(JSON.stringify({ candidates, usageMetadata, modelVersion })))
    read(grounded(['a']))
    read(grounded(['a', 'b', ''], { index: 0 }))
    read(grounded(['a', 'b', 'c'], { index: 1 }))
    read(candidate({ groundingMetadata: {} }))
    expect(reader.facts()).toMatchObject({ usage: { webSearches: searches, outputText: 5 }, isUsageFinal: true })
  })
})
