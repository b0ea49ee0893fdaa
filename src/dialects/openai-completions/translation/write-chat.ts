import type { Block, ChatCall, Message } from '../../../canonical/chat.ts'
import { GatewayError } from '../../../canonical/error.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { originOf, rewrite } from '../../../canonical/origin.ts'
import { put, type Draft } from '../../shared/translation/put.ts'
import type { WriteSettings } from '../../translation.ts'
import { isAlone } from '../prompts.ts'
import { dialectName, isOwn } from './own.ts'

/**
 * An own call goes back as it came, but for what was edited.
 * @throws GatewayError `unsupported` for the call of another dialect: `index.ts` says why.
 */
export function writeChat(call: ChatCall, _losses: Losses, _settings: WriteSettings): JsonObject {
  if (!isOwn(call)) throw new GatewayError('unsupported', 'a model of completions does not take conversations')
  const written = rewrite(call, dialectName, ownCall)
  return isJsonObject(written) ? written : {}
}

function ownCall(call: ChatCall): JsonObject {
  const wire = originOf(call)?.wire
  const said: JsonObject = isJsonObject(wire) ? wire : {}
  const draft: Draft = { model: call.modelName }
  const prompts = call.messages.map(writePrompt)
  const [prompt] = prompts
  if (prompts.length === 1 && prompt !== undefined && isAlone(said['prompt'])) draft['prompt'] = prompt
  else if (prompts.length > 0) draft['prompt'] = prompts
  if (call.isStream || typeof said['stream'] === 'boolean') draft['stream'] = call.isStream
  if (typeof said['max_tokens'] === 'number' || call.outputCapTokens !== undefined)
    put(draft, 'max_tokens', call.outputCapTokens)
  for (const [field, key] of scalars) put(draft, key, call[field])
  const [only] = call.stopSequences ?? []
  const isSingle = typeof said['stop'] === 'string' && call.stopSequences?.length === 1
  put(draft, 'stop', isSingle ? only : call.stopSequences)
  if (call.logprobs?.isWanted) draft['logprobs'] = call.logprobs.topCount ?? 0
  // Said even when empty, so that what else it holds stays when usage is asked for.
  if (isJsonObject(said['stream_options'])) draft['stream_options'] = {}
  put(draft, 'stream_options.include_usage', call.wantsStreamUsage)
  return draft
}

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
  ['endUser', 'user'],
] as const satisfies readonly (readonly [keyof ChatCall, string])[]

/** The text of a prompt, or what it was where it is none. */
function writePrompt(message: Message): Json {
  return rewrite<Message>(message, dialectName, ({ blocks }) => {
    const written = blocks.map((block) => rewrite<Block>(block, dialectName, textOf))
    const [only] = written
    return written.length === 1 && only !== undefined ? only : written.filter((one) => typeof one === 'string').join('')
  })
}

function textOf(block: Block): string {
  return block.kind === 'text' ? block.text : ''
}
