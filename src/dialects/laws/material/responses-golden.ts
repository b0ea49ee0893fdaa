import type { Json, JsonObject } from '../../../canonical/json.ts'
import type { GoldenCase } from '../material.ts'
import {
  answer,
  call,
  callItem,
  event,
  functionCall,
  message,
  output,
  reasoning,
  streamOf,
  textEvents,
  user,
  weather,
} from './responses-words.ts'

/** Our own cases in OpenAI's Responses, named by the behaviour they show. Shapes: OpenAI API description 2.3.0. */
export const responsesGolden: readonly GoldenCase[] = [
  {
    name: 'plain-text',
    call: call('Grüße, 世界 😀'),
    answer: answer([message('Hello.')]),
    stream: streamOf([message('Hello.')], textEvents(0, 'Hel', 'lo.')),
  },
  {
    name: 'instructions-and-developer-anywhere',
    call: call(
      [
        user('Why?'),
        { role: 'assistant', content: 'Because.' },
        { role: 'developer', content: [part('Be kind.'), part('Be exact.')] },
        { role: 'system', content: 'Be brave.' },
        user('And now?'),
      ],
      { instructions: 'Be brief.' },
    ),
  },
  {
    name: 'pictures-and-files',
    call: call([
      {
        role: 'user',
        content: [
          part('What is this?'),
          { type: 'input_image', image_url: 'data:image/png;base64,iVBORw0KGgo=', detail: 'low' },
          { type: 'input_image', image_url: 'https://example.com/cat.webp', detail: 'auto' },
          { type: 'input_image', file_id: 'file-2', detail: 'high' },
          { type: 'input_file', filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBERi0xLjQK' },
          { type: 'input_file', file_url: 'https://example.com/b.pdf' },
          { type: 'input_file', file_id: 'file-1' },
        ],
      },
    ]),
  },
  {
    name: 'parallel-function-calls',
    call: call(
      [
        user('Weather in Bonn and Ulm?'),
        functionCall('c1', 'weather', '{"city":"Bonn"}'),
        functionCall('c2', 'weather', '{"city": "Ulm"}'),
        output('c1', '12 degrees'),
        output('c2', [part('13'), part(' degrees')]),
      ],
      { tools: [weather()], parallel_tool_calls: true },
    ),
    answer: answer([message('I look.'), callItem(1, '{"city":"Bonn"}'), callItem(2, '{}')]),
    stream: streamOf(
      [message('I look.'), callItem(1, '{"city":"Bonn"}')],
      [...textEvents(0, 'I look.'), ...callEvents(1, 1, '{"city":', '"Bonn"}')],
    ),
  },
  {
    name: 'empty-arguments',
    call: call([user('Go.'), functionCall('c1', 'go', ''), output('c1', '')]),
    answer: answer([callItem(0, '')]),
    stream: streamOf([callItem(0, '')], callEvents(0, 0)),
  },
  {
    name: 'arguments-that-are-no-json',
    call: call([user('Go.'), functionCall('c1', 'go', '{"fast": tru'), output('c1', 'no JSON'), user('Again.')]),
    answer: answer([callItem(0, '{"fast": tru')], { status: 'incomplete', incomplete_details: maxTokens() }),
  },
  {
    name: 'pictures-in-results',
    call: call([
      user('Look.'),
      functionCall('c1', 'look', '{}'),
      output('c1', [part('seen'), { type: 'input_image', image_url: 'https://example.com/a.png', detail: 'auto' }]),
    ]),
  },
  {
    name: 'a-thought-to-hand-back',
    call: call(
      [
        user('Think.'),
        reasoning('rs_1', ['Hm.', 'So.'], 'gAAAAB'),
        { ...message('Four.'), phase: 'final_answer' },
        user('Sure?'),
      ],
      { store: false, include: ['reasoning.encrypted_content'], reasoning: { effort: 'high', summary: 'auto' } },
    ),
    answer: answer([reasoning('rs_1', ['Hm.', 'So.'], 'gAAAAB'), message('Four.')]),
    stream: streamOf(
      [reasoning('rs_0', ['Hm.', 'So.'], 'gAAAAB'), message('Four.')],
      [...thoughtEvents('Hm.', 'So.'), ...textEvents(1, 'Four.')],
    ),
  },
  {
    name: 'a-thought-that-is-only-encrypted',
    call: call([user('Think.'), reasoning('rs_1', [], 'gAAAAB'), functionCall('c1', 'go', '{}'), output('c1', 'ok')]),
    answer: answer([reasoning('rs_1', [], 'gAAAAB'), callItem(1, '{}')]),
    stream: streamOf(
      [reasoning('rs_0', [], 'gAAAAB'), message('Four.')],
      [...emptyThought(reasoning('rs_0', [], 'gAAAAB')), ...textEvents(1, 'Four.')],
    ),
  },
  {
    name: 'an-open-thought',
    call: call([user('Think.'), { type: 'reasoning', id: 'rs_1', summary: [], content: [thoughtPart('Hm.')] }]),
    answer: answer([{ type: 'reasoning', id: 'rs_1', summary: [], content: [thoughtPart('Hm.')] }, message('Four.')]),
  },
  {
    name: 'a-thought-of-which-nothing-is-told',
    call: call([user('Think.'), { type: 'reasoning', id: 'rs_1', summary: [] }, message('Four.'), user('Sure?')]),
    answer: answer([{ type: 'reasoning', id: 'rs_1', summary: [] }, message('Four.')]),
    stream: streamOf(
      [reasoning('rs_0', []), message('Four.')],
      [...emptyThought(reasoning('rs_0', [])), ...textEvents(1, 'Four.')],
    ),
  },
  {
    name: 'tools-of-the-provider',
    call: call(
      [
        user('Search.'),
        { type: 'web_search_call', id: 'ws_1', status: 'completed', action: { type: 'search', query: 'weir' } },
        message('Found.'),
        user('More.'),
      ],
      {
        tools: [{ type: 'web_search', search_context_size: 'low' }, weather()],
        tool_choice: { type: 'web_search' },
        max_tool_calls: 3,
      },
    ),
    answer: answer([
      { type: 'web_search_call', id: 'ws_1', status: 'completed', action: { type: 'search', query: 'weir' } },
      message('Found.'),
    ]),
    stream: streamOf(
      [{ type: 'web_search_call', id: 'ws_0', status: 'completed', action: { type: 'search' } }, message('Found.')],
      [
        event('response.output_item.added', {
          output_index: 0,
          item: { type: 'web_search_call', id: 'ws_0', status: 'in_progress' },
        }),
        event('response.web_search_call.searching', { output_index: 0, item_id: 'ws_0' }),
        event('response.output_item.done', {
          output_index: 0,
          item: { type: 'web_search_call', id: 'ws_0', status: 'completed', action: { type: 'search' } },
        }),
        ...textEvents(1, 'Found.'),
      ],
    ),
  },
  {
    name: 'custom-tools-of-a-coding-agent',
    call: call(
      [
        user('Patch it.'),
        { type: 'custom_tool_call', id: 'ctc_1', call_id: 'c1', name: 'apply_patch', input: '*** Begin Patch' },
        { type: 'custom_tool_call_output', call_id: 'c1', output: 'Done!' },
        functionCall('c2', 'shell', '{"command":["ls"]}'),
        output('c2', 'a.ts'),
      ],
      {
        instructions: 'You are a coding agent.',
        tools: [
          {
            type: 'custom',
            name: 'apply_patch',
            description: 'Edits files.',
            format: { type: 'grammar', syntax: 'lark' },
          },
          { type: 'local_shell' },
          weather(),
        ],
        store: false,
        include: ['reasoning.encrypted_content'],
        prompt_cache_key: 'thread-1',
      },
    ),
    answer: answer([
      { type: 'custom_tool_call', id: 'ctc_1', call_id: 'c1', name: 'apply_patch', input: '*** Begin Patch' },
    ]),
  },
  {
    name: 'state-of-the-provider',
    call: call([{ type: 'item_reference', id: 'msg_1' }, user('Go on.')], {
      previous_response_id: 'resp_1',
      store: true,
      prompt: { id: 'pmpt_1', variables: { city: 'Bonn' } },
    }),
  },
  {
    name: 'tools-and-a-named-choice',
    call: call([user('Go.')], {
      tools: [
        weather(),
        { type: 'function', name: 'bare', parameters: null, strict: null },
        {
          type: 'function',
          name: 'strict',
          strict: true,
          parameters: { type: 'object', $defs: {}, additionalProperties: false },
        },
      ],
      tool_choice: { type: 'function', name: 'weather' },
      parallel_tool_calls: false,
    }),
  },
  { name: 'a-tool-is-required', call: call([user('Go.')], { tools: [weather()], tool_choice: 'required' }) },
  {
    name: 'sampling-and-labels',
    call: call([user('Go.')], {
      temperature: 0.5,
      top_p: 0.9,
      max_output_tokens: 300,
      user: 'ada',
      metadata: { run: '7' },
      service_tier: 'flex',
      truncation: 'disabled',
    }),
    answer: answer([message('Gone.')], { service_tier: 'flex', temperature: 0.5, metadata: { run: '7' } }),
  },
  {
    name: 'a-schema-for-the-answer',
    call: call([user('Go.')], {
      text: {
        format: { type: 'json_schema', name: 'gone', strict: true, schema: closedSchema() },
        verbosity: 'low',
      },
    }),
    answer: answer([message('{"ok":true}')]),
  },
  { name: 'any-json-for-the-answer', call: call([user('JSON.')], { text: { format: { type: 'json_object' } } }) },
  {
    name: 'odds',
    call: call([user('Go.')], { include: ['message.output_text.logprobs'], top_logprobs: 2 }),
    answer: answer([
      {
        ...message('Hi'),
        content: [{ type: 'output_text', text: 'Hi', annotations: [], logprobs: [odds('Hi')] }],
      },
    ]),
  },
  {
    name: 'sources-beside-the-text',
    call: call([user('Rain?'), cited('It rains.'), user('Sure?')]),
    answer: answer([cited('It rains.')]),
    stream: streamOf([cited('It rains.', 'msg_0')], textEvents(0, 'It rains.', citation())),
  },
  {
    name: 'a-refusal',
    call: call([user('Bad.'), { ...message(''), content: [{ type: 'refusal', refusal: 'No.' }] }, user('Please.')]),
    answer: answer([{ ...message(''), content: [{ type: 'refusal', refusal: 'No.' }] }]),
    stream: streamOf([{ ...message('', 'msg_0'), content: [{ type: 'refusal', refusal: 'No.' }] }], refusalEvents()),
  },
  {
    name: 'several-parts-and-messages',
    call: call([user('Go.'), { ...message('One. '), content: [said('One. '), said('Two.')] }, user('On.')]),
    answer: answer([
      { ...message('One. '), content: [said('One. '), said('Two.')] },
      { ...message('Three.', 'msg_2'), phase: 'commentary' },
    ]),
  },
  {
    name: 'cut-at-the-cap',
    answer: answer([message('Onc')], { status: 'incomplete', incomplete_details: maxTokens() }),
    stream: streamOf([message('Onc', 'msg_0')], textEvents(0, 'Onc'), {
      status: 'incomplete',
      incomplete_details: maxTokens(),
    }),
  },
  {
    name: 'stopped-by-a-filter',
    answer: answer([message('I')], { status: 'incomplete', incomplete_details: { reason: 'content_filter' } }),
  },
  {
    name: 'an-ending-nobody-knows',
    answer: answer([message('I')], { status: 'incomplete', incomplete_details: { reason: 'bored' } }),
  },
  {
    name: 'items-that-nobody-knows',
    call: call([user('Go.'), { type: 'dream', of: 'sheep' }, { role: 'critic', content: 'Hm.' }, user('On.')], {
      moderation: { model: 'omni' },
      include: ['dream.content'],
    }),
    answer: answer([{ type: 'dream', id: 'dr_1', of: 'sheep' }, message('Baa.')], { content_filters: [{ a: 1 }] }),
  },
  {
    name: 'empty-contents',
    call: call([user(''), { role: 'assistant', content: [] }, { role: 'user', content: [part('')] }]),
    answer: answer([message('')]),
    stream: streamOf([message('', 'msg_0')], textEvents(0, '')),
  },
  {
    name: 'a-mark-of-the-prompt-cache',
    call: call([
      { role: 'user', content: [{ ...part('Long.'), prompt_cache_breakpoint: { mode: 'explicit' } }, part('Short.')] },
    ]),
  },
  {
    name: 'a-stream-with-options',
    call: call([user('Hello')], { stream: true, stream_options: { include_obfuscation: false } }),
  },
]

function part(text: string): JsonObject {
  return { type: 'input_text', text }
}

function said(text: string): JsonObject {
  return { type: 'output_text', text, annotations: [], logprobs: [] }
}

function thoughtPart(text: string): JsonObject {
  return { type: 'reasoning_text', text }
}

function maxTokens(): JsonObject {
  return { reason: 'max_output_tokens' }
}

function closedSchema(): JsonObject {
  return { type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'], additionalProperties: false }
}

function odds(token: string): JsonObject {
  return { token, logprob: -0.1, bytes: [72, 105], top_logprobs: [] }
}

function citation(): JsonObject {
  return { type: 'url_citation', url: 'https://example.com', title: 'W', start_index: 0, end_index: 9 }
}

function cited(text: string, id = 'msg_1'): JsonObject {
  const content = [{ type: 'output_text', text, annotations: [citation()], logprobs: [] }]
  return { ...message(text, id), content }
}

function callEvents(place: number, number: number, ...pieces: readonly string[]): readonly JsonObject[] {
  const item = callItem(number, pieces.join(''))
  const inItem = { output_index: place, item_id: item['id'] ?? '' }
  return [
    event('response.output_item.added', {
      output_index: place,
      item: { ...item, status: 'in_progress', arguments: '' },
    }),
    ...pieces.map((delta) => event('response.function_call_arguments.delta', { ...inItem, delta })),
    event('response.function_call_arguments.done', { ...inItem, name: 'weather', arguments: pieces.join('') }),
    event('response.output_item.done', { output_index: place, item }),
  ]
}

function thoughtEvents(...paragraphs: readonly string[]): readonly JsonObject[] {
  const inItem = { output_index: 0, item_id: 'rs_0' }
  return [
    event('response.output_item.added', { output_index: 0, item: reasoning('rs_0', []) }),
    ...paragraphs.flatMap((text, place): readonly JsonObject[] => {
      const inSummary = { ...inItem, summary_index: place }
      return [
        event('response.reasoning_summary_part.added', { ...inSummary, part: { type: 'summary_text', text: '' } }),
        event('response.reasoning_summary_text.delta', { ...inSummary, delta: text }),
        event('response.reasoning_summary_text.done', { ...inSummary, text }),
        event('response.reasoning_summary_part.done', { ...inSummary, part: { type: 'summary_text', text } }),
      ]
    }),
    event('response.output_item.done', { output_index: 0, item: reasoning('rs_0', paragraphs, 'gAAAAB') }),
  ]
}

function emptyThought(item: JsonObject): readonly JsonObject[] {
  return [
    event('response.output_item.added', { output_index: 0, item: reasoning('rs_0', []) }),
    event('response.output_item.done', { output_index: 0, item }),
  ]
}

function refusalEvents(): readonly JsonObject[] {
  const inPart = { output_index: 0, item_id: 'msg_0', content_index: 0 }
  const whole: Json = { ...message('', 'msg_0'), content: [{ type: 'refusal', refusal: 'No.' }] }
  return [
    event('response.output_item.added', { output_index: 0, item: { ...message('', 'msg_0'), content: [] } }),
    event('response.content_part.added', { ...inPart, part: { type: 'refusal', refusal: '' } }),
    event('response.refusal.delta', { ...inPart, delta: 'No.' }),
    event('response.refusal.done', { ...inPart, refusal: 'No.' }),
    event('response.content_part.done', { ...inPart, part: { type: 'refusal', refusal: 'No.' } }),
    event('response.output_item.done', { output_index: 0, item: whole }),
  ]
}
