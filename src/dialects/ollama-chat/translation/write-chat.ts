import { accountForCall } from '../../shared/translation/account-for-call.ts'
import type { ChatCall } from '../../../canonical/chat.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { Losses } from '../../../canonical/loss.ts'
import { originOf, rewrite } from '../../../canonical/origin.ts'
import { put, type Draft } from '../../shared/translation/put.ts'
import { toldTogether } from '../../shared/translation/told-together.ts'
import type { WriteSettings } from '../../translation.ts'
import { isOwn, dialectName } from './own.ts'
import { writeMessages } from './write-messages.ts'
import { putTools } from './write-tools.ts'
import { putLogprobs, putOutputFormat, putReasoning } from './write-wishes.ts'

/** An own call goes back as it came, but for what was edited; a foreign one is worded anew. */
export function writeChat(call: ChatCall, losses: Losses, _settings: WriteSettings): JsonObject {
  const written = rewrite(call, dialectName, (one) => freshCall(one, isOwn(one) ? new Losses() : losses))
  return isJsonObject(written) ? written : {}
}

function freshCall(call: ChatCall, losses: Losses): JsonObject {
  const wire = isOwn(call) ? originOf(call)?.wire : undefined
  const isSaid = !isJsonObject(wire) || typeof wire['stream'] === 'boolean'
  const messages = isOwn(call) ? call.messages : toldTogether(call.messages, losses)
  const draft: Draft = { model: call.modelName, messages: writeMessages(messages, losses) }
  // A stream is what comes unasked, so that every foreign call says which it wants.
  if (isSaid || !call.isStream) draft['stream'] = call.isStream
  const hasTools = putTools(draft, call, losses)
  putOutputFormat(draft, call, losses)
  putReasoning(draft, call, losses)
  putLogprobs(draft, call, losses)
  for (const [field, key] of options) put(draft, `options.${key}`, call[field])
  const last = call.messages.at(-1)
  if (last?.role === 'assistant' && !isOwn(last))
    losses.approximated(last, 'blocks', 'not every template of a model lets it go on writing its own turn')
  const ofChoice = asksForNoChoice(call, hasTools) && 'toolChoice'
  accountForCall(call, losses, ['logprobs', ...options.map(([field]) => field), ofChoice])
  return draft
}

/** Fields that are one option each. */
const options = [
  ['outputCapTokens', 'num_predict'],
  ['temperature', 'temperature'],
  ['topP', 'top_p'],
  ['topK', 'top_k'],
  ['minP', 'min_p'],
  ['stopSequences', 'stop'],
  ['seed', 'seed'],
  ['presencePenalty', 'presence_penalty'],
  ['frequencyPenalty', 'frequency_penalty'],
] as const satisfies readonly (readonly [keyof ChatCall, string])[]

/** Whether the model is left to call tools as it likes, for which there is no word. */
function asksForNoChoice({ toolChoice }: ChatCall, hasTools: boolean): boolean {
  return toolChoice?.kind === 'auto' || (toolChoice?.kind === 'none' && !hasTools)
}
