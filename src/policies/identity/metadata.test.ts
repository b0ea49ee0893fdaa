import { expect, it } from 'vitest'
import { readMetadata } from './metadata.ts'

it('reads an object of strings', () => {
  expect({ ...readMetadata('{"team":"search","ticket":"W-1"}') }).toEqual({ team: 'search', ticket: 'W-1' })
  expect({ ...readMetadata(undefined) }).toEqual({})
})

it('carries a hostile name as a name', () => {
  const metadata = readMetadata('{"__proto__":"x","constructor":"y"}')
  expect(Object.keys(metadata)).toEqual(['__proto__', 'constructor'])
  expect(({} as Record<string, unknown>)['x']).toBeUndefined()
})

it.each([
  ['no JSON', 'team=search'],
  ['an array', '["a"]'],
  ['a number', '{"a":1}'],
  ['an empty name', '{"":"a"}'],
  ['a long value', JSON.stringify({ a: 'x'.repeat(257) })],
  ['A11 a control character', '{"a":"x\\u0000y"}'],
  ['L6 a line separator', '{"a":"x\\u2028y"}'],
  [
    'too many entries',
    JSON.stringify(Object.fromEntries(Array.from({ length: 21 }, (_, place) => [`k${place}`, 'v']))),
  ],
])('refuses %s', (_what, header) => {
  expect(() => readMetadata(header)).toThrow(
    expect.objectContaining({ kind: 'invalid_request', param: 'x-weir-metadata' }),
  )
})
