import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { scanJson } from './json-scan.ts'
import { withoutMembers } from './json-without.ts'

function without(text: string, ...keys: readonly string[]): string {
  const bytes = Buffer.from(text)
  return withoutMembers(bytes, scanJson(bytes), keys).toString()
}

describe('withoutMembers', () => {
  it.each([
    ['{"model":"m","a":1.0,"stream":true}', '{"a":1.0}'],
    ['{ "a" : 1 , "model" : "m" , "b" : 2 }', '{ "a" : 1 , "b" : 2 }'],
    ['{"model":"m","stream":false}', '{}'],
    ['\n{ "stream": true , "a": {"model": 1} }\n', '\n{ "a": {"model": 1} }\n'],
    ['{"a":"x, y","m\\u006fdel":"m"}', '{"a":"x, y"}'],
  ])('%s becomes %s', (given, left) => {
    expect(without(given, 'model', 'stream')).toBe(left)
  })

  it('leaves the very buffer where there is nothing to take out', () => {
    const bytes = Buffer.from('{"a": 1}')
    expect(withoutMembers(bytes, scanJson(bytes), ['model'])).toBe(bytes)
  })

  it('leaves the value that a parser would have without them, in any spelling', () => {
    const key = fc.constantFrom('a', 'b', 'c', 'd', 'é', '"')
    fc.assert(
      fc.property(
        fc.dictionary(key, fc.jsonValue({ maxDepth: 2 })),
        fc.subarray(['a', 'c', 'é', '"']),
        fc.constantFrom(undefined, 1, '\t'),
        (object, keys, space) => {
          const left = JSON.parse(without(JSON.stringify(object, undefined, space), ...keys))
          const expected = Object.fromEntries(Object.entries(object).filter(([one]) => !keys.includes(one)))
          expect(left).toEqual(JSON.parse(JSON.stringify(expected)))
        },
      ),
    )
  })

  it('refuses what is no object', () => {
    const bytes = Buffer.from('[1]')
    expect(() => withoutMembers(bytes, scanJson(bytes), ['a'])).toThrow(TypeError)
  })
})
