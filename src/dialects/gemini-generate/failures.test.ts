import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../canonical/json.ts'
import { geminiGenerate } from './index.ts'
import { readCall } from './read-call.ts'

const answerOf = (finishReason: string, ...parts: readonly JsonObject[]) => ({
  candidates: [{ content: { role: 'model', parts }, finishReason, index: 0 }],
  usageMetadata: { promptTokenCount: 5, totalTokenCount: 5 },
})

const problemOf = (answer: JsonObject) => geminiGenerate.readReply(answer).problem

describe('a model of Google’s that failed to call a tool', () => {
  it.each(['MALFORMED_FUNCTION_CALL', 'UNEXPECTED_TOOL_CALL', 'TOO_MANY_TOOL_CALLS'])(
    'gave no valid answer: %s',
    (reason) => {
      expect(problemOf(answerOf(reason))).toMatchObject({ kind: 'upstream_invalid', providerCode: reason })
      const stream = geminiGenerate.openStream(readCall({ model: 'm', contents: [], stream: true }))
      const said = { candidates: [{ content: { role: 'model', parts: [{ text: '' }] }, index: 0 }] }
      expect(stream.read('', Buffer.from(JSON.stringify(said)))).toBe('quiet')
      expect(stream.read('', Buffer.from(JSON.stringify(answerOf(reason))))).toBe('error')
      expect(stream.facts().problem).toMatchObject({ kind: 'upstream_invalid', providerCode: reason })
    },
  )

  it('gave one where it said something before', () => {
    expect(problemOf(answerOf('MALFORMED_FUNCTION_CALL', { text: 'Hm.' }))).toBeUndefined()
    const stream = geminiGenerate.openStream(readCall({ model: 'm', contents: [], stream: true }))
    const said = { candidates: [{ content: { role: 'model', parts: [{ text: 'Hm.' }] }, index: 0 }] }
    expect(stream.read('', Buffer.from(JSON.stringify(said)))).toBe('content')
    expect(stream.read('', Buffer.from(JSON.stringify(answerOf('MALFORMED_FUNCTION_CALL'))))).toBe('may-end')
  })

  it('is none of those that ended otherwise', () => {
    for (const reason of ['STOP', 'SAFETY', 'MAX_TOKENS', 'OTHER']) expect(problemOf(answerOf(reason))).toBeUndefined()
  })
})
