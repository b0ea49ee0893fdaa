import type { ChatCall } from '../../../canonical/chat.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import { readModelName } from '../../shared/call-fields.ts'
import type { WireFields } from '../../shared/translation/wire-fields.ts'
import { fieldsIn } from './own.ts'
import { readMessageList } from './read-messages.ts'
import { readToolChoice, readTools } from './read-tools.ts'
import { readLogprobs, readOutputFormat, readReasoning } from './read-wishes.ts'

/** Source: cohere-ai 8.1.0, `V2ChatRequest`, and what was recorded. */
export function readChat(body: JsonObject): ChatCall {
  const fields = fieldsIn(body, '')
  fields.note('modelName', 'model')
  fields.note('messages', 'messages')
  return fields.hear<ChatCall>({
    ...notOurs,
    modelName: readModelName(body),
    isStream: fields.flag('isStream', 'stream') ?? false,
    messages: readMessageList(fields),
    tools: readTools(fields),
    toolChoice: readToolChoice(fields),
    outputCapTokens: fields.number('outputCapTokens', 'max_tokens'),
    temperature: fields.number('temperature', 'temperature'),
    topP: fields.number('topP', 'p'),
    topK: fields.number('topK', 'k'),
    stopSequences: readStops(fields),
    seed: fields.number('seed', 'seed'),
    presencePenalty: fields.number('presencePenalty', 'presence_penalty'),
    frequencyPenalty: fields.number('frequencyPenalty', 'frequency_penalty'),
    logprobs: readLogprobs(fields),
    outputFormat: readOutputFormat(fields),
    reasoning: readReasoning(fields),
  })
}

/** What this dialect has no word for. It tells usage in a stream unasked. */
const notOurs = {
  mayCallToolsInParallel: undefined,
  minP: undefined,
  logitBias: undefined,
  choiceCount: undefined,
  verbosity: undefined,
  endUser: undefined,
  metadata: undefined,
  serviceTier: undefined,
  wantsStreamUsage: undefined,
  cache: undefined,
} as const

function readStops(fields: WireFields): readonly string[] | undefined {
  const said = fields.at('stop_sequences')
  if (!Array.isArray(said) || !said.every((stop) => typeof stop === 'string')) return undefined
  return fields.list('stopSequences', 'stop_sequences')?.filter((stop) => typeof stop === 'string')
}
