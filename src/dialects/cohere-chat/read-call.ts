import type { Call, Need } from '../../canonical/call.ts'
import type { Json, JsonObject } from '../../canonical/json.ts'
import { isJsonObject } from '../../canonical/json.ts'
import { isGiven, listIn, readFlag, readMessages, readModelName, readPositive } from '../shared/call-fields.ts'
import type { BodyEdit } from '../dialect.ts'
import { isBelow, type PathPattern } from '../shared/free-form.ts'

/** Reads the fields that limits, routing and records act on. Source: cohere-ai 8.1.0, `V2ChatRequest`. */
export function readCall(body: JsonObject): Call {
  const modelName = readModelName(body)
  const messages = readMessages(body)
  return {
    operation: 'chat',
    modelName,
    isStream: readFlag(body, 'stream'),
    outputCapTokens: readPositive(body, 'max_tokens'),
    choiceCount: 1,
    // A stream tells its usage unasked.
    wantsStreamUsage: true,
    needs: needsOf(body, messages),
    endUser: undefined,
  }
}

export function upstreamEdits(_body: JsonObject, call: Call, targetModelName: string): readonly BodyEdit[] {
  return targetModelName === call.modelName ? [] : [{ key: 'model', value: targetModelName }]
}

export function outputCapEdits(body: JsonObject, tokens: number): readonly BodyEdit[] {
  return isGiven(body['max_tokens']) ? [] : [{ key: 'max_tokens', value: tokens }]
}

/** Schemas, and documents whose keys are the client's own. */
export function isFreeForm(path: readonly (string | number)[]): boolean {
  return isBelow(path, freeFormPlaces)
}

const freeFormPlaces: readonly PathPattern[] = [
  ['tools', '*', 'function', 'parameters'],
  ['response_format', 'json_schema'],
  ['documents', '*', 'data'],
  ['messages', '*', 'content', '*', 'document', 'data'],
  // Of an earlier answer: what a tool gave, and a document.
  ['messages', '*', 'citations', '*', 'sources', '*', 'tool_output'],
  ['messages', '*', 'citations', '*', 'sources', '*', 'document'],
]

function needsOf(body: JsonObject, messages: readonly Json[]): ReadonlySet<Need> {
  const needs = new Set<Need>()
  const { response_format: format, thinking, logprobs } = body
  if (listIn(body, 'tools').length > 0) needs.add('tools')
  for (const message of messages)
    if (isJsonObject(message) && listIn(message, 'content').some(isImage)) needs.add('images')
  if (isJsonObject(format) && format['type'] === 'json_object') needs.add('structured-output')
  if (isJsonObject(thinking) && thinking['type'] === 'enabled') needs.add('reasoning')
  if (logprobs === true) needs.add('logprobs')
  return needs
}

function isImage(part: Json): boolean {
  return isJsonObject(part) && part['type'] === 'image_url'
}
