import type { Json, JsonObject } from '../../../canonical/json.ts'
import type { GoldenCase } from '../material.ts'

/** Our own cases in Anthropic's Messages, named by the behaviour they show. Shapes: @anthropic-ai/sdk 1.12.0. */
export const messagesGolden: readonly GoldenCase[] = [
  {
    name: 'plain-text',
    call: call([{ role: 'user', content: 'Grüße, 世界 😀' }]),
    answer: answer([text('Hello.')], 'end_turn'),
    stream: stream([block({ type: 'text', text: '' }, textDelta('Hel'), textDelta('lo.'))], 'end_turn'),
  },
  {
    name: 'system-as-blocks',
    call: call([hello()], {
      system: [text('Be brief.'), { ...text('Be kind.'), cache_control: { type: 'ephemeral', ttl: '1h' } }],
    }),
  },
  { name: 'system-as-text', call: call([hello()], { system: 'Be brief.' }) },
  {
    name: 'turns-of-one-role',
    call: call([
      hello(),
      { role: 'user', content: [text('And'), text('again.')] },
      { role: 'assistant', content: 'Once' },
    ]),
  },
  {
    name: 'pictures',
    call: call([
      {
        role: 'user',
        content: [
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' } },
          {
            type: 'image',
            source: { type: 'url', url: 'https://example.com/cat.webp' },
            cache_control: { type: 'ephemeral' },
          },
          { type: 'image', source: { type: 'file', file_id: 'file_1' } },
          text('Compare.'),
        ],
      },
    ]),
  },
  {
    name: 'documents',
    call: call([
      {
        role: 'user',
        content: [
          {
            type: 'document',
            source: { type: 'base64', media_type: 'application/pdf', data: 'JVBERi0xLjQK' },
            title: 'Paper',
            context: 'Of 2026.',
            citations: { enabled: true },
          },
          { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'Once upon a time.' } },
          { type: 'document', source: { type: 'url', url: 'https://example.com/paper.pdf' } },
          { type: 'document', source: { type: 'content', content: [text('Part one.')] } },
          text('Compare.'),
        ],
      },
    ]),
  },
  {
    name: 'parallel-tool-calls',
    call: call(
      [
        hello(),
        {
          role: 'assistant',
          content: [text('I look.'), toolUse('t1', { city: 'Bonn' }), toolUse('t2', { city: 'Ulm' })],
        },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 't1', content: '12 degrees' },
            { type: 'tool_result', tool_use_id: 't2', content: [text('13'), text(' degrees')] },
            text('Thanks.'),
          ],
        },
      ],
      { tools: [weather()] },
    ),
    answer: answer([text('I look.'), toolUse('t1', { city: 'Bonn' }), toolUse('t2', {})], 'tool_use'),
    stream: stream(
      [
        block({ type: 'text', text: '' }, textDelta('I look.')),
        block(toolUse('t1', {}), argumentsDelta('{"city":'), argumentsDelta('"Bonn"}')),
        block(toolUse('t2', {})),
      ],
      'tool_use',
    ),
  },
  {
    name: 'tool-results-with-pictures-and-errors',
    call: call([
      hello(),
      { role: 'assistant', content: [toolUse('t1', {}), toolUse('t2', {}), toolUse('t3', {})] },
      {
        role: 'user',
        content: [
          {
            type: 'tool_result',
            tool_use_id: 't1',
            content: [
              text('See.'),
              { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' } },
            ],
          },
          { type: 'tool_result', tool_use_id: 't2', is_error: true, content: 'it broke' },
          { type: 'tool_result', tool_use_id: 't3', is_error: false, cache_control: { type: 'ephemeral' } },
        ],
      },
    ]),
  },
  {
    name: 'tools-and-a-named-choice',
    call: call([hello()], {
      tools: [
        weather(),
        { name: 'bare', input_schema: { type: 'object' } },
        {
          type: 'custom',
          name: 'strict',
          strict: true,
          input_schema: { type: 'object', $defs: {} },
          cache_control: { type: 'ephemeral' },
        },
      ],
      tool_choice: { type: 'tool', name: 'strict', disable_parallel_tool_use: true },
    }),
  },
  { name: 'tools-must-be-used', call: call([hello()], { tools: [weather()], tool_choice: { type: 'any' } }) },
  { name: 'tools-must-not-be-used', call: call([hello()], { tools: [weather()], tool_choice: { type: 'none' } }) },
  {
    name: 'tools-as-it-likes',
    call: call([hello()], { tools: [weather()], tool_choice: { type: 'auto', disable_parallel_tool_use: false } }),
  },
  {
    name: 'tools-of-the-provider',
    call: call(
      [
        hello(),
        {
          role: 'assistant',
          content: [
            { type: 'server_tool_use', id: 's1', name: 'web_search', input: { query: 'rain' } },
            {
              type: 'web_search_tool_result',
              tool_use_id: 's1',
              content: [
                { type: 'web_search_result', url: 'https://example.com', title: 'W', encrypted_content: 'eA==' },
              ],
            },
            { ...text('It rains.'), citations: [citation()] },
          ],
        },
        hello(),
      ],
      { tools: [{ type: 'web_search_20250305', name: 'web_search', max_uses: 3, allowed_domains: ['example.com'] }] },
    ),
    answer: answer(
      [
        { type: 'server_tool_use', id: 's1', name: 'web_search', input: { query: 'rain' } },
        {
          type: 'web_search_tool_result',
          tool_use_id: 's1',
          content: [{ type: 'web_search_result', url: 'https://example.com', title: 'W', encrypted_content: 'eA==' }],
        },
        { ...text('It rains.'), citations: [citation()] },
      ],
      'end_turn',
    ),
    stream: stream(
      [
        block({ type: 'server_tool_use', id: 's1', name: 'web_search', input: {} }, argumentsDelta('{"query":"rain"}')),
        block({ type: 'web_search_tool_result', tool_use_id: 's1', content: [] }),
        block(
          { type: 'text', text: '', citations: [] },
          { type: 'citations_delta', citation: citation() },
          textDelta('It rains.'),
        ),
      ],
      'end_turn',
    ),
  },
  {
    name: 'every-sampling-setting',
    call: call([hello()], { temperature: 0.3, top_p: 0.9, top_k: 40, stop_sequences: ['END', 'STOP'] }),
    answer: { ...answer([text('a')], 'stop_sequence'), stop_sequence: 'END' },
    stream: stream([block({ type: 'text', text: '' }, textDelta('a'))], 'stop_sequence', 'END'),
  },
  {
    name: 'answer-by-a-schema',
    call: call([hello()], {
      output_config: {
        format: { type: 'json_schema', schema: { type: 'object', properties: { name: { type: 'string' } } } },
        effort: 'low',
      },
    }),
    answer: answer([text('{"name":"Ada"}')], 'end_turn'),
  },
  {
    name: 'thinking',
    call: call([hello()], { thinking: { type: 'enabled', budget_tokens: 1024 }, max_tokens: 2000 }),
    answer: answer([thinking(), { type: 'redacted_thinking', data: 'b3BhcXVl' }, text('Four.')], 'end_turn'),
    stream: stream(
      [
        block(
          { type: 'thinking', thinking: '', signature: '' },
          { type: 'thinking_delta', thinking: 'Two and' },
          { type: 'thinking_delta', thinking: ' two.' },
          { type: 'signature_delta', signature: 'c2lnbmVk' },
        ),
        block({ type: 'redacted_thinking', data: 'b3BhcXVl' }),
        block({ type: 'text', text: '' }, textDelta('Four.')),
      ],
      'end_turn',
    ),
  },
  { name: 'thinking-off', call: call([hello()], { thinking: { type: 'disabled' } }) },
  {
    name: 'thinking-as-it-likes',
    call: call([hello()], { thinking: { type: 'adaptive', display: 'summarized' }, output_config: { effort: 'max' } }),
  },
  {
    name: 'thoughts-handed-back',
    call: call([
      hello(),
      { role: 'assistant', content: [thinking(), { type: 'redacted_thinking', data: 'b3BhcXVl' }, toolUse('t1', {})] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't1', content: 'ok' }] },
    ]),
  },
  {
    name: 'thinking-between-tools',
    answer: answer([thinking(), toolUse('t1', { a: [1, 2] }), thinking(), text('Done.'), text('Really.')], 'end_turn'),
    stream: stream(
      [
        block({ type: 'thinking', thinking: '' }, { type: 'thinking_delta', thinking: 'One.' }),
        block(toolUse('t1', {}), argumentsDelta(''), argumentsDelta('{"a":[1,2]}')),
        block({ type: 'thinking', thinking: '' }, { type: 'thinking_delta', thinking: 'Two.' }),
        block({ type: 'text', text: '' }, textDelta('Done.')),
        block({ type: 'text', text: '' }, textDelta('Really.')),
      ],
      'end_turn',
    ),
  },
  {
    name: 'labels-and-tiers',
    call: call([hello()], {
      metadata: { user_id: 'u-1' },
      service_tier: 'standard_only',
      inference_geo: 'eu',
      container: 'container_1',
      cache_control: { type: 'ephemeral' },
    }),
    answer: answer([text('a')], 'refusal'),
  },
  {
    name: 'connectors-and-context',
    call: call([hello()], {
      mcp_servers: [{ type: 'url', url: 'https://example.com/mcp', name: 'm', authorization_token: 'none' }],
      context_management: { edits: [{ type: 'clear_tool_uses_20250919' }] },
    }),
  },
  {
    name: 'a-stream',
    call: call([hello()], { stream: true }),
    stream: stream([block({ type: 'text', text: '' }, textDelta('Hi'))], 'max_tokens'),
  },
  { name: 'a-paused-turn', answer: answer([text('Wait.')], 'pause_turn') },
  { name: 'a-full-context', answer: answer([text('And')], 'model_context_window_exceeded') },
  {
    name: 'an-ending-nobody-knows',
    answer: answer([text('a')], 'bored'),
    stream: stream([block({ type: 'text', text: '' }, textDelta('a'))], 'bored'),
  },
  {
    name: 'blocks-that-nobody-knows',
    call: call([{ role: 'user', content: [{ type: 'hologram', data: 'eA==' }, text('See.')] }]),
    answer: answer([{ type: 'hologram', data: 'eA==' }, text('See.')], 'end_turn'),
    stream: stream(
      [block({ type: 'hologram', data: 'eA==' }), block({ type: 'text', text: '' }, textDelta('See.'))],
      'end_turn',
    ),
  },
  {
    name: 'empty-contents',
    call: call([
      { role: 'user', content: '' },
      { role: 'assistant', content: [] },
      { role: 'user', content: [text('')] },
    ]),
    answer: answer([], 'end_turn'),
    stream: stream([], 'end_turn'),
  },
  {
    name: 'search-results',
    call: call([
      {
        role: 'user',
        content: [
          {
            type: 'search_result',
            source: 'https://example.com',
            title: 'W',
            content: [text('It rains.')],
            citations: { enabled: true },
          },
          { ...text('So?'), cache_control: { type: 'ephemeral', ttl: '5m' } },
        ],
      },
      { role: 'assistant', content: [toolUse('t1', {})] },
      {
        role: 'user',
        content: [
          {
            type: 'tool_result',
            tool_use_id: 't1',
            content: [{ type: 'search_result', source: 'notes', title: 'N', content: [text('Sun'), text('shine.')] }],
          },
        ],
      },
    ]),
  },
]

