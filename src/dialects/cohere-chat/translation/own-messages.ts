import type { Block, Message } from '../../../canonical/chat.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { rewrite } from '../../../canonical/origin.ts'
import { dialectName, ownPathOf } from './own.ts'
import { documentsPath } from './read-documents.ts'
import { writeContent, writeParts } from './write-content.ts'
import { writeDocument } from './write-documents.ts'

/** What a call says in its turns, and beside them. */
export interface Said {
  readonly messages: readonly Json[]
  readonly documents: readonly Json[]
}

/** Every message of our own as it was but for its edits, and the documents beside them. */
export function keepMessages(messages: readonly Message[], losses: Losses): Said {
  const isOfDocuments = (message: Message) => ownPathOf(message) === documentsPath
  return {
    messages: messages
      .filter((message) => !isOfDocuments(message))
      .map((message) => rewrite(message, dialectName, (one) => messageWords(one, losses))),
    documents: messages
      .filter(isOfDocuments)
      .flatMap(({ blocks }) => blocks)
      .map((block) => (block.kind === 'document' ? writeDocument(block, losses) : undefined))
      .filter((document) => document !== undefined),
  }
}

function messageWords({ role, blocks }: Message, losses: Losses): JsonObject {
  switch (role) {
    case 'tool': {
      const result = blocks.find((block) => block.kind === 'tool-result')
      const content = writeContent(result?.blocks ?? blocks, losses)
      return { role, ...(result && { tool_call_id: result.toolUseId }), content }
    }
    case 'assistant':
      return assistantWords(blocks, losses, (block) => ownPathOf(block).endsWith('.tool_plan'))
    default:
      return { role: role === 'developer' ? 'system' : role, content: writeContent(blocks, losses) }
  }
}

/** @param isPlan whether a text is the plan that led to the calls. */
export function assistantWords(
  blocks: readonly Block[],
  losses: Losses,
  isPlan: (block: Block) => boolean,
): JsonObject {
  const calls = blocks.filter((block) => block.kind === 'tool-use' || ownPathOf(block).includes('.tool_calls['))
  const others = blocks.filter((block) => !calls.includes(block))
  const plan = others
    .filter(isPlan)
    .flatMap((block) => writeParts([block], losses))
    .map(textOf)
    .join('')
  const content = writeContent(
    others.filter((block) => !isPlan(block)),
    losses,
  )
  return {
    role: 'assistant',
    ...(content.length > 0 && { content }),
    ...(plan !== '' && { tool_plan: plan }),
    ...(calls.length > 0 && { tool_calls: writeParts(calls, losses) }),
  }
}

function textOf(part: Json): string {
  const text = isJsonObject(part) ? part['text'] : part
  return typeof text === 'string' ? text : ''
}
