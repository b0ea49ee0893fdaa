import type { Block, ChatCall, Logprobs, Message, TextBlock } from '../../../canonical/chat.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { hear } from '../../../canonical/origin.ts'
import { isJsonArray, readModelName } from '../../shared/call-fields.ts'
import { isAlone, promptsIn } from '../prompts.ts'
import { defaultOutputCapTokens } from '../read-call.ts'
import type { WireFields } from '../../shared/translation/wire-fields.ts'
import { dialectName, fieldsIn } from './own.ts'

/**
 * The whole question. Each prompt is a turn of the user; a call with more than one never leaves in another dialect (`read-call.ts`).
 * Sources: OpenAI API description 2.3.0, 2026-08; `top_k` and `min_p` are vLLM's.
 */
export function readChat(body: JsonObject): ChatCall {
  const fields = fieldsIn(body, '')
  const modelName = readModelName(body)
  fields.note('modelName', 'model')
  fields.note('messages', 'prompt')
  understandDefaults(fields)
  return fields.hear<ChatCall>({
    modelName,
    isStream: fields.flag('isStream', 'stream') ?? false,
    messages: promptsIn(body).map((prompt, index) => readPrompt(prompt, placeOf(body, index))),
    tools: undefined,
    toolChoice: undefined,
    mayCallToolsInParallel: undefined,
    outputCapTokens: fields.number('outputCapTokens', 'max_tokens') ?? defaultOutputCapTokens,
    temperature: fields.number('temperature', 'temperature'),
    topP: fields.number('topP', 'top_p'),
    topK: fields.number('topK', 'top_k'),
    minP: fields.number('minP', 'min_p'),
    stopSequences: readStop(fields),
    seed: fields.number('seed', 'seed'),
    presencePenalty: fields.number('presencePenalty', 'presence_penalty'),
    frequencyPenalty: fields.number('frequencyPenalty', 'frequency_penalty'),
    logitBias: fields.object('logitBias', 'logit_bias'),
    choiceCount: fields.number('choiceCount', 'n'),
    logprobs: readLogprobs(fields),
    outputFormat: undefined,
    reasoning: undefined,
    verbosity: undefined,
    endUser: fields.text('endUser', 'user'),
    metadata: undefined,
    serviceTier: undefined,
    wantsStreamUsage: fields.flag('wantsStreamUsage', 'stream_options.include_usage'),
    cache: undefined,
  })
}

function placeOf(body: JsonObject, index: number): string {
  return isAlone(body['prompt']) ? 'prompt' : `prompt[${index}]`
}

function readPrompt(prompt: Json, path: string): Message {
  const node: Message = { role: 'user', blocks: [readBlock(prompt, path)], name: undefined }
  return hear(node, { dialect: dialectName, wire: prompt, path, heard: { blocks: '' }, unheard: [] })
}

function readBlock(prompt: Json, path: string): Block {
  const origin = { dialect: dialectName, wire: prompt, path, unheard: [] }
  if (typeof prompt !== 'string')
    return hear<Block>({ kind: 'opaque', type: 'prompt of token numbers' }, { ...origin, heard: {} })
  const text: TextBlock = { kind: 'text', text: prompt, citations: undefined, cache: undefined }
  return hear<Block>(text, { ...origin, heard: { text: '' } })
}

function readStop(fields: WireFields): readonly string[] | undefined {
  const stop = fields.at('stop')
  const list = typeof stop === 'string' ? [stop] : stop
  if (!isJsonArray(list) || !list.every((one) => typeof one === 'string')) return undefined
  fields.note('stopSequences', 'stop')
  return list
}

/** The odds of the tokens themselves come with any number, 0 too; it says how many others are told beside each. */
function readLogprobs(call: WireFields): Logprobs | undefined {
  const fields = fieldsIn(call.wire, '')
  const count = fields.number('topCount', 'logprobs')
  if (count === undefined) return undefined
  call.note('logprobs', 'logprobs')
  return fields.hear<Logprobs>({ isWanted: true, topCount: count }, null)
}

/** What says no more than its absence would. */
function understandDefaults(fields: WireFields): void {
  if (fields.at('echo') === false) fields.understand('echo')
  if (fields.at('suffix') === '') fields.understand('suffix')
  // Written as often as they are told.
  if (fields.at('best_of') === (fields.at('n') ?? 1)) fields.understand('best_of')
}
