import { describe, expect, it } from 'vitest'
import { recordings } from '../../../test/corpus.ts'
import { readReply } from './read-reply.ts'

const reply = (message: object) => JSON.parse(JSON.stringify({ model: 'm-1', choices: [{ index: 0, message }] }))

describe('a whole chat answer', () => {
  it('tells model, usage, cost and how much text there is', () => {
    const usage = { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4, cost: 0.000001 }
    const facts = readReply({ model: 'm-1', choices: [{ message: { content: 'Grüße' } }], usage })
    expect(facts).toMatchObject({ responseModel: 'm-1', providerCostNanos: 1000n, problem: undefined, textBytes: 7 })
  })

  it('counts all that was generated: text, reasoning once, refusals, tool calls, transcripts, parts', () => {
    expect(readReply(reply({ content: 'ab', reasoning: 'cd', reasoning_content: 'cd' })).textBytes).toBe(4)
    expect(readReply(reply({ content: null, refusal: 'abc' })).textBytes).toBe(3)
    const toolCalls = [{ function: { name: 'f', arguments: '{}' } }, { custom: { name: 'g', input: 'x' } }]
    expect(readReply(reply({ tool_calls: toolCalls })).textBytes).toBe(5)
    expect(readReply(reply({ function_call: { name: 'f', arguments: '{}' } })).textBytes).toBe(3)
    expect(readReply(reply({ audio: { data: 'AAAA', transcript: 'hello' } })).textBytes).toBe(5)
    const parts = [
      { type: 'thinking', thinking: [{ type: 'text', text: 'ab' }] },
      { type: 'text', text: 'c' },
    ]
    expect(readReply(reply({ content: parts })).textBytes).toBe(3)
  })

  it('20 tells an error under a success status, in every shape', () => {
    expect(readReply({ error: { message: 'x', code: 429 } }).problem?.kind).toBe('upstream_rate_limited')
    expect(readReply({ error: 'x', choices: [] }).problem?.kind).toBe('upstream_unavailable')
    expect(readReply({ object: 'error', message: 'x', type: 'BadRequestError', code: 400 }).problem?.kind).toBe(
      'upstream_rejected',
    )
  })

  it('a finish reason may say that the generation failed', () => {
    const ended = (reason: string) => readReply({ choices: [{ message: { content: 'Hi' }, finish_reason: reason }] })
    expect(ended('error').problem?.kind).toBe('upstream_unavailable')
    expect(ended('insufficient_system_resource').problem?.kind).toBe('upstream_overloaded')
    expect(ended('model_length').problem).toBeUndefined()
  })

  it('13 an answer without choices is none', () => {
    for (const body of [null, [], 'x', 7, {}, { choices: null }])
      expect(readReply(body).problem?.kind).toBe('upstream_invalid')
  })

  it('M13 a hostile number takes the usage and the cost away, not the answer', () => {
    const facts = readReply({
      choices: [],
      usage: { prompt_tokens: -1, completion_tokens: 5, total_tokens: 4, cost: 1 },
    })
    expect(facts).toMatchObject({ usage: undefined, providerCostNanos: undefined, problem: undefined })
  })

  it('of the recorded answers with a success status only those that are none are taken for a problem', () => {
    const recorded = recordings('chat').filter(
      ({ response }) => response.status === 200 && /^\s*\{/.test(response.body),
    )
    const problems = recorded.flatMap(({ id, response }) => {
      const { problem } = readReply(JSON.parse(response.body))
      return problem ? [[id, problem.kind]] : []
    })
    if (recorded.length === 0) return
    // The first is an error under 200, the second a transcription that its recorder filed under chat.
    expect(Object.fromEntries(problems)).toEqual({
      bb2df04b7a602bac: 'upstream_rejected',
      e465578a7315bb2a: 'upstream_invalid',
    })
  })
})
