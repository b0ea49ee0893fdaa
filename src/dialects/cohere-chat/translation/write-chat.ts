import { accountForCall } from '../../shared/translation/account-for-call.ts'
import type { ChatCall } from '../../../canonical/chat.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { Losses } from '../../../canonical/loss.ts'
import { rewrite } from '../../../canonical/origin.ts'
import type { WriteSettings } from '../../translation.ts'
import { layOutMessages } from './lay-out-messages.ts'
import { dialectName, isOwn } from './own.ts'
import { keepMessages } from './own-messages.ts'
import { writeTools } from './write-tools.ts'
import { writeWishes } from './write-wishes.ts'

/** A call of our own is kept as it was but for its edits; one of another dialect is laid out anew, by Cohere's rules. */
export function writeChat(call: ChatCall, losses: Losses, _settings: WriteSettings): JsonObject {
  // Nothing of a call of our own can be lost: what is not written anew stays as it was.
  const collected = isOwn(call) ? () => new Losses() : () => losses
  const written = rewrite(call, dialectName, (one) => freshBody(one, collected()))
  return isJsonObject(written) ? written : {}
}

function freshBody(call: ChatCall, losses: Losses): JsonObject {
  const { messages, documents } = isOwn(call)
    ? keepMessages(call.messages, losses)
    : layOutMessages(call.messages, losses)
  const tools = writeTools(call, losses)
  accountForCall(call, losses, ['toolChoice', 'seed', 'presencePenalty', 'frequencyPenalty', 'logprobs'])
  return {
    model: call.modelName,
    messages,
    ...(documents.length > 0 && { documents }),
    ...tools,
    ...writeWishes(call, losses, documents.length > 0 || tools['tools'] !== undefined),
    ...(call.isStream && { stream: true }),
  }
}
