import type { ChatCall, Tool, ToolChoice } from '../../../canonical/chat.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { originOf, rewrite } from '../../../canonical/origin.ts'
import { toldOtherwiseWhy } from '../../shared/translation/legal-names.ts'
import { isFormatApart } from './generations.ts'
import { dialectName, isOwn } from './own.ts'
import { patched } from './patched.ts'
import { legalName } from './tool-names.ts'

/** `tools` and `toolConfig`. */
export function writeTools(call: ChatCall, losses: Losses): JsonObject {
  if (isOwn(call)) return ownTools(call)
  if (call.toolChoice?.kind === 'none' && isFormatApart(call)) return withoutTools(call, call.toolChoice, losses)
  const functions = (call.tools ?? []).flatMap((tool) => freshTool(tool, losses))
  const choice = functions.length === 0 ? undefined : writeChoice(call, functions, losses)
  if (functions.length === 0 && call.toolChoice !== undefined && call.toolChoice.kind !== 'none')
    losses.lost(call, 'toolChoice', 'there is no tool to choose')
  return {
    ...(functions.length > 0 && { tools: [{ functionDeclarations: functions }] }),
    ...(choice && { toolConfig: { functionCallingConfig: choice } }),
  }
}

/** Tools that may not be called anyway stand back for a format. */
function withoutTools({ tools = [] }: ChatCall, choice: ToolChoice, losses: Losses): JsonObject {
  losses.account(choice, ['kind'])
  for (const tool of tools) losses.whole(tool, 'none may be called, and the model takes no tools beside a format')
  return {}
}

function freshTool(tool: Tool, losses: Losses): readonly JsonObject[] {
  if (tool.kind === 'opaque') {
    losses.whole(tool, `only its own dialect has a word for ${tool.type}`)
    return []
  }
  // That arguments need not keep to the schema is what happens anyway.
  losses.account(tool, [
    'kind',
    'name',
    'description',
    'schema',
    ...(tool.isStrict === false ? (['isStrict'] as const) : []),
  ])
  const name = legalName(tool.name)
  if (name !== tool.name) losses.approximated(tool, 'name', toldOtherwiseWhy)
  return [functionWords({ ...tool, name })]
}

function functionWords({ name, description, schema }: Tool & { readonly kind: 'function' }): JsonObject {
  return {
    name,
    ...(description !== undefined && { description }),
    // Google refuses an object that takes nothing only in its own schema language.
    ...(schema !== undefined && { parametersJsonSchema: schema }),
  }
}

function writeChoice(call: ChatCall, functions: readonly JsonObject[], losses: Losses): JsonObject | undefined {
  const { toolChoice } = call
  if (toolChoice === undefined) return undefined
  if (toolChoice.kind === 'named') losses.account(toolChoice, ['kind', 'name'])
  else losses.account(toolChoice, ['kind'])
  const isTold = toolChoice.kind !== 'named' || functions.some(({ name }) => name === legalName(toolChoice.name))
  const words = choiceWords(toolChoice)
  if (words !== undefined && isTold) return words
  losses.lost(
    call,
    'toolChoice',
    words ? 'the tool that it names is not told' : 'only its own dialect has a word for it',
  )
  return undefined
}

function choiceWords(choice: ToolChoice): JsonObject | undefined {
  switch (choice.kind) {
    case 'auto':
    case 'any':
    case 'none':
      return { mode: choice.kind.toUpperCase() }
    case 'named':
      return { mode: 'ANY', allowedFunctionNames: [legalName(choice.name)] }
    case 'opaque':
      return undefined
  }
}

/** In their groups again, by the places that they remember; one that is new stands in a group of its own. */
function ownTools(call: ChatCall): JsonObject {
  const groups = new Map<string, Record<string, Json>>()
  for (const [index, tool] of (call.tools ?? []).entries()) {
    const { group, key } = placeOf(tool) ?? { group: `new ${index}`, key: functionsKey }
    const written = rewrite(
      tool,
      dialectName,
      (one) => (one.kind === 'function' ? functionWords(one) : (originOf(one)?.wire ?? null)),
      patched,
    )
    const members = groups.get(group) ?? {}
    groups.set(group, members)
    if (key === undefined) continue
    const isInList = isListed.test(originOf(tool)?.path ?? '[0]')
    const list = members[key]
    members[key] = isInList ? [...(Array.isArray(list) ? list : []), written] : written
  }
  const config = call.toolChoice && ownChoice(call.toolChoice)
  return {
    ...(call.tools && { tools: groups.get('tools') ?? [...groups.values()] }),
    ...(config && { toolConfig: { functionCallingConfig: config } }),
  }
}

const functionsKey = 'functionDeclarations'
const isListed = /\[\d+\]$/

/** Of `tools[0].functionDeclarations[2]`, its group and its key within the group; a group that holds nothing has no key. */
function placeOf(tool: Tool): { readonly group: string; readonly key: string | undefined } | undefined {
  const path = originOf(tool)?.path
  const [, group, key] = (path === undefined ? undefined : /^(tools(?:\[\d+\])?)(?:\.([^[]+))?/.exec(path)) ?? []
  return group === undefined ? undefined : { group, key }
}

function ownChoice(choice: ToolChoice): JsonObject | undefined {
  const written = rewrite(choice, dialectName, (one) => choiceWords(one) ?? null, patched)
  return isJsonObject(written) ? written : undefined
}
