import type { Message } from '../../../canonical/chat.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { hear } from '../../../canonical/origin.ts'
import { isJsonArray, listIn, refusal } from '../../shared/call-fields.ts'
import { dialectName, fieldsIn } from './own.ts'
import { readBlocks } from './read-blocks.ts'

/** The system prompt as the first message, when there is one, then the messages one by one. */
export function readTurns(body: JsonObject, signatureFormat: string): readonly Message[] {
  const messages = listIn(body, 'messages').map((wire, index) => readMessage(wire, index, signatureFormat))
  return [...readSystem(body['system']), ...messages]
}

/** Where the system prompt stands: a system turn read from here goes back here, others stay among the messages. */
export const systemPath = 'system'

function readSystem(said: Json | undefined): readonly Message[] {
  if (!isJsonArray(said) || said.length === 0) return []
  const blocks = readBlocks(said, systemPath, '')
  const heard = { role: '', blocks: '' }
  return [
    hear<Message>(
      { role: 'system', blocks, name: undefined },
      { dialect: dialectName, wire: said, path: systemPath, heard, unheard: [] },
    ),
  ]
}

function readMessage(wire: Json, index: number, signatureFormat: string): Message {
  const path = `messages[${index}]`
  if (!isJsonObject(wire)) throw refusal(path, 'must be an object')
  const { role, content } = wire
  if (role !== 'user' && role !== 'assistant' && role !== 'system')
    throw refusal(`${path}.role`, 'must be user, assistant or system')
  if (!isJsonArray(content)) throw refusal(`${path}.content`, 'must be an array')
  const fields = fieldsIn(wire, path)
  fields.note('role', 'role')
  fields.note('blocks', 'content')
  return fields.hear<Message>({
    role,
    blocks: readBlocks(content, `${path}.content`, signatureFormat),
    name: undefined,
  })
}
