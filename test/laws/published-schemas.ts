import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { isJsonObject, type Json, type JsonObject } from '../../src/canonical/json.ts'
import { corpusDir } from '../corpus.ts'
import { generateSchemas } from './generate-schema.ts'
import { messagesSchemas } from './messages-schema.ts'

/** What a published schema has against a body; empty when it accepts it. */
export type Objections = (body: JsonObject) => readonly string[]

/** What each of the two APIs takes and gives. */
export interface PublishedSchemas {
  readonly call: Objections
  readonly answer: Objections
  /** The data of one frame of a stream. */
  readonly frame: Objections
}

/** OpenAI's own description of chat completions. `undefined` without a corpus. */
export function chatPublished(): PublishedSchemas | undefined {
  const schemas = openAiSchemas()
  if (!schemas) return undefined
  return {
    call: schemaOf(schemas, 'CreateChatCompletionRequest', (schema) => schema),
    answer: schemaOf(schemas, 'CreateChatCompletionResponse', asRecorded),
    frame: schemaOf(schemas, 'CreateChatCompletionStreamResponse', asRecorded),
  }
}

/** OpenAI's own description of completions, whose chunks are answers too. `undefined` without a corpus. */
export function completionsPublished(): PublishedSchemas | undefined {
  const schemas = openAiSchemas()
  if (!schemas) return undefined
  const answer = schemaOf(schemas, 'CreateCompletionResponse', asRecorded)
  return { call: schemaOf(schemas, 'CreateCompletionRequest', (schema) => schema), answer, frame: answer }
}

/**
 * OpenAI's own description of responses. `undefined` without a corpus. A frame is held against what is said of its type: the
 * union of all is slow to try.
 */
export function responsesPublished(): PublishedSchemas | undefined {
  const schemas = openAiSchemas()
  if (!schemas) return undefined
  // A thought that is handed back needs no id (recorded 2026-08).
  const asAsked: Change = (schema, name) =>
    asRecorded(name === 'ReasoningItem' ? withoutRequired(schema, 'id') : schema)
  const byType = new Map<string, Objections>()
  const rootsByType = new Map(
    [...namesUsed(schemas, 'ResponseStreamEvent')].map((name) => [typeOf(schemas[name] ?? null), name]),
  )
  return {
    call: schemaOf(schemas, 'CreateResponse', asAsked),
    answer: schemaOf(schemas, 'Response', asRecorded),
    frame: (body) => {
      const type = String(body['type'])
      const root = rootsByType.get(type)
      if (root === undefined) return [`type: there is no event ${type}`]
      const known = byType.get(type) ?? schemaOf(schemas, root, asRecorded)
      byType.set(type, known)
      return known(body)
    },
  }
}

/** Mistral's own description of its chat completions, which takes no key that it does not have. `undefined` without a corpus. */
export function mistralPublished(): Pick<PublishedSchemas, 'call'> | undefined {
  if (corpusDir === undefined) return undefined
  const description: Json = parse(readFileSync(join(corpusDir, 'specs', 'mistral.openapi.yaml'), 'utf8'))
  const components = isJsonObject(description) ? description['components'] : undefined
  const schemas = isJsonObject(components) ? components['schemas'] : undefined
  if (!isJsonObject(schemas)) throw new Error('the description of the API holds no schemas')
  return { call: schemaOf(schemas, 'ChatCompletionRequest', (schema) => schema) }
}

type Change = (schema: Json, name: string) => Json

function schemaOf(schemas: JsonObject, root: string, change: Change): Objections {
  const names = [...namesUsed(schemas, root)]
  const definitions = Object.fromEntries(names.map((name) => [name, change(asJsonSchema(schemas[name] ?? {}), name)]))
  return objections({ $ref: `#/$defs/${root}`, $defs: definitions })
}

function openAiSchemas(): JsonObject | undefined {
  if (corpusDir === undefined) return undefined
  const description: Json = JSON.parse(readFileSync(join(corpusDir, 'specs', 'openai.openapi.json'), 'utf8'))
  const components = isJsonObject(description) ? description['components'] : undefined
  const schemas = isJsonObject(components) ? components['schemas'] : undefined
  if (!isJsonObject(schemas)) throw new Error('the description of the API holds no schemas')
  return schemas
}

/** The one value that a schema has for `type`. */
function typeOf(schema: Json): string {
  const properties = isJsonObject(schema) ? schema['properties'] : undefined
  const type = isJsonObject(properties) ? properties['type'] : undefined
  const values = isJsonObject(type) ? type['enum'] : undefined
  return Array.isArray(values) && values.length === 1 ? String(values[0]) : ''
}

function withoutRequired(schema: Json, key: string): Json {
  if (!isJsonObject(schema) || !Array.isArray(schema['required'])) return schema
  return { ...schema, required: schema['required'].filter((name: Json) => name !== key) }
}

