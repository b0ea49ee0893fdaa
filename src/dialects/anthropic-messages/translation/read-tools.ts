import type { Tool, ToolChoice } from '../../../canonical/chat.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { hear } from '../../../canonical/origin.ts'
import { Hearing } from './hearing.ts'
import { dialectName } from './own.ts'
import { typeName } from './type-name.ts'

/** The caller's own tools; the provider's (`web_search_20260318`, `computer_20251124`, toolsets) are kept whole. */
export function readTool(wire: Json, path: string): Tool {
  if (!isJsonObject(wire)) return opaqueTool(wire, path, typeof wire)
  const { type } = wire
  if (type !== undefined && type !== null && type !== 'custom') return opaqueTool(wire, path, typeName(type))
  const hearing = new Hearing(wire, path, 'type')
  const name = hearing.text('name', 'name')
  if (name === undefined) return opaqueTool(wire, path, 'custom')
  return hearing.node<Tool>({
    kind: 'function',
    name,
    description: hearing.text('description', 'description'),
    schema: hearing.object('schema', 'input_schema'),
    isStrict: hearing.flag('isStrict', 'strict'),
    cache: hearing.cache(),
  })
}

/** Whether tools may be called in parallel stands in the same object, but is the call's to say. */
export function readToolChoice(wire: JsonObject, path: string): ToolChoice {
  const hearing = new Hearing(wire, path, 'disable_parallel_tool_use')
  const { type } = wire
  hearing.understood('kind', 'type')
  if (type === 'auto' || type === 'any' || type === 'none') return hearing.node<ToolChoice>({ kind: type })
  const name = type === 'tool' ? hearing.text('name', 'name') : undefined
  return hearing.node<ToolChoice>(
    name === undefined ? { kind: 'opaque', type: typeName(type) } : { kind: 'named', name },
  )
}

function opaqueTool(wire: Json, path: string, type: string): Tool {
  return hear<Tool>({ kind: 'opaque', type }, { dialect: dialectName, wire, path, heard: { type: 'type' } })
}
