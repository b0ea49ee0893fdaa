import type { ChatCall } from '../../../canonical/chat.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { Losses } from '../../../canonical/loss.ts'
import { originOf, rewrite } from '../../../canonical/origin.ts'
import { put, type Draft } from '../../shared/translation/put.ts'
import type { WriteSettings } from '../../translation.ts'
import { writeOpenAiFormat } from '../../vendors/openai/format.ts'
import { ownCacheKey, writeCacheMark } from './cache-mark.ts'
import { dialectName, isOwn, keyFor } from './own.ts'
import { toldTogether } from '../../shared/translation/told-together.ts'
import { capKeys } from './read-chat.ts'
import { writeMessages } from './write-messages.ts'
import { accountFor, type Pen } from './write-parts.ts'
import { putTools, putToolChoice } from './write-tools.ts'
import { putLogprobs, putReasoning } from './write-wishes.ts'

/**
 * An own call goes back as it came, but for what was edited. A foreign one is worded in OpenAI's published fields (API
 * description 2.3.0) and those of `settings.words`, since strict providers refuse a call for one unknown field.
 */
export function writeChat(call: ChatCall, losses: Losses, settings: WriteSettings): JsonObject {
  const { words = noWords, refuses = noKeys } = settings
  const written = rewrite(call, dialectName, (one) =>
    isOwn(one)
      ? ownCall(one, { words, refuses, losses: one === call ? losses : new Losses() })
      : foreignCall(one, { words, refuses, losses }),
  )
  return isJsonObject(written) ? written : {}
}

const noWords: NonNullable<WriteSettings['words']> = new Set()
const noKeys: NonNullable<WriteSettings['refuses']> = new Set()

/** What an own call says, in the spellings it came in. */
function ownCall(call: ChatCall, pen: Pen): JsonObject {
  const draft = draftOf(call, pen)
  const wire = originOf(call)?.wire
  const said: JsonObject = isJsonObject(wire) ? wire : {}
  if (call.isStream || typeof said['stream'] === 'boolean') draft['stream'] = call.isStream
  for (const [field, key] of scalars) put(draft, keyFor(call, field, key), call[field])
  // Said even when empty, so that what else it holds stays when usage is asked for.
  if (isJsonObject(said['stream_options'])) draft['stream_options'] = {}
  put(draft, 'stream_options.include_usage', call.wantsStreamUsage)
  const spelled = capKeys.filter((key) => typeof said[key] === 'number')
  // A cap given in both spellings is changed in both.
  for (const key of spelled.length > 0 ? spelled : [capKeys[0]]) put(draft, key, call.outputCapTokens)
  const [only] = call.stopSequences ?? []
  const isSingle = typeof said['stop'] === 'string' && call.stopSequences?.length === 1
  put(draft, 'stop', isSingle ? only : call.stopSequences)
  if (call.cache) {
    const key = ownCacheKey(call.cache) ?? 'cache_control'
    put(draft, key, writeCacheMark(call.cache, key))
  }
  return draft
}

function foreignCall(call: ChatCall, pen: Pen): JsonObject {
  const { losses, words } = pen
  const draft = draftOf(call, pen)
  const carried: (keyof ChatCall)[] = [...structure]
  for (const [field, key] of scalars) {
    if (pen.refuses.has(key) || !isSayable(field, call, pen)) continue
    put(draft, key, call[field])
    carried.push(field)
  }
  put(draft, words.has('max_tokens') ? 'max_tokens' : 'max_completion_tokens', call.outputCapTokens)
  put(draft, 'stop', stopsFor(call, pen))
  if (call.isStream) {
    draft['stream'] = true
    // Usage never comes unasked (failures.md M8).
    if (call.wantsStreamUsage !== false && !pen.refuses.has('stream_options'))
      draft['stream_options'] = { include_usage: true }
  }
  const last = call.messages.at(-1)
  if (last?.role === 'assistant')
    losses.approximated(last, 'blocks', 'the target answers a turn of the assistant; it does not go on writing it')
  accountFor(call, carried, pen)
  return draft
}

/** What both kinds of call say in the same way. */
function draftOf(call: ChatCall, pen: Pen): Draft {
  const messages = isOwn(call) ? call.messages : toldTogether(call.messages, pen.losses)
  const draft: Draft = { model: call.modelName, messages: writeMessages(messages, pen) }
  putTools(draft, call, pen)
  putToolChoice(draft, call, pen)
  putLogprobs(draft, call, pen)
  put(draft, 'response_format', writeOpenAiFormat(call, dialectName, 'json_schema.', pen.losses))
  putReasoning(draft, call, pen)
  return draft
}

/** Carried by their own writers, or not to be said. */
const structure = [
  'modelName',
  'isStream',
  'messages',
  'tools',
  'toolChoice',
  'mayCallToolsInParallel',
  'outputCapTokens',
  'stopSequences',
  'logprobs',
  'outputFormat',
  'reasoning',
  'wantsStreamUsage',
] as const satisfies readonly (keyof ChatCall)[]

/** Fields that are one member each. */
const scalars = [
  ['temperature', 'temperature'],
  ['topP', 'top_p'],
  ['topK', 'top_k'],
  ['minP', 'min_p'],
  ['seed', 'seed'],
  ['presencePenalty', 'presence_penalty'],
  ['frequencyPenalty', 'frequency_penalty'],
  ['logitBias', 'logit_bias'],
  ['choiceCount', 'n'],
  ['verbosity', 'verbosity'],
  ['endUser', 'user'],
  ['metadata', 'metadata'],
  ['serviceTier', 'service_tier'],
] as const satisfies readonly (readonly [keyof ChatCall, string])[]

function isSayable(field: keyof ChatCall, call: ChatCall, { words, losses }: Pen): boolean {
  switch (field) {
    case 'topK':
      return words.has('top_k')
    case 'minP':
      return words.has('min_p')
    case 'serviceTier': {
      const isKnown = call.serviceTier === undefined || serviceTiers.has(call.serviceTier)
      if (!isKnown) losses.lost(call, 'serviceTier', 'the target has no such tier')
      return isKnown
    }
    default:
      return true
  }
}

/** API description 2.3.0. */
export const serviceTiers: ReadonlySet<Json> = new Set(['auto', 'default', 'flex', 'scale', 'priority', 'fast'])

/** API description 2.3.0: up to four. */
const mostStops = 4

function stopsFor(call: ChatCall, { losses }: Pen): readonly string[] | undefined {
  const { stopSequences } = call
  if (stopSequences === undefined || stopSequences.length === 0) return undefined
  if (stopSequences.length > mostStops)
    losses.approximated(call, 'stopSequences', `the target takes the first ${mostStops} of them`)
  return stopSequences.slice(0, mostStops)
}
