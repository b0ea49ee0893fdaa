import type { Replayed } from '../replay-upstream.ts'

/* Answers of providers that say what a test wants said, and what a client reads of them. */

/** The text that a client reads from a stream of either dialect. */
export function saidIn(sse: string): string {
  return dataOf(sse)
    .map(({ choices, delta }) => choices?.[0]?.delta?.content ?? delta?.text ?? '')
    .join('')
}

export function argumentsIn(sse: string): string {
  return dataOf(sse)
    .map(({ choices }) => choices?.[0]?.delta?.tool_calls?.[0]?.function?.arguments ?? '')
    .join('')
}

interface Chunk {
  readonly choices?: readonly {
    readonly delta?: {
      readonly content?: string | null
      readonly tool_calls?: readonly { readonly function?: { readonly arguments?: string } }[]
    }
  }[]
  readonly delta?: { readonly text?: string }
}

function dataOf(sse: string): readonly Chunk[] {
  return sse
    .split('\n')
    .filter((line) => line.startsWith('data: {'))
    .map((line) => JSON.parse(line.slice(6)) as Chunk)
}

export function json(body: unknown, status = 200): Replayed {
  return { status, headers: { 'content-type': 'application/json' }, body: Buffer.from(JSON.stringify(body)) }
}

export function completion(content: string | readonly object[], prompt_tokens = 3, completion_tokens = 2): Replayed {
  return json({
    id: 'c1',
    object: 'chat.completion',
    created: 1,
    model: 'm1',
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
    usage: { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens },
  })
}

/** Of two inputs. */
export const vectors = json({
  object: 'list',
  model: 'e1',
  data: [0, 1].map((index) => ({ object: 'embedding', index, embedding: [0.5] })),
  usage: { prompt_tokens: 3, total_tokens: 3 },
})

export function responseSaying(text: string): Replayed {
  return json({
    id: 'resp_1',
    object: 'response',
    created_at: 1,
    status: 'completed',
    model: 'm1',
    output: [
      {
        type: 'message',
        id: 'msg_1',
        role: 'assistant',
        status: 'completed',
        content: [{ type: 'output_text', text, annotations: [] }],
      },
    ],
    usage: { input_tokens: 3, output_tokens: 2, total_tokens: 5 },
  })
}

export const response = responseSaying('ok')

export function message(text: string): Replayed {
  return json({
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'c1',
    content: [{ type: 'text', text }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: 3, output_tokens: 2 },
  })
}

function sse(frames: readonly string[]): Replayed {
  const cuts: number[] = []
  let length = 0
  for (const frame of frames) cuts.push((length += Buffer.byteLength(frame)))
  return { status: 200, headers: { 'content-type': 'text/event-stream' }, body: Buffer.from(frames.join('')), cuts }
}

const chunk = (choices: readonly object[], more: object = {}) =>
  `data: ${JSON.stringify({ id: 'c1', object: 'chat.completion.chunk', created: 1, model: 'm1', choices, ...more })}\n\n`

const usage = { usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 } }

export function chunks(pieces: readonly string[]): Replayed {
  return chunksOf(pieces.map((text) => ({ index: 0, text })))
}

export function chunksOf(pieces: readonly { readonly index: number; readonly text: string }[]): Replayed {
  const indexes = [...new Set(pieces.map(({ index }) => index))]
  return sse([
    ...pieces.map(({ index, text }) => chunk([{ index, delta: { role: 'assistant', content: text } }])),
    ...indexes.map((index) => chunk([{ index, delta: {}, finish_reason: 'stop' }])),
    chunk([], usage),
    'data: [DONE]\n\n',
  ])
}

export function toolChunks(pieces: readonly string[]): Replayed {
  const call = (more: object) => chunk([{ index: 0, delta: { tool_calls: [{ index: 0, ...more }] } }])
  return sse([
    call({ id: 'call_1', type: 'function', function: { name: 'note', arguments: '' } }),
    ...pieces.map((text) => call({ function: { arguments: text } })),
    chunk([{ index: 0, delta: {}, finish_reason: 'tool_calls' }]),
    chunk([], usage),
    'data: [DONE]\n\n',
  ])
}

export function claudeStream(blocks: readonly (readonly ['text' | 'tool', readonly string[]])[]): Replayed {
  const event = (type: string, more: object) => `event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`
  return sse([
    event('message_start', {
      message: {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        model: 'c1',
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: { input_tokens: 3, output_tokens: 1 },
      },
    }),
    ...blocks.flatMap(([kind, pieces], index) => [
      event('content_block_start', {
        index,
        content_block:
          kind === 'text' ? { type: 'text', text: '' } : { type: 'tool_use', id: 'toolu_1', name: 'send', input: {} },
      }),
      ...pieces.map((text) =>
        event('content_block_delta', {
          index,
          delta: kind === 'text' ? { type: 'text_delta', text } : { type: 'input_json_delta', partial_json: text },
        }),
      ),
      event('content_block_stop', { index }),
    ]),
    event('message_delta', {
      delta: { stop_reason: 'tool_use', stop_sequence: null },
      usage: { output_tokens: 2 },
    }),
    event('message_stop', {}),
  ])
}
