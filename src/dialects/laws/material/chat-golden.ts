import type { Json, JsonObject } from '../../../canonical/json.ts'
import type { GoldenCase } from '../material.ts'

/** Our own cases in OpenAI's Chat Completions, named by the behaviour they show. Shapes: OpenAI API description 2.3.0. */
export const chatGolden: readonly GoldenCase[] = [
  {
    name: 'plain-text',
    call: call([{ role: 'user', content: 'Grüße, 世界 😀' }]),
    answer: answer({ role: 'assistant', content: 'Hello.' }, 'stop'),
    stream: stream([
      delta({ role: 'assistant', content: '' }),
      delta({ content: 'Hel' }),
      delta({ content: 'lo.' }),
      finish('stop'),
    ]),
  },
  {
    name: 'system-and-developer-anywhere',
    call: call([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Why?' },
      { role: 'assistant', content: 'Because.' },
      {
        role: 'developer',
        content: [
          { type: 'text', text: 'Be kind.' },
          { type: 'text', text: 'Be exact.' },
        ],
      },
      { role: 'user', content: 'And now?', name: 'ada' },
    ]),
  },
  {
    name: 'pictures-in-every-spelling',
    call: call([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What is this?' },
          { type: 'image_url', image_url: { url: `data:image/png;base64,${pixel()}`, detail: 'low' } },
          { type: 'image_url', image_url: { url: 'https://example.com/cat.webp', detail: 'auto' } },
          { type: 'image_url', image_url: { url: 'https://example.com/paper.pdf' } },
          { type: 'image_url', image_url: { url: 'data:application/pdf;base64,JVBERi0xLjQK' } },
        ],
      },
    ]),
  },
  {
    name: 'files-and-sound',
    call: call([
      {
        role: 'user',
        content: [
          { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBERi0xLjQK' } },
          { type: 'file', file: { file_id: 'file-1' } },
          { type: 'input_audio', input_audio: { data: 'UklGRg==', format: 'wav' } },
          { type: 'text', text: 'Compare.' },
        ],
      },
    ]),
  },
  {
    name: 'parallel-tool-calls',
    call: call(
      [
        { role: 'user', content: 'Weather in Bonn and Ulm?' },
        {
          role: 'assistant',
          content: null,
          tool_calls: [toolCall('c1', 'weather', '{"city":"Bonn"}'), toolCall('c2', 'weather', '{"city": "Ulm"}')],
        },
        { role: 'tool', tool_call_id: 'c1', content: '12 degrees' },
        {
          role: 'tool',
          tool_call_id: 'c2',
          content: [
            { type: 'text', text: '13' },
            { type: 'text', text: ' degrees' },
          ],
        },
      ],
      { tools: [weather()] },
    ),
    answer: answer(
      {
        role: 'assistant',
        content: 'I look.',
        tool_calls: [toolCall('c1', 'weather', '{"city":"Bonn"}'), toolCall('c2', 'weather', '{}')],
        refusal: null,
      },
      'tool_calls',
    ),
    stream: stream([
      delta({ role: 'assistant', content: 'I look.' }),
      delta({ tool_calls: [{ index: 0, id: 'c1', type: 'function', function: { name: 'weather', arguments: '' } }] }),
      delta({ tool_calls: [{ index: 0, function: { arguments: '{"city":' } }] }),
      delta({ tool_calls: [{ index: 0, function: { arguments: '"Bonn"}' } }] }),
      delta({ tool_calls: [{ index: 1, id: 'c2', type: 'function', function: { name: 'weather', arguments: '{}' } }] }),
      finish('tool_calls'),
    ]),
  },
  {
    name: 'parallel-tool-calls-mixed',
    stream: stream([
      delta({ role: 'assistant', content: 'I look.' }),
      delta({ tool_calls: [{ index: 0, id: 'c1', type: 'function', function: { name: 'weather', arguments: '' } }] }),
      delta({ tool_calls: [{ index: 1, id: 'c2', type: 'function', function: { name: 'weather', arguments: '' } }] }),
      delta({ tool_calls: [{ index: 0, function: { arguments: '{"city":' } }] }),
      delta({ tool_calls: [{ index: 1, function: { arguments: '{"city":"U' } }] }),
      delta({ tool_calls: [{ index: 0, function: { arguments: '"Bonn"}' } }] }),
      delta({ tool_calls: [{ index: 1, function: { arguments: 'lm"}' } }] }),
      finish('tool_calls'),
    ]),
  },
  {
    name: 'empty-tool-arguments',
    call: call([
      { role: 'user', content: 'Go.' },
      { role: 'assistant', content: '', tool_calls: [toolCall('c1', 'go', '')] },
      { role: 'tool', tool_call_id: 'c1', content: '' },
    ]),
    answer: answer({ role: 'assistant', content: null, tool_calls: [toolCall('c1', 'go', '')] }, 'tool_calls'),
    stream: stream([
      delta({ tool_calls: [{ index: 0, id: 'c1', type: 'function', function: { name: 'go', arguments: '' } }] }),
      finish('tool_calls'),
    ]),
  },
  {
    name: 'tool-arguments-that-are-no-json',
    call: call([
      { role: 'user', content: 'Go.' },
      { role: 'assistant', content: 'Sure.', tool_calls: [toolCall('c1', 'go', '{"fast": tru')] },
      { role: 'tool', tool_call_id: 'c1', is_error: true, content: 'error: the arguments are no JSON' },
      { role: 'user', content: 'Again.' },
    ]),
    answer: answer({ role: 'assistant', content: null, tool_calls: [toolCall('c1', 'go', '{"fast": tru')] }, 'length'),
  },
  {
    name: 'text-between-tool-results',
    call: call([
      { role: 'user', content: 'Go.' },
      { role: 'assistant', tool_calls: [toolCall('c1', 'go', '{}')] },
      { role: 'tool', tool_call_id: 'c1', content: 'gone' },
      { role: 'user', content: 'Thanks. Once more.' },
      { role: 'assistant', tool_calls: [toolCall('c2', 'go', '{}')] },
      { role: 'tool', tool_call_id: 'c2', content: 'gone again' },
    ]),
  },
  {
    name: 'tools-and-a-named-choice',
    call: call([{ role: 'user', content: 'Go.' }], {
      tools: [
        weather(),
        { type: 'function', function: { name: 'bare' } },
        {
          type: 'function',
          function: {
            name: 'strict',
            strict: true,
            parameters: { type: 'object', $defs: {}, additionalProperties: false },
          },
        },
      ],
      tool_choice: { type: 'function', function: { name: 'strict' } },
      parallel_tool_calls: false,
    }),
  },
  {
    name: 'tools-must-be-used',
    call: call([hello()], { tools: [weather()], tool_choice: 'required', parallel_tool_calls: true }),
  },
  { name: 'tools-must-not-be-used', call: call([hello()], { tools: [weather()], tool_choice: 'none' }) },
  {
    name: 'tools-of-other-kinds',
    call: call([hello()], {
      tools: [
        weather(),
        { type: 'custom', custom: { name: 'shell', description: 'Runs.', format: { type: 'text' } } },
        { type: 'web_search' },
      ],
      tool_choice: {
        type: 'allowed_tools',
        allowed_tools: { mode: 'auto', tools: [{ type: 'function', function: { name: 'weather' } }] },
      },
      web_search_options: { search_context_size: 'low' },
    }),
  },
  {
    name: 'every-sampling-setting',
    call: call([hello()], {
      temperature: 0.3,
      top_p: 0.9,
      top_k: 40,
      min_p: 0.05,
      seed: 7,
      presence_penalty: 0.5,
      frequency_penalty: -0.5,
      logit_bias: { 50256: -100 },
      n: 2,
      logprobs: true,
      top_logprobs: 3,
      stop: ['END', 'STOP'],
      max_completion_tokens: 100,
    }),
    answer: {
      ...answer({ role: 'assistant', content: 'a' }, 'stop'),
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: 'One', refusal: null },
          logprobs: { content: [{ token: 'One', logprob: -0.1, bytes: [79], top_logprobs: [] }], refusal: null },
          finish_reason: 'stop',
        },
        {
          index: 1,
          message: { role: 'assistant', content: 'Two', refusal: null },
          logprobs: null,
          finish_reason: 'length',
        },
      ],
    },
    stream: stream([
      chunk([{ index: 0, delta: { role: 'assistant', content: 'O' }, finish_reason: null }]),
      chunk([{ index: 1, delta: { role: 'assistant', content: 'Tw' }, finish_reason: null }]),
      chunk([{ index: 0, delta: { content: 'ne' }, finish_reason: null }]),
      chunk([{ index: 1, delta: { content: 'o' }, finish_reason: null }]),
      chunk([{ index: 0, delta: {}, finish_reason: 'stop' }]),
      chunk([{ index: 1, delta: {}, finish_reason: 'length' }]),
    ]),
  },
  { name: 'temperature-above-one', call: call([hello()], { temperature: 1.6, stop: 'END', max_tokens: 20 }) },
  { name: 'both-output-caps', call: call([hello()], { max_tokens: 20, max_completion_tokens: 30 }) },
  {
    name: 'answer-by-a-schema',
    call: call([hello()], {
      response_format: {
        type: 'json_schema',
        json_schema: {
          name: 'person',
          description: 'One.',
          schema: { type: 'object', properties: { name: { type: 'string' } } },
          strict: true,
        },
      },
    }),
    answer: answer({ role: 'assistant', content: '{"name":"Ada"}' }, 'stop'),
  },
  { name: 'answer-in-json', call: call([hello()], { response_format: { type: 'json_object' }, verbosity: 'low' }) },
  { name: 'answer-in-text', call: call([hello()], { response_format: { type: 'text' }, modalities: ['text'] }) },
  {
    name: 'reasoning-effort',
    call: call([hello()], { reasoning_effort: 'high', max_completion_tokens: 2000 }),
    answer: answer({ role: 'assistant', content: 'Four.', reasoning_content: 'Two and two.' }, 'stop'),
    stream: stream([
      delta({ role: 'assistant', content: null, reasoning_content: 'Two and' }),
      delta({ reasoning_content: ' two.' }),
      delta({ content: 'Four.' }),
      finish('stop'),
    ]),
  },
  { name: 'reasoning-off', call: call([hello()], { reasoning_effort: 'none' }) },
  {
    name: 'reasoning-in-other-spellings',
    call: call([hello()], {
      reasoning: { effort: 'low', max_tokens: 500, exclude: false },
      thinking: { type: 'enabled', budget_tokens: 500 },
    }),
  },
  {
    name: 'thoughts-handed-back',
    call: call([
      { role: 'user', content: 'Two and two?' },
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'Easy.', signature: 'c2lnbmVk' },
          { type: 'redacted_thinking', data: 'b3BhcXVl' },
          { type: 'text', text: 'Four.' },
        ],
      },
      { role: 'assistant', content: 'Indeed.', reasoning_content: 'Checked.' },
      { role: 'user', content: 'Sure?' },
    ]),
  },
  {
    name: 'refusals',
    call: call([
      hello(),
      { role: 'assistant', content: [{ type: 'refusal', refusal: 'I will not.' }] },
      { role: 'assistant', content: null, refusal: 'Never.', audio: { id: 'audio_1' } },
      { role: 'user', content: 'Please.' },
    ]),
    answer: answer({ role: 'assistant', content: null, refusal: 'I will not.' }, 'stop'),
    stream: stream([delta({ role: 'assistant', refusal: 'I will' }), delta({ refusal: ' not.' }), finish('stop')]),
  },
  {
    name: 'labels-and-tiers',
    call: call([hello()], {
      metadata: { team: 'search' },
      user: 'u-1',
      safety_identifier: 's-1',
      prompt_cache_key: 'k',
      service_tier: 'flex',
      store: true,
    }),
    answer: {
      ...answer({ role: 'assistant', content: 'a' }, 'content_filter'),
      service_tier: 'flex',
      system_fingerprint: 'fp_1',
    },
  },
  {
    name: 'marks-of-a-prompt-cache',
    call: call(
      [
        { role: 'system', content: [{ type: 'text', text: 'Long.', cache_control: { type: 'ephemeral', ttl: '1h' } }] },
        { role: 'user', content: [{ type: 'text', text: 'Short.', cache_control: { type: 'ephemeral' } }] },
      ],
      { tools: [{ ...weather(), cache_control: { type: 'ephemeral' } }] },
    ),
  },
  {
    name: 'functions-before-there-were-tools',
    call: call(
      [
        hello(),
        { role: 'assistant', content: null, function_call: { name: 'go', arguments: '{}' } },
        { role: 'function', name: 'go', content: 'gone' },
      ],
      { functions: [{ name: 'go', description: 'Goes.', parameters: { type: 'object' } }], function_call: 'auto' },
    ),
  },
  {
    name: 'a-stream-with-usage',
    call: call([hello()], { stream: true, stream_options: { include_usage: true, include_obfuscation: false } }),
    stream: stream([delta({ role: 'assistant', content: 'Hi', obfuscation: 'x' }), finish('stop')]),
  },
  { name: 'a-stream-without-usage', call: call([hello()], { stream: true }) },
  {
    name: 'parts-that-nobody-knows',
    call: call(
      [
        {
          role: 'user',
          content: [
            { type: 'video_url', video_url: { url: 'https://example.com/v.mp4' } },
            { type: 'text', text: 'See.' },
          ],
        },
        { role: 'critic', content: 'Hm.' },
      ],
      { prediction: { type: 'content', content: 'Four.' }, audio: { voice: 'alloy', format: 'mp3' } },
    ),
  },
  {
    name: 'empty-contents',
    call: call([
      { role: 'user', content: '' },
      { role: 'assistant', content: [] },
      { role: 'user', content: [{ type: 'text', text: '' }] },
    ]),
    answer: answer({ role: 'assistant', content: '' }, 'stop'),
    stream: stream([delta({ role: 'assistant', content: '' }), finish('stop')]),
  },
  {
    name: 'sources-beside-the-text',
    answer: answer(
      {
        role: 'assistant',
        content: 'It rains.',
        annotations: [
          {
            type: 'url_citation',
            url_citation: { url: 'https://example.com', title: 'W', start_index: 0, end_index: 9 },
          },
        ],
      },
      'stop',
    ),
    stream: stream([
      delta({ role: 'assistant', content: 'It rains.' }),
      delta({ annotations: [{ type: 'url_citation', url_citation: { url: 'https://example.com', title: 'W' } }] }),
      finish('stop'),
    ]),
  },
  {
    name: 'an-ending-nobody-knows',
    answer: answer({ role: 'assistant', content: 'a' }, 'bored'),
    stream: stream([delta({ content: 'a' }), finish('bored')]),
  },
]

