import type { ChatCall } from '../../../canonical/chat.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import { isJsonArray, readModelName } from '../../shared/call-fields.ts'
import { logprobsInclude } from '../read-call.ts'
import type { WireFields } from '../../shared/translation/wire-fields.ts'
import { fieldsIn } from './own.ts'
import { readMessages } from './read-items.ts'
import { readToolChoice, readTools } from './read-tools.ts'
import { readLogprobs, readOutputFormat, readReasoning } from './read-wishes.ts'

/** The whole question. Source: OpenAI API description 2.3.0, 2026-08; what its copies add, from the recordings. */
export function readChat(body: JsonObject): ChatCall {
  const fields = fieldsIn(body, '', 'input', 'instructions')
  const modelName = readModelName(body)
  const messages = readMessages(body)
  fields.note('modelName', 'model')
  fields.note('messages', 'input')
  understandDefaults(fields)
  return fields.hear<ChatCall>({
    modelName,
    isStream: fields.flag('isStream', 'stream') ?? false,
    messages,
    tools: readTools(fields),
    toolChoice: readToolChoice(fields),
    mayCallToolsInParallel: fields.flag('mayCallToolsInParallel', 'parallel_tool_calls'),
    outputCapTokens: fields.number('outputCapTokens', 'max_output_tokens'),
    temperature: fields.number('temperature', 'temperature'),
    topP: fields.number('topP', 'top_p'),
    topK: undefined,
    minP: undefined,
    stopSequences: undefined,
    seed: undefined,
    presencePenalty: fields.number('presencePenalty', 'presence_penalty'),
    frequencyPenalty: fields.number('frequencyPenalty', 'frequency_penalty'),
    logitBias: undefined,
    choiceCount: undefined,
    logprobs: readLogprobs(fields),
    outputFormat: readOutputFormat(fields),
    reasoning: readReasoning(fields),
    verbosity: fields.text('verbosity', 'text.verbosity'),
    endUser: fields.text('endUser', 'user', 'safety_identifier'),
    metadata: fields.object('metadata', 'metadata'),
    serviceTier: fields.text('serviceTier', 'service_tier'),
    wantsStreamUsage: undefined,
    cache: undefined,
  })
}

/** In `include`: thoughts come encrypted, to be handed back. Thoughts of other dialects always come so. */
export const encryptedInclude = 'reasoning.encrypted_content'

const knownIncludes: ReadonlySet<unknown> = new Set([encryptedInclude, logprobsInclude])

/** What says no more than its absence would. */
function understandDefaults(fields: WireFields): void {
  if (fields.at('store') === false) fields.understand('store')
  if (fields.at('truncation') === 'disabled') fields.understand('truncation')
  if (fields.at('background') === false) fields.understand('background')
  const include = fields.at('include')
  if (isJsonArray(include) && include.every((one) => knownIncludes.has(one))) fields.understand('include')
}
