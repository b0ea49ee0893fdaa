import type { Block, Message } from '../../../canonical/chat.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { hear } from '../../../canonical/origin.ts'
import { isJsonArray, readMessages, refusal } from '../../shared/call-fields.ts'
import { Hearing } from './hearing.ts'
import { dialectName } from './own.ts'
import { readBlocks } from './read-blocks.ts'

/** The system prompt as the first message, when there is one, then the messages one by one. */
export function readTurns(body: JsonObject): readonly Message[] {
  return [...readSystem(body['system']), ...readMessages(body).map(readMessage)]
}

/** Where the system prompt stands: a system turn read from here goes back here, others stay among the messages. */
export const systemPath = 'system'

function readSystem(said: Json | undefined): readonly Message[] {
  if (said === undefined || said === null) return []
  const blocks = blocksOf(said, systemPath)
  const heard = { role: '', blocks: '' }
  return [
    hear<Message>(
      { role: 'system', blocks, name: undefined },
      { dialect: dialectName, wire: said, path: systemPath, heard },
    ),
  ]
}

function readMessage(wire: Json, index: number): Message {
  const path = `messages[${index}]`
  if (!isJsonObject(wire)) throw refusal(path, 'must be an object')
  const { role, content } = wire
  // Turns of the system among the messages: recorded 2026, with changes of tools.
  if (role !== 'user' && role !== 'assistant' && role !== 'system')
    throw refusal(`${path}.role`, 'must be user, assistant or system')
  const hearing = new Hearing(wire, path)
  hearing.understood('role', 'role')
  hearing.understood('blocks', 'content')
  return hearing.node<Message>({ role, blocks: blocksOf(content, `${path}.content`), name: undefined })
}

function blocksOf(content: Json | undefined, path: string): readonly Block[] {
  if (typeof content !== 'string' && !isJsonArray(content)) throw refusal(path, 'must be a string or an array')
  return readBlocks(content, path)
}
