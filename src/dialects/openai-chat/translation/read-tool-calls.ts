import type { Block, ToolUseBlock } from '../../../canonical/chat.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { argumentsOfInput, customToolWhy } from '../../vendors/openai/custom-tools.ts'
import type { WireFields } from '../../shared/translation/wire-fields.ts'
import { readCacheMark } from './cache-mark.ts'
import { opaque } from './read-parts.ts'
import { fieldsIn } from './own.ts'

/** The calls of an assistant's turn. */
export function readToolCalls(calls: readonly Json[], path: string): readonly Block[] {
  return calls.map((call, index) => readToolCall(call, `${path}.tool_calls[${index}]`))
}

/** The call of the time before tools, which has no id: the canonical one needs one, and gets one from where it stands. */
export function readFunctionCall(call: JsonObject, message: WireFields, id: string): Block {
  const fields = fieldsIn(message.wire, message.path)
  const name = fields.text('name', 'function_call.name')
  if (name === undefined) return opaque(call, `${message.path}.function_call`, 'function_call')
  const argumentsText = argumentsIn(fields, 'function_call.arguments')
  message.understand('function_call.name', ...(argumentsText === undefined ? [] : ['function_call.arguments']))
  return fields.hear<ToolUseBlock>(
    { kind: 'tool-use', id, name, argumentsText: argumentsText ?? '{}', signature: undefined, cache: undefined },
    null,
  )
}

/** Arguments are JSON text; Ollama and others also take the object itself. Empty ones are `{}` (behaviour.md E1). */
export function argumentsTextOf(value: Json | undefined): string | undefined {
  if (typeof value === 'string') return value.trim() === '' ? '{}' : value
  return isJsonObject(value) ? JSON.stringify(value) : undefined
}

function readToolCall(call: Json, path: string): Block {
  if (!isJsonObject(call)) return opaque(call, path, 'tool_calls')
  const { type } = call
  const fields = fieldsIn(call, path)
  if (type === 'custom') return readCustomCall(fields) ?? opaque(call, path, type)
  const name = fields.text('name', 'function.name')
  if (name === undefined || (typeof type === 'string' && type !== 'function'))
    return opaque(call, path, typeof type === 'string' ? type : 'tool_calls')
  // Mistral and some routers repeat the place in the list, which is known.
  fields.understand('type', 'index')
  return fields.hear<ToolUseBlock>({
    kind: 'tool-use',
    id: fields.text('id', 'id') ?? '',
    name,
    argumentsText: argumentsIn(fields, 'function.arguments') ?? '{}',
    signature: fields.text('signature', 'extra_content.google.thought_signature'),
    cache: readCacheMark(fields),
  })
}

/** The input of a custom tool is no JSON. */
function readCustomCall(fields: WireFields): ToolUseBlock | undefined {
  const name = fields.text('name', 'custom.name')
  if (name === undefined) return undefined
  fields.approximate('type', customToolWhy)
  fields.understand('index')
  return fields.hear<ToolUseBlock>({
    kind: 'tool-use',
    id: fields.text('id', 'id') ?? '',
    name,
    argumentsText: argumentsOfInput(fields.text('argumentsText', 'custom.input') ?? ''),
    signature: undefined,
    cache: undefined,
  })
}

function argumentsIn(fields: WireFields, key: string): string | undefined {
  const argumentsText = argumentsTextOf(fields.at(key))
  if (argumentsText !== undefined) fields.note('argumentsText', key)
  return argumentsText
}
