import type { ChatCall, OutputFormat, Tool } from '../../../canonical/chat.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { isSame } from '../../../canonical/origin.ts'
import { claudeSchema } from './claude-schema.ts'

/**
 * The schema of an answer as Claude is asked to enforce it.
 * @param schema of `format`, with what else is told in it.
 * @returns `undefined` where Claude cannot: it takes no schema then, which `losses` tells.
 */
export function enforcedFormat(
  call: ChatCall,
  format: Extract<OutputFormat, { readonly kind: 'json-schema' }>,
  schema: JsonObject,
  losses: Losses,
): JsonObject | undefined {
  const fitted = claudeSchema(schema)
  if (fitted === undefined) losses.lost(call, 'outputFormat', notEnforcedWhy)
  else if (!isSame(fitted, schema)) losses.approximated(format, 'schema', looserWhy)
  return fitted
}

/** What Claude is told of a tool's input. Only where it is asked to enforce the schema must it be one that it can. */
export function enforcedInput(
  tool: Extract<Tool, { readonly kind: 'function' }>,
  schema: JsonObject,
  losses: Losses,
): { readonly schema: JsonObject; readonly isStrict: boolean | undefined } {
  const { isStrict } = tool
  if (isStrict !== true) return { schema, isStrict }
  const fitted = claudeSchema(schema)
  if (fitted === undefined) losses.lost(tool, 'isStrict', notEnforcedWhy)
  else if (tool.schema !== undefined && !isSame(fitted, schema)) losses.approximated(tool, 'schema', looserWhy)
  return fitted === undefined ? { schema, isStrict: undefined } : { schema: fitted, isStrict }
}

const looserWhy = 'Claude closes every object, and is told in words of the limits that it does not enforce'
const notEnforcedWhy = 'Claude enforces no schema that is recursive, nor one of objects whose members have no names'
