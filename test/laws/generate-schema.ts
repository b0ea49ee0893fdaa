import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isJsonObject, type Json, type JsonObject } from '../../src/canonical/json.ts'
import { corpusDir } from '../corpus.ts'

/**
 * Google's discovery document as JSON Schema, in which an object takes no member that it does not name: so Google itself reads
 * bodies ("Unknown name ...: Cannot find field"). `undefined` without a corpus.
 */
export function generateSchemas(): { readonly call: JsonObject; readonly answer: JsonObject } | undefined {
  if (corpusDir === undefined) return undefined
  const file = join(corpusDir, 'specs', 'gemini-generativelanguage-v1beta.discovery.json')
  const document: Json = JSON.parse(readFileSync(file, 'utf8'))
  const schemas = isJsonObject(document) && isJsonObject(document['schemas']) ? document['schemas'] : {}
  const known = new Set(Object.keys(schemas))
  const definitions = Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [name, asJsonSchema(schema, known)]),
  )
  const rooted = (name: string, more: JsonObject): JsonObject => {
    const root = definitions[name]
    if (!isJsonObject(root) || !isJsonObject(root['properties'])) throw new Error(`the document has no ${name}`)
    const widened = { ...root, properties: { ...root['properties'], ...more } }
    return { $ref: `#/$defs/${name}`, $defs: { ...definitions, [name]: widened } }
  }
  return {
    // Whether to stream stands in the path; within the house it is a member of the body.
    call: rooted('GenerateContentRequest', { stream: { type: 'boolean' } }),
    // Vertex, and the types of @google/genai, have it.
    answer: rooted('GenerateContentResponse', { createTime: { type: 'string' } }),
  }
}

function asJsonSchema(schema: Json, known: ReadonlySet<string>): JsonObject {
  if (!isJsonObject(schema)) return {}
  const { type, $ref: name, items, properties, additionalProperties, enum: values, format } = schema
  // Some are named in the document and not described.
  if (typeof name === 'string') return known.has(name) ? { $ref: `#/$defs/${name}` } : {}
  switch (type) {
    case 'object':
      return {
        type,
        ...(isJsonObject(properties)
          ? {
              properties: Object.fromEntries(
                Object.entries(properties).map(([key, one]) => [key, asJsonSchema(one, known)]),
              ),
            }
          : {}),
        additionalProperties: additionalProperties === undefined ? false : asJsonSchema(additionalProperties, known),
      }
    case 'array':
      return { type, items: asJsonSchema(items ?? {}, known) }
    case 'string':
      // Numbers of 64 bits are written as strings, and may come as numbers.
      if (format === 'int64') return { anyOf: [{ type: 'string' }, { type: 'integer' }] }
      return { type, ...(Array.isArray(values) && { enum: values }) }
    case 'integer':
    case 'number':
    case 'boolean':
      return { type }
    default:
      return {}
  }
}
