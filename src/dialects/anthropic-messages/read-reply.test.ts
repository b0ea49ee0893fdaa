import { describe, expect, it } from 'vitest'
import { recordings } from '../../../test/corpus.ts'
import { readReply } from './read-reply.ts'

describe('a whole messages answer', () => {
  it('tells model, usage and how much was generated', () => {
    const content = [
      { type: 'thinking', thinking: 'hm', signature: 'c2ln' },
      { type: 'text', text: 'Grüße' },
      { type: 'tool_use', id: 't', name: 'f', input: { a: 1 } },
      { type: 'web_search_tool_result', tool_use_id: 's', content: [{ url: 'x' }] },
      { type: 'redacted_thinking', data: 'AAAA' },
    ]
    expect(
      readReply({ type: 'message', model: 'm-1', content, usage: { input_tokens: 3, output_tokens: 4 } }),
    ).toMatchObject({
      responseModel: 'm-1',
      usage: { inputUncached: 3, outputText: 4 },
      providerCostNanos: undefined,
      problem: undefined,
      textBytes: 2 + 7 + 1 + 7 + 4,
    })
  })

  it('tells the container that its tools ran in', () => {
    const container = { id: 'c1', expires_at: '2026-12-01T00:00:00Z' }
    expect(readReply({ type: 'message', content: [], container }).storedIds).toEqual(['c1'])
    expect(readReply({ type: 'message', content: [], container: null }).storedIds).toEqual([])
  })

  it('tells the files that code has written', () => {
    const output = { type: 'bash_code_execution_output', file_id: 'file_1' }
    const result = {
      type: 'bash_code_execution_result',
      stdout: '',
      content: [output, { ...output, file_id: 'file_2' }],
    }
    const content = [
      { type: 'bash_code_execution_tool_result', tool_use_id: 's', content: result },
      {
        type: 'bash_code_execution_tool_result',
        tool_use_id: 's',
        content: { type: 'bash_code_execution_tool_result_error' },
      },
      { type: 'text', text: 'done', citations: [{ type: 'char_location', file_id: 'file_3' }] },
    ]
    expect(readReply({ type: 'message', content }).storedFileIds).toEqual(['file_1', 'file_2'])
  })

  it('20 tells an error under a success status, and an answer that is none', () => {
    expect(readReply({ type: 'error', error: { type: 'overloaded_error', message: 'x' } }).problem?.kind).toBe(
      'upstream_overloaded',
    )
    for (const body of [null, [], 'x', {}, { content: 'x' }])
      expect(readReply(body).problem?.kind).toBe('upstream_invalid')
  })

  it('M13 a hostile usage is absent, and no problem', () => {
    const facts = readReply({ content: [], usage: { input_tokens: -3, output_tokens: 4 } })
    expect(facts).toMatchObject({ usage: undefined, problem: undefined })
  })

  it('no recorded answer with a success status is taken for a problem', () => {
    const problems = recordings('messages')
      .filter(({ response }) => response.status === 200 && /^\s*\{/.test(response.body))
      .filter(({ response }) => readReply(JSON.parse(response.body)).problem !== undefined)
    expect(problems.map(({ id }) => id)).toEqual([])
  })
})
