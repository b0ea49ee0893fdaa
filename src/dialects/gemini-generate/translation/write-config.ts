import type { ChatCall, OutputFormat } from '../../../canonical/chat.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { isOwn } from './own.ts'
import { writeThinking } from './write-thinking.ts'

/** `generationConfig`. */
export function writeConfig(call: ChatCall, losses: Losses): JsonObject {
  const { logprobs } = call
  if (logprobs) losses.account(logprobs, ['isWanted', 'topCount'])
  const thinking = writeThinking(call, losses)
  return told({
    candidateCount: call.choiceCount,
    maxOutputTokens: call.outputCapTokens,
    temperature: call.temperature,
    topP: call.topP,
    topK: call.topK,
    stopSequences: writeStops(call, losses),
    seed: call.seed,
    presencePenalty: call.presencePenalty,
    frequencyPenalty: call.frequencyPenalty,
    responseLogprobs: logprobs?.isWanted,
    logprobs: logprobs?.isWanted === true ? logprobs.topCount : undefined,
    ...(call.outputFormat && writeFormat(call.outputFormat, losses)),
    thinkingConfig: thinking,
  })
}

/** "The set of character sequences (up to 5)". */
function writeStops(call: ChatCall, losses: Losses): readonly string[] | undefined {
  const { stopSequences } = call
  if (stopSequences === undefined || isOwn(call)) return stopSequences
  const some = stopSequences.filter((stop) => stop !== '')
  if (some.length > mostStops || some.length < stopSequences.length)
    losses.approximated(call, 'stopSequences', `Google takes up to ${mostStops}, none of them empty`)
  return some.length === 0 ? undefined : some.slice(0, mostStops)
}

const mostStops = 5

function writeFormat(format: OutputFormat, losses: Losses): Readonly<Record<string, Json>> {
  switch (format.kind) {
    case 'text':
      losses.account(format, ['kind'])
      return isOwn(format) ? { responseMimeType: 'text/plain' } : {}
    case 'json-object':
      losses.account(format, ['kind'])
      return { responseMimeType: 'application/json' }
    case 'json-schema': {
      const { name, description, schema, isStrict } = format
      losses.account(format, ['kind', 'name', 'description', 'schema', 'isStrict'])
      if (isStrict === false && !isOwn(format))
        losses.approximated(format, 'isStrict', 'Google always enforces the schema')
      // The annotations that JSON Schema has for it tell them, unless the schema has its own.
      if (isTaken(schema, 'title', name)) losses.lost(format, 'name', 'the schema has a title of its own')
      if (isTaken(schema, 'description', description))
        losses.lost(format, 'description', 'the schema has a description of its own')
      const annotations = told({ title: name, description })
      return { responseMimeType: 'application/json', responseJsonSchema: { ...annotations, ...schema } }
    }
  }
}

function isTaken(schema: JsonObject, key: string, value: string | undefined): boolean {
  return value !== undefined && Object.hasOwn(schema, key) && schema[key] !== value
}

function told(fields: Readonly<Record<string, Json | undefined>>): JsonObject {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  )
}
