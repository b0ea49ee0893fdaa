import type { ChatCall, Tool } from '../../../canonical/chat.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { originOf, rewrite } from '../../../canonical/origin.ts'
import { put, several, type Draft } from '../../shared/translation/put.ts'
import { isOwn, dialectName } from './own.ts'
import { accountFor } from './pen.ts'

/**
 * Ollama has no word for the choice of a tool: its models choose by themselves. None may be called where none is told.
 * @returns whether any is told.
 */
export function putTools(draft: Draft, call: ChatCall, losses: Losses): boolean {
  const { tools, toolChoice } = call
  if (toolChoice && !isOwn(toolChoice)) losses.account(toolChoice, ['kind'])
  if (tools && toolChoice?.kind === 'none') {
    losses.lost(call, 'tools', 'none may be called, for which the target has no other word than to be told none')
    return false
  }
  if (!tools) return false
  const written = tools.flatMap((tool) => writeTool(tool, losses))
  if (written.length > 0 || isOwn(call)) draft['tools'] = written
  return written.length > 0
}

function writeTool(tool: Tool, losses: Losses): readonly JsonObject[] {
  if (!isOwn(tool)) return tool.kind === 'function' ? [functionWords(tool, losses)] : lose(tool, losses)
  const written = rewrite<Tool>(tool, dialectName, (one) =>
    one.kind === 'function' ? functionWords(one, losses) : (originOf(one)?.wire ?? null),
  )
  return several(written)
}

function functionWords(tool: Extract<Tool, { kind: 'function' }>, losses: Losses): JsonObject {
  const { name, description, schema, isStrict } = tool
  // That arguments need not keep to the schema is what happens anyway.
  const silent = isStrict === false ? (['isStrict'] as const) : []
  accountFor(tool, ['kind', 'name', 'description', 'schema', ...silent], losses)
  const words: Draft = { name }
  put(words, 'description', description)
  put(words, 'parameters', schema ?? (isOwn(tool) ? undefined : { type: 'object', properties: {} }))
  return { type: 'function', function: words }
}

function lose(tool: Extract<Tool, { kind: 'opaque' }>, losses: Losses): readonly [] {
  losses.whole(tool, `only its own dialect has a word for ${tool.type}`)
  return []
}
