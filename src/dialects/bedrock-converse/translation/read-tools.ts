import type { Tool, ToolChoice } from '../../../canonical/chat.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { hear } from '../../../canonical/origin.ts'
import type { WireFields } from '../../shared/translation/wire-fields.ts'
import { markOf, withMarks, withPoint, type Marked } from './marked.ts'
import { dialectName, fieldsIn } from './own.ts'
import { kindOf } from './read-texts.ts'

/** The caller's own tools; Bedrock's (`nova_grounding`) are kept whole. */
export function readTools(call: WireFields): readonly Tool[] | undefined {
  const list = call.list('tools', 'toolConfig.tools')
  if (list === undefined) return undefined
  const isSpec = (wire: unknown) => isJsonObject(wire) && readSpec({ wire, path: '', point: undefined }) !== undefined
  return withMarks(list, 'toolConfig.tools', isSpec).map((marked) => {
    const spec = readSpec(marked)
    return spec ? withPoint(spec, marked) : opaqueTool(marked)
  })
}

function readSpec({ wire, path, point }: Marked): Tool | undefined {
  if (!isJsonObject(wire)) return undefined
  const fields = fieldsIn(wire, path)
  const name = fields.text('name', 'toolSpec.name')
  if (name === undefined) return undefined
  return fields.hear<Tool>({
    kind: 'function',
    name,
    description: fields.text('description', 'toolSpec.description'),
    schema: fields.object('schema', 'toolSpec.inputSchema.json'),
    isStrict: fields.flag('isStrict', 'toolSpec.strict'),
    cache: markOf(point),
  })
}

function opaqueTool({ wire, path }: Marked): Tool {
  const type = isJsonObject(wire) ? kindOf(wire) : typeof wire
  return hear<Tool>({ kind: 'opaque', type }, { dialect: dialectName, wire, path, heard: { type: '' }, unheard: [] })
}

export function readToolChoice(call: WireFields): ToolChoice | undefined {
  const said = call.object('toolChoice', 'toolConfig.toolChoice')
  if (said === undefined) return undefined
  // The choice answers for its own keys.
  call.understand(...keysBelow(said, 'toolConfig.toolChoice'))
  const fields = fieldsIn(said, 'toolConfig.toolChoice')
  const kind = (['auto', 'any'] as const).find((one) => isJsonObject(said[one]))
  const name = kind === undefined ? fields.text('name', 'tool.name') : undefined
  fields.note('kind', kind ?? 'tool')
  if (kind !== undefined) return fields.hear<ToolChoice>({ kind })
  if (name !== undefined) return fields.hear<ToolChoice>({ kind: 'named', name })
  return fields.hear<ToolChoice>({ kind: 'opaque', type: kindOf(said) })
}

function keysBelow(object: JsonObject, path: string): readonly string[] {
  return Object.keys(object).map((key) => `${path}.${key}`)
}
