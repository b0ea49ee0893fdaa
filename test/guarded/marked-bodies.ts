import type { Json, JsonObject } from '../../src/canonical/json.ts'

/**
 * A call of every endpoint, with a mark (`@user@`) in every place where it can hold text: what stands between the signs is the place that
 * a rule knows it by. `form`: its body is a form, and a file's name is marked too.
 */
export interface MarkedCall {
  /** The path as it is asked for. */
  readonly path: string
  /** The same for a stream, where it is another one. */
  readonly streamPath?: string
  /** The provider that speaks its dialect itself, in `matrix.test.ts`. */
  readonly provider: string
  readonly body: JsonObject
  /** What asks for a stream in the body. `undefined`: there are no streams, or the path asks for one. */
  readonly stream?: JsonObject
  readonly form?: { readonly fileName: string; readonly field: string }
}

const schema = {
  type: 'object',
  properties: {
    '@tool-definition@': { type: 'string', description: '@tool-definition@', enum: ['@tool-definition@'] },
  },
} satisfies Json
const stream = { stream: true } satisfies JsonObject
const picture = 'https://files.example/@document@.png'
const argumentsText = '{"note":"@tool-arguments@","@tool-arguments@":{"type":"@tool-arguments@"}}'
const args = { note: '@tool-arguments@', '@tool-arguments@': { type: '@tool-arguments@', id: '@tool-arguments@' } }
const outcome = { '@tool-result@': '@tool-result@', status: '@tool-result@' } satisfies Json
const note = { '@other@': '@other@', id: '@other@' } satisfies Json

const messages: JsonObject = {
  max_tokens: 9,
  system: [{ type: 'text', text: '@system@' }],
  messages: [
    {
      role: 'user',
      content: [
        { type: 'text', text: '@user@' },
        { type: 'image', source: { type: 'url', url: picture } },
        {
          type: 'document',
          source: { type: 'text', media_type: 'text/plain', data: '@document@' },
          title: '@document@',
          context: '@document@',
        },
        { type: 'document', source: { type: 'content', content: [{ type: 'text', text: '@document@' }] } },
      ],
    },
    {
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: '@reasoning@', signature: 's' },
        { type: 'text', text: '@assistant@' },
        { type: 'tool_use', id: 't1', name: '@tool-arguments@', input: args },
      ],
    },
    {
      role: 'user',
      content: [{ type: 'tool_result', tool_use_id: 't1', content: [{ type: 'text', text: '@tool-result@' }] }],
    },
    { role: 'assistant', content: '@assistant@' },
    { role: 'user', content: '@user@' },
  ],
  tools: [{ name: '@tool-definition@', description: '@tool-definition@', input_schema: schema }],
}

const generate: JsonObject = {
  systemInstruction: { parts: [{ text: '@system@' }] },
  contents: [
    {
      role: 'user',
      parts: [
        { text: '@user@' },
        { fileData: { fileUri: picture, mimeType: 'image/png', displayName: '@file-name@' } },
      ],
    },
    {
      role: 'model',
      parts: [
        { text: '@reasoning@', thought: true },
        { text: '@assistant@' },
        { functionCall: { name: '@tool-arguments@', args } },
      ],
    },
    { role: 'user', parts: [{ functionResponse: { name: 'f', response: outcome } }] },
  ],
  tools: [
    { functionDeclarations: [{ name: '@tool-definition@', description: '@tool-definition@', parameters: schema }] },
  ],
}

const responses: JsonObject = {
  instructions: '@system@',
  input: [
    { role: 'developer', content: '@system@' },
    {
      role: 'user',
      content: [
        { type: 'input_text', text: '@user@' },
        { type: 'input_image', image_url: picture },
        { type: 'input_file', filename: '@file-name@', file_url: 'https://files.example/@document@.pdf' },
      ],
    },
    {
      type: 'message',
      id: 'msg_1',
      role: 'assistant',
      status: 'completed',
      content: [
        { type: 'output_text', text: '@assistant@', annotations: [] },
        { type: 'refusal', refusal: '@refusal@' },
      ],
    },
    { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: '@reasoning@' }] },
    { type: 'function_call', call_id: 't1', name: '@tool-arguments@', arguments: argumentsText },
    { type: 'function_call_output', call_id: 't1', output: '@tool-result@' },
  ],
  tools: [{ type: 'function', name: '@tool-definition@', description: '@tool-definition@', parameters: schema }],
  text: { format: { type: 'json_schema', name: 'n', schema: { description: '@other@' } } },
}

