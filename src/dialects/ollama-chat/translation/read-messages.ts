import type { Block, Message, MediaBlock, TextBlock, ThoughtBlock, ToolResultBlock } from '../../../canonical/chat.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { hear } from '../../../canonical/origin.ts'
import { listIn, refusal } from '../../shared/call-fields.ts'
import { imageTypeOf } from '../media-type.ts'
import type { WireFields } from '../../shared/translation/wire-fields.ts'
import { CallIds } from './call-ids.ts'
import { dialectName, fieldsIn } from './own.ts'

/** @throws GatewayError `invalid_request` for a message that is no object. */
export function readMessages(messages: readonly Json[]): readonly Message[] {
  const ids = new CallIds()
  return messages.map((message, index) => {
    const path = `messages[${index}]`
    if (!isJsonObject(message)) throw refusal(path, 'must be an object')
    return readMessage(message, path, ids)
  })
}

function readMessage(message: JsonObject, path: string, ids: CallIds): Message {
  const fields = fieldsIn(message, path, 'role')
  const { role } = message
  switch (role) {
    case 'system':
    case 'user':
      return fields.hear<Message>({ role, blocks: readContent(fields), name: undefined })
    case 'assistant':
      return fields.hear<Message>({ role, blocks: readAssistant(fields, ids), name: undefined })
    case 'tool':
      return fields.hear<Message>({ role, blocks: [readToolResult(fields, ids)], name: undefined })
    default:
      return readStranger(message, path)
  }
}

/** A turn of somebody we do not know. */
function readStranger(message: JsonObject, path: string): Message {
  const { role } = message
  const type = typeof role === 'string' ? `message of role ${role}` : 'message without a role'
  const origin = { dialect: dialectName, wire: message, path, heard: {}, unheard: [] }
  return hear<Message>(
    { role: 'user', blocks: [hear<Block>({ kind: 'opaque', type }, origin)], name: undefined },
    origin,
  )
}

function readAssistant(fields: WireFields, ids: CallIds): readonly Block[] {
  const calls = listIn(fields.wire, 'tool_calls')
  if (fields.at('tool_calls') !== undefined) fields.understand('tool_calls')
  if (calls.length > 0) ids.beginTurn()
  return [
    ...readThought(fields),
    ...readContent(fields),
    ...calls.map((call, index) => readCalled(call, `${fields.path}.tool_calls[${index}]`, ids)),
  ]
}

/** A text, and the pictures that come with it. */
function readContent(message: WireFields): readonly Block[] {
  const pictures = listIn(message.wire, 'images')
  if (message.at('images') !== undefined) message.understand('images')
  return [
    ...readText(message),
    ...pictures.map((picture, index) => readPicture(picture, `${message.path}.images[${index}]`)),
  ]
}

function readText(message: WireFields): readonly TextBlock[] {
  const fields = fieldsIn(message.wire, message.path)
  const text = fields.text('text', 'content')
  if (text === undefined) return []
  message.understand('content')
  return text === ''
    ? []
    : [fields.hear<TextBlock>({ kind: 'text', text, citations: undefined, cache: undefined }, text)]
}

function readThought(message: WireFields): readonly ThoughtBlock[] {
  const fields = fieldsIn(message.wire, message.path)
  const text = fields.text('text', 'thinking')
  if (text === undefined) return []
  message.understand('thinking')
  const thought: ThoughtBlock = { kind: 'thought', text, signature: undefined, redactedData: undefined }
  return text === '' ? [] : [fields.hear(thought, text)]
}

function readPicture(picture: Json, path: string): Block {
  const origin = { dialect: dialectName, wire: picture, path, unheard: [] }
  if (typeof picture !== 'string') return hear<Block>({ kind: 'opaque', type: 'images' }, { ...origin, heard: {} })
  const block: MediaBlock = {
    kind: 'image',
    source: { kind: 'base64', mediaType: imageTypeOf(picture), base64: picture },
    detail: undefined,
    fileName: undefined,
    title: undefined,
    note: undefined,
    wantsCitations: undefined,
    cache: undefined,
  }
  return hear<Block>(block, { ...origin, heard: { source: '' } })
}

function readCalled(call: Json, path: string, ids: CallIds): Block {
  const fields = fieldsIn(isJsonObject(call) ? call : {}, path)
  const name = fields.text('name', 'function.name')
  if (name === undefined)
    return hear<Block>(
      { kind: 'opaque', type: 'tool_calls' },
      { dialect: dialectName, wire: call, path, heard: {}, unheard: [] },
    )
  const id = ids.open(fields.text('id', 'id'), name)
  // Its place in the list says the same.
  fields.understand('type', 'function.index')
  const given = fields.at('function.arguments')
  fields.note('argumentsText', 'function.arguments')
  const argumentsText = typeof given === 'string' ? given : JSON.stringify(given ?? {})
  return fields.hear<Block>({ kind: 'tool-use', id, name, argumentsText, signature: undefined, cache: undefined })
}

function readToolResult(message: WireFields, ids: CallIds): ToolResultBlock {
  const fields = fieldsIn(message.wire, message.path)
  const id = fields.text('toolUseId', 'tool_call_id')
  // Many write `name`, as its own examples did before `tool_name` was there (ollama-python, read 2026-11).
  const toolUseId = ids.answered(id, fields.at('tool_name') ?? fields.at('name'))
  const blocks = readContent(message)
  fields.note('blocks', 'content')
  message.understand('tool_call_id', 'tool_name', 'name')
  return fields.hear<ToolResultBlock>(
    { kind: 'tool-result', toolUseId, blocks, isError: undefined, cache: undefined },
    null,
  )
}
