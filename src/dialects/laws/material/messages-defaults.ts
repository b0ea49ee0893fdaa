import type { DocumentedDefault, Repeated } from '../material.ts'

/** Values that say what leaving the field out says. Source: @anthropic-ai/sdk 1.12.0, where nothing else is named. */
export const messagesDefaults: readonly DocumentedDefault[] = [
  { pattern: 'stream', values: [false], reason: 'default `false`' },
  { pattern: 'temperature', values: [1], reason: 'default 1' },
  { pattern: 'service_tier', values: ['auto'], reason: 'default `auto`' },
  { pattern: 'tool_choice.type', values: ['auto'], reason: 'default `auto`' },
  { pattern: 'tool_choice.disable_parallel_tool_use', values: [false], reason: 'default `false`' },
  { pattern: 'tools[].type', values: ['custom'], reason: 'default `custom`' },
  {
    pattern: 'messages[].content[].caller.type',
    values: ['direct'],
    reason: 'a call without a `caller` is the model’s own',
  },
  { pattern: 'messages[].content[].type', values: ['text'], reason: 'an empty text says nothing' },
  { pattern: 'messages[].content[].text', values: [''], reason: 'an empty text says nothing' },
  {
    pattern: 'messages[].content[].is_error',
    values: [false],
    reason: 'a result is none of a failure unless it says so',
  },
  { pattern: 'thinking.type', values: ['enabled'], reason: 'a budget for thinking says that it is on' },
  // Of answers.
  { pattern: 'type', values: ['message'], reason: 'says what kind of object the whole is' },
  { pattern: 'role', values: ['assistant'], reason: 'an answer is always the assistant’s' },
  {
    pattern: 'stop_reason',
    values: ['end_turn', 'tool_use'],
    reason: 'an answer that does not say why it ended has ended by itself, or by the calls that it holds',
  },
  { pattern: 'content[].caller.type', values: ['direct'], reason: 'a call without a `caller` is the model’s own' },
  ...['cache_creation_input_tokens', 'cache_read_input_tokens'].map((key) => none(`usage.${key}`)),
  ...['ephemeral_5m_input_tokens', 'ephemeral_1h_input_tokens'].map((key) => none(`usage.cache_creation.${key}`)),
  ...['web_search_requests', 'web_fetch_requests'].map((key) => none(`usage.server_tool_use.${key}`)),
  none('usage.output_tokens_details.thinking_tokens'),
]

export const messagesRepeated: readonly Repeated[] = [
  { pattern: 'thinking', beside: ['output_config'] },
  { pattern: 'thinking.type', beside: ['../output_config', 'display'] },
  { pattern: 'thinking.display', beside: ['type'] },
  { pattern: 'usage.cache_creation_input_tokens', beside: ['cache_creation'] },
  { pattern: 'usage.cache_creation', beside: ['cache_creation_input_tokens'] },
  { pattern: 'usage.cache_creation.ephemeral_5m_input_tokens', beside: ['../cache_creation_input_tokens'] },
  { pattern: 'usage.cache_creation.ephemeral_1h_input_tokens', beside: ['../cache_creation_input_tokens'] },
]

function none(pattern: string): DocumentedDefault {
  return { pattern, values: [0], reason: 'a count of 0 says that there is none' }
}
