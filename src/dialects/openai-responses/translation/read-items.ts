import type { Block, Message, ToolResultBlock, ToolUseBlock } from '../../../canonical/chat.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { hear } from '../../../canonical/origin.ts'
import { isJsonArray, refusal } from '../../shared/call-fields.ts'
import { readInput } from '../read-call.ts'
import { argumentsOfInput, customToolWhy } from '../../vendors/openai/custom-tools.ts'
import type { WireFields } from '../../shared/translation/wire-fields.ts'
import { dialectName, fieldsIn } from './own.ts'
import { opaque, readParts, readWholeText } from './read-parts.ts'
import { readReasoningItem } from './read-reasoning-item.ts'

/**
 * The instructions and the input as turns. What an assistant did stands here in items of their own, thoughts, texts and calls
 * one after the other; those in a row are one turn.
 * @throws GatewayError `invalid_request` for an item that is no object.
 */
export function readMessages(body: JsonObject): readonly Message[] {
  const { instructions, input } = body
  const messages: Message[] = []
  if (typeof instructions === 'string') messages.push(readPlain('system', body, 'instructions', instructions))
  if (typeof input === 'string') messages.push(readPlain('user', body, 'input', input))
  const wordless = new Map<Json, string>()
  let turn: AssistantTurn | undefined
  for (const [index, item] of readInput(body).entries()) {
    const path = itemPath(index)
    if (!isJsonObject(item)) throw refusal(path, 'must be an object')
    const message = readOthers(item, path, wordless)
    if (message === undefined) (turn ??= new AssistantTurn(path, wordless)).add(item, path)
    if (message === undefined) continue
    if (turn) messages.push(turn.message())
    turn = undefined
    messages.push(message)
  }
  if (turn) messages.push(turn.message())
  return messages
}

export function itemPath(index: number): string {
  return `input[${index}]`
}

/** Members of an item that say what it is, or name it at its provider, where nobody else can look it up. */
export const itemWords = ['type', 'id'] as const

/** An item that was told whole says no more by its status. */
export function understandStatus(fields: WireFields): void {
  if (fields.at('status') === 'completed') fields.understand('status')
}

function readPlain(role: Message['role'], body: JsonObject, key: string, text: string): Message {
  const blocks = [readWholeText(body, '', key, text)]
  return hear<Message>({ role, blocks, name: undefined }, { dialect: dialectName, wire: text, path: key, heard: {} })
}

/**
 * A turn of anybody but the assistant; `undefined`: the item is of the assistant’s.
 * @param wordless types of calls that only this dialect has a word for, by their ids: their results are nothing without them.
 */
function readOthers(item: JsonObject, path: string, wordless: ReadonlyMap<Json, string>): Message | undefined {
  const { type, role } = item
  const isResult = type === 'function_call_output' || type === 'custom_tool_call_output'
  const calledType = wordless.get(item['call_id'] ?? null)
  if (isResult && calledType !== undefined) return aside(item, path, `a result of ${calledType}`)
  if (isResult) return readToolResult(item, path)
  if (type !== undefined && type !== null && type !== 'message') {
    const name = typeof type === 'string' ? type : 'item'
    return isOfClient(name) ? aside(item, path, name) : undefined
  }
  switch (role) {
    case 'system':
    case 'developer':
    case 'user': {
      const fields = fieldsIn(item, path, ...itemWords, 'role', 'content')
      understandStatus(fields)
      return fields.hear<Message>({ role, blocks: readContent(item, path), name: undefined })
    }
    case 'assistant':
      return undefined
    default:
      return aside(item, path, typeof role === 'string' ? `message of role ${role}` : 'item')
  }
}

/** What a client adds besides messages and results of functions and custom tools: results of other tools, tools, approvals. */
function isOfClient(type: string): boolean {
  return type.endsWith('_output') || type.endsWith('_response') || type === 'additional_tools'
}

/** An item that only this dialect has a word for, as a turn of its own. */
function aside(item: JsonObject, path: string, type: string): Message {
  return hear<Message>(
    { role: 'user', blocks: [opaque(item, path, type)], name: undefined },
    { dialect: dialectName, wire: item, path, heard: {}, unheard: [] },
  )
}

