import { expect, it } from 'vitest'
import { noUsage } from '../../canonical/usage.ts'
import { dialectLaws } from '../laws/dialect-laws.ts'
import { openAiResponses } from './index.ts'

const usage = {
  input_tokens: 100,
  input_tokens_details: { cached_tokens: 40, cache_write_tokens: 20 },
  output_tokens: 50,
  output_tokens_details: { reasoning_tokens: 15 },
  total_tokens: 150,
  server_side_tool_usage_details: { web_search_calls: 2 },
}

const reply = {
  id: 'resp_1',
  object: 'response',
  status: 'completed',
  model: 'm-1',
  output: [
    {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      content: [{ type: 'output_text', text: 'Grüße', annotations: [] }],
    },
  ],
  usage,
}

const frame = (type: string, members: object) => `event: ${type}\ndata: ${JSON.stringify({ type, ...members })}\n\n`

dialectLaws(openAiResponses, {
  apis: ['responses'],
  providers: undefined,
  // They ask for an answer in the background, which is fetched by another path.
  leftOut: ['62c3208ffb7c9b63', 'dce9e58d97807ad8'],
  body: { model: 'm', input: 'Hello' },
  reply,
  usage: {
    ...noUsage,
    inputUncached: 40,
    cacheRead: 40,
    cacheWriteOther: 20,
    outputText: 35,
    outputReasoning: 15,
    webSearches: 2,
  },
  stream: [
    frame('response.created', { response: { ...reply, status: 'in_progress', output: [], usage: null } }),
    ': keep-alive\n\n',
    frame('response.output_item.added', { output_index: 0, item: { id: 'rs_1', type: 'reasoning', summary: [] } }),
    frame('response.reasoning_summary_text.delta', { output_index: 0, delta: 'Hm "type":"response.completed"' }),
    frame('response.output_item.done', { output_index: 0, item: { id: 'rs_1', type: 'reasoning', summary: [] } }),
    frame('response.output_item.added', { output_index: 1, item: { id: 'msg_1', type: 'message', content: [] } }),
    frame('response.output_text.delta', { output_index: 1, delta: 'Grü' }),
    ': keep-alive\n\n',
    frame('response.output_text.delta', { output_index: 1, delta: 'ße \\ "error" 😀' }),
    frame('response.output_text.done', { output_index: 1, text: 'Grüße \\ "error" 😀' }),
    frame('response.output_item.added', {
      output_index: 2,
      item: { id: 'fc_1', type: 'function_call', call_id: 't1', name: 'f', arguments: '' },
    }),
    frame('response.function_call_arguments.delta', { output_index: 2, delta: '{"a":"b"}' }),
    frame('response.completed', { response: reply }),
  ].join(''),
})

it.each(['models', 'preset'])('refuses `%s`, by which a provider would choose models that nobody permitted', (key) => {
  expect(() => openAiResponses.readCall({ model: 'm', input: 'a', [key]: ['other'] })).toThrow(
    expect.objectContaining({ kind: 'unsupported', param: key }),
  )
})

it('refuses an answer in the background, whose use nobody would be told', () => {
  expect(() => openAiResponses.readCall({ model: 'm', input: 'a', background: true })).toThrow(
    expect.objectContaining({ kind: 'unsupported', param: 'background' }),
  )
})
