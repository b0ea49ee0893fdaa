import type { Tool } from '../../../canonical/chat.ts'
import type { Json } from '../../../canonical/json.ts'
import { isJsonObject, wordOf } from '../../../canonical/json.ts'
import { hear } from '../../../canonical/origin.ts'
import type { WireFields } from '../../shared/translation/wire-fields.ts'
import { dialectName, fieldsIn } from './own.ts'

export function readTools(call: WireFields): readonly Tool[] | undefined {
  return call.list('tools', 'tools')?.map((tool, index) => readTool(tool, `tools[${index}]`))
}

function readTool(wire: Json, path: string): Tool {
  const fields = fieldsIn(isJsonObject(wire) ? wire : {}, path)
  const name = fields.text('name', 'function.name')
  const type = fields.at('type')
  if (name === undefined || (type !== undefined && type !== 'function'))
    return opaqueTool(wire, path, wordOf(type ?? 'tool'))
  fields.understand('type')
  return fields.hear<Tool>({
    kind: 'function',
    name,
    description: fields.text('description', 'function.description'),
    schema: fields.object('schema', 'function.parameters'),
    isStrict: undefined,
    cache: undefined,
  })
}

function opaqueTool(wire: Json, path: string, type: string): Tool {
  return hear<Tool>({ kind: 'opaque', type }, { dialect: dialectName, wire, path, heard: {}, unheard: [] })
}
