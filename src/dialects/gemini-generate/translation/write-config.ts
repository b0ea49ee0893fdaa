import type { ChatCall, OutputFormat } from '../../../canonical/chat.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { annotatedSchema } from '../../shared/translation/annotated-schema.ts'
import { isFormatApart } from './generations.ts'
import { isOwn } from './own.ts'
import { writeThinking } from './write-thinking.ts'

/**
 * `generationConfig`.
 * @param hasTools whether tools are told, beside which some models take no format.
 */
export function writeConfig(call: ChatCall, hasTools: boolean, losses: Losses): JsonObject {
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
    seed: writeSeed(call, losses),
    presencePenalty: call.presencePenalty,
    frequencyPenalty: call.frequencyPenalty,
    responseLogprobs: logprobs?.isWanted,
    logprobs: logprobs?.isWanted === true ? logprobs.topCount : undefined,
    ...(call.outputFormat && writeFormat(call, call.outputFormat, hasTools, losses)),
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

/**
 * "int32" (discovery document). Of another whole number its last 32 bits are told, and not nothing: equal seeds stay equal, which is
 * all that they are for.
 */
function writeSeed(call: ChatCall, losses: Losses): number | undefined {
  const { seed } = call
  if (seed === undefined || isOwn(call)) return seed
  const told = seed | 0
  if (told !== seed) losses.approximated(call, 'seed', 'Google takes whole numbers of 32 bits')
  return told
}

function writeFormat(
  call: ChatCall,
  format: OutputFormat,
  hasTools: boolean,
  losses: Losses,
): Readonly<Record<string, Json>> {
  if (hasTools && isFormatApart(call)) {
    losses.lost(call, 'outputFormat', 'the model takes no format beside tools')
    return {}
  }
  switch (format.kind) {
    case 'text':
      losses.account(format, ['kind'])
      return isOwn(format) ? { responseMimeType: 'text/plain' } : {}
    case 'json-object':
      losses.account(format, ['kind'])
      return { responseMimeType: 'application/json' }
    case 'json-schema': {
      losses.account(format, ['kind', 'name', 'description', 'schema', 'isStrict'])
      if (format.isStrict === false && !isOwn(format))
        losses.approximated(format, 'isStrict', 'Google always enforces the schema')
      return { responseMimeType: 'application/json', responseJsonSchema: annotatedSchema(format, losses) }
    }
  }
}

function told(fields: Readonly<Record<string, Json | undefined>>): JsonObject {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  )
}
