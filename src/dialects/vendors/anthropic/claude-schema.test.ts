import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../../canonical/json.ts'
import { claudeSchema } from './claude-schema.ts'

const text = { type: 'string' }

function object(properties: JsonObject, more: JsonObject = {}): JsonObject {
  return { type: 'object', properties, additionalProperties: false, ...more }
}

describe('a schema that Claude can be asked to enforce', () => {
  it.each<[string, JsonObject]>([
    ['closed objects', object({ a: text, b: object({}) }, { required: ['a'] })],
    [
      'what it knows',
      object({
        a: { type: 'array', items: { enum: ['x', 1, null] }, minItems: 1 },
        b: { type: ['string', 'null'], format: 'date', pattern: '^[0-9]+$', default: '' },
        c: { anyOf: [text, { const: 1 }] },
        d: { allOf: [text, { pattern: '^a' }] },
      }),
    ],
    [
      'a definition named from several places',
      object({ a: ref('d'), b: ref('d') }, { $defs: { d: object({ e: text }) } }),
    ],
    ['members called like what it refuses', object({ minimum: text, oneOf: text, not: text })],
  ])('stays as it is with %s', (_, schema) => {
    expect(claudeSchema(schema)).toEqual(schema)
  })

  it('closes every object', () => {
    const open = { properties: { a: text } }
    const closed = { ...open, additionalProperties: false }
    const withAll = (one: JsonObject): JsonObject =>
      object({ list: { type: 'array', items: one }, choice: { anyOf: [text, one] } }, { $defs: { d: one } })
    expect(claudeSchema(withAll(open))).toEqual(withAll(closed))
    expect(claudeSchema({ ...open, additionalProperties: true })).toEqual(closed)
    expect(claudeSchema({ type: 'object', properties: {} })).toEqual(object({}))
  })

  it('has the limits that it refuses told in the description', () => {
    const schema = object({
      age: { type: 'integer', description: 'In years.', minimum: 0, maximum: 150 },
      name: { type: 'string', minLength: 1, format: 'phone' },
      tags: { type: 'array', items: { type: 'string', pattern: '(?=a)' }, minItems: 2, uniqueItems: true },
      point: { enum: [{ x: 1 }] },
    })
    expect(claudeSchema(schema)).toEqual(
      object({
        age: { type: 'integer', description: 'In years.\n\n{"minimum":0,"maximum":150}' },
        name: { type: 'string', description: '{"minLength":1,"format":"phone"}' },
        tags: {
          type: 'array',
          items: { type: 'string', description: '{"pattern":"(?=a)"}' },
          description: '{"minItems":2,"uniqueItems":true}',
        },
        point: { description: '{"enum":[{"x":1}]}' },
      }),
    )
  })

  it('words one of several schemas as a choice between them', () => {
    expect(claudeSchema(object({ a: { oneOf: [text, object({})] } }))).toEqual(
      object({ a: { anyOf: [text, object({})] } }),
    )
  })

  it.each<[string, JsonObject]>([
    ['that holds itself', object({ next: { $ref: '#' } })],
    ['whose definition holds itself', object({ a: ref('d') }, { $defs: { d: object({ next: ref('d') }) } })],
    [
      'whose definitions hold each other',
      object({ a: ref('d') }, { $defs: { d: object({ next: ref('e') }), e: { type: 'array', items: ref('d') } } }),
    ],
    ['that lies elsewhere', object({ a: { $ref: 'https://example.com/schema.json' } })],
    ['of any object', { type: 'object' }],
    ['of an object or null whose members have no names', object({ a: { type: ['object', 'null'] } })],
    ['of a map', object({ a: { type: 'object', additionalProperties: text } })],
    [
      'of an object described in parts',
      object({ a: { allOf: [{ properties: { b: text } }, { properties: { c: text } }] } }),
    ],
    ['of a part that is named', object({ a: { allOf: [ref('d')] } }, { $defs: { d: text } })],
  ])('cannot be made of one %s', (_, schema) => {
    expect(claudeSchema(schema)).toBeUndefined()
  })

  it('is found where many definitions name each other', () => {
    const names = Array.from({ length: 64 }, (_, place) => `d${place}`)
    const defs = names.map((name, place) => [name, object({ a: ref(`d${place + 1}`), b: ref(`d${place + 1}`) })])
    const schema = object({ a: ref('d0') }, { $defs: { ...Object.fromEntries(defs), d64: text } })
    expect(claudeSchema(schema)).toEqual(schema)
  })
})

function ref(name: string): JsonObject {
  return { $ref: `#/$defs/${name}` }
}