/** By the path in `src/server/endpoints.ts`. */
export const markedCalls: Readonly<Record<string, MarkedCall>> = {
  '/v1/chat/completions': {
    path: '/v1/chat/completions',
    provider: 'openai',
    stream,
    body: {
      messages: [
        { role: 'system', content: '@system@' },
        { role: 'developer', content: [{ type: 'text', text: '@system@' }] },
        {
          role: 'user',
          name: '@user@',
          content: [
            { type: 'text', text: '@user@' },
            { type: 'image_url', image_url: { url: picture, alt: '@document@' } },
            { type: 'file', file: { filename: '@file-name@', file_data: 'data:application/pdf;base64,AAAA' } },
          ],
        },
        {
          role: 'assistant',
          content: '@assistant@',
          refusal: '@refusal@',
          reasoning_content: '@reasoning@',
          tool_calls: [
            { id: 't1', type: 'function', function: { name: '@tool-arguments@', arguments: argumentsText } },
          ],
        },
        { role: 'tool', tool_call_id: 't1', content: '@tool-result@' },
        { role: 'user', content: '@user@' },
      ],
      tools: [
        {
          type: 'function',
          function: { name: '@tool-definition@', description: '@tool-definition@', parameters: schema },
        },
      ],
      response_format: { type: 'json_schema', json_schema: { name: 'n', schema: { description: '@other@' } } },
      prediction: { type: 'content', content: '@other@' },
      stop: ['@other@'],
      metadata: note,
      someday: { note: '@other@' },
    },
  },
  '/v1/responses': { path: '/v1/responses', provider: 'openai', stream, body: { ...responses, metadata: note } },
  '/v1/completions': {
    path: '/v1/completions',
    provider: 'compatible',
    stream,
    body: { prompt: ['@user@', '@user@'], suffix: '@other@' },
  },
  '/v1/embeddings': { path: '/v1/embeddings', provider: 'openai', body: { input: ['@other@', '@other@'] } },
  '/v1/messages': { path: '/v1/messages', provider: 'anthropic', stream, body: messages },
  '/api/chat': {
    path: '/api/chat',
    provider: 'ollama',
    stream,
    body: {
      stream: false,
      messages: [
        { role: 'system', content: '@system@' },
        { role: 'user', content: '@user@' },
        {
          role: 'assistant',
          content: '@assistant@',
          thinking: '@reasoning@',
          tool_calls: [{ function: { name: '@tool-arguments@', arguments: args } }],
        },
        { role: 'tool', content: '@tool-result@' },
      ],
      tools: [
        {
          type: 'function',
          function: { name: '@tool-definition@', description: '@tool-definition@', parameters: schema },
        },
      ],
    },
  },
  '/v1beta/models/{model}:generateContent': {
    path: '/v1beta/models/{model}:generateContent',
    streamPath: '/v1beta/models/{model}:streamGenerateContent?alt=sse',
    provider: 'gemini',
    body: generate,
  },
  '/model/{model}/converse': {
    path: '/model/{model}/converse',
    streamPath: '/model/{model}/converse-stream',
    provider: 'bedrock',
    body: {
      system: [{ text: '@system@' }],
      messages: [
        {
          role: 'user',
          content: [
            { text: '@user@' },
            { document: { name: '@file-name@', format: 'txt', source: { text: '@document@' }, context: '@document@' } },
          ],
        },
        {
          role: 'assistant',
          content: [
            { reasoningContent: { reasoningText: { text: '@reasoning@', signature: 's' } } },
            { text: '@assistant@' },
            { toolUse: { toolUseId: 't1', name: '@tool-arguments@', input: args } },
          ],
        },
        {
          role: 'user',
          content: [{ toolResult: { toolUseId: 't1', content: [{ json: outcome }, { text: '@tool-result@' }] } }],
        },
      ],
      toolConfig: {
        tools: [
          { toolSpec: { name: '@tool-definition@', description: '@tool-definition@', inputSchema: { json: schema } } },
        ],
      },
    },
  },
  '/v1beta/models/{model}:embedContent': {
    path: '/v1beta/models/{model}:embedContent',
    provider: 'gemini',
    body: { content: { parts: [{ text: '@other@' }] }, title: '@other@', taskType: 'RETRIEVAL_DOCUMENT' },
  },
  '/v2/embed': {
    path: '/v2/embed',
    provider: 'cohere',
    body: { texts: ['@other@', '@other@'], input_type: 'search_query' },
  },
  '/v2/chat': {
    path: '/v2/chat',
    provider: 'cohere',
    stream,
    body: {
      messages: [
        { role: 'system', content: '@system@' },
        { role: 'user', content: [{ type: 'text', text: '@user@' }] },
        {
          role: 'assistant',
          tool_plan: '@assistant@',
          tool_calls: [
            { id: 't1', type: 'function', function: { name: '@tool-arguments@', arguments: argumentsText } },
          ],
        },
        {
          role: 'tool',
          tool_call_id: 't1',
          content: [{ type: 'document', document: { data: '{"x":"@tool-result@"}' } }],
        },
        { role: 'assistant', content: '@assistant@' },
        { role: 'user', content: '@user@' },
      ],
      documents: ['@document@', { data: { title: '@document@', '@document@': '@document@' } }],
      tools: [
        {
          type: 'function',
          function: { name: '@tool-definition@', description: '@tool-definition@', parameters: schema },
        },
      ],
    },
  },
  '/v1/rerank': {
    path: '/v1/rerank',
    provider: 'compatible',
    body: { query: '@other@', documents: ['@other@', { text: '@other@' }] },
  },
  '/v2/rerank': {
    path: '/v2/rerank',
    provider: 'cohere',
    body: { query: '@other@', documents: ['@other@', '@other@'] },
  },
  '/v1/moderations': {
    path: '/v1/moderations',
    provider: 'openai',
    body: { input: [{ type: 'text', text: '@other@' }] },
  },
  '/v1/messages/count_tokens': {
    path: '/v1/messages/count_tokens',
    provider: 'anthropic',
    body: Object.fromEntries(Object.entries(messages).filter(([key]) => key !== 'max_tokens')),
  },
  '/v1beta/models/{model}:countTokens': {
    path: '/v1beta/models/{model}:countTokens',
    provider: 'gemini',
    body: { contents: generate['contents'] ?? [] },
  },
  '/v1/responses/input_tokens': { path: '/v1/responses/input_tokens', provider: 'openai', body: responses },
  '/v1/images/generations': {
    path: '/v1/images/generations',
    provider: 'openai',
    stream,
    body: { prompt: '@other@', user: '@other@' },
  },
  '/v1/images/edits': {
    path: '/v1/images/edits',
    provider: 'openai',
    stream: { stream: 'true' },
    body: { prompt: '@other@' },
    form: { field: 'image', fileName: '@file-name@.png' },
  },
  '/v1/images/variations': {
    path: '/v1/images/variations',
    provider: 'openai',
    body: { user: '@other@' },
    form: { field: 'image', fileName: '@file-name@.png' },
  },
  '/v1/audio/speech': {
    path: '/v1/audio/speech',
    provider: 'openai',
    body: { voice: 'alloy', input: '@other@', instructions: '@other@' },
  },
  '/v1/audio/transcriptions': {
    path: '/v1/audio/transcriptions',
    provider: 'openai',
    stream: { stream: 'true' },
    body: { prompt: '@other@' },
    form: { field: 'file', fileName: '@file-name@.wav' },
  },
  '/v1/audio/translations': {
    path: '/v1/audio/translations',
    provider: 'openai',
    body: { prompt: '@other@' },
    form: { field: 'file', fileName: '@file-name@.wav' },
  },
}
