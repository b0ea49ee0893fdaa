import { isJsonObject, type Json, type JsonObject } from '../../canonical/json.ts'
import { pick } from './seeded.ts'

/** Deeper than any honest schema; a schema that refers to itself ends here. */
const depthLimit = 32

const words = ['river', 'heron', 'gauge', 'mill', 'reed', 'otter'] as const

/**
 * Makes a value that a JSON schema accepts. It knows what tools and structured outputs use: types, enums, constants, nested
 * objects with required properties, arrays, references inside the schema, limits of numbers and lengths, common formats.
 * Patterns it does not know.
 */
export function fillSchema(schema: Json | undefined, random: () => number): Json {
  const root = isJsonObject(schema) ? schema : {}
  return fill(root, root, random, 0)
}

function fill(schema: JsonObject, root: JsonObject, random: () => number, depth: number): Json {
  if (depth > depthLimit) return null
  const again = (inner: Json | undefined): Json => fill(isJsonObject(inner) ? inner : {}, root, random, depth + 1)
  if (typeof schema['$ref'] === 'string') return again(referred(root, schema['$ref']))
  if ('const' in schema) return schema['const'] ?? null
  if (Array.isArray(schema['enum'])) return schema['enum'][Math.floor(random() * schema['enum'].length)] ?? null
  if (Array.isArray(schema['allOf'])) return again(Object.assign({}, without(schema, 'allOf'), ...schema['allOf']))
  for (const choice of ['anyOf', 'oneOf']) {
    const options = schema[choice]
    if (Array.isArray(options)) return again(options[0])
  }
  switch (typeOf(schema)) {
    case 'object': {
      const properties = isJsonObject(schema['properties']) ? schema['properties'] : {}
      const names = Array.isArray(schema['required']) ? schema['required'].map(String) : Object.keys(properties)
      return Object.fromEntries(
        names.map((name) => [name, again(Object.hasOwn(properties, name) ? properties[name] : {})]),
      )
    }
    case 'array': {
      const fixed = Array.isArray(schema['prefixItems']) ? schema['prefixItems'] : []
      const most = whole(schema['maxItems'], 1_000)
      const length = Math.min(Math.max(fixed.length, whole(schema['minItems'], 1)), most)
      return Array.from({ length }, (_, place) => again(fixed[place] ?? schema['items']))
    }
    case 'integer':
      return numberIn(schema, 1)
    case 'number':
      return numberIn(schema, 0)
    case 'boolean':
      return random() < 0.5
    case 'null':
      return null
    default:
      return textIn(schema, random)
  }
}

function typeOf(schema: JsonObject): string {
  const types = Array.isArray(schema['type']) ? schema['type'] : [schema['type']]
  const type = types.find((one) => one !== 'null') ?? types[0]
  // Gemini's own schemas write types in capitals.
  if (typeof type === 'string') return type.toLowerCase()
  if ('properties' in schema || 'required' in schema) return 'object'
  return 'items' in schema ? 'array' : 'string'
}

/** @param step 1 for whole numbers, else 0. */
function numberIn(schema: JsonObject, step: number): number {
  const nudge = step || 0.5
  const exclusiveLeast = typeof schema['exclusiveMinimum'] === 'number' ? schema['exclusiveMinimum'] + nudge : undefined
  const exclusiveMost = typeof schema['exclusiveMaximum'] === 'number' ? schema['exclusiveMaximum'] - nudge : undefined
  const least = typeof schema['minimum'] === 'number' ? schema['minimum'] : exclusiveLeast
  const most = typeof schema['maximum'] === 'number' ? schema['maximum'] : exclusiveMost
  const multiple = typeof schema['multipleOf'] === 'number' ? schema['multipleOf'] : step
  const wanted = least ?? Math.min(most ?? 7, 7)
  if (multiple <= 0) return wanted
  const up = Math.ceil(wanted / multiple) * multiple
  return most === undefined || up <= most ? up : Math.floor(most / multiple) * multiple
}

const formats: Readonly<Record<string, string>> = {
  date: '2026-01-31',
  time: '12:00:00Z',
  'date-time': '2026-01-31T12:00:00Z',
  duration: 'PT1H',
  email: 'heron@example.com',
  hostname: 'example.com',
  uri: 'https://example.com/',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  uuid: '00000000-0000-4000-8000-000000000000',
}

function textIn(schema: JsonObject, random: () => number): string {
  const format = schema['format']
  if (typeof format === 'string' && Object.hasOwn(formats, format)) return formats[format] ?? ''
  const word = pick(words, random)
  return word.padEnd(whole(schema['minLength'], 0), '.').slice(0, whole(schema['maxLength'], 1_000_000))
}

function whole(value: Json | undefined, otherwise: number): number {
  return typeof value === 'number' && value >= 0 ? Math.min(Math.floor(value), 1_000_000) : otherwise
}

function without(schema: JsonObject, name: string): JsonObject {
  return Object.fromEntries(Object.entries(schema).filter(([key]) => key !== name))
}

function referred(root: JsonObject, reference: string): Json | undefined {
  let found: Json | undefined = root
  for (const step of reference
    .replace(/^#\/?/, '')
    .split('/')
    .filter((part) => part !== '')) {
    if (!isJsonObject(found) || !Object.hasOwn(found, step)) return undefined
    found = found[step]
  }
  return found
}
