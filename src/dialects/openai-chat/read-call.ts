import type { Call, Need } from '../../canonical/call.ts'
import type { Json, JsonObject } from '../../canonical/json.ts'
import { isJsonObject } from '../../canonical/json.ts'
import {
  isJsonArray,
  readFlag,
  readLabel,
  readMessages,
  readModelName,
  readPart,
  readPositive,
} from '../shared/call-fields.ts'
import { refuseOtherModels } from '../shared/refuse-other-models.ts'

/** Reads the fields that limits, routing and records act on. Source: OpenAI API description 2.3.0, 2026-08. */
export function readCall(body: JsonObject): Call {
  const modelName = readModelName(body)
  refuseOtherModels(body)
  const messages = readMessages(body)
  const streamOptions = readPart(body, 'stream_options') ?? {}
  const needs = needsOf(body, messages)
  return {
    operation: 'chat',
    modelName,
    isStream: readFlag(body, 'stream'),
    outputCapTokens: readOutputCap(body),
    choiceCount: readPositive(body, 'n', mostChoices) ?? 1,
    wantsStreamUsage: readFlag(streamOptions, 'include_usage', 'stream_options.include_usage'),
    needs,
    endUser: readLabel(body, 'user') ?? readLabel(body, 'safety_identifier'),
  }
}

const mostChoices = 128

/** Providers differ in which of the two they obey when both are given: the larger one is the most that can come. */
function readOutputCap(body: JsonObject): number | undefined {
  const caps = [readPositive(body, 'max_completion_tokens'), readPositive(body, 'max_tokens')]
  const given = caps.filter((cap) => cap !== undefined)
  return given.length === 0 ? undefined : Math.max(...given)
}

function needsOf(body: JsonObject, messages: readonly Json[]): ReadonlySet<Need> {
  const needs = new Set<Need>()
  if (isFilled(body['tools']) || isFilled(body['functions'])) needs.add('tools')
  for (const message of messages) {
    const content = isJsonObject(message) ? message['content'] : undefined
    if (isJsonArray(content)) for (const part of content) addNeedOfPart(part, needs)
  }
  const modalities = body['modalities']
  if (isJsonArray(modalities) && modalities.includes('audio')) needs.add('audio')
  const format = body['response_format']
  if (isJsonObject(format) && (format['type'] === 'json_schema' || format['type'] === 'json_object'))
    needs.add('structured-output')
  if (asksForReasoning(body)) needs.add('reasoning')
  const { logprobs, top_logprobs: topLogprobs } = body
  if (logprobs === true || (typeof topLogprobs === 'number' && topLogprobs > 0)) needs.add('logprobs')
  return needs
}

function addNeedOfPart(part: Json, needs: Set<Need>): void {
  switch (isJsonObject(part) ? part['type'] : undefined) {
    case 'image_url':
      needs.add('images')
      break
    case 'file':
    // Mistral's own part.
    case 'document_url':
      needs.add('documents')
      break
    case 'input_audio':
      needs.add('audio')
      break
    default:
  }
}

/** OpenAI's field, and the objects of OpenRouter (`reasoning`) and DeepSeek (`thinking`). */
function asksForReasoning(body: JsonObject): boolean {
  const { reasoning_effort: effort, reasoning, thinking } = body
  if (typeof effort === 'string' && effort !== 'none') return true
  if (isJsonObject(reasoning) && reasoning['effort'] !== 'none' && reasoning['enabled'] !== false) return true
  return isJsonObject(thinking) && thinking['type'] !== 'disabled'
}

function isFilled(list: Json | undefined): boolean {
  return isJsonArray(list) && list.length > 0
}