function call(messages: readonly Json[], members: JsonObject = {}): JsonObject {
  return { model: 'claude-x', max_tokens: 100, messages, ...members }
}

function hello(): JsonObject {
  return { role: 'user', content: 'Hello' }
}

function text(said: string): JsonObject {
  return { type: 'text', text: said }
}

function thinking(): JsonObject {
  return { type: 'thinking', thinking: 'Two and two.', signature: 'c2lnbmVk' }
}

function toolUse(id: string, input: JsonObject): JsonObject {
  return { type: 'tool_use', id, name: 'weather', input }
}

function weather(): JsonObject {
  const properties = { city: { type: 'string', description: 'Its name.' } }
  return {
    name: 'weather',
    description: 'Tells the weather.',
    input_schema: { type: 'object', properties, required: ['city'] },
  }
}

function citation(): JsonObject {
  return {
    type: 'web_search_result_location',
    url: 'https://example.com',
    title: 'W',
    encrypted_index: 'eA==',
    cited_text: 'rain',
  }
}

function usage(): JsonObject {
  return {
    input_tokens: 20,
    cache_read_input_tokens: 4,
    cache_creation_input_tokens: 3,
    cache_creation: { ephemeral_5m_input_tokens: 2, ephemeral_1h_input_tokens: 1 },
    output_tokens: 10,
    service_tier: 'standard',
  }
}

