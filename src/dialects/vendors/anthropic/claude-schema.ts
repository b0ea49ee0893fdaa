import { isJsonObject, type Json, type JsonObject } from '../../../canonical/json.ts'
import { isJsonArray } from '../../shared/call-fields.ts'

/**
 * A schema of another dialect as Claude can be asked to enforce it. It refuses any but a subset (Anthropic docs, Structured
 * outputs, JSON Schema limitations, read 2026-11): every object must be closed, and most limits are not known. What it would
 * refuse is told in `description` instead, as Anthropic's own SDKs do.
 * @returns `undefined` where there is no such schema: one that is recursive or lies elsewhere, or that is about objects which
 *   could hold nothing once they were closed.
 */
export function claudeSchema(schema: JsonObject): JsonObject | undefined {
  return isClosable(schema) && !isRecursive(schema) ? fitted(schema) : undefined
}

/** Whether what the caller allows is still allowed when every object holds what it names and no more. */
function isClosable(schema: Json): boolean {
  if (!isJsonObject(schema)) return true
  const { $ref: ref, allOf } = schema
  const isElsewhere = typeof ref === 'string' && !ref.startsWith('#')
  return (
    !isElsewhere && !(isOpen(schema) && isNameless(schema)) && !hasOpenPart(allOf) && inner(schema).every(isClosable)
  )
}

/** An object that is described in parts is none of them alone. A reference among them is refused as such. */
function hasOpenPart(parts: Json | undefined): boolean {
  return isJsonArray(parts) && parts.some((part) => isJsonObject(part) && ('$ref' in part || isOpen(part)))
}

function isOpen(schema: JsonObject): boolean {
  return isOfObjects(schema) && schema['additionalProperties'] !== false
}

function isOfObjects({ type, properties, additionalProperties: others }: JsonObject): boolean {
  const isTyped = type === 'object' || (isJsonArray(type) && type.includes('object'))
  return isTyped || properties !== undefined || others !== undefined
}

/** An empty list of names, with no word about others, is of an object that holds nothing anyway. */
function isNameless({ properties, additionalProperties: others }: JsonObject): boolean {
  return !isJsonObject(properties) || (Object.keys(properties).length === 0 && others !== undefined)
}

function isRecursive(root: JsonObject): boolean {
  const entered = new Set<string>()
  const left = new Set<string>()
  const leadsBack = (schema: Json | undefined): boolean => {
    if (!isJsonObject(schema)) return false
    const { $ref: ref } = schema
    return (typeof ref === 'string' && isBack(ref)) || inner(schema).some(leadsBack)
  }
  const isBack = (ref: string): boolean => {
    if (left.has(ref)) return false
    if (ref === '#' || entered.has(ref)) return true
    entered.add(ref)
    const isLoop = leadsBack(schemaAt(root, ref))
    left.add(ref)
    return isLoop
  }
  return leadsBack(root)
}

function schemaAt(root: JsonObject, ref: string): Json | undefined {
  return ref
    .split('/')
    .slice(1)
    .reduce<Json | undefined>((found, name) => (isJsonObject(found) ? found[name] : undefined), root)
}

/** The schemas that stand in one, but not those in these. */
function inner(schema: JsonObject): readonly Json[] {
  return Object.entries(schema).flatMap(([key, value]) => {
    if (namedSchemas.has(key)) return isJsonObject(value) ? Object.values(value) : []
    if (!nestedSchemas.has(key)) return []
    return isJsonArray(value) ? value : [value]
  })
}

function fitted(schema: JsonObject): JsonObject {
  const entries = Object.entries(schema)
  const refused = entries.filter(([key, value]) => isRefused(key, value, schema))
  const kept = entries
    .filter(([key, value]) => !isRefused(key, value, schema))
    .map(([key, value]) => [key === 'oneOf' ? 'anyOf' : key, fittedMember(key, value)] as const)
  const { description } = schema
  const told = refused.length === 0 ? [] : [JSON.stringify(Object.fromEntries(refused))]
  const texts = [...(typeof description === 'string' ? [description] : []), ...told]
  return {
    ...Object.fromEntries(kept),
    ...(told.length > 0 && { description: texts.join('\n\n') }),
    ...(isOfObjects(schema) && { additionalProperties: false }),
  }
}

function fittedMember(key: string, value: Json): Json {
  if (namedSchemas.has(key) && isJsonObject(value))
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, fittedOne(one)]))
  if (!nestedSchemas.has(key)) return value
  return isJsonArray(value) ? value.map(fittedOne) : fittedOne(value)
}

function fittedOne(schema: Json): Json {
  return isJsonObject(schema) ? fitted(schema) : schema
}

function isRefused(key: string, value: Json, schema: JsonObject): boolean {
  switch (key) {
    case 'minItems':
      return value !== 0 && value !== 1
    case 'format':
      return typeof value !== 'string' || !formats.has(value)
    case 'pattern':
      return typeof value !== 'string' || hardPattern.test(value)
    case 'enum':
      return isJsonArray(value) && value.some((one) => typeof one === 'object' && one !== null)
    case 'oneOf':
      return schema['anyOf'] !== undefined
    default:
      return refusedKeys.has(key)
  }
}

const namedSchemas: ReadonlySet<string> = new Set(['properties', '$defs', 'definitions'])
const nestedSchemas: ReadonlySet<string> = new Set(['items', 'anyOf', 'oneOf', 'allOf'])

const refusedKeys: ReadonlySet<string> = new Set([
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'maxItems',
  'uniqueItems',
  'contains',
  'minContains',
  'maxContains',
  'prefixItems',
  'unevaluatedItems',
  'minProperties',
  'maxProperties',
  'patternProperties',
  'propertyNames',
  'unevaluatedProperties',
  'dependentRequired',
  'dependentSchemas',
  'not',
  'if',
  'then',
  'else',
])

const formats: ReadonlySet<string> = new Set([
  'date-time',
  'time',
  'date',
  'duration',
  'email',
  'hostname',
  'uri',
  'ipv4',
  'ipv6',
  'uuid',
])

/** References back, looks around, and ends of words. */
const hardPattern = /\\[1-9bBk]|\(\?<?[=!]/
