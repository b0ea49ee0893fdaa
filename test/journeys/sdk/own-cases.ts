import { plainBody, type Api, type SdkCase } from './cases.ts'

/** What no recording holds, and what there is to drive where there are no recordings: every kind of ending. */
export function ownCases(...apis: readonly Api[]): readonly SdkCase[] {
  return apis.flatMap((api) => [
    ...failures.flatMap((status) => streamings(api).map((isStream) => failure(api, status, isStream))),
    ownCase(api, 'unary', ['tools', 'tool-call', 'cache-hit-or-write'], {}, false, 200, JSON.stringify(wholes[api])),
    ...(api === 'embeddings' ? [] : streams(api)),
  ])
}

const failures = [400, 401, 402, 403, 404, 408, 413, 422, 429, 500, 502, 503, 504, 529] as const

function streamings(api: Api): readonly boolean[] {
  return api === 'embeddings' ? [false] : [false, true]
}

function failure(api: Api, status: number, isStream: boolean): SdkCase {
  const message = `the provider says ${status}`
  const error =
    api === 'generate'
      ? { code: status, message, status: 'SOME_ERROR' }
      : { type: 'some_error', message, param: null, code: null }
  const bodies = { messages: { type: 'error', error }, 'cohere-chat': { id: 'e1', message } }
  const text = JSON.stringify(api === 'messages' || api === 'cohere-chat' ? bodies[api] : { error })
  return ownCase(api, `${status}${isStream ? '-stream' : ''}`, ['error'], {}, isStream, status, text)
}

function streams(api: Exclude<Api, 'embeddings'>): readonly SdkCase[] {
  const { frames, broken } = streamed[api]
  const whole = frames.join('')
  const begun = frames.slice(0, frames.length / 2).join('')
  const one = (name: string, text: string, more: object = {}) =>
    ownCase(api, name, ['reasoning', 'tools', 'tool-call', 'cache-hit-or-write'], more, true, 200, text)
  return [
    one('stream', whole),
    one('stream-with-crlf', whole.replaceAll('\n', '\r\n')),
    one('stream-with-comments', `: hello\n\n${frames.join(': a comment\n\n')}`),
    one('stream-cut', begun),
    ownCase(api, 'error-first', ['error'], {}, true, 200, broken),
    ownCase(api, 'error-midway', ['error'], {}, true, 200, begun + broken),
    ...(api === 'chat'
      ? streamOptions.map((options) =>
          one(`stream-with-${JSON.stringify(options)}`, whole, { stream_options: options }),
        )
      : []),
  ]
}

const streamOptions = [null, {}, { include_usage: true }, { include_usage: false }, { include_obfuscation: false }]

function ownCase(
  api: Api,
  name: string,
  features: readonly string[],
  more: object,
  isStream: boolean,
  status: number,
  text: string,
): SdkCase {
  const type = isStream && status === 200 ? 'text/event-stream' : 'application/json'
  return {
    id: `own/${api}/${name}`,
    api,
    isStream,
    features,
    body: { ...plainBody(api, 'own-1', isStream), ...more },
    betas: undefined,
    answer: { status, headers: { 'content-type': type }, body: Buffer.from(text) },
  }
}

const responsesUsage = {
  input_tokens: 30,
  input_tokens_details: { cached_tokens: 16 },
  output_tokens: 12,
  output_tokens_details: { reasoning_tokens: 4 },
  total_tokens: 42,
}
const calledItem = {
  id: 'fc_1',
  type: 'function_call',
  status: 'completed',
  call_id: 't1',
  name: 'look_up',
  arguments: '{"place":"Zürich 🏔"}',
}
const response = (status: string, output: readonly object[], usage: object | null) => ({
  id: 'resp_1',
  object: 'response',
  created_at: 1,
  status,
  error: null,
  incomplete_details: null,
  model: 'own-1',
  output,
  usage,
})

const chatUsage = {
  prompt_tokens: 30,
  completion_tokens: 12,
  total_tokens: 42,
  prompt_tokens_details: { cached_tokens: 16 },
}
const generateUsage = {
  promptTokenCount: 30,
  candidatesTokenCount: 12,
  cachedContentTokenCount: 16,
  totalTokenCount: 42,
}
const call = { name: 'look_up', arguments: '{"place":"Zürich 🏔"}' }

