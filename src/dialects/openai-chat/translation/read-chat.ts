import type { ChatCall } from '../../../canonical/chat.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonArray, readMessages as readMessageList, readModelName } from '../../shared/call-fields.ts'
import type { WireFields } from '../../shared/translation/wire-fields.ts'
import { readMessages } from './read-messages.ts'
import { readTools, readToolChoice } from './read-tools.ts'
import { readCallCache, readLogprobs, readOutputFormat, readReasoning } from './read-wishes.ts'
import { fieldsIn } from './own.ts'

/**
 * The whole question. Sources: OpenAI API description 2.3.0, 2026-08, and for what its copies add the recordings; each reader
 * names its own.
 */
export function readChat(body: JsonObject): ChatCall {
  const fields = fieldsIn(body, '')
  const modelName = readModelName(body)
  const messages = readMessages(readMessageList(body))
  fields.note('modelName', 'model')
  fields.note('messages', 'messages')
  understandDefaults(fields)
  return fields.hear<ChatCall>({
    modelName,
    isStream: fields.flag('isStream', 'stream') ?? false,
    messages,
    tools: readTools(fields),
    toolChoice: readToolChoice(fields),
    mayCallToolsInParallel: fields.flag('mayCallToolsInParallel', 'parallel_tool_calls'),
    outputCapTokens: readOutputCap(fields),
    temperature: fields.number('temperature', 'temperature'),
    topP: fields.number('topP', 'top_p'),
    topK: fields.number('topK', 'top_k'),
    minP: fields.number('minP', 'min_p'),
    stopSequences: readStop(fields),
    // `random_seed` is Mistral's.
    seed: fields.number('seed', 'seed', 'random_seed'),
    presencePenalty: fields.number('presencePenalty', 'presence_penalty'),
    frequencyPenalty: fields.number('frequencyPenalty', 'frequency_penalty'),
    logitBias: fields.object('logitBias', 'logit_bias'),
    choiceCount: fields.number('choiceCount', 'n'),
    logprobs: readLogprobs(fields),
    outputFormat: readOutputFormat(fields),
    reasoning: readReasoning(fields),
    verbosity: fields.text('verbosity', 'verbosity'),
    endUser: fields.text('endUser', 'user', 'safety_identifier'),
    metadata: fields.object('metadata', 'metadata'),
    serviceTier: fields.text('serviceTier', 'service_tier'),
    wantsStreamUsage: fields.flag('wantsStreamUsage', 'stream_options.include_usage'),
    cache: readCallCache(fields),
  })
}

/** The two spellings of the cap, newest first. */
export const capKeys = ['max_completion_tokens', 'max_tokens'] as const

/** The larger one when both are given, as for the holds: the most that can come. The other stays unheard. */
function readOutputCap(fields: WireFields): number | undefined {
  const caps = capKeys.map((key) => ({ key, cap: fields.at(key) })).filter(({ cap }) => typeof cap === 'number')
  const [largest] = caps.toSorted((one, other) => Number(other.cap) - Number(one.cap))
  return largest && fields.number('outputCapTokens', largest.key)
}

function readStop(fields: WireFields): readonly string[] | undefined {
  const stop = fields.at('stop')
  const list = typeof stop === 'string' ? [stop] : stop
  if (!isListOfText(list)) return undefined
  fields.note('stopSequences', 'stop')
  return list
}

function isListOfText(value: Json | undefined): value is readonly string[] {
  return isJsonArray(value) && value.every((item) => typeof item === 'string')
}

/** What says no more than its absence would. */
function understandDefaults(fields: WireFields): void {
  if (fields.at('store') === false) fields.understand('store')
  const modalities = fields.at('modalities')
  if (isJsonArray(modalities) && modalities.every((modality) => modality === 'text')) fields.understand('modalities')
}
