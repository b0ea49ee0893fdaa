import type { Tool, ToolChoice } from '../../../canonical/chat.ts'
import type { Json } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { hear } from '../../../canonical/origin.ts'
import { isJsonArray } from '../../shared/call-fields.ts'
import { readCustomTool } from '../../vendors/openai/custom-tools.ts'
import type { WireFields } from '../../shared/translation/wire-fields.ts'
import { dialectName, fieldsIn } from './own.ts'

/** Functions; what else there is runs at the provider, or is known to this dialect only. `undefined`: no list is given. */
export function readTools(call: WireFields): readonly Tool[] | undefined {
  const tools = call.at('tools')
  if (!isJsonArray(tools)) return undefined
  call.note('tools', 'tools')
  return tools.map((tool, index) => readTool(tool, `tools[${index}]`))
}

export function readToolChoice(call: WireFields): ToolChoice | undefined {
  const wire = call.at('tool_choice')
  if (typeof wire !== 'string' && !isJsonObject(wire)) return undefined
  call.note('toolChoice', 'tool_choice')
  if (typeof wire === 'string') return remembered(choiceOf(wire), wire)
  const fields = fieldsIn(wire, 'tool_choice', 'type')
  const isNamed = wire['type'] === 'function' || wire['type'] === 'custom'
  const name = isNamed ? fields.text('name', 'name') : undefined
  if (name !== undefined) return fields.hear<ToolChoice>({ kind: 'named', name })
  return remembered({ kind: 'opaque', type: typeof wire['type'] === 'string' ? wire['type'] : 'tool_choice' }, wire)
}

function readTool(tool: Json, path: string): Tool {
  if (!isJsonObject(tool)) return opaqueTool(tool, path, 'tool')
  const { type } = tool
  const fields = fieldsIn(tool, path, 'type')
  if (tool['defer_loading'] === false) fields.understand('defer_loading')
  if (type === 'custom') return readCustomTool(fields, '') ?? opaqueTool(tool, path, type)
  const name = type === 'function' ? fields.text('name', 'name') : undefined
  if (name === undefined) return opaqueTool(tool, path, typeof type === 'string' ? type : 'tool')
  return fields.hear<Tool>({
    kind: 'function',
    name,
    description: fields.text('description', 'description'),
    schema: fields.object('schema', 'parameters'),
    isStrict: fields.flag('isStrict', 'strict'),
    cache: undefined,
  })
}

function opaqueTool(wire: Json, path: string, type: string): Tool {
  return hear<Tool>({ kind: 'opaque', type }, { dialect: dialectName, wire, path, heard: {}, unheard: [] })
}

function choiceOf(word: string): ToolChoice {
  switch (word) {
    case 'auto':
    case 'none':
      return { kind: word }
    case 'required':
      return { kind: 'any' }
    default:
      return { kind: 'opaque', type: word }
  }
}

function remembered(choice: ToolChoice, wire: Json): ToolChoice {
  return hear<ToolChoice>(choice, { dialect: dialectName, wire, path: 'tool_choice', heard: {}, unheard: [] })
}
