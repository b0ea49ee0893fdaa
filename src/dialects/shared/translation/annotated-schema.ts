import type { OutputFormat } from '../../../canonical/chat.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import type { Losses } from '../../../canonical/loss.ts'

/**
 * The schema of an answer, for a dialect that has no fields for its name and description: the annotations that JSON Schema has for
 * them tell them, unless the schema has its own.
 */
export function annotatedSchema(
  format: Extract<OutputFormat, { readonly kind: 'json-schema' }>,
  losses: Losses,
): JsonObject {
  const { name, description, schema } = format
  if (isTaken(schema, 'title', name)) losses.lost(format, 'name', 'the schema has a title of its own')
  if (isTaken(schema, 'description', description))
    losses.lost(format, 'description', 'the schema has a description of its own')
  return {
    ...(name !== undefined && { title: name }),
    ...(description !== undefined && { description }),
    ...schema,
  }
}

function isTaken(schema: JsonObject, key: string, value: string | undefined): boolean {
  return value !== undefined && Object.hasOwn(schema, key) && schema[key] !== value
}
