import type { Block, ChatCall, Message } from '../../../canonical/chat.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { originOf, rewrite } from '../../../canonical/origin.ts'
import { layOutTurns, type TurnWords } from '../../shared/translation/alternating-turns.ts'
import { claudeGeneration } from '../../vendors/anthropic/claude-generations.ts'
import { put, type Draft } from '../../shared/translation/put.ts'
import type { WriteSettings } from '../../translation.ts'
import { dialectName, isOwn } from './own.ts'
import { penFor, type Pen } from './pen.ts'
import { systemPath } from './read-turns.ts'
import { writeBlock, writeBlocks } from './write-blocks.ts'
import { writeTools } from './write-tools.ts'
import { putOwnWishes, putWishes } from './write-wishes.ts'

/** A call of our own is kept as it was but for its edits; one of another dialect is laid out anew, by Bedrock's rules. */
export function writeChat(call: ChatCall, losses: Losses, settings: WriteSettings): JsonObject {
  const written = rewrite(call, dialectName, (one) => freshBody(one, penFor(one, losses), settings))
  return isJsonObject(written) ? written : {}
}

function freshBody(call: ChatCall, pen: Pen, settings: WriteSettings): JsonObject {
  const body: Draft = { model: call.modelName }
  const wire = originOf(call)?.wire
  if (isOwn(call) && isJsonObject(wire) && wire['modelId'] !== undefined) body['modelId'] = call.modelName
  const { system, messages } = isOwn(call)
    ? keepTurns(call.messages, pen)
    : layOutTurns(call.messages, pen.losses, turnWords(call, pen))
  put(body, 'messages', messages)
  if (system.length > 0) put(body, 'system', system)
  put(body, 'toolConfig', writeTools(call, pen))
  if (isOwn(call)) putOwnWishes(body, call)
  else putWishes(body, call, pen, settings.defaultOutputCapTokens)
  if (call.isStream) put(body, 'stream', true)
  return body
}

interface OwnTurns {
  readonly system: readonly Json[]
  readonly messages: readonly Json[]
}

/** Every turn where it stood: those of the system prompt there, all others in `messages`, one by one. */
function keepTurns(messages: readonly Message[], pen: Pen): OwnTurns {
  return {
    system: messages.filter(isPrompt).flatMap((message) => promptOf(message, pen)),
    messages: messages
      .filter((message) => !isPrompt(message))
      .map((message) => rewrite(message, dialectName, (one) => freshMessage(one, pen))),
  }
}

/** A turn of the system that came with the prompt, or that was put in later; some stand among the messages. */
function isPrompt(message: Message): boolean {
  if (message.role !== 'system' && message.role !== 'developer') return false
  return !isOwn(message) || originOf(message)?.path === systemPath
}

function promptOf(message: Message, pen: Pen): readonly Json[] {
  const prompt = rewrite<Message>(message, dialectName, ({ blocks }) => writeBlocks(blocks, pen))
  return Array.isArray(prompt) ? prompt : []
}

function freshMessage({ role, blocks }: Message, pen: Pen): JsonObject {
  return { role: role === 'tool' ? 'user' : role, content: writeBlocks(blocks, pen) }
}

const onlyAssistant = 'only the assistant can have said it'
const notAssistant = 'Bedrock does not take it from the assistant'

function turnWords({ modelName }: ChatCall, pen: Pen): TurnWords {
  return {
    write: (block: Block) => writeBlock(block, pen),
    obstacles: {
      user: { thought: onlyAssistant, 'tool-use': onlyAssistant },
      assistant: { image: notAssistant, document: notAssistant, audio: notAssistant, 'tool-result': notAssistant },
    },
    takesPrefill: pen.maker !== 'anthropic' || claudeGeneration(modelName).takesPrefill,
  }
}
