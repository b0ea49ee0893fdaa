import type { Json, JsonObject } from '../../../canonical/json.ts'
import type { GoldenCase } from '../material.ts'

/** Our own cases in Cohere's chat, named by the behaviour they show. Shapes: cohere-ai 8.1.0, and what was recorded. */
export const cohereGolden: readonly GoldenCase[] = [
  {
    name: 'plain-text',
    call: call([user('Grüße, 世界 😀')]),
    answer: answer({ content: [text('Hello.')] }),
    stream: stream([...contentFrames(0, 'text', 'Hel', 'lo.')]),
  },
  { name: 'content-in-parts', call: call([user([text('And'), text('again.')])]) },
  {
    name: 'words-of-the-system',
    call: call([
      { role: 'system', content: 'Be brief.' },
      user('Why?'),
      { role: 'system', content: [text('Be kind.')] },
      user('Well?'),
    ]),
  },
  { name: 'only-the-system-speaks', call: call([{ role: 'system', content: 'Say hello.' }]) },
  {
    name: 'turns-of-one-role',
    call: call([user('And'), user('again.'), { role: 'assistant', content: 'Once' }]),
  },
  {
    name: 'pictures',
    call: call([
      user([
        text('Compare.'),
        { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=', detail: 'low' } },
        { type: 'image_url', image_url: { url: 'https://example.com/cat.webp' } },
      ]),
    ]),
  },
  {
    name: 'documents-beside-the-messages',
    call: call([user('Hi'), { role: 'assistant', content: 'Hello.' }, user('Who lives in the lake?')], {
      documents: [
        'Pike live in the lake.',
        { id: 'd1', data: { title: 'Fish', text: 'Carp live in the pond.' } },
        { data: { snippet: 'Eels live in the river.' } },
        { id: 'd2', data: { species: 'pike', place: 'lake' } },
        { data: 'Nothing lives in the well.' },
      ],
      citation_options: { mode: 'ACCURATE' },
    }),
    answer: answer({
      content: [text('Pike do.')],
      citations: [
        {
          start: 0,
          end: 4,
          text: 'Pike',
          sources: [{ type: 'document', id: 'doc:0', document: { id: 'doc:0', text: 'Pike live in the lake.' } }],
          type: 'TEXT_CONTENT',
          content_index: 0,
        },
      ],
    }),
    stream: stream([
      event('content-start', { index: 0, ...inMessage({ content: text('') }) }),
      event('content-delta', { index: 0, ...inMessage({ content: { text: 'Pike' } }) }),
      event('citation-start', {
        index: 0,
        ...inMessage({ citations: { start: 0, end: 4, text: 'Pike', sources: [], type: 'TEXT_CONTENT' } }),
      }),
      event('citation-end', { index: 0 }),
      event('content-delta', { index: 0, ...inMessage({ content: { text: ' do.' } }) }),
      event('content-end', { index: 0 }),
    ]),
  },
  {
    name: 'calls-after-a-plan',
    call: call(
      [
        user('Weather in Bonn and Ulm?'),
        {
          role: 'assistant',
          tool_plan: 'I look.',
          tool_calls: [toolCall('c1', '{"city":"Bonn"}'), toolCall('c2', '{"city":"Ulm"}')],
        },
        { role: 'tool', tool_call_id: 'c1', content: '12 degrees' },
        { role: 'tool', tool_call_id: 'c2', content: [text('13'), text('degrees')] },
      ],
      { tools: [weather()] },
    ),
    answer: answer(
      { tool_plan: 'I look.', tool_calls: [toolCall('c1', '{"city":"Bonn"}'), toolCall('c2', '{}')] },
      'TOOL_CALL',
    ),
    stream: stream(
      [
        event('tool-plan-delta', inMessage({ tool_plan: 'I ' })),
        event('tool-plan-delta', inMessage({ tool_plan: 'look.' })),
        ...callFrames(0, 'c1', '{"ci', 'ty":"Bonn"}'),
        ...callFrames(1, 'c2'),
      ],
      'TOOL_CALL',
    ),
  },
  {
    name: 'results-as-documents',
    call: call(
      [
        user('Weather?'),
        { role: 'assistant', tool_calls: [toolCall('c1', '{}')] },
        {
          role: 'tool',
          tool_call_id: 'c1',
          content: [
            { type: 'document', document: { id: 'r1', data: { degrees: 12, sky: ['grey', 'blue'] } } },
            text('as of noon'),
          ],
        },
      ],
      { tools: [weather()] },
    ),
  },
  {
    name: 'results-as-documents-of-text',
    call: call(
      [
        user('Weather?'),
        { role: 'assistant', tool_calls: [toolCall('c1', '{}')] },
        {
          role: 'tool',
          tool_call_id: 'c1',
          content: [
            { type: 'document', document: { data: '{"degrees": 12}' } },
            { type: 'document', document: { data: 'cloudy' } },
          ],
        },
      ],
      { tools: [weather()] },
    ),
  },
  {
    name: 'text-beside-calls',
    call: call(
      [
        user('Weather?'),
        { role: 'assistant', content: [text('')], tool_calls: [toolCall('c1', '{"city":"Bonn"}')] },
        { role: 'tool', tool_call_id: 'c1', content: '12' },
        { role: 'assistant', content: null, tool_calls: [toolCall('c2', '')] },
        { role: 'tool', tool_call_id: 'c2', content: '' },
      ],
      { tools: [weather()] },
    ),
  },
  {
    name: 'an-answer-handed-back-with-citations',
    call: call([
      user('Who?'),
      {
        role: 'assistant',
        content: [text('Pike do.')],
        citations: [{ start: 0, end: 4, text: 'Pike', sources: [{ type: 'tool', id: 'c1:0', tool_output: { a: 1 } }] }],
      },
      user('Sure?'),
    ]),
  },
  {
    name: 'strict-tools',
    call: call([user('Weather?')], { tools: [weather()], strict_tools: true, tool_choice: 'REQUIRED' }),
  },
  { name: 'no-tool', call: call([user('Talk.')], { tools: [weather()], tool_choice: 'NONE', strict_tools: false }) },
  {
    name: 'a-tool-without-parameters',
    call: call([user('Now?')], {
      tools: [{ type: 'function', function: { name: 'now', description: 'Tells it.', parameters: {} } }],
    }),
  },
  {
    name: 'thoughts',
    call: call(
      [
        user('Think.'),
        { role: 'assistant', content: [{ type: 'thinking', thinking: 'Hm.' }, text('Yes.')] },
        user('Sure?'),
      ],
      { model: 'command-a-reasoning-08-2025', thinking: { type: 'enabled', token_budget: 500 } },
    ),
    answer: answer({ content: [{ type: 'thinking', thinking: 'Hm.' }, text('Yes.')] }, 'COMPLETE', {
      billed_units: { input_tokens: 44, output_tokens: 1781 },
      tokens: { input_tokens: 1430, output_tokens: 1786, reasoning_tokens: 1516 },
      cached_tokens: 1360,
    }),
    stream: stream([...contentFrames(0, 'thinking', 'H', 'm.'), ...contentFrames(1, 'text', 'Yes.')]),
  },
  {
    name: 'thinking-off',
    call: call([user('Quick.')], { model: 'command-a-reasoning-08-2025', thinking: { type: 'disabled' } }),
  },
  {
    name: 'every-wish',
    call: call([user('Say.')], {
      max_tokens: 256,
      temperature: 0.5,
      p: 0.9,
      k: 40,
      seed: 7,
      frequency_penalty: 0.2,
      stop_sequences: ['END'],
      safety_mode: 'STRICT',
      priority: 3,
      stream: false,
    }),
    answer: answer({ content: [text('One')] }, 'STOP_SEQUENCE'),
  },
  { name: 'json-without-a-schema', call: call([user('JSON.')], { response_format: { type: 'json_object' } }) },
  {
    name: 'json-by-a-schema',
    call: call([user('Fill in.')], {
      response_format: {
        type: 'json_object',
        json_schema: { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] },
      },
    }),
  },
  {
    name: 'text-as-the-format',
    call: call([user('Hi')], { response_format: { type: 'text' }, presence_penalty: 0.5 }),
  },
  {
    name: 'odds',
    call: call([user('Hi')], { logprobs: true }),
    answer: {
      ...answer({ content: [text('Hello.')] }),
      logprobs: [
        { text: 'Hel', token_ids: [1], logprobs: [-0.1] },
        { text: 'lo.', token_ids: [2, 3], logprobs: [-0.2, -0.5] },
      ],
    },
    stream: stream([
      event('content-start', { index: 0, ...inMessage({ content: text('') }) }),
      event('content-delta', {
        index: 0,
        ...inMessage({ content: { text: 'Hello.' } }),
        logprobs: { text: 'Hello.', token_ids: [1], logprobs: [-0.1] },
      }),
      event('content-end', { index: 0 }),
    ]),
  },
  {
    name: 'cut-at-the-cap',
    answer: answer({ content: [text('Once upon')] }, 'MAX_TOKENS'),
    stream: stream(contentFrames(0, 'text', 'Once', ' upon'), 'MAX_TOKENS'),
  },
  {
    name: 'stopped-by-a-filter',
    answer: answer({ content: [text('Well')] }, 'ERROR_TOXIC'),
    stream: stream(contentFrames(0, 'text', 'Well'), 'ERROR_TOXIC'),
  },
  { name: 'an-ending-nobody-knows', answer: answer({ content: [text('And')] }, 'USER_CANCEL') },
  {
    name: 'parts-that-nobody-knows',
    call: call([user([text('Hear.'), { type: 'audio_url', audio_url: { url: 'https://example.com/a.wav' } }])], {
      tools: [weather(), { type: 'retrieval', retrieval: { index: 'i1' } }],
      raw_prompting: true,
    }),
    answer: answer({ content: [text('So.'), { type: 'chart', chart: { kind: 'pie' } }] }),
  },
  {
    name: 'only-tokens-are-counted',
    answer: answer({ content: [text('Hi.')] }, 'COMPLETE', {
      tokens: { input_tokens: 100, output_tokens: 7 },
      cached_tokens: 40,
    }),
  },
  {
    name: 'pictures-are-counted',
    answer: answer({ content: [text('A ruby.')] }, 'COMPLETE', {
      billed_units: { input_tokens: 267, output_tokens: 66 },
      tokens: { input_tokens: 34, output_tokens: 70, reasoning_tokens: 0, image_tokens: 259 },
      cached_tokens: 0,
    }),
  },
  {
    name: 'a-stream-without-names-of-events-and-done',
    stream: stream(contentFrames(0, 'text', 'Hi'))
      .replace(/^event: .*\n/gm, '')
      .replace('data: [DONE]\n\n', ''),
  },
]

