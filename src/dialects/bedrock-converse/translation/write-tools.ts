import type { ChatCall, Tool, ToolChoice } from '../../../canonical/chat.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { originOf, rewrite } from '../../../canonical/origin.ts'
import { enforcedInput } from '../../vendors/anthropic/claude-enforced.ts'
import { claudeGeneration } from '../../vendors/anthropic/claude-generations.ts'
import { joined } from '../../shared/translation/joined.ts'
import { choiceToldOtherwiseWhy, toldOtherwiseWhy } from '../../shared/translation/legal-names.ts'
import { single } from '../../shared/translation/put.ts'
import { pointWords } from './marked.ts'
import { dialectName, isOwn } from './own.ts'
import type { Pen } from './pen.ts'
import { legalName } from './tool-names.ts'

/** `toolConfig`: tools, and which of them to use. */
export function writeTools(call: ChatCall, pen: Pen): JsonObject | undefined {
  if (isOwn(call)) return ownTools(call, pen)
  const { losses } = pen
  const used = namesUsed(call)
  const mustNotCall = call.toolChoice?.kind === 'none'
  if (call.mayCallToolsInParallel !== undefined)
    losses.lost(call, 'mayCallToolsInParallel', 'Bedrock has no word for it')
  if (mustNotCall && used.length === 0) {
    for (const tool of call.tools ?? [])
      losses.whole(tool, 'no tool may be used, and Bedrock cannot forbid one that it is told')
    return undefined
  }
  const told = (call.tools ?? []).flatMap((tool) => freshTool(tool, pen))
  const tools = told.length > 0 ? told : used.map((name) => specFor(name))
  if (tools.length === 0) {
    if (call.toolChoice !== undefined) losses.lost(call, 'toolChoice', 'there is no tool to choose')
    return undefined
  }
  const choice = writeChoice(call, tools, pen)
  return { tools, ...(choice && { toolChoice: choice }) }
}

/** "The toolConfig field must be defined when using toolUse and toolResult content blocks", as Bedrock refuses it (2026). */
function namesUsed({ messages }: ChatCall): readonly string[] {
  const blocks = messages.flatMap((message) => message.blocks)
  const names = blocks.flatMap((block) => (block.kind === 'tool-use' ? [legalName(block.name)] : []))
  const hasResult = blocks.some(({ kind }) => kind === 'tool-result')
  return names.length === 0 && hasResult ? ['unknown'] : [...new Set(names)]
}

function specFor(name: string): JsonObject {
  return { toolSpec: { name, inputSchema: { json: { type: 'object' } } } }
}

const emptySchema: JsonObject = { type: 'object', properties: {} }

function freshTool(tool: Tool, { losses, maker }: Pen): readonly JsonObject[] {
  if (tool.kind === 'opaque') {
    losses.whole(tool, `only its own dialect has a word for ${tool.type}`)
    return []
  }
  const name = legalName(tool.name)
  const description = tool.description?.trim() === '' ? undefined : tool.description
  losses.account(tool, ['kind', 'name', 'description', 'schema', 'isStrict', 'cache'])
  if (name !== tool.name) losses.approximated(tool, 'name', toldOtherwiseWhy)
  if (description !== tool.description)
    losses.lost(tool, 'description', 'Bedrock refuses text without a visible character')
  const wished = schemaOf(tool.schema)
  const { schema, isStrict } =
    isOwn(tool) || maker !== 'anthropic'
      ? { schema: wished, isStrict: tool.isStrict }
      : enforcedInput(tool, wished, losses)
  const spec = {
    name,
    ...(description !== undefined && { description }),
    inputSchema: { json: schema },
    ...(isStrict !== undefined && { strict: isStrict }),
  }
  return [{ toolSpec: spec }, ...pointWords(tool.cache)]
}

/** Bedrock refuses a schema that does not say `type`, and takes none but `object`. */
function schemaOf(schema: JsonObject | undefined): JsonObject {
  if (schema === undefined) return emptySchema
  return Object.hasOwn(schema, 'type') ? schema : { type: 'object', ...schema }
}

function writeChoice(call: ChatCall, tools: readonly Json[], { losses, maker }: Pen): JsonObject | undefined {
  const { toolChoice } = call
  if (toolChoice === undefined) return undefined
  const words = choiceWords(toolChoice)
  if (toolChoice.kind === 'named') losses.account(toolChoice, ['kind', 'name'])
  else losses.account(toolChoice, ['kind'])
  if (words === undefined) {
    const isNone = toolChoice.kind === 'none'
    losses.lost(
      call,
      'toolChoice',
      isNone ? 'Bedrock cannot forbid the use of tools' : 'only its own dialect has a word for it',
    )
    return undefined
  }
  const { tool } = words
  if (isJsonObject(tool) && !tools.some((one) => nameOf(one) === tool['name'])) {
    losses.lost(call, 'toolChoice', 'the tool that it names is not told')
    return undefined
  }
  if (toolChoice.kind === 'named' && isJsonObject(tool) && tool['name'] !== toolChoice.name)
    losses.approximated(call, 'toolChoice', choiceToldOtherwiseWhy)
  const isForced = toolChoice.kind !== 'auto'
  if (isForced && maker === 'anthropic' && !claudeGeneration(call.modelName).takesForcedTools) {
    losses.approximated(call, 'toolChoice', 'the model cannot be made to use a tool')
    return { auto: {} }
  }
  return words
}

function nameOf(tool: Json): Json | undefined {
  const spec = isJsonObject(tool) ? tool['toolSpec'] : undefined
  return isJsonObject(spec) ? spec['name'] : undefined
}

function choiceWords(choice: ToolChoice): JsonObject | undefined {
  switch (choice.kind) {
    case 'auto':
    case 'any':
      return { [choice.kind]: {} }
    case 'named':
      return { tool: { name: legalName(choice.name) } }
    case 'none':
    case 'opaque':
      return undefined
  }
}

function ownTools({ tools, toolChoice }: ChatCall, pen: Pen): JsonObject | undefined {
  if (tools === undefined && toolChoice === undefined) return undefined
  const told = tools?.flatMap((tool): readonly Json[] => {
    if (tool.kind === 'opaque' && isOwn(tool)) return [originOf(tool)?.wire ?? null]
    const written = rewrite(tool, dialectName, (one) => single(freshTool(one, pen)), joined)
    return Array.isArray(written) ? written : [written]
  })
  const choice = toolChoice && rewrite(toolChoice, dialectName, (one) => choiceWords(one) ?? null)
  return { ...(told && { tools: told }), ...(choice && { toolChoice: choice }) }
}
