import type { Block, Message, OpaqueBlock, TextBlock, ToolResultBlock } from '../../../canonical/chat.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject, wordOf } from '../../../canonical/json.ts'
import { hear, originOf } from '../../../canonical/origin.ts'
import { isJsonArray, refusal } from '../../shared/call-fields.ts'
import type { WireFields } from '../../shared/translation/wire-fields.ts'
import { readCacheMark } from './cache-mark.ts'
import { opaque, readImage, readParts } from './read-parts.ts'
import { readThoughts } from './read-thoughts.ts'
import { readFunctionCall, readToolCalls } from './read-tool-calls.ts'
import { dialectName, fieldsIn } from './own.ts'

/** @throws GatewayError `invalid_request` for a message that is no object. */
export function readMessages(messages: readonly Json[]): readonly Message[] {
  const functionCalls = new FunctionCalls()
  const wordless = new Map<Json, string>()
  return messages.map((message, index) => {
    const path = `messages[${index}]`
    if (!isJsonObject(message)) throw refusal(path, 'must be an object')
    const read = readResultOfWordless(message, path, wordless) ?? readMessage(message, path, functionCalls)
    for (const block of read.blocks) if (block.kind === 'opaque') noteCall(block, wordless)
    return read
  })
}

/** The id of a call that only this dialect has a word for: one of a custom tool. */
function noteCall(block: OpaqueBlock, wordless: Map<Json, string>): void {
  const origin = originOf(block)
  const id = isJsonObject(origin?.wire) ? origin.wire['id'] : undefined
  if (origin?.path.includes('.tool_calls[') && typeof id === 'string') wordless.set(id, block.type)
}

/** A result is nothing without its call. `undefined`: it is none, or its call has words. */
function readResultOfWordless(
  message: JsonObject,
  path: string,
  wordless: ReadonlyMap<Json, string>,
): Message | undefined {
  const type = message['role'] === 'tool' ? wordless.get(message['tool_call_id'] ?? null) : undefined
  return type === undefined ? undefined : aside('tool', message, path, `a result of ${type}`)
}

/** Calls of before there were tools have no id: the answer to one names the function, and the last call of it is meant. */
class FunctionCalls {
  readonly #ids = new Map<string, string>()

  open(name: Json | undefined, path: string): string {
    const id = `function_${path.replace(/\D/g, '')}`
    if (typeof name === 'string') this.#ids.set(name, id)
    return id
  }

