import { describe, expect, it } from 'vitest'
import { emptyResponse } from './response-words.ts'

const settings = { modelName: 'm', requestId: 'req_1', nowSeconds: 1_760_000_000, wantsStreamUsage: true }

describe('a response that was translated', () => {
  it('has every member that Open Responses demands, with values of the kinds it demands', () => {
    const response = emptyResponse(undefined, settings)
    // openresponses.openapi.json, ResponseResource, read 2026-11. `usage` and `output` are filled in later.
    const numbers = ['created_at', 'temperature', 'top_p', 'presence_penalty', 'frequency_penalty', 'top_logprobs']
    const nullable = ['completed_at', 'error', 'incomplete_details', 'instructions', 'max_output_tokens']
    const others = ['max_tool_calls', 'previous_response_id', 'prompt_cache_key', 'safety_identifier', 'usage']
    expect(numbers.filter((key) => typeof response[key] !== 'number')).toEqual([])
    expect([...nullable, ...others].filter((key) => response[key] !== null)).toEqual([])
    expect(response).toMatchObject({ service_tier: 'auto', reasoning: { effort: null, summary: null } })
  })

  it('says again what was asked, completed by the defaults', () => {
    const tool = { type: 'function', name: 'go', parameters: { type: 'object' } }
    const asked = {
      instructions: 'Be brief.',
      temperature: 0.2,
      top_p: null,
      tools: [tool],
      text: { verbosity: 'low' },
    }
    const body = { ...asked, input: 'Hello', stream: true, store: true, reasoning: { effort: 'low' } }
    const response = emptyResponse(undefined, { ...settings, asked: body })
    expect(response).toMatchObject({
      instructions: 'Be brief.',
      temperature: 0.2,
      top_p: 1,
      tools: [{ ...tool, description: null, strict: null }],
      text: { format: { type: 'text' }, verbosity: 'low' },
      reasoning: { effort: 'low', summary: null },
      // Nobody keeps it.
      store: false,
    })
    expect(Object.keys(response)).not.toEqual(expect.arrayContaining(['input']))
    expect(response).not.toHaveProperty('stream')
  })
})
