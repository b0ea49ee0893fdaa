import { accountForCall } from '../../shared/translation/account-for-call.ts'
import type { ChatCall, OutputFormat, Reasoning } from '../../../canonical/chat.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import { originOf } from '../../../canonical/origin.ts'
import { enforcedFormat } from '../../vendors/anthropic/claude-enforced.ts'
import { claudeGeneration } from '../../vendors/anthropic/claude-generations.ts'
import { claudeSampling, clampedTemperature, type Sampling } from '../../vendors/anthropic/claude-sampling.ts'
import { put, type Draft } from '../../shared/translation/put.ts'
import type { Pen } from './pen.ts'
import { topKPlaces } from './read-chat.ts'
import { writeThinking } from './write-thinking.ts'

/** The wishes of a call of another dialect: what Converse has a word for, and what is told in the words of the model's maker. */
export function putWishes(body: Draft, call: ChatCall, pen: Pen, defaultCapTokens: number): void {
  const { additional, effort, isThinking } = writeThinking(call, pen, defaultCapTokens)
  const { temperature, topP, topK } = samplingOf(call, isThinking, pen)
  const [claudeTopK, novaTopK] = topKPlaces
  const isTopKTold = pen.maker === 'anthropic' || pen.maker === 'nova'
  put(body, 'inferenceConfig.maxTokens', call.outputCapTokens)
  put(body, 'inferenceConfig.temperature', temperature)
  put(body, 'inferenceConfig.topP', topP)
  put(body, 'inferenceConfig.stopSequences', stopsOf(call, pen))
  for (const [key, value] of Object.entries(additional)) put(body, `additionalModelRequestFields.${key}`, value)
  if (isTopKTold) put(body, pen.maker === 'anthropic' ? claudeTopK : novaTopK, topK)
  else if (topK !== undefined) pen.losses.lost(call, 'topK', 'the model has no word for it')
  put(body, 'outputConfig.textFormat', call.outputFormat && formatWords(call, call.outputFormat, pen))
  put(body, 'outputConfig.effort', effort)
  put(body, 'requestMetadata', metadataOf(call, pen))
  const tier = call.serviceTier === undefined ? undefined : tiers.get(call.serviceTier)
  if (tier !== undefined && tier !== '') put(body, 'serviceTier.type', tier)
  const ofTier = tier !== undefined && 'serviceTier'
  accountForCall(call, pen.losses, ['toolChoice', 'mayCallToolsInParallel', 'metadata', ofTier])
  if (call.logprobs?.isWanted === true) pen.losses.account(call.logprobs, [])
  if (call.cache !== undefined) pen.losses.lost(call, 'cache', 'Bedrock has no mark for a call as a whole')
}

function samplingOf(call: ChatCall, isThinking: boolean, { losses, maker }: Pen): Sampling {
  if (maker === 'anthropic') return claudeSampling(call, claudeGeneration(call.modelName), isThinking, losses)
  return { temperature: clampedTemperature(call, losses), topP: call.topP, topK: call.topK }
}

/** Those without a visible character are refused. */
function stopsOf(call: ChatCall, { losses }: Pen): readonly string[] | undefined {
  const { stopSequences } = call
  const told = stopSequences?.filter((stop) => stop.trim() !== '')
  if (stopSequences === undefined || told === undefined) return undefined
  const why = 'Bedrock refuses a stop sequence without a visible character'
  if (told.length === 0 && stopSequences.length > 0) losses.lost(call, 'stopSequences', why)
  else if (told.length < stopSequences.length) losses.approximated(call, 'stopSequences', why)
  return told.length === 0 ? undefined : told
}

