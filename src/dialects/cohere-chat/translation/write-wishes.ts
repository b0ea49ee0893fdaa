import type { ChatCall, OutputFormat } from '../../../canonical/chat.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { rewrite } from '../../../canonical/origin.ts'
import { annotatedSchema } from '../../shared/translation/annotated-schema.ts'
import { dialectName, isOwn } from './own.ts'
import { writeThinking } from './write-thinking.ts'

/** @param isGrounded whether tools or documents are told, beside which Cohere takes no format. */
export function writeWishes(call: ChatCall, losses: Losses, isGrounded: boolean): JsonObject {
  const { logprobs } = call
  if (logprobs) losses.account(logprobs, ['isWanted'])
  return told({
    max_tokens: call.outputCapTokens,
    stop_sequences: writeStops(call, losses),
    temperature: within(call, 'temperature', 0, 1, losses),
    p: within(call, 'topP', 0.01, 0.99, losses),
    k: within(call, 'topK', 0, 500, losses),
    seed: call.seed,
    ...writePenalties(call, losses),
    logprobs: logprobs?.isWanted,
    response_format: call.outputFormat && writeFormat(call, call.outputFormat, isGrounded, losses),
    thinking: writeThinking(call, losses),
  })
}

/** Bounds: cohere-ai 8.1.0, `V2ChatRequest`; of the temperature, Cohere's page on errors (read 2026-11). */
function within(
  call: ChatCall,
  field: 'temperature' | 'topP' | 'topK' | 'frequencyPenalty' | 'presencePenalty',
  least: number,
  most: number,
  losses: Losses,
): number | undefined {
  const value = call[field]
  if (value === undefined || isOwn(call)) return value
  const taken = Math.min(most, Math.max(least, value))
  if (taken !== value) losses.approximated(call, field, `Cohere takes ${least} to ${most}`)
  return taken
}

/** "only one of 'presence_penalty' and 'frequency_penalty' can be specified" (Cohere's page on errors, read 2026-11). */
function writePenalties(call: ChatCall, losses: Losses): Readonly<Record<string, number | undefined>> {
  const frequency = within(call, 'frequencyPenalty', 0, 1, losses)
  const presence = within(call, 'presencePenalty', 0, 1, losses)
  const areBothTold = frequency !== undefined && presence !== undefined
  if (isOwn(call) || !areBothTold) return { frequency_penalty: frequency, presence_penalty: presence }
  // None is what happens unasked.
  if (frequency === 0) return { presence_penalty: presence }
  if (presence !== 0) losses.lost(call, 'presencePenalty', 'Cohere takes one of the two penalties, not both')
  return { frequency_penalty: frequency }
}

function writeStops(call: ChatCall, losses: Losses): readonly string[] | undefined {
  const { stopSequences } = call
  if (stopSequences === undefined || isOwn(call)) return stopSequences
  const some = stopSequences.filter((stop) => stop !== '')
  if (some.length > mostStops || some.length < stopSequences.length)
    losses.approximated(call, 'stopSequences', `Cohere takes up to ${mostStops}, none of them empty`)
  return some.length === 0 ? undefined : some.slice(0, mostStops)
}

const mostStops = 5

function writeFormat(call: ChatCall, format: OutputFormat, isGrounded: boolean, losses: Losses): Json | undefined {
  if (isOwn(call)) return rewrite(format, dialectName, (one) => formatWords(one, losses))
  if (format.kind === 'text') {
    losses.account(format, ['kind'])
    return undefined
  }
  if (isGrounded) {
    losses.lost(call, 'outputFormat', 'Cohere takes no format beside tools or documents')
    return undefined
  }
  return formatWords(format, losses)
}

function formatWords(format: OutputFormat, losses: Losses): JsonObject {
  if (format.kind !== 'json-schema') {
    losses.account(format, ['kind'])
    return { type: format.kind === 'text' ? 'text' : 'json_object' }
  }
  losses.account(format, ['kind', 'name', 'description', 'schema', 'isStrict'])
  if (format.isStrict === false) losses.approximated(format, 'isStrict', 'Cohere always enforces the schema')
  return { type: 'json_object', json_schema: annotatedSchema(format, losses) }
}

function told(fields: Readonly<Record<string, Json | undefined>>): JsonObject {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  )
}
