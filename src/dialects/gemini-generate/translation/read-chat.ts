import type { ChatCall } from '../../../canonical/chat.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import { readModelName } from '../../shared/call-fields.ts'
import { bareName } from '../../vendors/gemini/path.ts'
import { Hearing } from './hearing.ts'
import { readOutputFormat, readReasoning } from './read-output.ts'
import { readToolChoice, readTools } from './read-tools.ts'
import { readTurns } from './read-turns.ts'

/** Source: Gemini API discovery document, revision 20260717, `GenerateContentRequest`, and what was recorded. */
export function readChat(body: JsonObject): ChatCall {
  const hearing = new Hearing(body, '')
  hearing.understood('modelName', 'model')
  hearing.understood('messages', 'contents')
  hearing.structural('systemInstruction')
  hearing.understood('tools', 'tools')
  if (isTextOnly(hearing)) hearing.structural('generationConfig.responseModalities')
  const isWanted = hearing.flag('logprobs', 'generationConfig.responseLogprobs')
  return hearing.node<ChatCall>({
    ...notOurs,
    modelName: bareName(readModelName(body)),
    isStream: hearing.flag('isStream', 'stream') ?? false,
    messages: readTurns(body),
    tools: readTools(body),
    toolChoice: readToolChoice(hearing),
    outputCapTokens: hearing.number('outputCapTokens', 'generationConfig.maxOutputTokens'),
    temperature: hearing.number('temperature', 'generationConfig.temperature'),
    topP: hearing.number('topP', 'generationConfig.topP'),
    topK: hearing.number('topK', 'generationConfig.topK'),
    stopSequences: hearing.texts('stopSequences', 'generationConfig.stopSequences'),
    seed: hearing.number('seed', 'generationConfig.seed'),
    presencePenalty: hearing.number('presencePenalty', 'generationConfig.presencePenalty'),
    frequencyPenalty: hearing.number('frequencyPenalty', 'generationConfig.frequencyPenalty'),
    choiceCount: hearing.number('choiceCount', 'generationConfig.candidateCount'),
    logprobs: isWanted === undefined ? undefined : readLogprobs(hearing, isWanted),
    outputFormat: readOutputFormat(hearing),
    reasoning: readReasoning(hearing),
    metadata: hearing.object('metadata', 'labels'),
    serviceTier: hearing.text('serviceTier', 'serviceTier'),
  })
}

/** What this dialect has no word for. It tells usage in a stream unasked. */
const notOurs = {
  mayCallToolsInParallel: undefined,
  minP: undefined,
  logitBias: undefined,
  verbosity: undefined,
  endUser: undefined,
  wantsStreamUsage: undefined,
  cache: undefined,
} as const

/** Text is what a model answers in when nobody says. */
function isTextOnly(hearing: Hearing): boolean {
  return JSON.stringify(hearing.at('generationConfig.responseModalities')) === '["TEXT"]'
}

function readLogprobs(call: Hearing, isWanted: boolean): ChatCall['logprobs'] {
  const hearing = new Hearing(call.wire, call.path)
  const topCount = hearing.number('topCount', 'generationConfig.logprobs')
  hearing.understood('isWanted', 'generationConfig.responseLogprobs')
  if (topCount !== undefined) call.structural('generationConfig.logprobs')
  // Of the body, this node is only these two fields: the rest of it is the call's to account for.
  return hearing.partOfNode({ isWanted, topCount })
}
