import type { ChatCall, OutputFormat } from '../../../canonical/chat.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { originOf, rewrite } from '../../../canonical/origin.ts'
import { put, type Draft } from '../../shared/translation/put.ts'
import type { WireFields } from '../../shared/translation/wire-fields.ts'
import { notEnforcedWhy, notObjectWhy, objectSchema, strictFor } from './strict-schema.ts'

/** Where the keys of a schema stand in the object that tells a format. */
type Prefix = 'json_schema.' | ''

/** The shape that an answer must have, from OpenAI's words. */
export function readOpenAiFormat(fields: WireFields, prefix: Prefix): OutputFormat | undefined {
  switch (fields.wire['type']) {
    case 'text':
      return fields.hear<OutputFormat>({ kind: 'text' })
    case 'json_object':
      return fields.hear<OutputFormat>({ kind: 'json-object' })
    case 'json_schema':
      return fields.hear<OutputFormat>({
        kind: 'json-schema',
        name: fields.text('name', `${prefix}name`),
        description: fields.text('description', `${prefix}description`),
        schema: fields.object('schema', `${prefix}schema`) ?? {},
        isStrict: fields.flag('isStrict', `${prefix}strict`),
      })
    default:
      return undefined
  }
}

/**
 * The shape that an answer must have, in OpenAI's words. What they cannot tell is lost.
 * @param dialect whose nodes are told as they came, but for what was edited.
 */
export function writeOpenAiFormat(call: ChatCall, dialect: string, prefix: Prefix, losses: Losses): Json | undefined {
  const { outputFormat } = call
  if (!outputFormat) return undefined
  if (originOf(outputFormat)?.dialect === dialect)
    return rewrite<OutputFormat>(outputFormat, dialect, (format) => ownWords(format, prefix))
  const told = foreignWords(outputFormat, prefix, losses)
  if (told === undefined) losses.lost(call, 'outputFormat', notObjectWhy)
  return told
}

function ownWords(format: OutputFormat, prefix: Prefix): JsonObject {
  if (format.kind !== 'json-schema') return { type: typeOf[format.kind] }
  const isSaid = originOf(format)?.heard['schema'] !== undefined || Object.keys(format.schema).length > 0
  return schemaWords(format, isSaid ? format.schema : undefined, prefix)
}

function foreignWords(format: OutputFormat, prefix: Prefix, losses: Losses): JsonObject | undefined {
  if (format.kind !== 'json-schema') {
    losses.account(format, ['kind'])
    return { type: typeOf[format.kind] }
  }
  const schema = objectSchema(format.schema)
  if (schema === undefined) return undefined
  const isStrict = strictFor(format.isStrict, schema)
  if (isStrict !== format.isStrict) losses.approximated(format, 'schema', notEnforcedWhy)
  losses.account(format, ['kind', 'name', 'description', 'schema', 'isStrict'])
  // A name is demanded.
  return schemaWords({ ...format, name: format.name ?? 'answer', isStrict }, schema, prefix)
}

function schemaWords(
  { kind, name, description, isStrict }: SchemaFormat,
  schema: JsonObject | undefined,
  prefix: Prefix,
): JsonObject {
  const words: Draft = { type: typeOf[kind] }
  put(words, `${prefix}name`, name)
  put(words, `${prefix}description`, description)
  put(words, `${prefix}schema`, schema)
  put(words, `${prefix}strict`, isStrict)
  return words
}

type SchemaFormat = Extract<OutputFormat, { kind: 'json-schema' }>

const typeOf = { text: 'text', 'json-object': 'json_object', 'json-schema': 'json_schema' } as const
