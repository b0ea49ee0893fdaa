import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { json } from './read-body.ts'
import { fillSchema } from './fill-schema.ts'
import { randomFrom } from './seeded.ts'

type Tree = { readonly name: string; readonly children: readonly Tree[] }
const tree: z.ZodType<Tree> = z.object({
  name: z.string(),
  get children() {
    return z.array(tree).max(0)
  },
})

describe('a value made for a JSON schema', () => {
  it.each([
    ['strings', z.object({ a: z.string().min(10), b: z.string().max(2), c: z.literal('only'), d: z.enum(['x', 'y']) })],
    ['formats', z.object({ a: z.iso.date(), b: z.iso.datetime(), c: z.email(), d: z.uuid(), e: z.url(), f: z.ipv4() })],
    [
      'numbers',
      z.object({
        a: z.int().min(5).max(5),
        b: z.number().gt(1).lt(2),
        c: z.int().max(-3),
        d: z.number().multipleOf(25).min(30),
      }),
    ],
    ['other plain types', z.object({ a: z.boolean(), b: z.null(), c: z.string().nullable(), d: z.unknown() })],
    ['nested objects', z.object({ a: z.object({ b: z.object({ c: z.int() }) }), optional: z.string().optional() })],
    [
      'arrays',
      z.object({ a: z.array(z.string()).min(3), b: z.tuple([z.int(), z.string()]), c: z.array(z.int()).max(1) }),
    ],
    [
      'unions',
      z.object({
        a: z.union([z.int(), z.string()]),
        b: z.discriminatedUnion('k', [z.object({ k: z.literal('p'), v: z.int() })]),
      }),
    ],
    ['intersections', z.intersection(z.object({ a: z.int() }), z.object({ a: z.int() }))],
    ['references', tree],
  ])('is accepted by it: %s', (_, schema: z.ZodType) => {
    for (let seed = 0; seed < 20; seed++) {
      const value = fillSchema(json.parse(z.toJSONSchema(schema)), randomFrom(seed))
      expect(schema.safeParse(value)).toMatchObject({ success: true })
    }
  })

  it('all properties are there when none is said to be required', () => {
    expect(fillSchema({ properties: { a: { type: 'integer' }, b: { type: 'null' } } }, () => 0)).toEqual({
      a: 7,
      b: null,
    })
  })

  it('a schema without end has a value with one', () => {
    const endless = { type: 'object', properties: { self: { $ref: '#' } }, required: ['self'] }
    expect(JSON.stringify(fillSchema(endless, () => 0)).length).toBeLessThan(2_000)
  })

  it.each([undefined, true, 'x', [], {}, { $ref: '#/nowhere' }, { enum: [] }, { type: 'array', minItems: 1e9 }])(
    'nonsense such as %j does no harm',
    (schema) => {
      expect(JSON.stringify(fillSchema(schema, () => 0)).length).toBeLessThan(20_000)
    },
  )
})
