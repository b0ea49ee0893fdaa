import type { ChatCall } from '../../../canonical/chat.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { readModelName } from '../read-call.ts'
import { signatureFormatOf } from './makers.ts'
import { fieldsIn } from './own.ts'
import { readToolChoice, readTools } from './read-tools.ts'
import { readTurns } from './read-turns.ts'
import { readOutputFormat, readReasoning } from './read-wishes.ts'

/** Source: Bedrock runtime service model, 2023-09-30, `ConverseRequest`, and what was recorded. */
export function readChat(body: JsonObject): ChatCall {
  const call = fieldsIn(body, '')
  const modelName = readModelName(body)
  call.note('modelName', 'model')
  call.note('messages', 'messages')
  call.understand('modelId', 'system')
  const stopSequences = call.at('inferenceConfig.stopSequences')
  if (isTexts(stopSequences)) call.note('stopSequences', 'inferenceConfig.stopSequences')
  return call.hear<ChatCall>({
    ...notOurs,
    modelName,
    isStream: call.flag('isStream', 'stream') ?? false,
    messages: readTurns(body, signatureFormatOf(modelName)),
    tools: readTools(call),
    toolChoice: readToolChoice(call),
    outputCapTokens: call.number('outputCapTokens', 'inferenceConfig.maxTokens'),
    temperature: call.number('temperature', 'inferenceConfig.temperature'),
    topP: call.number('topP', 'inferenceConfig.topP'),
    topK: call.number('topK', ...topKPlaces),
    stopSequences: isTexts(stopSequences) ? stopSequences : undefined,
    outputFormat: readOutputFormat(call),
    reasoning: readReasoning(call),
    metadata: call.object('metadata', 'requestMetadata'),
    serviceTier: call.text('serviceTier', 'serviceTier.type'),
  })
}

/** Anthropic's, and Nova's. */
export const topKPlaces = [
  'additionalModelRequestFields.top_k',
  'additionalModelRequestFields.inferenceConfig.topK',
] as const

/** What this dialect has no word for. It tells usage in a stream unasked. */
const notOurs = {
  mayCallToolsInParallel: undefined,
  minP: undefined,
  seed: undefined,
  presencePenalty: undefined,
  frequencyPenalty: undefined,
  logitBias: undefined,
  choiceCount: undefined,
  logprobs: undefined,
  verbosity: undefined,
  endUser: undefined,
  wantsStreamUsage: undefined,
  cache: undefined,
} as const

function isTexts(said: Json | undefined): said is readonly string[] {
  return Array.isArray(said) && said.every((one) => typeof one === 'string')
}