const wholes: Readonly<Record<Api, unknown>> = {
  chat: {
    id: 'c1',
    object: 'chat.completion',
    created: 1,
    model: 'own-1',
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: null, tool_calls: [{ id: 't1', type: 'function', function: call }] },
        finish_reason: 'tool_calls',
      },
    ],
    usage: chatUsage,
  },
  messages: {
    id: 'm1',
    type: 'message',
    role: 'assistant',
    model: 'own-1',
    content: [{ type: 'tool_use', id: 't1', name: 'look_up', input: { place: 'Zürich 🏔' } }],
    stop_reason: 'tool_use',
    stop_sequence: null,
    usage: { input_tokens: 14, cache_read_input_tokens: 16, cache_creation_input_tokens: 0, output_tokens: 12 },
  },
  responses: response('completed', [calledItem], responsesUsage),
  generate: {
    candidates: [
      {
        content: { role: 'model', parts: [{ functionCall: { name: 'look_up', args: { place: 'Zürich 🏔' } } }] },
        finishReason: 'STOP',
        index: 0,
      },
    ],
    usageMetadata: generateUsage,
    modelVersion: 'own-1',
    responseId: 'r1',
  },
  'cohere-chat': {
    id: 'a1',
    message: { role: 'assistant', tool_calls: [{ id: 't1', type: 'function', function: call }] },
    finish_reason: 'TOOL_CALL',
    usage: cohereUsage(),
  },
  embeddings: {
    object: 'list',
    model: 'own-1',
    data: [{ object: 'embedding', index: 0, embedding: [0.25, -0.5] }],
    usage: { prompt_tokens: 3, total_tokens: 3 },
  },
}

const chatChunk = (choices: readonly object[], more: object = {}) =>
  `data: ${JSON.stringify({ id: 'c1', object: 'chat.completion.chunk', created: 1, model: 'own-1', choices, ...more })}\n\n`
const delta = (value: object, reason: string | null = null) =>
  chatChunk([{ index: 0, delta: value, finish_reason: reason }], { usage: null })
const chatFrames: readonly string[] = [
  delta({ role: 'assistant', content: '' }),
  delta({ reasoning_content: 'Where is it? ' }),
  delta({ content: 'Grüezi 🏔, ' }),
  delta({ content: 'I look it up.\n\ndata: not a frame' }),
  delta({ tool_calls: [{ index: 0, id: 't1', type: 'function', function: { name: 'look_up', arguments: '' } }] }),
  delta({ tool_calls: [{ index: 0, function: { arguments: '{"place":"Zür' } }] }),
  delta({ tool_calls: [{ index: 0, function: { arguments: 'ich 🏔"}' } }] }),
  delta({}, 'tool_calls'),
  chatChunk([], { usage: chatUsage }),
  'data: [DONE]\n\n',
]
const chatError = `data: ${JSON.stringify({ error: { message: 'Overloaded, sorry', type: 'overloaded_error' } })}\n\n`

const event = (type: string, more: object) => `event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`
const blockDelta = (index: number, value: object) => event('content_block_delta', { index, delta: value })
const messageFrames: readonly string[] = [
  event('message_start', {
    message: {
      id: 'm1',
      type: 'message',
      role: 'assistant',
      model: 'own-1',
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: { input_tokens: 14, cache_read_input_tokens: 16, cache_creation_input_tokens: 0, output_tokens: 1 },
    },
  }),
  event('ping', {}),
  event('content_block_start', { index: 0, content_block: { type: 'thinking', thinking: '', signature: '' } }),
  blockDelta(0, { type: 'thinking_delta', thinking: 'Where is it? ' }),
  blockDelta(0, { type: 'signature_delta', signature: 'c2lnbmVk' }),
  event('content_block_stop', { index: 0 }),
  event('content_block_start', { index: 1, content_block: { type: 'text', text: '' } }),
  blockDelta(1, { type: 'text_delta', text: 'Grüezi 🏔, ' }),
  event('content_block_stop', { index: 1 }),
  event('content_block_start', { index: 2, content_block: { type: 'tool_use', id: 't1', name: 'look_up', input: {} } }),
  blockDelta(2, { type: 'input_json_delta', partial_json: '{"place":"Zür' }),
  blockDelta(2, { type: 'input_json_delta', partial_json: 'ich 🏔"}' }),
  event('content_block_stop', { index: 2 }),
  event('message_delta', { delta: { stop_reason: 'tool_use', stop_sequence: null }, usage: { output_tokens: 12 } }),
  event('message_stop', {}),
]
const messageError = event('error', { error: { type: 'overloaded_error', message: 'Overloaded, sorry' } })

