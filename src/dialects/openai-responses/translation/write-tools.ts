import type { ChatCall, Tool, ToolChoice } from '../../../canonical/chat.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { rewrite } from '../../../canonical/origin.ts'
import { choiceToldOtherwiseWhy, toldOtherwiseWhy } from '../../shared/translation/legal-names.ts'
import { put, type Draft } from '../../shared/translation/put.ts'
import { notEnforcedWhy, strictFor } from '../../vendors/openai/strict-schema.ts'
import { dialectName, isOwn } from './own.ts'
import { accountFor, type Pen } from './pen.ts'
import { legalName } from './tool-names.ts'

export function putTools(draft: Draft, call: ChatCall, pen: Pen): void {
  if (call.tools === undefined) return
  const tools = call.tools.flatMap((tool) => writeTool(tool, pen))
  if (tools.length > 0 || isOwn(call)) draft['tools'] = tools
}

/** A choice among no tools is refused by OpenAI. */
export function putToolChoice(draft: Draft, call: ChatCall, pen: Pen): void {
  const { toolChoice, mayCallToolsInParallel } = call
  const hasTools = Array.isArray(draft['tools']) || isOwn(call)
  if (hasTools) put(draft, 'parallel_tool_calls', mayCallToolsInParallel)
  else if (mayCallToolsInParallel !== undefined)
    pen.losses.lost(call, 'mayCallToolsInParallel', 'there are no tools to call')
  if (!toolChoice) return
  if (isOwn(toolChoice)) {
    draft['tool_choice'] = rewrite(toolChoice, dialectName, (one) => wordFor(one) ?? 'auto')
    return
  }
  const word = wordFor(toolChoice)
  if (word === undefined) pen.losses.whole(toolChoice, 'only its own dialect has a word for it')
  else if (!hasTools) pen.losses.whole(toolChoice, 'there are no tools to choose from')
  else draft['tool_choice'] = word
  if (toolChoice.kind === 'named') {
    accountFor(toolChoice, ['name'], pen)
    if (hasTools && legalName(toolChoice.name) !== toolChoice.name)
      pen.losses.approximated(toolChoice, 'name', choiceToldOtherwiseWhy)
  } else accountFor(toolChoice, [], pen)
}

function writeTool(tool: Tool, pen: Pen): readonly Json[] {
  if (isOwn(tool)) return [rewrite<Tool>(tool, dialectName, (one) => freshTool(one, pen) ?? {})]
  const written = freshTool(tool, pen)
  if (!written) pen.losses.whole(tool, `only its own dialect has the tool ${tool.kind === 'opaque' ? tool.type : ''}`)
  return written ? [written] : []
}

/** `parameters` and `strict` are demanded, and left out they do not mean what they mean elsewhere (API description 2.3.0). */
function freshTool(tool: Tool, pen: Pen): JsonObject | undefined {
  if (tool.kind === 'opaque') return undefined
  const name = isOwn(tool) ? tool.name : legalName(tool.name)
  if (name !== tool.name) pen.losses.approximated(tool, 'name', toldOtherwiseWhy)
  const draft: Draft = { type: 'function', name }
  put(draft, 'description', tool.description)
  if (isOwn(tool)) {
    put(draft, 'parameters', tool.schema)
    put(draft, 'strict', tool.isStrict)
    return draft
  }
  const isStrict = strictFor(tool.isStrict, tool.schema)
  if (isStrict !== tool.isStrict) pen.losses.approximated(tool, 'isStrict', notEnforcedWhy)
  draft['parameters'] = tool.schema ?? takesNothing
  draft['strict'] = isStrict === true && tool.schema !== undefined
  accountFor(tool, ['name', 'description', 'schema', 'isStrict'], pen)
  return draft
}

const takesNothing: JsonObject = Object.freeze({ type: 'object', properties: Object.freeze({}) })

function wordFor(choice: ToolChoice): Json | undefined {
  switch (choice.kind) {
    case 'auto':
    case 'none':
      return choice.kind
    case 'any':
      return 'required'
    case 'named':
      return { type: 'function', name: isOwn(choice) ? choice.name : legalName(choice.name) }
    case 'opaque':
      return undefined
    default:
      return choice satisfies never
  }
}
