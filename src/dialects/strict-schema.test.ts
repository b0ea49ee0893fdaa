import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../canonical/json.ts'
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
    ['a list at the root', { type: 'array', items: text }],
  ])('is not one with %s', (_, schema) => {
    expect(canBeStrict(schema)).toBe(false)
  })
})
