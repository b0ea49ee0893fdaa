import { describe, expect, it } from 'vitest'
import type { OutputFormat } from '../../../canonical/chat.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import { said, toldIn } from '../../laws/foreign-words.ts'
import { translation as chat } from '../../openai-chat/translation/index.ts'
import { translation as responses } from '../../openai-responses/translation/index.ts'
import { canBeStrict } from './strict-schema.ts'

const object = (properties: JsonObject, more: JsonObject = {}): JsonObject => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
  ...more,
})
const text = { type: 'string' }

describe('a schema that OpenAI can be asked to enforce', () => {
  it.each<[string, JsonObject]>([
    ['an object that requires all it names', object({ a: text, b: { type: ['string', 'null'] } })],
    ['no properties at all', object({})],
    [
      'objects in lists, choices and definitions',
      object(
        { a: { type: 'array', items: object({ b: text }) }, c: { anyOf: [object({}), text] } },
        { $defs: { d: object({ e: text }) } },
      ),
    ],
    ['a property called like a keyword', object({ not: text, allOf: text })],
  ])('%s', (_, schema) => {
    expect(canBeStrict(schema)).toBe(true)
  })

  it.each<[string, JsonObject]>([
    ['an optional property', object({ a: text, b: text }, { required: ['a'] })],
    ['other properties allowed', object({ a: text }, { additionalProperties: true })],
    ['other properties not spoken of', { type: 'object', properties: { a: text }, required: ['a'] }],
    ['an open object deep inside', object({ a: { type: 'array', items: { type: 'object' } } })],
    ['an open object or null', object({ a: { type: ['object', 'null'] } })],
    ['an open object in a definition', object({}, { $defs: { d: { properties: { e: text } } } })],
    ['combined schemas', object({ a: { allOf: [text] } })],
    ['a choice at the root', { anyOf: [object({})] }],
    ['a choice at the root of an object', object({}, { anyOf: [object({})] })],
    ['a list at the root', { type: 'array', items: text }],
  ])('is not one with %s', (_, schema) => {
    expect(canBeStrict(schema)).toBe(false)
  })
})

describe.each([
  ['Chat Completions', chat],
  ['Responses', responses],
])('the schema of an answer, in %s', (_, translation) => {
  const told = (schema: JsonObject) =>
    toldIn(translation, {
      outputFormat: said<OutputFormat>(
        { kind: 'json-schema', name: undefined, description: undefined, schema, isStrict: true },
        'outputFormat',
      ),
    })

  it.each<[string, JsonObject]>([
    ['a list', { type: 'array', items: text }],
    ['one of several words', { type: 'string', enum: ['a', 'b'] }],
    ['a choice', { anyOf: [object({}), text] }],
    ['an object or null', object({}, { type: ['object', 'null'] })],
    ['anything', {}],
  ])('is lost where it is of %s, which OpenAI refuses', (_name, schema) => {
    const { body, losses } = told(schema)
    expect([body['response_format'], body['text'], losses]).toEqual([undefined, undefined, ['outputFormat']])
  })

  it('is told as one of an object where it names members', () => {
    const { body, losses } = told({ properties: {}, additionalProperties: false })
    expect(JSON.stringify(body)).toContain(
      JSON.stringify({ type: 'object', properties: {}, additionalProperties: false }),
    )
    expect(losses).toEqual([])
  })
})
