import type { DocumentedDefault, Repeated } from '../material.ts'

/** Values that say what leaving the field out says. Source: cohere-ai 8.1.0, `V2ChatRequest` and `V2ChatResponse`. */
export const cohereDefaults: readonly DocumentedDefault[] = [
  { pattern: 'stream', values: [false], reason: 'no stream is sent unless it is asked for' },
  { pattern: 'strict_tools', values: [false], reason: 'tools are not strict unless they are said to be' },
  { pattern: 'logprobs', values: [false], reason: 'odds are told only where they are asked for' },
  { pattern: 'frequency_penalty', values: [0], reason: 'the default is 0' },
  { pattern: 'presence_penalty', values: [0], reason: 'the default is 0' },
  { pattern: 'k', values: [0], reason: '0 is the default, and switches it off' },
  { pattern: 'tools[].type', values: ['function'], reason: 'the only type there is' },
  { pattern: 'tools[].function.parameters', values: [{}], reason: 'an empty schema says nothing' },
  { pattern: 'messages[].content', values: [''], reason: 'an empty text says nothing' },
  { pattern: 'messages[].content[].text', values: [''], reason: 'an empty text says nothing' },
  { pattern: 'messages[].content[].type', values: ['text'], reason: 'an empty text says nothing' },
  { pattern: 'messages[].content[].image_url.detail', values: ['auto'], reason: '"auto" is the default' },
  { pattern: 'messages[].tool_calls[].type', values: ['function'], reason: 'the only type there is' },
  {
    pattern: 'messages[].tool_calls[].function.arguments',
    values: ['{}', '', 'null'],
    reason: 'a call without arguments',
  },
  { pattern: 'messages[].tool_plan', values: [''], reason: 'an empty text says nothing' },
  { pattern: 'response_format.type', values: ['text'], reason: 'text is what a model answers in' },
  { pattern: 'thinking.type', values: ['enabled'], reason: 'models that can think do so unasked' },
  // Of answers.
  { pattern: 'message.role', values: ['assistant'], reason: 'an answer is always the assistant’s' },
  { pattern: 'message.content[].type', values: ['text'], reason: 'an empty text says nothing' },
  { pattern: 'message.content[].text', values: [''], reason: 'an empty text says nothing' },
  { pattern: 'message.tool_plan', values: [''], reason: 'an empty text says nothing' },
  { pattern: 'message.tool_calls[].type', values: ['function'], reason: 'the only type there is' },
  {
    pattern: 'message.tool_calls[].function.arguments',
    values: ['{}', '', 'null'],
    reason: 'a call without arguments',
  },
  {
    pattern: 'finish_reason',
    values: ['COMPLETE', 'TOOL_CALL'],
    reason: 'an answer that does not say why it ended has ended by itself, or by the calls that it holds',
  },
  { pattern: 'usage.cached_tokens', values: [0], reason: 'a count of 0 says that there is none' },
  { pattern: 'usage.tokens.reasoning_tokens', values: [0], reason: 'a count of 0 says that there is none' },
  { pattern: 'usage.tokens.image_tokens', values: [0], reason: 'a count of 0 says that there is none' },
]

const counted = 'usage.tokens'

/** Cohere counts twice. What is charged is told; the other count is, where nothing else is. */
export const cohereRepeated: readonly Repeated[] = [
  { pattern: counted, beside: ['billed_units'] },
  { pattern: `${counted}.input_tokens`, beside: ['../billed_units'] },
  { pattern: `${counted}.output_tokens`, beside: ['../billed_units'] },
  { pattern: `${counted}.image_tokens`, beside: ['../billed_units'] },
  { pattern: `${counted}.reasoning_tokens`, beside: ['../billed_units'] },
  { pattern: 'usage.billed_units', beside: ['tokens'] },
  { pattern: 'usage.billed_units.input_tokens', beside: ['../tokens'] },
  { pattern: 'usage.billed_units.output_tokens', beside: ['../tokens'] },
]
