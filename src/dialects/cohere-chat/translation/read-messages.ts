import type { Block, Message, ToolResultBlock } from '../../../canonical/chat.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { hear } from '../../../canonical/origin.ts'
import { listIn, readMessages, refusal } from '../../shared/call-fields.ts'
import type { WireFields } from '../../shared/translation/wire-fields.ts'
import { dialectName, fieldsIn } from './own.ts'
import { plainText, readContent, readToolCall } from './read-content.ts'
import { readDocuments } from './read-documents.ts'

/**
 * The messages one by one, and the documents of the call as a turn of the user's before the last one: that is what they are to be
 * cited for.
 */
export function readMessageList(call: WireFields): readonly Message[] {
  const messages = readMessages(call.wire).map(readMessage)
  const documents = readDocuments(call)
  if (documents === undefined) return messages
  const last = messages.findLastIndex(({ role }) => role === 'user')
  return messages.toSpliced(last === -1 ? messages.length : last, 0, documents)
}

function readMessage(wire: Json, index: number): Message {
  const path = `messages[${index}]`
  if (!isJsonObject(wire)) throw refusal(path, 'must be an object')
  switch (wire['role']) {
    case 'system':
    case 'user':
      return messageOf(wire, path, wire['role'], readContent(wire['content'], `${path}.content`))
    case 'assistant':
      return messageOf(wire, path, 'assistant', blocksOfAssistant(wire, path), 'tool_plan', 'tool_calls')
    case 'tool':
      return messageOf(wire, path, 'tool', [resultIn(wire, path)], 'tool_call_id')
    default:
      throw refusal(`${path}.role`, 'must be system, user, assistant or tool')
  }
}

/** Citations of an earlier answer point into it: nobody else has a word for them, and they stay where they are. */
function messageOf(
  wire: JsonObject,
  path: string,
  role: Message['role'],
  blocks: readonly Block[],
  ...structural: readonly string[]
): Message {
  const fields = fieldsIn(wire, path, ...structural)
  fields.note('role', 'role')
  fields.note('blocks', 'content')
  return fields.hear<Message>({ role, blocks, name: undefined })
}

/** What was said, the plan that led to the calls, and the calls. */
function blocksOfAssistant(wire: JsonObject, path: string): readonly Block[] {
  const { tool_plan: plan } = wire
  return [
    ...readContent(wire['content'], `${path}.content`),
    ...(typeof plan === 'string' && plan !== '' ? [plainText(plan, `${path}.tool_plan`)] : []),
    ...listIn(wire, 'tool_calls').map((call, index) => readToolCall(call, `${path}.tool_calls[${index}]`)),
  ]
}

/** A result without the id of its call is read as one of a call without an id. */
function resultIn(wire: JsonObject, path: string): ToolResultBlock {
  const { tool_call_id: id } = wire
  const block: ToolResultBlock = {
    kind: 'tool-result',
    toolUseId: typeof id === 'string' ? id : '',
    blocks: readContent(wire['content'], `${path}.content`),
    isError: undefined,
    cache: undefined,
  }
  const heard = { toolUseId: 'tool_call_id', blocks: 'content', '': 'role' }
  return hear(block, { dialect: dialectName, wire, path, heard })
}