  idFor(name: Json | undefined): string {
    return (typeof name === 'string' ? this.#ids.get(name) : undefined) ?? `function_${wordOf(name ?? 'unknown')}`
  }
}

function readMessage(message: JsonObject, path: string, functionCalls: FunctionCalls): Message {
  const fields = fieldsIn(message, path, 'role')
  switch (message['role']) {
    case 'system':
    case 'developer':
    case 'user':
      return fields.hear<Message>({
        role: message['role'],
        blocks: readContent(fields),
        name: fields.text('name', 'name'),
      })
    case 'assistant':
      return fields.hear<Message>({
        role: 'assistant',
        blocks: readAssistant(fields, functionCalls),
        name: fields.text('name', 'name'),
      })
    case 'tool':
      return fields.hear<Message>({
        role: 'tool',
        blocks: [readToolResult(fields, undefined)],
        name: fields.text('name', 'name'),
      })
    case 'function':
      fields.understand('name')
      return fields.hear<Message>({
        role: 'tool',
        blocks: [readToolResult(fields, functionCalls.idFor(message['name']))],
        name: undefined,
      })
    default:
      return readStranger(message, path)
  }
}

/** A turn of somebody we do not know. */
function readStranger(message: JsonObject, path: string): Message {
  const { role } = message
  return aside('user', message, path, typeof role === 'string' ? `message of role ${role}` : 'message without a role')
}

/** A message that only this dialect has a word for. */
function aside(role: Message['role'], message: JsonObject, path: string, type: string): Message {
  return hear<Message>(
    { role, blocks: [opaque(message, path, type)], name: undefined },
    { dialect: dialectName, wire: message, path, heard: {}, unheard: [] },
  )
}

function readAssistant(fields: WireFields, functionCalls: FunctionCalls): readonly Block[] {
  const { refusal: refused, tool_calls: toolCalls, function_call: functionCall, images } = fields.wire
  const blocks: Block[] = [...readThoughts(fields), ...readContent(fields)]
  if (typeof refused === 'string') {
    fields.understand('refusal')
    if (refused !== '') blocks.push(readRefusalText(fields))
  }
  blocks.push(...readOwnAudio(fields))
  if (isJsonArray(images)) {
    fields.understand('images')
    for (const [index, image] of images.entries()) blocks.push(readOwnImage(image, `${fields.path}.images[${index}]`))
  }
  if (isJsonArray(toolCalls)) {
    fields.understand('tool_calls')
    blocks.push(...readToolCalls(toolCalls, fields.path))
  }
  if (isJsonObject(functionCall))
    blocks.push(readFunctionCall(functionCall, fields, functionCalls.open(functionCall['name'], fields.path)))
  // What a client sends back of an answer: an empty list says nothing.
  if (isEmptyList(fields.at('annotations'))) fields.understand('annotations')
  return blocks
}

/** A text, with whose mark the message stands for its only block, or a list of parts. Nothing, when there is nothing. */
function readContent(message: WireFields): readonly Block[] {
  const { content } = message.wire
  if (isJsonArray(content)) {
    message.understand('content')
    return readParts(content, `${message.path}.content`)
  }
  if (typeof content !== 'string') return []
  message.understand('content')
  return content === '' ? [] : [readWholeText(message, content)]
}

function readWholeText(message: WireFields, text: string): TextBlock {
  const fields = fieldsIn(message.wire, message.path)
  fields.note('text', 'content')
  const cache = readCacheMark(fields)
  message.understand(fields.keyOf('cache') ?? '')
  return fields.hear<TextBlock>({ kind: 'text', text, citations: undefined, cache }, text)
}

function readRefusalText(message: WireFields): Block {
  const fields = fieldsIn(message.wire, message.path)
  const text = fields.text('text', 'refusal') ?? ''
  return fields.hear<Block>({ kind: 'refusal', text }, text)
}

/** The name of what the assistant said aloud earlier, which its provider has kept. */
function readOwnAudio(message: WireFields): readonly Block[] {
  const fields = fieldsIn(message.wire, message.path)
  const fileId = fields.text('source', 'audio.id')
  if (fileId === undefined) return []
  message.understand('audio.id')
  return [
    fields.hear<Block>(
      {
        kind: 'audio',
        source: { kind: 'file', fileId },
        detail: undefined,
        fileName: undefined,
        title: undefined,
        note: undefined,
        wantsCitations: undefined,
        cache: undefined,
      },
      null,
    ),
  ]
}

/** OpenRouter gives pictures that a model made beside the content, and takes them back there. */
function readOwnImage(image: Json, path: string): Block {
  return (isJsonObject(image) ? readImage(image, path) : undefined) ?? opaque(image, path, 'images')
}

/** @param id where the message itself has none. */
function readToolResult(message: WireFields, id: string | undefined): ToolResultBlock {
  const fields = fieldsIn(message.wire, message.path)
  const toolUseId = id ?? fields.text('toolUseId', 'tool_call_id') ?? ''
  const blocks = readContent(message)
  const marked = blocks.find((block) => block.kind === 'text')?.cache
  const cache = marked ? undefined : readCacheMark(fields)
  // No word of OpenAI's, but of those who translate for Anthropic. Contents that look like failures are no such flag.
  const isError = fields.flag('isError', 'is_error')
  fields.note('blocks', 'content')
  message.understand('tool_call_id', ...['cache', 'isError'].flatMap((field) => fields.keyOf(field) ?? []))
  return fields.hear<ToolResultBlock>({ kind: 'tool-result', toolUseId, blocks, isError, cache }, null)
}

function isEmptyList(value: Json | undefined): boolean {
  return isJsonArray(value) && value.length === 0
}