function call(messages: readonly Json[], more: JsonObject = {}): JsonObject {
  return { model: 'command-a-03-2025', messages, ...more }
}

function user(content: Json): JsonObject {
  return { role: 'user', content }
}

function text(words: string): JsonObject {
  return { type: 'text', text: words }
}

function toolCall(id: string, argumentsText: string): JsonObject {
  return { id, type: 'function', function: { name: 'weather', arguments: argumentsText } }
}

function weather(): JsonObject {
  return {
    type: 'function',
    function: {
      name: 'weather',
      description: 'Tells the weather.',
      parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
    },
  }
}

function answer(message: JsonObject, reason = 'COMPLETE', usage: JsonObject = billed()): JsonObject {
  return { id: 'a1', message: { role: 'assistant', ...message }, finish_reason: reason, usage }
}

function billed(): JsonObject {
  return {
    billed_units: { input_tokens: 12, output_tokens: 7 },
    tokens: { input_tokens: 507, output_tokens: 10 },
    cached_tokens: 448,
  }
}

function event(type: string, members: JsonObject): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...members })}\n\n`
}

function inMessage(message: JsonObject): JsonObject {
  return { delta: { message } }
}

function contentFrames(index: number, kind: 'text' | 'thinking', ...pieces: readonly string[]): readonly string[] {
  return [
    event('content-start', { index, ...inMessage({ content: { type: kind, [kind]: '' } }) }),
    ...pieces.map((piece) => event('content-delta', { index, ...inMessage({ content: { [kind]: piece } }) })),
    event('content-end', { index }),
  ]
}

function callFrames(index: number, id: string, ...pieces: readonly string[]): readonly string[] {
  const argumentsOf = (piece: string) => inMessage({ tool_calls: { function: { arguments: piece } } })
  return [
    event('tool-call-start', { index, ...inMessage({ tool_calls: toolCall(id, '') }) }),
    ...pieces.map((piece) => event('tool-call-delta', { index, ...argumentsOf(piece) })),
    event('tool-call-end', { index }),
  ]
}

/** As Cohere sends it: with the undocumented `[DONE]` at its end. */
function stream(frames: readonly string[], reason = 'COMPLETE'): string {
  const message = { role: 'assistant', content: [], tool_plan: '', tool_calls: [], citations: [] }
  return [
    `event: message-start\ndata: ${JSON.stringify({ id: 'a1', type: 'message-start', ...inMessage(message) })}\n\n`,
    ...frames,
    event('message-end', { delta: { finish_reason: reason, usage: billed() } }),
    'data: [DONE]\n\n',
  ].join('')
}
