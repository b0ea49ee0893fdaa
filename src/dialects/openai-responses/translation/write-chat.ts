import type { ChatCall } from '../../../canonical/chat.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { Losses } from '../../../canonical/loss.ts'
import { originOf, rewrite } from '../../../canonical/origin.ts'
import { put, type Draft } from '../../shared/translation/put.ts'
import type { WriteSettings } from '../../translation.ts'
import { writeOpenAiFormat } from '../../vendors/openai/format.ts'
import { dialectName, isOwn, keyFor } from './own.ts'
import { accountFor, type Pen } from './pen.ts'
import { encryptedInclude } from './read-chat.ts'
import { holdsSigned, writeInput, writeOwnInput } from './write-items.ts'
import { putTools, putToolChoice } from './write-tools.ts'
import { putLogprobs, putReasoning } from './write-wishes.ts'

/**
 * An own call goes back as it came, but for what was edited. A foreign one is worded in OpenAI's published fields (API
 * description 2.3.0), and says all that it has to say: nothing is to be stored for it, and no stored state is read.
 */
export function writeChat(call: ChatCall, losses: Losses, settings: WriteSettings): JsonObject {
  const words = settings.words ?? noWords
  const written = rewrite(call, dialectName, (one) =>
    isOwn(one)
      ? ownCall(one, { words, losses: one === call ? losses : new Losses() })
      : foreignCall(one, { words, losses }),
  )
  return isJsonObject(written) ? written : {}
}

const noWords: NonNullable<WriteSettings['words']> = new Set()

function ownCall(call: ChatCall, pen: Pen): JsonObject {
  const draft: Draft = { model: call.modelName, ...writeOwnInput(call.messages, wireOf(call), pen) }
  if (call.isStream || typeof wireOf(call)['stream'] === 'boolean') draft['stream'] = call.isStream
  put(draft, 'max_output_tokens', call.outputCapTokens)
  for (const [field, key] of [...scalars, ...ownScalars]) put(draft, keyFor(call, field, key), call[field])
  putParts(draft, call, pen)
  return draft
}

function foreignCall(call: ChatCall, pen: Pen): JsonObject {
  const { losses } = pen
  const draft: Draft = { model: call.modelName, input: writeInput(call.messages, pen), store: false }
  const carried: (keyof ChatCall)[] = [...structure]
  for (const [field, key] of scalars) {
    if (field === 'serviceTier' && !isKnownTier(call, losses)) continue
    put(draft, key, call[field])
    carried.push(field)
  }
  put(draft, 'max_output_tokens', capFor(call, losses))
  if (call.isStream) draft['stream'] = true
  const last = call.messages.at(-1)
  if (last?.role === 'assistant')
    losses.approximated(last, 'blocks', 'the target answers a turn of the assistant; it does not go on writing it')
  putParts(draft, call, pen)
  // What is not stored comes back encrypted, or not at all. Models that do not think refuse the wish.
  const thinks = isJsonObject(draft['reasoning']) && draft['reasoning']['effort'] !== 'none'
  if (thinks || holdsSigned(call.messages)) draft['include'] = [...includesOf(draft), encryptedInclude]
  // One choice is what there is.
  if (call.choiceCount === 1) carried.push('choiceCount')
  accountFor(call, carried, pen)
  return draft
}

/** What both kinds of call say in the same way. */
function putParts(draft: Draft, call: ChatCall, pen: Pen): void {
  putTools(draft, call, pen)
  putToolChoice(draft, call, pen)
  put(draft, 'text.format', writeOpenAiFormat(call, dialectName, '', pen.losses))
  put(draft, 'text.verbosity', call.verbosity)
  putReasoning(draft, call, pen)
  putLogprobs(draft, call, pen)
}

/** Carried by their own writers, or not to be said. This dialect tells usage unasked. */
const structure = [
  'modelName',
  'isStream',
  'messages',
  'tools',
  'toolChoice',
  'mayCallToolsInParallel',
  'outputCapTokens',
  'outputFormat',
  'verbosity',
  'reasoning',
  'logprobs',
  'wantsStreamUsage',
] as const satisfies readonly (keyof ChatCall)[]

/** Fields that are one member each. */
const scalars = [
  ['temperature', 'temperature'],
  ['topP', 'top_p'],
  ['endUser', 'user'],
  ['metadata', 'metadata'],
  ['serviceTier', 'service_tier'],
] as const satisfies readonly (readonly [keyof ChatCall, string])[]

/** Named in answers, and taken by some copies only. */
const ownScalars = [
  ['presencePenalty', 'presence_penalty'],
  ['frequencyPenalty', 'frequency_penalty'],
] as const satisfies readonly (readonly [keyof ChatCall, string])[]

/** API description 2.3.0. */
const leastCapTokens = 16
export const serviceTiers: ReadonlySet<string> = new Set([
  'auto',
  'default',
  'flex',
  'scale',
  'priority',
  'fast',
  'ultrafast',
])

function isKnownTier(call: ChatCall, losses: Losses): boolean {
  const isKnown = call.serviceTier === undefined || serviceTiers.has(call.serviceTier)
  if (!isKnown) losses.lost(call, 'serviceTier', 'the target has no such tier')
  return isKnown
}

function capFor(call: ChatCall, losses: Losses): number | undefined {
  const { outputCapTokens } = call
  if (outputCapTokens === undefined || outputCapTokens >= leastCapTokens) return outputCapTokens
  losses.approximated(call, 'outputCapTokens', `the target takes no cap below ${leastCapTokens}`)
  return leastCapTokens
}

function includesOf(draft: Draft): readonly string[] {
  const { include } = draft
  return Array.isArray(include) ? include.map(String) : []
}

function wireOf(call: ChatCall): JsonObject {
  const wire = originOf(call)?.wire
  return isJsonObject(wire) ? wire : {}
}
