import { isJsonObject, type Json, type JsonObject } from '../../../canonical/json.ts'
import { isJsonArray } from '../../shared/call-fields.ts'

/** What a foreign wish to enforce a schema comes to; without a schema a tool takes nothing. */
export function strictFor(isStrict: boolean | undefined, schema: JsonObject | undefined): boolean | undefined {
  return isStrict === true && schema !== undefined && !canBeStrict(schema) ? undefined : isStrict
}

/**
 * The schema of an answer as OpenAI takes it, enforced or not: "schema must be a JSON Schema of 'type: "object"'" (its refusal,
 * 2026). JSON without a schema cannot stand in for any other: it promises an object too.
 * @returns `undefined` where it is not of an object.
 */
export function objectSchema(schema: JsonObject): JsonObject | undefined {
  const { type, properties } = schema
  if (type === 'object') return schema
  return type === undefined && isJsonObject(properties) ? { type: 'object', ...schema } : undefined
}

export const notObjectWhy = 'the target takes only a schema of an object'

/**
 * Whether OpenAI can be asked to enforce a schema. It does so for a subset only (its guide on structured outputs, supported
 * schemas): objects that require every property they name and allow no other, and no combining but `anyOf` below the root. A
 * call with `strict` beside another schema is refused.
 */
export function canBeStrict(schema: JsonObject): boolean {
  return schema['type'] === 'object' && schema['anyOf'] === undefined && isEnforceable(schema)
}

export const notEnforcedWhy = 'the target is told the schema, but enforces only one whose objects require all they name'

function isEnforceable(schema: Json | undefined): boolean {
  if (isJsonArray(schema)) return schema.every(isEnforceable)
  if (!isJsonObject(schema)) return true
  const { type, properties, required, additionalProperties: others, items, anyOf, $defs, definitions } = schema
  const isObject = type === 'object' || (isJsonArray(type) && type.includes('object')) || properties !== undefined
  const names = isJsonObject(properties) ? Object.keys(properties) : []
  const isClosed = others === false && names.every((name) => isJsonArray(required) && required.includes(name))
  return (
    (!isObject || isClosed) &&
    !refused.some((key) => Object.hasOwn(schema, key)) &&
    [properties, $defs, definitions].every(
      (named) => !isJsonObject(named) || Object.values(named).every(isEnforceable),
    ) &&
    [items, anyOf].every(isEnforceable)
  )
}

const refused = [
  'allOf',
  'oneOf',
  'not',
  'if',
  'then',
  'else',
  'dependentRequired',
  'dependentSchemas',
  'patternProperties',
]
