import type { Tool, ToolChoice } from '../../../canonical/chat.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { hear } from '../../../canonical/origin.ts'
import type { WireFields } from '../../shared/translation/wire-fields.ts'
import { dialectName, fieldsIn } from './own.ts'
import { typeOf } from './read-content.ts'

/** Whether tools are strict is said once for all of them, and is heard with each. */
export function readTools(call: WireFields): readonly Tool[] | undefined {
  const isStrict = call.at('strict_tools')
  const tools = call
    .list('tools', 'tools')
    ?.map((tool, index) => readTool(tool, `tools[${index}]`, typeof isStrict === 'boolean' ? isStrict : undefined))
  if (tools?.some(({ kind }) => kind === 'function') && typeof isStrict === 'boolean') call.understand('strict_tools')
  return tools
}

export function readToolChoice(call: WireFields): ToolChoice | undefined {
  const said = call.text('toolChoice', 'tool_choice')
  if (said === undefined) return undefined
  const choice: ToolChoice =
    said === 'REQUIRED' ? { kind: 'any' } : said === 'NONE' ? { kind: 'none' } : { kind: 'opaque', type: said }
  const heard = choice.kind === 'opaque' ? { type: '' } : { kind: '' }
  return hear(choice, { dialect: dialectName, wire: said, path: 'tool_choice', heard })
}

function readTool(wire: Json, path: string, isStrict: boolean | undefined): Tool {
  const said: JsonObject = isJsonObject(wire) ? wire : {}
  const fields = fieldsIn(said, path, 'type')
  const name = fields.text('name', 'function.name')
  if (name === undefined || (said['type'] !== 'function' && said['type'] !== undefined))
    return hear<Tool>(
      { kind: 'opaque', type: typeOf(wire) },
      { dialect: dialectName, wire, path, heard: { type: 'type' } },
    )
  if (isStrict !== undefined) fields.note('isStrict', 'strict_tools')
  return fields.hear<Tool>({
    kind: 'function',
    name,
    description: fields.text('description', 'function.description'),
    schema: fields.object('schema', 'function.parameters'),
    isStrict,
    cache: undefined,
  })
}