function answer(content: readonly Json[], reason: string): JsonObject {
  return {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude-x-2026',
    content,
    stop_reason: reason,
    stop_sequence: null,
    usage: usage(),
  }
}

function textDelta(said: string): JsonObject {
  return { type: 'text_delta', text: said }
}

function argumentsDelta(said: string): JsonObject {
  return { type: 'input_json_delta', partial_json: said }
}

interface StreamedBlock {
  readonly opening: JsonObject
  readonly deltas: readonly JsonObject[]
}

function block(opening: JsonObject, ...deltas: readonly JsonObject[]): StreamedBlock {
  return { opening, deltas }
}

function stream(blocks: readonly StreamedBlock[], reason: string, stopSequence: string | null = null): string {
  const message = { ...answer([], ''), stop_reason: null, usage: { ...usage(), output_tokens: 1 } }
  return [
    frame('message_start', { message }),
    frame('ping', {}),
    ...blocks.flatMap(({ opening, deltas }, index) => [
      frame('content_block_start', { index, content_block: opening }),
      ...deltas.map((delta) => frame('content_block_delta', { index, delta })),
      frame('content_block_stop', { index }),
    ]),
    frame('message_delta', {
      delta: { stop_reason: reason, stop_sequence: stopSequence },
      usage: { output_tokens: 10 },
    }),
    frame('message_stop', {}),
  ].join('')
}

function frame(type: string, members: JsonObject): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...members })}\n\n`
}