function call(messages: readonly Json[], members: JsonObject = {}): JsonObject {
  return { model: 'gpt-x', messages, ...members }
}

function hello(): JsonObject {
  return { role: 'user', content: 'Hello' }
}

function weather(): JsonObject {
  const parameters = {
    type: 'object',
    properties: { city: { type: 'string', description: 'Its name.' } },
    required: ['city'],
  }
  return { type: 'function', function: { name: 'weather', description: 'Tells the weather.', parameters } }
}

function toolCall(id: string, name: string, text: string): JsonObject {
  return { id, type: 'function', function: { name, arguments: text } }
}

function usage(): JsonObject {
  return {
    prompt_tokens: 20,
    completion_tokens: 10,
    total_tokens: 30,
    prompt_tokens_details: { cached_tokens: 4, cache_write_tokens: 2 },
    completion_tokens_details: { reasoning_tokens: 3 },
  }
}

function answer(message: JsonObject, reason: string): JsonObject {
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1_760_000_000,
    model: 'gpt-x-2026',
    choices: [{ index: 0, message, finish_reason: reason }],
    usage: usage(),
  }
}

function delta(members: JsonObject): JsonObject {
  return chunk([{ index: 0, delta: members, finish_reason: null }])
}

function finish(reason: string): JsonObject {
  return chunk([{ index: 0, delta: {}, finish_reason: reason }])
}

function chunk(choices: readonly Json[]): JsonObject {
  return { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1_760_000_000, model: 'gpt-x-2026', choices }
}

function stream(chunks: readonly JsonObject[]): string {
  const frames = [...chunks, { ...chunk([]), usage: usage() }].map((one) => `data: ${JSON.stringify(one)}\n\n`)
  return `${frames.join('')}data: [DONE]\n\n`
}

function pixel(): string {
  return 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
}