function formatWords(call: ChatCall, format: OutputFormat, { losses, maker }: Pen): JsonObject | undefined {
  switch (format.kind) {
    case 'text':
      losses.account(format, ['kind'])
      return undefined
    case 'json-object':
      losses.lost(call, 'outputFormat', 'Bedrock has no mode for JSON without a schema')
      return undefined
    case 'json-schema': {
      if (maker === 'anthropic' && !claudeGeneration(call.modelName).takesSchemas) {
        losses.lost(call, 'outputFormat', 'the model takes no schema')
        return undefined
      }
      losses.account(format, ['kind', 'name', 'description', 'schema', 'isStrict'])
      if (format.isStrict === false) losses.approximated(format, 'isStrict', 'Bedrock always enforces the schema')
      const { schema } = format
      const enforced = maker === 'anthropic' ? enforcedFormat(call, format, schema, losses) : schema
      return enforced && schemaWords(format, enforced)
    }
  }
}

function schemaWords(
  { name, description }: OutputFormat & { readonly kind: 'json-schema' },
  schema: JsonObject,
): JsonObject {
  const jsonSchema = {
    schema: JSON.stringify(schema),
    ...(name !== undefined && { name }),
    ...(description !== undefined && { description }),
  }
  return { type: 'json_schema', structure: { jsonSchema } }
}

/** Up to 16 labels of up to 256 characters (service model 2023-09-30, `RequestMetadata`). */
function metadataOf(call: ChatCall, { losses }: Pen): JsonObject | undefined {
  const { metadata } = call
  const members = Object.entries(metadata ?? {})
  if (metadata === undefined || members.length === 0) return undefined
  const isLegal = ([key, value]: readonly [string, unknown]) => key !== '' && isLabel(key) && isLabel(value)
  if (members.length <= mostLabels && members.every(isLegal)) return metadata
  losses.lost(call, 'metadata', 'Bedrock takes up to 16 labels, of few characters')
  return undefined
}

const mostLabels = 16

function isLabel(value: unknown): boolean {
  return typeof value === 'string' && /^[a-zA-Z0-9\s:_@$#=/+,.-]{0,256}$/.test(value)
}

/** An empty word: it asks for what happens anyway. Other words of other providers are theirs alone. */
const tiers: ReadonlyMap<string, string> = new Map([
  ['auto', ''],
  ['standard', 'default'],
  ['standard_only', 'default'],
  ['default', 'default'],
  ['flex', 'flex'],
  ['priority', 'priority'],
  ['reserved', 'reserved'],
])

/** Of a call of our own: each wish where it was read, or where Converse has it. */
export function putOwnWishes(body: Draft, call: ChatCall): void {
  const heard = originOf(call)?.heard ?? {}
  put(body, 'inferenceConfig.maxTokens', call.outputCapTokens)
  put(body, 'inferenceConfig.temperature', call.temperature)
  put(body, 'inferenceConfig.topP', call.topP)
  put(body, 'inferenceConfig.stopSequences', call.stopSequences)
  put(body, heard['topK'] ?? topKPlaces[0], call.topK)
  const { outputFormat } = call
  if (outputFormat?.kind === 'json-schema')
    put(body, 'outputConfig.textFormat', schemaWords(outputFormat, outputFormat.schema))
  if (call.reasoning) putOwnReasoning(body, call.reasoning)
  put(body, 'requestMetadata', call.metadata)
  put(body, 'serviceTier.type', call.serviceTier)
}

function putOwnReasoning(body: Draft, reasoning: Reasoning): void {
  const heard = originOf(reasoning)?.heard ?? {}
  const place = 'additionalModelRequestFields.thinking'
  put(body, heard['mode'] ?? `${place}.type`, reasoning.mode === undefined ? undefined : modeWords[reasoning.mode])
  put(body, heard['budgetTokens'] ?? `${place}.budget_tokens`, reasoning.budgetTokens)
  put(body, heard['display'] ?? `${place}.display`, reasoning.display)
  put(body, heard['effort'] ?? 'outputConfig.effort', reasoning.effort)
}

const modeWords = { on: 'enabled', off: 'disabled', adaptive: 'adaptive' } as const
