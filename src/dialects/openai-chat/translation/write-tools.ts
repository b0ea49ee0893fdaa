import type { ChatCall, Tool, ToolChoice } from '../../../canonical/chat.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { originOf, rewrite } from '../../../canonical/origin.ts'
import { choiceToldOtherwiseWhy, toldOtherwiseWhy } from '../../shared/translation/legal-names.ts'
import { put, type Draft } from '../../shared/translation/put.ts'
import { notEnforcedWhy, strictFor } from '../../vendors/openai/strict-schema.ts'
import { legalName } from './tool-names.ts'
import { dialectName, isOwn, keyFor } from './own.ts'
import { accountFor, putCacheMark, type Pen } from './write-parts.ts'

/** `tools`, and for an own call the `functions` of the time before them. */
export function putTools(draft: Draft, call: ChatCall, pen: Pen): void {
  const { tools } = call
  if (tools === undefined) return
  const older = tools.filter((tool) => isOlder(tool))
  const newer = tools.filter((tool) => !isOlder(tool)).flatMap((tool) => writeTool(tool, pen))
  if (older.length > 0) draft['functions'] = older.flatMap((tool) => writeTool(tool, pen))
  // An empty list is refused by OpenAI; an own one that came empty stays as it came.
  if (newer.length > 0 || (isOwn(call) && older.length === 0)) draft['tools'] = newer
}

/** A choice among no tools is refused by OpenAI. */
export function putToolChoice(draft: Draft, call: ChatCall, pen: Pen): void {
  const { toolChoice, mayCallToolsInParallel } = call
  const hasTools = Array.isArray(draft['tools']) || Array.isArray(draft['functions']) || isOwn(call)
  if (mayCallToolsInParallel !== undefined && pen.refuses.has('parallel_tool_calls'))
    pen.losses.lost(call, 'mayCallToolsInParallel', 'the target refuses a call that says it')
  else if (hasTools) put(draft, 'parallel_tool_calls', mayCallToolsInParallel)
  if (!toolChoice) return
  if (isOwn(toolChoice)) {
    const key = keyFor(call, 'toolChoice', 'tool_choice')
    const isOlderChoice = key === 'function_call'
    put(
      draft,
      key,
      rewrite(toolChoice, dialectName, (one) => wordFor(one, isOlderChoice) ?? 'auto'),
    )
    return
  }
  const word = wordFor(toolChoice, false)
  if (word === undefined) pen.losses.whole(toolChoice, 'only its own dialect has a word for it')
  else if (!hasTools) pen.losses.whole(toolChoice, 'there are no tools to choose from')
  else put(draft, 'tool_choice', word)
  if (toolChoice.kind === 'named') {
    accountFor(toolChoice, ['name'], pen)
    if (hasTools && legalName(toolChoice.name) !== toolChoice.name)
      pen.losses.approximated(toolChoice, 'name', choiceToldOtherwiseWhy)
  } else accountFor(toolChoice, [], pen)
}

function isOlder(tool: Tool): boolean {
  const origin = originOf(tool)
  return origin?.dialect === dialectName && origin.path.startsWith('functions[')
}

function writeTool(tool: Tool, pen: Pen): readonly Json[] {
  if (isOwn(tool)) return [rewrite<Tool>(tool, dialectName, (one) => freshTool(one, pen) ?? {})]
  const written = freshTool(tool, pen)
  if (!written) pen.losses.whole(tool, `only its own dialect has the tool ${tool.kind === 'opaque' ? tool.type : ''}`)
  return written ? [written] : []
}

function freshTool(tool: Tool, pen: Pen): JsonObject | undefined {
  if (tool.kind === 'opaque') return undefined
  const isCustom = keyFor(tool, 'name', '') === 'custom.name'
  const prefix = isOlder(tool) ? '' : isCustom ? 'custom.' : 'function.'
  const draft: Draft = prefix === '' ? {} : { type: isCustom ? 'custom' : 'function' }
  const name = isOwn(tool) ? tool.name : legalName(tool.name)
  if (name !== tool.name) pen.losses.approximated(tool, 'name', toldOtherwiseWhy)
  put(draft, `${prefix}name`, name)
  put(draft, `${prefix}description`, tool.description)
  put(draft, `${prefix}parameters`, tool.schema)
  const isStrict = isOwn(tool) ? tool.isStrict : strictFor(tool.isStrict, tool.schema)
  put(draft, `${prefix}strict`, isStrict)
  if (isStrict !== tool.isStrict) pen.losses.approximated(tool, 'isStrict', notEnforcedWhy)
  const carried = putCacheMark(draft, tool, pen)
  accountFor(tool, ['name', 'description', 'schema', 'isStrict', ...carried], pen)
  return draft
}

function wordFor(choice: ToolChoice, isOlderChoice: boolean): Json | undefined {
  switch (choice.kind) {
    case 'auto':
    case 'none':
      return choice.kind
    case 'any':
      return 'required'
    case 'named': {
      const name = isOwn(choice) ? choice.name : legalName(choice.name)
      return isOlderChoice ? { name } : { type: 'function', function: { name } }
    }
    case 'opaque':
      return undefined
    default:
      return choice satisfies never
  }
}
