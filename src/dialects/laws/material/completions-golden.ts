import type { Json, JsonObject } from '../../../canonical/json.ts'
import type { GoldenCase } from '../material.ts'

/** Our own cases in OpenAI's Completions, named by the behaviour they show. Shapes: OpenAI API description 2.3.0. */
export const completionsGolden: readonly GoldenCase[] = [
  {
    name: 'one-prompt',
    call: call('Grüße, 世界 😀', { max_tokens: 20 }),
    answer: answer([choice('Hello.', 'stop')]),
    stream: stream([piece('Hel'), piece('lo.'), piece('', 'stop')]),
  },
  { name: 'one-prompt-in-a-list', call: call(['Say hello.']), answer: answer([choice('Hi\n', 'length')]) },
  { name: 'no-prompt', call: { model: 'm', max_tokens: 5 }, answer: answer([choice('The', 'length')]) },
  { name: 'a-prompt-that-is-null', call: { model: 'm', prompt: null } },
  { name: 'an-empty-prompt', call: call('') },
  { name: 'an-empty-list-of-prompts', call: call([]) },
  {
    name: 'several-prompts-and-choices',
    call: call(['one', 'two'], { n: 2 }),
    answer: answer([
      choice('a', 'stop'),
      choice('b', 'length', { index: 1 }),
      choice('c', 'stop', { index: 2 }),
      choice('', 'stop', { index: 3 }),
    ]),
    stream: stream([
      piece('a'),
      piece('b', null, { index: 1 }),
      piece('c', 'stop', { index: 2 }),
      piece('', 'stop', { index: 3 }),
      piece('', 'stop'),
      piece('', 'length', { index: 1 }),
    ]),
  },
  { name: 'token-numbers', call: call([15_339, 1917]) },
  { name: 'several-prompts-of-token-numbers', call: call([[15_339], [1917, 0]]) },
  { name: 'prompts-of-both-kinds', call: call(['a', [1917]]) },
  { name: 'fill-in-before-a-suffix', call: call('def fib(n):', { suffix: '\n    return b', max_tokens: 64 }) },
  {
    name: 'echo-and-odds',
    call: call('Say hello.', { echo: true, logprobs: 2, max_tokens: 0 }),
    answer: answer([choice('Say hello.', 'length', { logprobs: odds() })]),
    stream: stream([piece('Say hello.', null, { logprobs: odds() }), piece('', 'length')]),
  },
  { name: 'odds-of-the-tokens-alone', call: call('a', { logprobs: 0 }) },
  { name: 'best-of', call: call('a', { best_of: 4, n: 2 }) },
  { name: 'best-of-as-many-as-are-told', call: call('a', { best_of: 2, n: 2 }) },
  {
    name: 'every-sampling-wish',
    call: call('a', {
      temperature: 0.3,
      top_p: 0.9,
      seed: 7,
      presence_penalty: 0.5,
      frequency_penalty: -0.5,
      logit_bias: { '50256': -100 },
      stop: ['\n\n', 'END'],
      user: 'ada',
      n: 2,
    }),
  },
  { name: 'a-single-stop', call: call('a', { stop: '\n' }) },
  { name: 'wishes-of-vllm', call: call('a', { top_k: 40, min_p: 0.05, ignore_eos: true, guided_choice: ['x', 'y'] }) },
  { name: 'null-everywhere', call: call('a', { suffix: null, logprobs: null, stop: null, user: null, seed: null }) },
  {
    name: 'usage-in-a-stream',
    call: call('a', { stream: true, stream_options: { include_usage: true } }),
    stream: stream([piece('b', 'stop', {}, { usage: null }), chunk([], { usage: usage() })]),
  },
  { name: 'usage-not-wanted-in-a-stream', call: call('a', { stream: true, stream_options: { include_usage: false } }) },
  {
    name: 'the-end-said-twice',
    stream: stream([piece('lots', 'length'), piece('', 'length'), chunk([], { usage: usage() })]),
  },
  {
    name: 'usage-without-completion',
    answer: { ...answer([choice('', 'stop')]), usage: { prompt_tokens: 11, total_tokens: 11 } },
  },
  { name: 'ended-by-the-filter', answer: answer([choice('I', 'content_filter')]) },
  {
    name: 'the-stop-that-was-found',
    answer: answer([choice('a', 'stop', { stop_reason: '\n\n' })]),
    stream: stream([piece('a', 'stop', { stop_reason: '\n\n' })]),
  },
  { name: 'a-reason-nobody-knows', answer: answer([choice('a', 'abort')]) },
  {
    name: 'thoughts-beside-the-text',
    answer: answer([choice('4', 'stop', { reasoning: '2+2', native_finish_reason: 'end_turn' })]),
    stream: stream([piece('', null, { reasoning: '2+2' }), piece('4', 'stop')]),
  },
  {
    name: 'cached-and-reasoned-tokens',
    answer: {
      ...answer([choice('a', 'stop')]),
      usage: {
        ...usage(),
        prompt_tokens_details: { cached_tokens: 2 },
        completion_tokens_details: { reasoning_tokens: 1 },
      },
    },
  },
]

function call(prompt: Json, more: JsonObject = {}): JsonObject {
  return { model: 'gpt-3.5-turbo-instruct', prompt, ...more }
}

function choice(text: string, reason: string, more: JsonObject = {}): JsonObject {
  return { text, index: 0, logprobs: null, finish_reason: reason, ...more }
}

function answer(choices: readonly JsonObject[]): JsonObject {
  return { ...head(), choices, usage: usage() }
}

function usage(): JsonObject {
  return { prompt_tokens: 5, completion_tokens: 3, total_tokens: 8 }
}

function head(): JsonObject {
  return {
    id: 'cmpl-1',
    object: 'text_completion',
    created: 1_755_097_719,
    model: 'gpt-3.5-turbo-instruct:20230824-v2',
  }
}

function piece(text: string, reason: string | null = null, more: JsonObject = {}, outer: JsonObject = {}): JsonObject {
  return chunk([{ text, index: 0, logprobs: null, finish_reason: reason, ...more }], outer)
}

function chunk(choices: readonly JsonObject[], more: JsonObject = {}): JsonObject {
  return { ...head(), choices, ...more }
}

function stream(chunks: readonly JsonObject[]): string {
  return [...chunks.map((one) => JSON.stringify(one)), '[DONE]'].map((data) => `data: ${data}\n\n`).join('')
}

function odds(): JsonObject {
  return {
    tokens: ['Say', ' hello', '.'],
    token_logprobs: [null, -2.5, -0.1],
    top_logprobs: [null, { ' hello': -2.5 }, { '.': -0.1 }],
    text_offset: [0, 3, 9],
  }
}
