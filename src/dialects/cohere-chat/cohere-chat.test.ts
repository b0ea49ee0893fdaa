import { noUsage } from '../../canonical/usage.ts'
import { dialectLaws } from '../laws/dialect-laws.ts'
import { cohereChat } from './index.ts'

const usage = {
  billed_units: { input_tokens: 100, output_tokens: 50 },
  tokens: { input_tokens: 60, output_tokens: 55, image_tokens: 40, reasoning_tokens: 15 },
  cached_tokens: 30,
}

const event = (type: string, members: object = {}) =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...members })}\n\n`
const inMessage = (message: object) => ({ delta: { message } })

dialectLaws(cohereChat, {
  apis: ['cohere-chat'],
  providers: undefined,
  // The first version of the API, /v1/chat, which is another dialect.
  leftOut: ['51ab92e12db67a6a', '52dfafbde89a57ff'],
  body: { model: 'm', messages: [] },
  reply: {
    id: 'a1',
    message: { role: 'assistant', content: [{ type: 'text', text: 'Grüße' }] },
    finish_reason: 'COMPLETE',
    usage,
  },
  usage: { ...noUsage, inputUncached: 30, cacheRead: 30, inputImage: 40, outputText: 35, outputReasoning: 15 },
  stream: [
    ': a comment\n\n',
    event('message-start', { id: 'a1', ...inMessage({ role: 'assistant', content: [] }) }),
    event('content-start', { index: 0, ...inMessage({ content: { type: 'thinking', thinking: '' } }) }),
    event('content-delta', { index: 0, ...inMessage({ content: { thinking: 'Hm "finish_reason"' } }) }),
    event('content-end', { index: 0 }),
    event('content-start', { index: 1, ...inMessage({ content: { type: 'text', text: '' } }) }),
    event('content-delta', { index: 1, ...inMessage({ content: { text: 'Grüße \\ 😀' } }) }),
    event('citation-start', { index: 0, ...inMessage({ citations: { start: 0, end: 4, text: 'Grüß' } }) }),
    event('citation-end', { index: 0 }),
    event('content-end', { index: 1 }),
    event('tool-plan-delta', inMessage({ tool_plan: 'I call.' })),
    event('tool-call-start', {
      index: 0,
      ...inMessage({ tool_calls: { id: 'c1', type: 'function', function: { name: 'f', arguments: '' } } }),
    }),
    event('tool-call-delta', { index: 0, ...inMessage({ tool_calls: { function: { arguments: '{"a":"b"}' } } }) }),
    event('tool-call-end', { index: 0 }),
    event('message-end', { delta: { finish_reason: 'TOOL_CALL', usage } }),
    'data: [DONE]\n\n',
  ].join(''),
})
