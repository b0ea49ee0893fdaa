import type { ChatCall } from '../../../canonical/chat.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { readModelName } from '../../shared/call-fields.ts'
import { Hearing } from './hearing.ts'
import { readOutputFormat, readReasoning } from './read-output.ts'
import { readTool, readToolChoice } from './read-tools.ts'
import { readTurns } from './read-turns.ts'

/** Source: @anthropic-ai/sdk 1.12.0, resources/messages, `MessageCreateParamsBase`, and what was recorded. */
export function readChat(body: JsonObject): ChatCall {
  const hearing = new Hearing(body, '', 'system')
  hearing.understood('modelName', 'model')
  hearing.understood('messages', 'messages')
  const isSequential = hearing.flag('mayCallToolsInParallel', 'tool_choice.disable_parallel_tool_use')
  return hearing.node<ChatCall>({
    ...notOurs,
    modelName: readModelName(body),
    isStream: hearing.flag('isStream', 'stream') ?? false,
    messages: readTurns(body),
    tools: hearing.list('tools', 'tools')?.map((tool, index) => readTool(tool, `tools[${index}]`)),
    toolChoice: choiceIn(hearing),
    mayCallToolsInParallel: isSequential === undefined ? undefined : !isSequential,
    outputCapTokens: hearing.number('outputCapTokens', 'max_tokens'),
    temperature: hearing.number('temperature', 'temperature'),
    topP: hearing.number('topP', 'top_p'),
    topK: hearing.number('topK', 'top_k'),
    stopSequences: stopsIn(hearing),
    outputFormat: readOutputFormat(hearing),
    reasoning: readReasoning(hearing),
    endUser: hearing.text('endUser', 'metadata.user_id'),
    serviceTier: hearing.text('serviceTier', 'service_tier'),
    cache: hearing.cache(),
  })
}

/** What this dialect has no word for. It tells usage in a stream unasked. */
const notOurs = {
  minP: undefined,
  seed: undefined,
  presencePenalty: undefined,
  frequencyPenalty: undefined,
  logitBias: undefined,
  choiceCount: undefined,
  logprobs: undefined,
  verbosity: undefined,
  metadata: undefined,
  wantsStreamUsage: undefined,
} as const

/** The choice answers for its own keys. */
function choiceIn(hearing: Hearing): ChatCall['toolChoice'] {
  const said = hearing.object('toolChoice', 'tool_choice')
  if (!isJsonObject(said)) return undefined
  hearing.understood('toolChoice', 'tool_choice', ...Object.keys(said))
  return readToolChoice(said, 'tool_choice')
}

function stopsIn(hearing: Hearing): readonly string[] | undefined {
  const said = hearing.wire['stop_sequences']
  if (Array.isArray(said) && !said.every((stop) => typeof stop === 'string')) return undefined
  return hearing.list('stopSequences', 'stop_sequences')?.filter((stop) => typeof stop === 'string')
}
