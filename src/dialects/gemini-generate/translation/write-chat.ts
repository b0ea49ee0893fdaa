import { accountForCall } from '../../shared/translation/account-for-call.ts'
import { several } from '../../shared/translation/put.ts'
import type { ChatCall, Message } from '../../../canonical/chat.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { Losses } from '../../../canonical/loss.ts'
import { originOf, rewrite } from '../../../canonical/origin.ts'
import type { WriteSettings } from '../../translation.ts'
import { dialectName, isOwn } from './own.ts'
import { patched } from './patched.ts'
import { writeConfig } from './write-config.ts'
import { writeParts } from './write-parts.ts'
import { writeTools } from './write-tools.ts'
import { layOutTurns } from './write-turns.ts'

/**
 * A call of our own is kept as it was but for its edits; one of another dialect is laid out anew, by Google's rules. With `model` and
 * `stream`, which leave in the path.
 */
export function writeChat(call: ChatCall, losses: Losses, _settings: WriteSettings): JsonObject {
  // Nothing of a call of our own can be lost: what is not written anew stays as it was.
  const collected = isOwn(call) ? () => new Losses() : () => losses
  const written = rewrite(call, dialectName, (one) => freshBody(one, collected()), patched)
  return isJsonObject(written) ? written : {}
}

function freshBody(call: ChatCall, losses: Losses): JsonObject {
  const { system, contents } = isOwn(call) ? keepTurns(call.messages, losses) : layOutTurns(call, losses)
  const tools = writeTools(call, losses)
  const config = writeConfig(call, tools['tools'] !== undefined, losses)
  const tier = tierOf(call)
  const ofTier = tier !== undefined && 'serviceTier'
  accountForCall(call, losses, [...carried, ofTier])
  return {
    model: call.modelName,
    ...(system && { systemInstruction: system }),
    contents,
    ...tools,
    ...(Object.keys(config).length > 0 && { generationConfig: config }),
    ...(isOwn(call) && call.metadata && { labels: call.metadata }),
    ...(tier !== undefined && { serviceTier: tier }),
    ...(call.isStream && { stream: true }),
  }
}

interface OwnTurns {
  readonly system: Json | undefined
  readonly contents: Json
}

/** Every turn where it stood; one that came as several contents stays these, unless it was edited. */
function keepTurns(messages: readonly Message[], losses: Losses): OwnTurns {
  const write = (message: Message) =>
    rewrite<Message>(
      message,
      dialectName,
      ({ role, blocks }) => ({
        ...(role !== 'system' && { role: role === 'assistant' ? 'model' : 'user' }),
        parts: writeParts(blocks, losses),
      }),
      patched,
    )
  const isPrompt = ({ role }: Message) => role === 'system' || role === 'developer'
  const [first] = messages.filter(isPrompt)
  const [only, ...others] = messages.filter((message) => !isPrompt(message))
  // A single content that came without a list around it.
  const isBare = only !== undefined && others.length === 0 && originOf(only)?.path === 'contents'
  return {
    system: first && write(first),
    contents: isBare ? write(only) : [...(only ? [only] : []), ...others].flatMap((turn) => several(write(turn))),
  }
}

/** OpenAI's `default` is Google's `standard`; `auto` is what happens when nobody asks. */
function tierOf(call: ChatCall): string | undefined {
  const { serviceTier } = call
  if (serviceTier === undefined || isOwn(call)) return serviceTier
  return tiers.get(serviceTier)
}

const tiers: ReadonlyMap<string, string> = new Map([
  ['default', 'standard'],
  ['standard', 'standard'],
  ['standard_only', 'standard'],
  ['flex', 'flex'],
  ['priority', 'priority'],
])

const carried = [
  'toolChoice',
  'seed',
  'presencePenalty',
  'frequencyPenalty',
  'choiceCount',
  'logprobs',
] as const satisfies readonly (keyof ChatCall)[]
