import type { Json, JsonObject } from '../../../canonical/json.ts'
import type { GoldenCase } from '../material.ts'

/** Our own cases in Ollama's chat, named by the behaviour they show. Shapes: Ollama, docs/api.md and api/types.go, read 2026-11. */
export const ollamaGolden: readonly GoldenCase[] = [
  {
    name: 'plain-text',
    call: call([{ role: 'user', content: 'Grüße, 世界 😀' }]),
    answer: answer({ content: 'Hello.' }),
    stream: stream([piece({ content: 'Hel' }), piece({ content: 'lo.' }), last()]),
  },
  {
    name: 'a-stream-unless-it-says-no',
    call: { model: 'llama3.2', messages: [{ role: 'user', content: 'Hi' }] },
    stream: stream([piece({ content: 'Hi' }), last({ done_reason: 'length' })]),
  },
  {
    name: 'system-in-between',
    call: call([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Why?' },
      { role: 'assistant', content: 'Because.' },
      { role: 'system', content: 'Be kind.' },
      { role: 'user', content: 'And now?' },
    ]),
  },
  {
    name: 'pictures',
    call: call([
      {
        role: 'user',
        content: 'Which is larger?',
        images: [png(), '/9j/4AAQSkZJRg==', 'R0lGODlh', 'UklGRhIA', 'AAAA'],
      },
      { role: 'user', content: '', images: [] },
    ]),
  },
  {
    name: 'tools-with-ids',
    call: call(
      [
        { role: 'user', content: 'Weather in Bonn and Ulm?' },
        {
          role: 'assistant',
          content: '',
          thinking: 'Two calls.',
          tool_calls: [toolCall('weather', { city: 'Bonn' }, 'c1', 0), toolCall('weather', { city: 'Ulm' }, 'c2', 1)],
        },
        { role: 'tool', content: '12 degrees', tool_name: 'weather', tool_call_id: 'c1' },
        { role: 'tool', content: '13 degrees', tool_name: 'weather', tool_call_id: 'c2' },
      ],
      { tools: [weather()] },
    ),
    answer: answer({ content: '', tool_calls: [toolCall('weather', { city: 'Bonn' }, 'c3', 0)] }),
    stream: stream([
      piece({ thinking: 'I must ' }),
      piece({ thinking: 'call.' }),
      piece({ content: '', tool_calls: [toolCall('weather', { city: 'Bonn' }, 'c3', 0)] }),
      piece({ content: '', tool_calls: [toolCall('weather', { city: 'Ulm' }, 'c4', 1)] }),
      last(),
    ]),
  },
  {
    name: 'tools-without-ids',
    call: call(
      [
        { role: 'user', content: 'Weather and time in Bonn?' },
        { role: 'assistant', content: '', tool_calls: [toolCall('weather', { city: 'Bonn' }), toolCall('now', {})] },
        { role: 'tool', content: '12:00', tool_name: 'now' },
        { role: 'tool', content: '12 degrees' },
      ],
      { tools: [weather(), { type: 'function', function: { name: 'now', parameters: { type: 'object' } } }] },
    ),
    answer: answer({
      content: 'Let me see.',
      tool_calls: [toolCall('weather', { city: 'Bonn' }), toolCall('now', {})],
    }),
    stream: stream([
      piece({ content: 'Let me see.' }),
      piece({ content: '', tool_calls: [toolCall('now', {})] }),
      last(),
    ]),
  },
  {
    name: 'results-by-the-name-of-the-tool',
    call: call([
      { role: 'assistant', content: '', tool_calls: [toolCall('weather', { city: 'Bonn' })] },
      { role: 'user', content: 'Ulm, I mean.' },
      { role: 'assistant', content: '', tool_calls: [toolCall('now', {}), toolCall('weather', { city: 'Ulm' })] },
      { role: 'tool', content: '12 degrees', name: 'weather' },
      { role: 'tool', content: '12:00', name: 'now' },
    ]),
  },
  { name: 'a-result-nobody-asked-for', call: call([{ role: 'tool', content: 'Sunny.' }]) },
  {
    name: 'a-picture-as-a-result',
    call: call([
      { role: 'assistant', content: '', tool_calls: [toolCall('look', {}, 'c1')] },
      { role: 'tool', content: 'see', images: [png()], tool_call_id: 'c1' },
    ]),
  },
  { name: 'json', call: call([{ role: 'user', content: 'A city as JSON.' }], { format: 'json' }) },
  {
    name: 'a-schema',
    call: call([{ role: 'user', content: 'A city.' }], {
      format: { type: 'object', properties: { name: { type: 'string', description: 'its name' } }, required: ['name'] },
    }),
    answer: answer({ content: '{"name":"Bonn"}' }),
  },
  { name: 'no-format', call: call([{ role: 'user', content: 'Hi' }], { format: '', keep_alive: null, options: {} }) },
  {
    name: 'every-option',
    call: call([{ role: 'user', content: 'Hi' }], {
      options: {
        num_predict: 64,
        temperature: 0.3,
        top_p: 0.9,
        top_k: 40,
        min_p: 0.05,
        stop: ['\n\n', 'END'],
        seed: 7,
        presence_penalty: 0.5,
        frequency_penalty: -0.5,
        num_ctx: 8192,
        repeat_penalty: 1.1,
        num_gpu: 1,
      },
      keep_alive: '5m',
    }),
  },
  { name: 'no-cap', call: call([{ role: 'user', content: 'Hi' }], { options: { num_predict: -1 } }) },
  { name: 'to-think', call: call([{ role: 'user', content: 'Hi' }], { think: true }) },
  { name: 'not-to-think', call: call([{ role: 'user', content: 'Hi' }], { think: false }) },
  { name: 'how-much-to-think', call: call([{ role: 'user', content: 'Hi' }], { think: 'high' }) },
  {
    name: 'odds',
    call: call([{ role: 'user', content: 'Hi' }], { logprobs: true, top_logprobs: 2 }),
    answer: { ...answer({ content: 'Hi' }), logprobs: odds('Hi') },
    stream: stream([{ ...piece({ content: 'Hi' }), logprobs: odds('Hi') }, last()]),
  },
  {
    name: 'odds-beside-calls',
    answer: {
      ...answer({ content: 'Hi', tool_calls: [toolCall('now', {}, 'c1', 0)] }),
      logprobs: odds('Hi'),
    },
    stream: stream([
      { ...piece({ content: '', tool_calls: [toolCall('now', {}, 'c1', 0)] }), logprobs: odds('now') },
      last(),
    ]),
  },
  {
    name: 'thoughts',
    call: call([
      { role: 'user', content: '2+2?' },
      { role: 'assistant', content: '4', thinking: 'Easy.' },
      { role: 'user', content: 'Sure?' },
    ]),
    answer: answer({ content: 'Yes.', thinking: 'Still easy.' }),
    stream: stream([
      piece({ content: '', thinking: 'Still ' }),
      piece({ content: '', thinking: 'easy.' }),
      piece({ content: 'Yes.' }),
      last(),
    ]),
  },
  {
    name: 'a-stranger',
    call: call([{ role: 'critic', content: 'No.' }, { content: 'Who?' }, { role: 'user', content: 'Hi' }]),
  },
  { name: 'a-tool-of-another-kind', call: call([{ role: 'user', content: 'Hi' }], { tools: [{ type: 'browser' }] }) },
  {
    name: 'cut-by-the-cap',
    answer: answer({ content: 'It' }, { done_reason: 'length' }),
  },
  { name: 'a-model-that-was-loaded', answer: loaded() },
  {
    name: 'a-prompt-that-is-not-counted-again',
    answer: {
      ...head(),
      message: { role: 'assistant', content: 'Hi' },
      done_reason: 'stop',
      done: true,
      eval_count: 79,
    },
  },
  {
    name: 'an-answer-from-the-cloud',
    answer: answer({ content: 'Hi' }, { remote_model: 'gpt-oss:120b', remote_host: 'https://ollama.com:443' }),
  },
]

