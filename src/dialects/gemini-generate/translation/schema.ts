import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { camelCase } from '../../vendors/gemini/spelling.ts'

/**
 * Google's own schemas ("a subset of the OpenAPI 3.0 schema object") as JSON Schema: types in capitals, `nullable`, and limits of
 * 64 bits that are written as strings. What says the same in both is kept; the order of properties is Google's alone.
 */
export function asJsonSchema(schema: JsonObject): JsonObject {
  const members = Object.entries(schema).flatMap(([key, value]) => member(camelCase(key), value))
  const plain: JsonObject = Object.fromEntries(members)
  return schema['nullable'] === true ? orNull(plain) : plain
}

function member(key: string, value: Json): readonly (readonly [string, Json])[] {
  switch (key) {
    case 'type':
      return typeof value === 'string' && value !== 'TYPE_UNSPECIFIED' ? [[key, value.toLowerCase()]] : []
    case 'nullable':
    case 'propertyOrdering':
      return []
    case 'example':
      return [['examples', [value]]]
    case 'items':
      return [[key, inner(value)]]
    case 'anyOf':
      return [[key, Array.isArray(value) ? value.map(inner) : value]]
    case 'properties':
      // Their names are the caller's own.
      return [
        [
          key,
          isJsonObject(value)
            ? Object.fromEntries(Object.entries(value).map(([name, one]) => [name, inner(one)]))
            : value,
        ],
      ]
    default:
      return [[key, countKeys.has(key) && typeof value === 'string' ? Number(value) : value]]
  }
}

const countKeys: ReadonlySet<string> = new Set([
  'minItems',
  'maxItems',
  'minLength',
  'maxLength',
  'minProperties',
  'maxProperties',
])

function inner(value: Json): Json {
  return isJsonObject(value) ? asJsonSchema(value) : value
}

function orNull(schema: JsonObject): JsonObject {
  const { type, enum: values } = schema
  if (typeof type !== 'string') return { anyOf: [schema, { type: 'null' }] }
  return { ...schema, type: [type, 'null'], ...(Array.isArray(values) && { enum: [...values, null] }) }
}
