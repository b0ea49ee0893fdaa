import { z } from 'zod'

/**
 * The JSON Schema of what may be written in the config file (`weir.schema.json`), for completion and checks in editors.
 * Draft 7, since yaml-language-server promises support up to that one (its npm page, read 2026-11).
 * @throws Error when a schema cannot be said in JSON Schema: a mistake of ours, found by the test that makes the file.
 */
export function jsonSchemaOf(schema: z.ZodType): z.core.JSONSchema.JSONSchema {
  return z.toJSONSchema(schema, { io: 'input', target: 'draft-07' })
}
