import type { Tool, ToolChoice } from '../../../canonical/chat.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { hear } from '../../../canonical/origin.ts'
import { isJsonArray } from '../../shared/call-fields.ts'
import { camelCase, listedIn, spelledIn, type Listed } from '../../vendors/gemini/spelling.ts'
import { Hearing } from './hearing.ts'
import { dialectName } from './own.ts'
import { asJsonSchema } from './schema.ts'

/**
 * The tools of all groups, one after the other: the caller's functions one by one, and everything else in a group (a search, code
 * that runs at Google) as a tool of its own. Each remembers its place, by which the groups are put together again.
 */
export function readTools(body: JsonObject): readonly Tool[] | undefined {
  const said = body['tools']
  if (said === undefined || said === null) return undefined
  return listedIn(body, 'tools').flatMap(readGroup)
}

function readGroup({ wire, path }: Listed): readonly Tool[] {
  if (!isJsonObject(wire) || Object.keys(wire).length === 0) return [opaqueTool(wire, path, 'tools')]
  return Object.entries(wire).flatMap(([key, value]) => {
    const isFunctions = key === spelledIn(wire, functionsKey) && isJsonArray(value) && value.length > 0
    return isFunctions
      ? value.map((one, index) => readFunction(one, `${path}.${key}[${index}]`))
      : [opaqueTool(value, `${path}.${key}`, camelCase(key))]
  })
}

const functionsKey = 'functionDeclarations'

/** Its parameters are a JSON Schema, or (older) Google's dialect of one. */
function readFunction(wire: Json, path: string): Tool {
  if (!isJsonObject(wire)) return opaqueTool(wire, path, functionsKey)
  const hearing = new Hearing(wire, path)
  const name = hearing.text('name', 'name')
  if (name === undefined) return opaqueTool(wire, path, functionsKey)
  const description = hearing.text('description', 'description')
  const schema = hearing.object('schema', 'parametersJsonSchema')
  const older = schema === undefined ? hearing.object('schema', 'parameters') : undefined
  return hearing.node<Tool>({
    kind: 'function',
    name,
    description,
    schema: schema ?? (older && asJsonSchema(older)),
    isStrict: undefined,
    cache: undefined,
  })
}

function opaqueTool(wire: Json, path: string, type: string): Tool {
  return hear<Tool>({ kind: 'opaque', type }, { dialect: dialectName, wire, path, heard: { type: '' }, unheard: [] })
}

/** Of several allowed names no other dialect has a word: they are left unheard. */
export function readToolChoice(call: Hearing): ToolChoice | undefined {
  const said = call.object('toolChoice', configKey)
  if (said === undefined) return undefined
  // The choice answers for its own keys.
  for (const key of Object.keys(said)) call.structural(`${configKey}.${key}`)
  const hearing = new Hearing(said, call.pathOf(configKey))
  // Google reads its own words in small letters too (recorded 2025).
  const mode = (hearing.text('kind', 'mode') ?? 'AUTO').toUpperCase()
  const names = hearing.at('allowedFunctionNames')
  const [name] = isJsonArray(names) && names.length === 1 ? names : []
  if (mode === 'ANY' && typeof name === 'string') {
    hearing.understood('name', 'allowedFunctionNames')
    return hearing.node<ToolChoice>({ kind: 'named', name })
  }
  const kind = kinds.get(mode)
  return hearing.node<ToolChoice>(kind === undefined ? { kind: 'opaque', type: mode } : { kind })
}

const configKey = 'toolConfig.functionCallingConfig'

const kinds: ReadonlyMap<string, 'auto' | 'any' | 'none'> = new Map([
  ['MODE_UNSPECIFIED', 'auto'],
  ['AUTO', 'auto'],
  ['ANY', 'any'],
  ['NONE', 'none'],
])
