import type { ChatCall, Tool, ToolChoice } from '../../../canonical/chat.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { originOf, rewrite } from '../../../canonical/origin.ts'
import { enforcedInput } from '../../vendors/anthropic/claude-enforced.ts'
import { cacheControl } from './cache-control.ts'
import { generationOf } from './generations.ts'
import { dialectName, isOwn } from './own.ts'
import { isLegalLength, legalName } from './tool-names.ts'

/** `tools` and `tool_choice`. The second is refused without the first. */
export function writeTools(call: ChatCall, losses: Losses): JsonObject {
  const tools = (call.tools ?? [])
    .map((tool) => rewrite(tool, dialectName, (one) => freshTool(one, losses) ?? null))
    .filter((tool) => tool !== null)
  const isListed = tools.length > 0 || (isOwn(call) && call.tools !== undefined)
  if (!isListed) {
    if (call.toolChoice !== undefined && call.toolChoice.kind !== 'none')
      losses.lost(call, 'toolChoice', 'there is no tool to choose')
    if (call.mayCallToolsInParallel !== undefined)
      losses.lost(call, 'mayCallToolsInParallel', 'there is no tool to call')
  }
  const choice = isListed || isOwn(call) ? writeToolChoice(call, tools, losses) : undefined
  return { ...(isListed && { tools }), ...(choice && { tool_choice: choice }) }
}

function freshTool(tool: Tool, losses: Losses): Json | undefined {
  if (tool.kind === 'opaque') {
    if (isOwn(tool)) return originOf(tool)?.wire
    losses.whole(tool, `only its own dialect has a word for ${tool.type}`)
    return undefined
  }
  const name = legalName(tool.name)
  if (!isLegalLength(name)) {
    losses.whole(tool, 'its name is too long for Anthropic')
    return undefined
  }
  losses.account(tool, ['kind', 'name', 'description', 'schema', 'isStrict', 'cache'])
  if (name !== tool.name)
    losses.approximated(tool, 'name', 'written with legal characters; the answer has it as it was')
  const wished = schemaOf(tool.schema)
  const { schema, isStrict } = isOwn(tool)
    ? { schema: wished, isStrict: tool.isStrict }
    : enforcedInput(tool, wished, losses)
  return {
    name,
    ...(tool.description !== undefined && { description: tool.description }),
    input_schema: schema,
    ...(isStrict !== undefined && { strict: isStrict }),
    ...cacheControl(tool.cache),
  }
}

/** Anthropic refuses a schema that does not say `type`, and takes none but `object`. */
function schemaOf(schema: JsonObject | undefined): JsonObject {
  if (schema === undefined) return { type: 'object', properties: {} }
  return Object.hasOwn(schema, 'type') ? schema : { type: 'object', ...schema }
}

function writeToolChoice(call: ChatCall, tools: readonly Json[], losses: Losses): JsonObject | undefined {
  const { toolChoice, mayCallToolsInParallel: mayCall } = call
  if (toolChoice === undefined && mayCall === undefined) return undefined
  const choice = toolChoice && chosen(call, toolChoice, tools, losses)
  if (mayCall === undefined) return choice
  if (choice === undefined) return { type: 'auto', disable_parallel_tool_use: !mayCall }
  if (choice['type'] !== 'none') return { ...choice, disable_parallel_tool_use: !mayCall }
  if (!isOwn(call)) losses.lost(call, 'mayCallToolsInParallel', 'no tool may be called at all')
  return choice
}

function chosen(
  call: ChatCall,
  toolChoice: ToolChoice,
  tools: readonly Json[],
  losses: Losses,
): JsonObject | undefined {
  const written = rewrite(toolChoice, dialectName, freshChoice)
  if (!isJsonObject(written)) {
    losses.lost(call, 'toolChoice', 'only its own dialect has a word for it')
    return undefined
  }
  if (toolChoice.kind !== 'named') losses.account(toolChoice, ['kind'])
  else {
    losses.account(toolChoice, ['kind', 'name'])
    if (!isOwn(call) && !tools.some((tool) => isJsonObject(tool) && tool['name'] === written['name'])) {
      losses.lost(call, 'toolChoice', 'the tool that it names is not told')
      return undefined
    }
    if (written['name'] !== toolChoice.name)
      losses.approximated(call, 'toolChoice', 'the name is written with legal characters')
  }
  const isForced = toolChoice.kind === 'any' || toolChoice.kind === 'named'
  if (isForced && !generationOf(call).takesForcedTools) {
    losses.approximated(call, 'toolChoice', 'the model cannot be made to use a tool')
    return { type: 'auto' }
  }
  return withoutParallel(written)
}

function freshChoice(choice: ToolChoice): Json {
  if (choice.kind === 'opaque') return null
  return choice.kind === 'named' ? { type: 'tool', name: legalName(choice.name) } : { type: choice.kind }
}

/** It stands in the same object, but is the call's to say. */
function withoutParallel(choice: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(choice).filter(([key]) => key !== 'disable_parallel_tool_use'))
}
