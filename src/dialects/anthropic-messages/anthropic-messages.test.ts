import { noUsage } from '../../canonical/usage.ts'
import { dialectLaws } from '../laws/dialect-laws.ts'
import { anthropicMessages } from './index.ts'

const frame = (type: string, members: object) => `event: ${type}\ndata: ${JSON.stringify({ type, ...members })}\n\n`
const delta = (index: number, members: object) => frame('content_block_delta', { index, delta: members })

const usage = {
  input_tokens: 100,
  cache_read_input_tokens: 40,
  cache_creation_input_tokens: 30,
  cache_creation: { ephemeral_5m_input_tokens: 20, ephemeral_1h_input_tokens: 10 },
  output_tokens: 50,
  output_tokens_details: { thinking_tokens: 15 },
  server_tool_use: { web_search_requests: 2, web_fetch_requests: 1 },
}

dialectLaws(anthropicMessages, {
  apis: ['messages'],
  providers: undefined,
  // It holds several answers; the others ask an advisor, a model that nobody permitted.
  leftOut: ['7a3630391125b54c', '45bb7b1a59c1b4bd', '68b32627ddf2c0cb', 'fca991e888317a73'],
  body: { model: 'm', messages: [] },
  reply: {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'm-1',
    content: [{ type: 'text', text: 'Grüße' }],
    stop_reason: 'end_turn',
    usage,
  },
  usage: {
    ...noUsage,
    inputUncached: 100,
    cacheRead: 40,
    cacheWrite5m: 20,
    cacheWrite1h: 10,
    outputText: 35,
    outputReasoning: 15,
    webSearches: 2,
  },
  stream: [
    frame('message_start', {
      message: { id: 'msg_1', type: 'message', model: 'm-1', content: [], usage: { ...usage, output_tokens: 1 } },
    }),
    frame('content_block_start', { index: 0, content_block: { type: 'thinking', thinking: '' } }),
    frame('ping', {}),
    delta(0, { type: 'thinking_delta', thinking: 'Hm "message_stop"' }),
    delta(0, { type: 'signature_delta', signature: 'c2ln' }),
    frame('content_block_stop', { index: 0 }),
    frame('content_block_start', { index: 1, content_block: { type: 'text', text: '' } }),
    delta(1, { type: 'text_delta', text: 'Grüße \\ 😀' }),
    frame('content_block_stop', { index: 1 }),
    frame('content_block_start', { index: 2, content_block: { type: 'tool_use', id: 't1', name: 'f', input: {} } }),
    delta(2, { type: 'input_json_delta', partial_json: '{"a":"b"}' }),
    frame('content_block_stop', { index: 2 }),
    frame('message_delta', { delta: { stop_reason: 'tool_use', stop_sequence: null }, usage: { output_tokens: 50 } }),
    frame('message_stop', {}),
  ].join(''),
})
