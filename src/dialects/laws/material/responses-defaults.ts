import type { DocumentedDefault, Material, NeedlessPlace, Repeated } from '../material.ts'

/** Values that say what leaving the field out says. Source: OpenAI API description 2.3.0, where nothing else is named. */
export const responsesDefaults: readonly DocumentedDefault[] = [
  { pattern: 'service_tier', values: ['auto'], reason: 'default `auto`' },
  { pattern: 'tool_choice', values: ['auto'], reason: 'a model may use the tools that it is told of' },
  { pattern: 'stream', values: [false], reason: 'default `false`' },
  { pattern: 'background', values: [false], reason: 'default `false`' },
  {
    pattern: 'store',
    values: [false],
    reason: 'the other dialects store nothing',
  },
  { pattern: 'truncation', values: ['disabled'], reason: 'default `disabled`' },
  { pattern: 'tool_choice', values: ['auto'], reason: 'default `auto` where there are tools' },
  { pattern: 'top_p', values: [1], reason: 'default 1' },
  { pattern: 'text.format.type', values: ['text'], reason: 'default `text`' },
  {
    pattern: 'include[]',
    values: ['reasoning.encrypted_content'],
    reason: 'in the other dialects thoughts always come with what hands them back',
  },
  { pattern: 'parallel_tool_calls', values: [true], reason: 'default `true`' },
  { pattern: 'tools[].strict', values: [false], reason: 'default of the other dialects' },
  {
    pattern: 'text.format.strict',
    values: [true],
    reason: 'the other dialect always keeps to the schema',
  },
  { pattern: 'tools[].type', values: ['function'], reason: 'a tool of the client’s own can be nothing else' },
  {
    pattern: 'tools[].strict',
    values: [false],
    reason: 'the other dialects keep to a schema only where they are told to',
  },
  { pattern: 'parallel_tool_calls', values: [true], reason: 'default `true`' },
  { pattern: 'tools[].defer_loading', values: [false], reason: 'default `false`' },
  { pattern: 'tools[].format', values: [{ type: 'text' }], reason: 'default text' },
  { pattern: 'input[].type', values: ['message'], reason: 'an item with a role is a message' },
  { pattern: 'instructions', values: [''], reason: 'an empty text says nothing' },
  { pattern: 'input[].role', values: ['assistant', 'user'], reason: 'whoever says nothing need not be named' },
  { pattern: 'input[].content', values: [''], reason: 'an empty text says nothing' },
  {
    pattern: 'input[].content[].type',
    values: ['input_text', 'output_text', 'reasoning_text'],
    reason: 'what the item is tells it of an empty text or of a thought',
  },
  { pattern: 'input[].content[].text', values: [''], reason: 'an empty text says nothing' },
  { pattern: 'input[].content[].detail', values: ['auto'], reason: 'default `auto`' },
  { pattern: 'input[].output', values: [''], reason: 'an empty text says nothing' },
  { pattern: 'input[].output[].detail', values: ['auto'], reason: 'default `auto`' },
  ...['input[].summary[].type', 'output[].summary[].type'].map((pattern) => ({
    pattern,
    values: ['summary_text'],
    reason: 'a summary holds nothing else',
  })),
  { pattern: 'input[].arguments', values: ['', '{}'], reason: 'no arguments are empty arguments' },
  { pattern: 'input[].status', values: ['completed'], reason: 'an item that is handed back whole is complete' },
  // Of answers.
  { pattern: 'object', values: ['response'], reason: 'says what kind of object the whole is' },
  { pattern: 'status', values: ['completed'], reason: 'an answer that does not say why it ended has ended by itself' },
  { pattern: 'output[].type', values: ['reasoning', 'message'], reason: 'an item that tells nothing says nothing' },
  {
    pattern: 'output[].content[].type',
    values: ['output_text', 'reasoning_text'],
    reason: 'what the item is tells it of an empty text or of a thought',
  },
  { pattern: 'output[].content[].text', values: [''], reason: 'an empty text says nothing' },
  { pattern: 'output[].arguments', values: ['', '{}'], reason: 'no arguments are empty arguments' },
  { pattern: 'output[].role', values: ['assistant'], reason: 'an answer is always the assistant’s' },
  ...['input_tokens_details.cached_tokens', 'input_tokens_details.cache_write_tokens'].map((key) =>
    none(`usage.${key}`),
  ),
  ...['input_tokens', 'output_tokens', 'total_tokens', 'output_tokens_details.reasoning_tokens'].map((key) =>
    none(`usage.${key}`),
  ),
  none('usage.server_side_tool_usage_details.web_search_calls'),
]

export const responsesRepeated: readonly Repeated[] = [
  { pattern: 'usage.total_tokens', beside: ['input_tokens'] },
  { pattern: 'usage.input_tokens', beside: ['total_tokens'] },
  { pattern: 'usage.output_tokens', beside: ['total_tokens'] },
  { pattern: 'usage.server_side_tool_usage_details.web_search_calls', beside: ['../../output'] },
  // Either says that the odds are wanted.
  { pattern: 'include', beside: ['top_logprobs'] },
  { pattern: 'include[]', beside: ['../top_logprobs'] },
]

/** Members of an answer that repeat the call. */
const echoes = (
  'background conversation frequency_penalty instructions max_output_tokens max_tool_calls metadata parallel_tool_calls ' +
  'presence_penalty previous_response_id prompt prompt_cache_key prompt_cache_options prompt_cache_retention reasoning ' +
  'safety_identifier store temperature text tool_choice tools top_logprobs top_p truncation user'
).split(' ')

/** What nobody misses. */
export const responsesNeedless = {
  // Calls and their results find each other by `call_id`.
  call: [nameAtProvider('input[].id')],
  answer: [
    ...['output[].id', 'output[].item_id', 'output[].output_index'].map(nameAtProvider),
    { pattern: 'output[].status', reason: 'the whole answer says whether it is complete' },
    { pattern: 'completed_at', reason: 'whoever gets the answer knows when it ended' },
    { pattern: 'output_text', reason: 'it is put together from the output' },
    ...echoes.map((pattern) => ({ pattern, reason: 'an answer repeats what its call said' })),
  ],
} as const satisfies Material['needless']

function nameAtProvider(pattern: string): NeedlessPlace {
  return { pattern, reason: 'it names the item at its provider, where nobody else can look it up' }
}

function none(pattern: string): DocumentedDefault {
  return { pattern, values: [0], reason: 'a count of 0 says that there is none' }
}
