import type { ChatCall, Tool, ToolChoice } from '../../../canonical/chat.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { originOf, rewrite } from '../../../canonical/origin.ts'
import { isGiven } from '../../shared/call-fields.ts'
import { dialectName, isOwn } from './own.ts'

/** `tools`, `strict_tools` and `tool_choice`. */
export function writeTools(call: ChatCall, losses: Losses): JsonObject {
  const tools = (call.tools ?? [])
    .map((tool) => rewrite(tool, dialectName, (one) => freshTool(one, losses) ?? null))
    .filter((tool) => tool !== null)
  const isStrict = tools.length > 0 ? strictnessOf(call, losses) : undefined
  const choice = call.toolChoice && writeChoice(call, call.toolChoice, tools.length, losses)
  return {
    ...(tools.length > 0 && { tools }),
    ...(isStrict !== undefined && { strict_tools: isStrict }),
    ...(choice !== undefined && { tool_choice: choice }),
  }
}

function freshTool(tool: Tool, losses: Losses): Json | undefined {
  if (tool.kind === 'opaque') {
    if (isOwn(tool)) return originOf(tool)?.wire
    losses.whole(tool, `only its own dialect has a word for ${tool.type}`)
    return undefined
  }
  const { name, description, schema } = tool
  losses.account(tool, ['kind', 'name', 'description', 'schema', 'isStrict'])
  const parameters = schema ?? (isOwn(tool) ? undefined : { type: 'object', properties: {} })
  return {
    type: 'function',
    function: { name, ...(description !== undefined && { description }), ...(parameters && { parameters }) },
  }
}

/** Cohere enforces the schemas of all tools or of none, and only those that require something (its page on parameter types, 2026-11). */
function strictnessOf(call: ChatCall, losses: Losses): boolean | undefined {
  const tools = (call.tools ?? []).filter((tool) => tool.kind === 'function')
  if (isOwn(call)) return tools.find(isOwn)?.isStrict
  const strict = tools.filter(({ isStrict }) => isStrict === true)
  if (strict.length === 0) return undefined
  if (strict.length === tools.length && tools.every(({ schema }) => isGiven(schema?.['required']))) return true
  for (const tool of strict) losses.approximated(tool, 'isStrict', notEnforcedWhy)
  return undefined
}

const notEnforcedWhy =
  'Cohere is told the schema, but enforces those of all tools or of none, each of which must require something'

function writeChoice(call: ChatCall, choice: ToolChoice, toolCount: number, losses: Losses): string | undefined {
  const written = rewrite(choice, dialectName, freshChoice)
  if (isOwn(choice)) return typeof written === 'string' ? written : undefined
  if (choice.kind === 'opaque') {
    losses.lost(call, 'toolChoice', 'only its own dialect has a word for it')
    return undefined
  }
  if (choice.kind === 'named') losses.account(choice, ['kind', 'name'])
  else losses.account(choice, ['kind'])
  if (choice.kind === 'auto') return undefined
  if (toolCount === 0) {
    if (choice.kind !== 'none') losses.lost(call, 'toolChoice', 'no tool is told')
    return undefined
  }
  if (choice.kind === 'named') losses.approximated(call, 'toolChoice', toldWhy(toolCount))
  return typeof written === 'string' ? written : undefined
}

function freshChoice(choice: ToolChoice): Json {
  return choice.kind === 'none' ? 'NONE' : choice.kind === 'any' || choice.kind === 'named' ? 'REQUIRED' : null
}

function toldWhy(toolCount: number): string {
  return toolCount === 1
    ? 'told as the use of some tool, of which there is only this one'
    : 'Cohere can be made to use a tool, but not a certain one'
}
