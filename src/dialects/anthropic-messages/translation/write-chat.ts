import { accountForCall } from '../../shared/translation/account-for-call.ts'
import type { ChatCall, Message } from '../../../canonical/chat.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { Losses } from '../../../canonical/loss.ts'
import { originOf, rewrite } from '../../../canonical/origin.ts'
import { layOutTurns, type TurnWords } from '../../shared/translation/alternating-turns.ts'
import type { WriteSettings } from '../../translation.ts'
import { cacheControl } from './cache-control.ts'
import { generationOf } from './generations.ts'
import { dialectName, isOwn } from './own.ts'
import { systemPath } from './read-turns.ts'
import { asObject, writeBlock, writeContent } from './write-blocks.ts'
import { writeOutput } from './write-output.ts'
import { writeSampling } from './write-sampling.ts'
import { writeThinking } from './write-thinking.ts'
import { writeTools } from './write-tools.ts'

/** A call of our own is kept as it was but for its edits; one of another dialect is laid out anew, by Anthropic's rules. */
export function writeChat(call: ChatCall, losses: Losses, settings: WriteSettings): JsonObject {
  // Nothing of a call of our own can be lost: what is not written anew stays as it was.
  const collected = isOwn(call) ? () => new Losses() : () => losses
  const written = rewrite(call, dialectName, (one) => freshBody(one, collected(), settings))
  return isJsonObject(written) ? written : {}
}

function freshBody(call: ChatCall, losses: Losses, settings: WriteSettings): JsonObject {
  const { outputCapTokens, endUser, serviceTier } = call
  const capTokens = outputCapTokens ?? settings.defaultOutputCapTokens
  const { system, messages } = isOwn(call)
    ? keepTurns(call.messages, losses)
    : layOutTurns(call.messages, losses, { ...turnWords, takesPrefill: generationOf(call).takesPrefill })
  const { thinking, effort } = writeThinking(call, capTokens, messages, losses)
  const stops = writeStops(call, losses)
  const tier = tierOf(serviceTier)
  const ofTier = tier !== undefined && 'serviceTier'
  accountForCall(call, losses, ['toolChoice', 'mayCallToolsInParallel', 'endUser', 'cache', ofTier])
  if (call.logprobs?.isWanted === true) losses.account(call.logprobs, [])
  return {
    model: call.modelName,
    max_tokens: capTokens,
    ...(isSaid(system) && { system }),
    messages,
    ...writeTools(call, losses),
    ...(thinking && { thinking }),
    ...writeOutput(call, effort, losses),
    ...writeSampling(call, thinking, losses),
    ...(stops && { stop_sequences: stops }),
    ...(endUser !== undefined && { metadata: { user_id: endUser } }),
    ...(tier !== undefined && { service_tier: tier }),
    ...cacheControl(call.cache),
    ...(call.isStream && { stream: true }),
  }
}

const onlyAssistant = 'only the assistant can have said it'
const notAssistant = 'Anthropic does not take it from the assistant'

const turnWords: Omit<TurnWords, 'takesPrefill'> = {
  write: (block, losses) => {
    const written = writeBlock(block, losses)
    return written === undefined ? [] : [asObject(written)]
  },
  obstacles: {
    user: { thought: onlyAssistant, 'tool-use': onlyAssistant },
    assistant: { image: notAssistant, document: notAssistant, audio: notAssistant, 'tool-result': notAssistant },
  },
}

function isSaid(system: OwnTurns['system']): system is string | readonly Json[] {
  return system !== undefined && system.length > 0
}

interface OwnTurns {
  readonly system: string | readonly Json[] | undefined
  readonly messages: readonly Json[]
}

/** Every turn where it stood: those of the system prompt there, all others in `messages`, one by one. */
function keepTurns(messages: readonly Message[], losses: Losses): OwnTurns {
  const prompts = messages.filter(isPrompt).map((message) => promptOf(message, losses))
  const [only, ...others] = prompts
  return {
    system:
      others.length === 0
        ? only
        : prompts.flatMap((prompt) => (typeof prompt === 'string' ? [asObject(prompt)] : prompt)),
    messages: messages
      .filter((message) => !isPrompt(message))
      .map((message) => rewrite(message, dialectName, (one) => freshMessage(one, losses))),
  }
}

/** A turn of the system that came with the prompt, or that was put in later; some stand among the messages. */
function isPrompt(message: Message): boolean {
  if (message.role !== 'system' && message.role !== 'developer') return false
  return !isOwn(message) || originOf(message)?.path === systemPath
}

function promptOf(message: Message, losses: Losses): string | readonly Json[] {
  const prompt = rewrite<Message>(message, dialectName, ({ blocks }) => writeContent(blocks, losses))
  return typeof prompt === 'string' || Array.isArray(prompt) ? prompt : []
}

function freshMessage({ role, blocks }: Message, losses: Losses): JsonObject {
  return { role: role === 'tool' ? 'user' : role, content: writeContent(blocks, losses) }
}

/** Those without a visible character are refused. */
function writeStops(call: ChatCall, losses: Losses): readonly string[] | undefined {
  const { stopSequences } = call
  if (stopSequences === undefined) return undefined
  const told = isOwn(call) ? stopSequences : stopSequences.filter((stop) => stop.trim() !== '')
  if (told.length < stopSequences.length) {
    if (told.length === 0) losses.lost(call, 'stopSequences', noVisible)
    else losses.approximated(call, 'stopSequences', noVisible)
  }
  return told.length === 0 && !isOwn(call) ? undefined : told
}

const noVisible = 'Anthropic refuses a stop sequence without a visible character'

/** OpenAI's `default` is the standard tier asked for by name. Other words of other providers are theirs alone. */
function tierOf(serviceTier: string | undefined): string | undefined {
  return serviceTier === undefined ? undefined : tiers.get(serviceTier)
}

const tiers: ReadonlyMap<string, string> = new Map([
  ['auto', 'auto'],
  ['standard_only', 'standard_only'],
  ['default', 'standard_only'],
])