/** The SDK's types, and the fields that its newest version does not name while its API took them when it was recorded. */
export function messagesPublished(): PublishedSchemas {
  const { MessageCreateParamsBase: params, Message: message, RawMessageStreamEvent: event } = messagesSchemas()
  const definitions = isJsonObject(params['$defs']) ? params['$defs'] : {}
  const root = definitions['MessageCreateParamsBase']
  if (!isJsonObject(root) || !isJsonObject(root['properties'])) throw new Error('the schema has another root')
  const widened = { ...root, properties: { ...root['properties'], ...olderFields } }
  return {
    call: objections({ ...params, $defs: { ...definitions, MessageCreateParamsBase: widened } }),
    answer: objections(withoutCitations(message)),
    frame: objections(withoutCitations(event)),
  }
}

/** The types of Anthropic's SDK demand `citations` of a text, at least as `null`; no recorded answer has it without a citation. */
function withoutCitations(schema: JsonObject): JsonObject {
  const loosened = loosen(schema)
  return isJsonObject(loosened) ? loosened : schema
}

function loosen(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map(loosen)
  if (!isJsonObject(schema)) return schema
  const members = Object.entries(schema).map(([key, value]): [string, Json] => [
    key,
    key === 'required' && Array.isArray(value) ? value.filter((name) => name !== 'citations') : loosen(value),
  ])
  return Object.fromEntries(members)
}

/** Google's discovery document. A chunk of a stream is an answer. `undefined` without a corpus. */
export function generatePublished(): PublishedSchemas | undefined {
  const schemas = generateSchemas()
  if (!schemas) return undefined
  const answer = objections(schemas.answer)
  return { call: objections(schemas.call), answer, frame: answer }
}

/**
 * OpenAI's own recorded answers fail its own description; this much slack lets all of them pass: `null` for every property
 * but `type`, `object` and `role`, and these fields not required (shared/specs/known-deviations.json).
 */
function asRecorded(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map(asRecorded)
  if (!isJsonObject(schema)) return schema
  const members = Object.entries(schema).map(([key, value]): [string, Json] => {
    if (key === 'required' && Array.isArray(value)) return [key, value.filter((name) => !seldomTold.has(String(name)))]
    if (key !== 'properties' || !isJsonObject(value)) return [key, asRecorded(value)]
    const properties = Object.entries(value).map(([name, one]): [string, Json] => {
      const inner = asRecorded(one)
      return [name, neverNull.has(name) ? inner : { anyOf: [inner, { type: 'null' }] }]
    })
    return [key, Object.fromEntries(properties)]
  })
  return Object.fromEntries(members)
}

const neverNull: ReadonlySet<string> = new Set(['type', 'object', 'role'])
const seldomTold: ReadonlySet<string> = new Set(
  'logprobs refusal cache_write_tokens output_tokens_details strict parameters sequence_number item_id'.split(' '),
)

/** Sampling of models before Claude Opus 4.7: recorded 2024-2026 with 200, and gone from the SDK's types in 1.12.0. */
const olderFields: JsonObject = {
  temperature: { type: 'number', minimum: 0, maximum: 1 },
  top_p: { type: 'number', minimum: 0, maximum: 1 },
  top_k: { type: 'integer', minimum: 0 },
}

function objections(schema: JsonObject): Objections {
  const validator = z.fromJSONSchema(schema)
  return (body) => {
    const { error } = validator.safeParse(body)
    return (error?.issues ?? []).flatMap((issue) => issueTexts(issue))
  }
}

/** Of a union, what the alternative that comes closest has against it. */
function issueTexts(issue: z.core.$ZodIssue, path: readonly PropertyKey[] = []): readonly string[] {
  const here = [...path, ...issue.path]
  if (issue.code === 'invalid_union') {
    const closest = issue.errors
      .map((list) => list.flatMap((inner) => issueTexts(inner, here)))
      .toSorted((left, right) => depthOf(right) - depthOf(left) || left.length - right.length)[0]
    if (closest) return closest
  }
  const keys = issue.code === 'unrecognized_keys' ? ` ${issue.keys.join(', ')}` : ''
  return [`${here.map(String).join('.')}: ${issue.message}${keys}`]
}

function depthOf(texts: readonly string[]): number {
  return Math.max(0, ...texts.map((text) => text.split(':')[0]?.split('.').length ?? 0))
}

function namesUsed(schemas: JsonObject, name: string, found = new Set<string>()): ReadonlySet<string> {
  if (found.has(name)) return found
  found.add(name)
  for (const [, used] of JSON.stringify(schemas[name]).matchAll(/"#\/components\/schemas\/([^"]+)"/g))
    if (used !== undefined) namesUsed(schemas, used, found)
  return found
}

/**
 * OpenAPI's `nullable` as JSON Schema says it. A `default` would fill in what the body leaves out. What should be one of
 * several is often more than one of them at once, such as a message in any of its forms.
 */
function asJsonSchema(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map(asJsonSchema)
  if (!isJsonObject(schema)) return schema
  const members = Object.entries(schema)
    .filter(([key]) => key !== 'nullable' && key !== 'default')
    .map(([key, value]) => [
      key === 'oneOf' ? 'anyOf' : key,
      key === '$ref' ? String(value).replace('#/components/schemas/', '#/$defs/') : asJsonSchema(value),
    ])
  const plain: JsonObject = Object.fromEntries(members)
  return schema['nullable'] === true ? { anyOf: [plain, { type: 'null' }] } : plain
}