function call(messages: readonly JsonObject[], more: JsonObject = {}): JsonObject {
  return { model: 'llama3.2', messages, stream: false, ...more }
}

function head(): JsonObject {
  return { model: 'llama3.2', created_at: '2026-08-07T06:08:46.460387Z' }
}

function answer(message: JsonObject, more: JsonObject = {}): JsonObject {
  return { ...head(), message: { role: 'assistant', ...message }, ...ending(), ...more }
}

function ending(): JsonObject {
  return {
    done: true,
    done_reason: 'stop',
    total_duration: 1_671_921_584,
    load_duration: 140_923_875,
    prompt_eval_count: 26,
    prompt_eval_duration: 155_740_000,
    eval_count: 14,
    eval_duration: 1_361_034_000,
  }
}

function loaded(): JsonObject {
  return { ...head(), message: { role: 'assistant', content: '' }, done_reason: 'load', done: true }
}

function piece(message: JsonObject): JsonObject {
  return { ...head(), message: { role: 'assistant', ...message }, done: false }
}

function last(more: JsonObject = {}): JsonObject {
  return answer({ content: '' }, more)
}

/** Within the house lines are server-sent events. */
function stream(lines: readonly JsonObject[]): string {
  return lines.map((line) => `data: ${JSON.stringify(line)}\n\n`).join('')
}

function toolCall(name: string, given: JsonObject, id?: string, index?: number): JsonObject {
  return {
    ...(id !== undefined && { id }),
    function: { ...(index !== undefined && { index }), name, arguments: given },
  }
}

function weather(): JsonObject {
  return {
    type: 'function',
    function: {
      name: 'weather',
      description: 'The weather of a city.',
      parameters: {
        type: 'object',
        required: ['city'],
        properties: { city: { type: 'string', description: 'Its name.' } },
      },
    },
  }
}

function odds(token: string): Json {
  return [{ token, logprob: -0.1, bytes: [72, 105], top_logprobs: [{ token, logprob: -0.1, bytes: [72, 105] }] }]
}

function png(): string {
  return 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
}
