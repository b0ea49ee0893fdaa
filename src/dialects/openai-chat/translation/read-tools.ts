import type { Tool, ToolChoice } from '../../../canonical/chat.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { hear } from '../../../canonical/origin.ts'
import { isJsonArray } from '../../shared/call-fields.ts'
import { readCustomTool } from '../../vendors/openai/custom-tools.ts'
import type { WireFields } from '../../shared/translation/wire-fields.ts'
import { readCacheMark } from './cache-mark.ts'
import { dialectName, fieldsIn } from './own.ts'

/** `tools`, and the `functions` of the time before them. `undefined`: neither is given. */
export function readTools(call: WireFields): readonly Tool[] | undefined {
  const { tools, functions } = call.wire
  const lists = [
    isJsonArray(functions) ? functions.map((one, index) => readTool(one, `functions[${index}]`, '')) : undefined,
    isJsonArray(tools) ? tools.map((one, index) => readTool(one, `tools[${index}]`, 'function.')) : undefined,
  ]
  const [older, newer] = lists
  if (older) call.understand('functions')
  if (newer) call.understand('tools')
  if (!older && !newer) return undefined
  call.note('tools', newer ? 'tools' : 'functions')
  return [...(older ?? []), ...(newer ?? [])]
}

/** Which tool to call: OpenAI's words, Mistral's `any`, and the choice of the time before tools. */
export function readToolChoice(call: WireFields): ToolChoice | undefined {
  for (const key of ['tool_choice', 'function_call']) {
    const wire = call.at(key)
    if (typeof wire !== 'string' && !isJsonObject(wire)) continue
    call.note('toolChoice', key)
    return isJsonObject(wire) ? readNamedChoice(wire, key) : remembered(choiceOf(wire), wire, key, {})
  }
  return undefined
}

/** @param prefix where the function's own members lie. */
function readTool(tool: Json, path: string, prefix: string): Tool {
  if (!isJsonObject(tool)) return opaqueTool(tool, path, 'tool')
  const { type } = tool
  const fields = fieldsIn(tool, path)
  if (type === 'custom') return readCustomTool(fields, 'custom.') ?? opaqueTool(tool, path, type)
  const name = fields.text('name', `${prefix}name`)
  const isFunction = type === undefined || type === null || type === 'function'
  if (name === undefined || !isFunction) return opaqueTool(tool, path, typeof type === 'string' ? type : 'tool')
  fields.understand('type')
  return fields.hear<Tool>({
    kind: 'function',
    name,
    description: fields.text('description', `${prefix}description`),
    schema: fields.object('schema', `${prefix}parameters`),
    isStrict: fields.flag('isStrict', `${prefix}strict`),
    // Clients put the mark on either level.
    cache: readCacheMark(fields) ?? (prefix === '' ? undefined : readCacheMark(fields, prefix)),
  })
}

function opaqueTool(wire: Json, path: string, type: string): Tool {
  return hear<Tool>({ kind: 'opaque', type }, { dialect: dialectName, wire, path, heard: {}, unheard: [] })
}

function readNamedChoice(wire: JsonObject, path: string): ToolChoice {
  const fields = fieldsIn(wire, path)
  const { type } = wire
  const isFunction = type === 'function' || path === 'function_call'
  const name = isFunction
    ? fields.text('name', 'function.name', 'name')
    : type === 'custom'
      ? fields.text('name', 'custom.name')
      : undefined
  if (name === undefined)
    return remembered({ kind: 'opaque', type: typeof type === 'string' ? type : path }, wire, path, {})
  fields.understand('type')
  return fields.hear<ToolChoice>({ kind: 'named', name })
}

function choiceOf(word: string): ToolChoice {
  switch (word) {
    case 'auto':
    case 'none':
      return { kind: word }
    case 'required':
    case 'any':
      return { kind: 'any' }
    default:
      return { kind: 'opaque', type: word }
  }
}

function remembered(choice: ToolChoice, wire: Json, path: string, heard: Readonly<Record<string, string>>): ToolChoice {
  return hear<ToolChoice>(choice, { dialect: dialectName, wire, path, heard, unheard: [] })
}
