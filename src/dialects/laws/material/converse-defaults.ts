import type { DocumentedDefault, Material, Repeated } from '../material.ts'

/** Values that say what leaving the field out says. Source: Bedrock runtime service model, 2023-09-30. */
export const converseDefaults: readonly DocumentedDefault[] = [
  { pattern: 'stream', values: [false], reason: 'the path without a stream' },
  ...['inferenceConfig', 'additionalModelRequestFields', 'toolConfig', 'outputConfig', 'requestMetadata'].map(
    (pattern) => ({ pattern, values: [{}], reason: 'an empty object says nothing' }),
  ),
  {
    pattern: 'messages[].content[].toolUse.type',
    values: ['tool_use'],
    reason: 'a call is the caller’s tool’s unless it says otherwise',
  },
  { pattern: 'messages[].content[].toolUse.input', values: [{}], reason: 'a call without arguments has none' },
  {
    pattern: 'messages[].content[].toolResult.status',
    values: ['success'],
    reason: 'a result is a success unless it says otherwise',
  },
  { pattern: 'messages[].content[].toolResult.content', values: [[]], reason: 'a tool that says nothing' },
  {
    pattern: 'toolConfig.tools[].toolSpec.inputSchema.json',
    values: [{ type: 'object' }, { type: 'object', properties: {} }],
    reason: 'a tool that takes nothing',
  },
  { pattern: 'inferenceConfig.topP', values: [1], reason: 'no word is left out' },
  {
    pattern: 'messages[].content[].document.format',
    values: ['txt'],
    reason: 'a text is plain unless it says otherwise',
  },
  { pattern: 'serviceTier.type', values: ['default'], reason: 'default `default`' },
  { pattern: 'performanceConfig.latency', values: ['standard'], reason: 'default `standard`' },
  { pattern: 'toolConfig.toolChoice.auto', values: [{}], reason: 'default `auto`' },
  // Of answers.
  { pattern: 'output.message.role', values: ['assistant'], reason: 'an answer is always the assistant’s' },
  {
    pattern: 'stopReason',
    values: ['end_turn', 'tool_use'],
    reason: 'an answer that does not say why it ended has ended by itself, or by the calls that it holds',
  },
  { pattern: 'output.message.content[].type', values: ['text'], reason: 'a block with a text is one' },
  { pattern: 'output.message.content[].text', values: [''], reason: 'an empty text says nothing' },
  {
    pattern: 'output.message.content[].toolUse.type',
    values: ['tool_use'],
    reason: 'a call is the caller’s tool’s unless it says otherwise',
  },
  { pattern: 'output.message.content[].toolUse.input', values: [{}], reason: 'a call without arguments has none' },
  {
    pattern: 'usage.cacheDetails[].ttl',
    values: ['5m', '1h'],
    reason: 'the whole of what was written to caches is told',
  },
  { pattern: 'usage.serverToolUsage', values: [{}], reason: 'no tool of Bedrock’s was used' },
  ...['cacheReadInputTokens', 'cacheReadInputTokenCount', 'cacheWriteInputTokens', 'cacheWriteInputTokenCount'].map(
    (key) => ({ pattern: `usage.${key}`, values: [0], reason: 'a count of 0 says that there is none' }),
  ),
]

export const converseRepeated: readonly Repeated[] = [
  { pattern: 'model', beside: ['modelId'] },
  { pattern: 'modelId', beside: ['model'] },
  ...['thinking', 'reasoning_config'].flatMap((key) => [
    { pattern: `additionalModelRequestFields.${key}.type`, beside: ['budget_tokens', 'display'] },
    { pattern: `additionalModelRequestFields.${key}.display`, beside: ['type', 'budget_tokens'] },
  ]),
  { pattern: 'additionalModelRequestFields.reasoningConfig.type', beside: ['maxReasoningEffort'] },
  { pattern: 'usage.cacheDetails', beside: ['cacheWriteInputTokens', 'cacheWriteInputTokenCount'] },
  { pattern: 'usage.cacheDetails[]', beside: ['../cacheWriteInputTokens', '../cacheWriteInputTokenCount'] },
  {
    pattern: 'usage.cacheDetails[].inputTokens',
    beside: ['../../cacheWriteInputTokens', '../../cacheWriteInputTokenCount'],
  },
  { pattern: 'usage.totalTokens', beside: ['inputTokens'] },
  { pattern: 'usage.inputTokens', beside: ['totalTokens'] },
  { pattern: 'usage.outputTokens', beside: ['totalTokens'] },
  { pattern: 'usage.cacheReadInputTokens', beside: ['cacheReadInputTokenCount'] },
  { pattern: 'usage.cacheReadInputTokenCount', beside: ['cacheReadInputTokens'] },
  { pattern: 'usage.cacheWriteInputTokens', beside: ['cacheWriteInputTokenCount', 'cacheDetails'] },
  { pattern: 'usage.cacheWriteInputTokenCount', beside: ['cacheWriteInputTokens', 'cacheDetails'] },
]

export const converseNeedless: NonNullable<Material['needless']> = {
  call: [],
  answer: [
    { pattern: 'metrics', reason: 'how long Bedrock took is of use to nobody who did not ask it' },
    { pattern: '$metadata', reason: 'what Amazon’s SDK says of its own call' },
  ],
}