function readToolResult(item: JsonObject, path: string): Message {
  const fields = fieldsIn(item, path, ...itemWords)
  understandStatus(fields)
  const toolUseId = fields.text('toolUseId', 'call_id') ?? ''
  const { output } = item
  fields.note('blocks', 'output')
  const result = fields.hear<ToolResultBlock>({
    kind: 'tool-result',
    toolUseId,
    blocks:
      typeof output === 'string'
        ? [readWholeText(item, path, 'output', output)]
        : readParts(isJsonArray(output) ? output : [], `${path}.output`),
    isError: undefined,
    cache: undefined,
  })
  return hear<Message>(
    { role: 'tool', blocks: [result], name: undefined },
    { dialect: dialectName, wire: item, path, heard: {}, unheard: [] },
  )
}

/** The items of one turn of the assistant, which remembers all of them. */
class AssistantTurn {
  readonly #path: string
  readonly #items: Json[] = []
  readonly #blocks: Block[] = []
  readonly #unheard: string[] = []
  readonly #wordless: Map<Json, string>

  /** @param wordless is told of calls that only this dialect has a word for. */
  constructor(path: string, wordless: Map<Json, string>) {
    this.#path = path
    this.#wordless = wordless
  }

  add(item: JsonObject, path: string): void {
    this.#items.push(item)
    const blocks = this.#read(item, path)
    this.#blocks.push(...blocks)
    const [first] = blocks
    const callId = item['call_id']
    if (first?.kind === 'opaque' && typeof callId === 'string') this.#wordless.set(callId, first.type)
  }

  message(): Message {
    return hear<Message>(
      { role: 'assistant', blocks: this.#blocks, name: undefined },
      { dialect: dialectName, wire: this.#items, path: '', heard: { blocks: this.#path }, unheard: this.#unheard },
    )
  }

  #read(item: JsonObject, path: string): readonly Block[] {
    const { type } = item
    switch (type) {
      case undefined:
      case null:
      case 'message': {
        if (item['status'] !== 'completed') this.#noteUnheard(item, path, 'status')
        for (const key of Object.keys(item)) if (!wordsOfMessage.has(key)) this.#noteUnheard(item, path, key)
        return readContent(item, path)
      }
      case 'reasoning':
        return [readReasoningItem(item, path)]
      case 'function_call':
      case 'custom_tool_call':
        return [readToolUse(item, path) ?? opaque(item, path, type)]
      default:
        return [opaque(item, path, typeof type === 'string' ? type : 'item')]
    }
  }

  #noteUnheard(item: JsonObject, path: string, key: string): void {
    if (item[key] !== undefined && item[key] !== null) this.#unheard.push(`${path}.${key}`)
  }
}

const wordsOfMessage: ReadonlySet<string> = new Set([...itemWords, 'role', 'status', 'content'])

function readToolUse(item: JsonObject, path: string): ToolUseBlock | undefined {
  const fields = fieldsIn(item, path, ...itemWords)
  understandStatus(fields)
  const id = fields.text('id', 'call_id')
  const name = fields.text('name', 'name')
  if (id === undefined || name === undefined) return undefined
  const argumentsText = item['type'] === 'custom_tool_call' ? readCustomInput(fields) : readArguments(fields)
  return fields.hear<ToolUseBlock>({
    kind: 'tool-use',
    id,
    name,
    argumentsText,
    signature: undefined,
    cache: undefined,
  })
}

function readArguments(fields: WireFields): string {
  const said = fields.text('argumentsText', 'arguments') ?? ''
  return said.trim() === '' ? '{}' : said
}

function readCustomInput(fields: WireFields): string {
  fields.approximate('type', customToolWhy)
  return argumentsOfInput(fields.text('argumentsText', 'input') ?? '')
}

/** A text or a list of parts. */
function readContent(item: JsonObject, path: string): readonly Block[] {
  const { content } = item
  if (typeof content === 'string') return [readWholeText(item, path, 'content', content)]
  return isJsonArray(content) ? readParts(content, `${path}.content`) : []
}