const responseEvent = (type: string, more: object) => event(`response.${type}`, more)
const [thoughtItem, saidItem] = [
  { id: 'rs_1', type: 'reasoning', summary: [{ type: 'summary_text', text: 'Where is it? ' }] },
  {
    id: 'msg_1',
    type: 'message',
    status: 'completed',
    role: 'assistant',
    content: [{ type: 'output_text', annotations: [], logprobs: [], text: 'Grüezi 🏔, ' }],
  },
]
const inText = { item_id: 'msg_1', output_index: 1, content_index: 0 }
const inThought = { item_id: 'rs_1', output_index: 0, summary_index: 0 }
const inCall = { item_id: 'fc_1', output_index: 2 }
const responseFrames: readonly string[] = [
  responseEvent('created', { response: response('in_progress', [], null) }),
  responseEvent('in_progress', { response: response('in_progress', [], null) }),
  responseEvent('output_item.added', { output_index: 0, item: { ...thoughtItem, summary: [] } }),
  responseEvent('reasoning_summary_part.added', { ...inThought, part: { type: 'summary_text', text: '' } }),
  responseEvent('reasoning_summary_text.delta', { ...inThought, delta: 'Where is it? ' }),
  responseEvent('reasoning_summary_text.done', { ...inThought, text: 'Where is it? ' }),
  responseEvent('output_item.done', { output_index: 0, item: thoughtItem }),
  responseEvent('output_item.added', { output_index: 1, item: { ...saidItem, status: 'in_progress', content: [] } }),
  responseEvent('content_part.added', {
    ...inText,
    part: { type: 'output_text', annotations: [], logprobs: [], text: '' },
  }),
  responseEvent('output_text.delta', { ...inText, delta: 'Grüezi ', logprobs: [] }),
  responseEvent('output_text.delta', { ...inText, delta: '🏔, ', logprobs: [] }),
  responseEvent('output_text.done', { ...inText, text: 'Grüezi 🏔, ', logprobs: [] }),
  responseEvent('output_item.done', { output_index: 1, item: saidItem }),
  responseEvent('output_item.added', { output_index: 2, item: { ...calledItem, arguments: '' } }),
  responseEvent('function_call_arguments.delta', { ...inCall, delta: '{"place":"Zür' }),
  responseEvent('function_call_arguments.delta', { ...inCall, delta: 'ich 🏔"}' }),
  responseEvent('function_call_arguments.done', { ...inCall, arguments: calledItem.arguments }),
  responseEvent('output_item.done', { output_index: 2, item: calledItem }),
  responseEvent('completed', { response: response('completed', [thoughtItem, saidItem, calledItem], responsesUsage) }),
]
const responseError = event('error', {
  sequence_number: 3,
  error: { type: 'server_error', code: 'provider_overloaded', message: 'Overloaded, sorry', param: null },
})

const generateChunk = (parts: readonly object[], more: object = {}) =>
  `data: ${JSON.stringify({ candidates: [{ content: { parts, role: 'model' }, index: 0, ...more }], usageMetadata: generateUsage, modelVersion: 'own-1', responseId: 'r1' })}\n\n`
const generateFrames: readonly string[] = [
  generateChunk([{ text: 'Where is it? ', thought: true }]),
  generateChunk([{ text: 'Grüezi 🏔, ' }]),
  generateChunk([{ text: 'I look it up.\n\ndata: not a frame' }]),
  generateChunk([{ functionCall: { name: 'look_up', args: { place: 'Zürich 🏔' } }, thoughtSignature: 'c2ln' }]),
  generateChunk([{ text: '' }], { finishReason: 'STOP' }),
]
const generateError = `data: ${JSON.stringify({ error: { code: 503, message: 'Overloaded, sorry', status: 'UNAVAILABLE' } })}\n\n`

function cohereUsage(): object {
  return {
    billed_units: { input_tokens: 30, output_tokens: 12 },
    tokens: { input_tokens: 530, output_tokens: 15 },
    cached_tokens: 496,
  }
}

const cohereEvent = (type: string, message: object, more: object = {}) => event(type, { ...more, delta: { message } })
const cohereContent = (index: number, type: string, content: object) => cohereEvent(type, { content }, { index })
const cohereFrames: readonly string[] = [
  cohereEvent('message-start', { role: 'assistant', content: [], tool_plan: '', tool_calls: [] }, { id: 'a1' }),
  cohereContent(0, 'content-start', { type: 'thinking', thinking: '' }),
  cohereContent(0, 'content-delta', { thinking: 'Where is it? ' }),
  event('content-end', { index: 0 }),
  cohereContent(1, 'content-start', { type: 'text', text: '' }),
  cohereContent(1, 'content-delta', { text: 'Grüezi 🏔, ' }),
  cohereContent(1, 'content-delta', { text: 'I look it up.\n\ndata: not a frame' }),
  event('content-end', { index: 1 }),
  cohereEvent('tool-plan-delta', { tool_plan: 'First the map.' }),
  cohereEvent(
    'tool-call-start',
    { tool_calls: { id: 't1', type: 'function', function: { name: 'look_up', arguments: '' } } },
    { index: 0 },
  ),
  cohereEvent('tool-call-delta', { tool_calls: { function: { arguments: '{"place":"Zür' } } }, { index: 0 }),
  cohereEvent('tool-call-delta', { tool_calls: { function: { arguments: 'ich 🏔"}' } } }, { index: 0 }),
  event('tool-call-end', { index: 0 }),
  event('message-end', { delta: { finish_reason: 'TOOL_CALL', usage: cohereUsage() } }),
  'data: [DONE]\n\n',
]
const cohereError = event('message-end', { delta: { finish_reason: 'ERROR', error: 'Overloaded, sorry' } })

const streamed = {
  chat: { frames: chatFrames, broken: chatError },
  messages: { frames: messageFrames, broken: messageError },
  responses: { frames: responseFrames, broken: responseError },
  generate: { frames: generateFrames, broken: generateError },
  'cohere-chat': { frames: cohereFrames, broken: cohereError },
} as const
