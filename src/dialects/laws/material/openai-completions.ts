import { isJsonObject, type Json } from '../../../canonical/json.ts'
import type { Accumulated, DocumentedDefault, Material, Repeated } from '../material.ts'
import { completionsGolden } from './completions-golden.ts'

/** Values that say what leaving the field out says. Source: OpenAI API description 2.3.0, where nothing else is named. */
const defaults: readonly DocumentedDefault[] = [
  { pattern: 'stream', values: [false], reason: 'default `false`' },
  { pattern: 'n', values: [1], reason: 'default 1' },
  { pattern: 'max_tokens', values: [16], reason: 'default 16' },
  { pattern: 'echo', values: [false], reason: 'default `false`' },
  { pattern: 'best_of', values: [1], reason: 'default 1' },
  { pattern: 'suffix', values: [''], reason: 'an empty text says nothing' },
  { pattern: 'prompt', values: [''], reason: 'an empty text says nothing' },
  { pattern: 'top_p', values: [1], reason: 'default 1' },
  { pattern: 'temperature', values: [1], reason: 'default 1' },
  { pattern: 'presence_penalty', values: [0], reason: 'default 0' },
  { pattern: 'frequency_penalty', values: [0], reason: 'default 0' },
  {
    pattern: 'stream_options.include_usage',
    values: [true, false],
    reason: 'the other dialect always tells usage; the relay gives it to a client that asked',
  },
  { pattern: 'logit_bias', values: [{}], reason: 'an empty object says nothing' },
  // Of answers.
  { pattern: 'object', values: ['text_completion'], reason: 'says what kind of object the whole is' },
  { pattern: 'choices[].index', values: 'place', reason: 'its place in the list says the same' },
  { pattern: 'choices[].text', values: [''], reason: 'an empty text says nothing' },
  {
    pattern: 'choices[].finish_reason',
    values: ['stop'],
    reason: 'an answer that does not say why it ended has ended by itself',
  },
  ...['usage.prompt_tokens_details.cached_tokens', 'usage.completion_tokens_details.reasoning_tokens'].map(
    (pattern): DocumentedDefault => ({ pattern, values: [0], reason: 'a count of 0 says that there is none' }),
  ),
]

/** What is said twice in one object. */
const repeated: readonly Repeated[] = [
  { pattern: 'usage.total_tokens', beside: ['prompt_tokens'] },
  { pattern: 'usage.prompt_tokens', beside: ['total_tokens'] },
  { pattern: 'usage.completion_tokens', beside: ['total_tokens'] },
  { pattern: 'best_of', beside: ['n'] },
  { pattern: 'choices[].native_finish_reason', beside: ['finish_reason'] },
]

export const completionsMaterial: Material = {
  apis: ['completions'],
  leftOut: { '909c041ff4ce02af': 'a prompt template of Portkey, whose answer is a chat completion' },
  golden: completionsGolden,
  freeFormInAnswers: [['choices', '*', 'logprobs']],
  defaults,
  repeated,
  accumulate,
}

/** As `openai` gives them: its stream is the chunks themselves, whose texts are added up. */
function accumulate(frames: readonly Json[]): readonly Accumulated[] {
  const choices: { text: string; thoughts: string; readonly toolCalls: readonly [] }[] = []
  for (const chunk of frames) {
    const list = isJsonObject(chunk) ? chunk['choices'] : undefined
    for (const choice of Array.isArray(list) ? list : []) {
      if (!isJsonObject(choice)) continue
      const { index, text, reasoning } = choice
      const said = (choices[typeof index === 'number' ? index : 0] ??= { text: '', thoughts: '', toolCalls: [] })
      if (typeof text === 'string') said.text += text
      if (typeof reasoning === 'string') said.thoughts += reasoning
    }
  }
  return choices
}
