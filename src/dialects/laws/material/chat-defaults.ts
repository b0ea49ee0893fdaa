import type { DocumentedDefault, Repeated } from '../material.ts'

/** Values that say what leaving the field out says. Source: OpenAI API description 2.3.0, where nothing else is named. */
export const chatDefaults: readonly DocumentedDefault[] = [
  { pattern: 'tool_choice', values: ['auto'], reason: '"auto is the default if tools are present"' },
  { pattern: 'function_call', values: ['auto'], reason: '"auto is the default if functions are present"' },
  { pattern: 'stream', values: [false], reason: 'default `false`' },
  { pattern: 'n', values: [1], reason: 'default 1' },
  { pattern: 'top_p', values: [1], reason: 'default 1' },
  { pattern: 'presence_penalty', values: [0], reason: 'default 0' },
  { pattern: 'frequency_penalty', values: [0], reason: 'default 0' },
  { pattern: 'response_format.type', values: ['text'], reason: 'default `text`' },
  { pattern: 'modalities[]', values: ['text'], reason: 'default `["text"]`' },
  { pattern: 'messages[].content[].image_url.detail', values: ['auto'], reason: 'default `auto`' },
  {
    pattern: 'stream_options.include_usage',
    values: [true, false],
    reason: 'the other dialect always tells usage; the relay gives it to a client that asked',
  },
  {
    pattern: 'response_format.json_schema.strict',
    values: [true],
    reason: 'the other dialect always keeps to the schema',
  },
  { pattern: 'tools[].function.strict', values: [false], reason: 'default `false`' },
  { pattern: 'tools[].custom.format', values: [{ type: 'text' }], reason: 'default text' },
  { pattern: 'thinking.type', values: ['enabled'], reason: 'an effort says that it is on' },
  { pattern: 'reasoning.enabled', values: [true], reason: 'an effort says that it is on' },
  { pattern: 'tool_choice', values: ['auto'], reason: 'default `auto` where there are tools' },
  { pattern: 'function_call', values: ['auto'], reason: 'default `auto` where there are functions' },
  { pattern: 'parallel_tool_calls', values: [true], reason: 'default `true`' },
  { pattern: 'messages[].content[].input_audio.format', values: ['wav'], reason: 'without a format it is read as WAV' },
  { pattern: 'tools[].type', values: ['function'], reason: 'a tool with a `function` can be nothing else' },
  {
    pattern: 'messages[].tool_calls[].type',
    values: ['function'],
    reason: 'a call with a `function` can be nothing else',
  },
  { pattern: 'messages[].tool_calls[].index', values: 'place', reason: 'its place in the list says the same' },
  {
    pattern: 'messages[].tool_calls[].function.arguments',
    values: ['', '{}'],
    reason: 'no arguments are empty arguments',
  },
  { pattern: 'messages[].function_call.arguments', values: ['', '{}'], reason: 'no arguments are empty arguments' },
  { pattern: 'messages[].content', values: [''], reason: 'an empty text says nothing' },
  { pattern: 'messages[].reasoning_content', values: [''], reason: 'an empty text says nothing' },
  { pattern: 'messages[].content[].type', values: ['text'], reason: 'an empty text says nothing' },
  { pattern: 'messages[].content[].text', values: [''], reason: 'an empty text says nothing' },
  { pattern: 'messages[].reasoning_details[].index', values: 'place', reason: 'its place in the list says the same' },
  {
    pattern: 'messages[].reasoning_details[].format',
    values: ['anthropic-claude-v1'],
    reason: 'a signed thought without a format is taken for Anthropic’s',
  },
  // Of answers.
  { pattern: 'system_fingerprint', values: [''], reason: 'an empty text says nothing' },
  {
    pattern: 'choices[].finish_reason',
    values: ['stop'],
    reason: 'an answer that does not say why it ended has ended by itself',
  },
  {
    pattern: 'choices[].message.content[].closed',
    values: [true],
    reason: 'a thought of a whole answer has come to its end',
  },
  { pattern: 'choices[].message.tool_calls[].id', values: [''], reason: 'an empty id names nothing' },
  { pattern: 'object', values: ['chat.completion'], reason: 'says what kind of object the whole is' },
  { pattern: 'choices[].index', values: 'place', reason: 'its place in the list says the same' },
  { pattern: 'choices[].message.role', values: ['assistant'], reason: 'an answer is always the assistant’s' },
  { pattern: 'choices[].message.content', values: [''], reason: 'an empty text says nothing' },
  {
    pattern: 'choices[].message.tool_calls[].type',
    values: ['function'],
    reason: 'a call with a `function` can be nothing else',
  },
  { pattern: 'choices[].message.tool_calls[].index', values: 'place', reason: 'its place in the list says the same' },
  {
    pattern: 'choices[].message.tool_calls[].function.arguments',
    values: ['', '{}'],
    reason: 'no arguments are empty arguments',
  },
  {
    pattern: 'choices[].message.reasoning_details[].index',
    values: 'place',
    reason: 'its place in the list says the same',
  },
  ...['prompt_cache_hit_tokens', 'num_cached_tokens', 'cached_tokens'].map((key) => none(`usage.${key}`)),
  ...['audio_tokens', 'cached_tokens', 'cache_write_tokens', 'image_tokens'].map((key) =>
    none(`usage.prompt_tokens_details.${key}`),
  ),
  ...[
    'audio_tokens',
    'image_tokens',
    'reasoning_tokens',
    'accepted_prediction_tokens',
    'rejected_prediction_tokens',
  ].map((key) => none(`usage.completion_tokens_details.${key}`)),
]

/** What is said twice in one object, by one provider or another. */
export const chatRepeated: readonly Repeated[] = [
  { pattern: 'messages[].reasoning', beside: ['reasoning_content', 'reasoning_details'] },
  { pattern: 'messages[].reasoning_content', beside: ['reasoning', 'reasoning_details'] },
  { pattern: 'choices[].message.reasoning', beside: ['reasoning_content', 'reasoning_details'] },
  { pattern: 'choices[].message.reasoning_content', beside: ['reasoning', 'reasoning_details'] },
  { pattern: 'usage.total_tokens', beside: ['prompt_tokens'] },
  { pattern: 'usage.prompt_tokens', beside: ['total_tokens'] },
  { pattern: 'usage.completion_tokens', beside: ['total_tokens'] },
  // DeepSeek, Mistral and Together have words of their own for what was read from a cache.
  { pattern: 'usage.prompt_cache_hit_tokens', beside: ['prompt_tokens_details'] },
  { pattern: 'usage.prompt_tokens_details', beside: ['prompt_cache_hit_tokens'] },
  { pattern: 'usage.prompt_tokens_details.cached_tokens', beside: ['../prompt_cache_hit_tokens'] },
  { pattern: 'usage.num_cached_tokens', beside: ['prompt_tokens_details'] },
  // xAI counts reasoning in the total and not in the completion.
  { pattern: 'usage.completion_tokens_details.reasoning_tokens', beside: ['../total_tokens'] },
  { pattern: 'messages[].reasoning_details[].text', beside: ['../../reasoning', '../../reasoning_content'] },
  { pattern: 'choices[].message.reasoning_details[].text', beside: ['../../reasoning'] },
  // OpenRouter, where the model's own word is the published one.
  { pattern: 'choices[].native_finish_reason', beside: ['finish_reason'] },
]

function none(pattern: string): DocumentedDefault {
  return { pattern, values: [0], reason: 'a count of 0 says that there is none' }
}
