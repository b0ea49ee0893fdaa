import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findRepeatedKey, pathText } from './json-repeats.ts'
import type { JsonPath } from './json-repeats.ts'

const nothingFree = (): boolean => false

const isSchema = (path: JsonPath): boolean => path.length === 3 && path[0] === 'tools' && path[2] === 'schema'

describe('findRepeatedKey', () => {
  it.each<readonly [string, JsonPath | undefined]>([
    ['{"a":1,"b":{"a":2},"c":[{"a":3},{"a":4}]}', undefined],
    ['{"a":1,"b":2,"a":3}', ['a']],
    ['{"a":1,"\\u0061":3}', ['a']],
    ['{"a":"a","b":"a"}', undefined],
    ['{"m":[{"r":1},{"r":1,"c":[0,{"t":1,"t":2}]}]}', ['m', 1, 'c', 1, 't']],
    ['[[],[[{"a":1}],{"b":1,"b":1}]]', [1, 1, 'b']],
    ['{"a":{"x":1},"b":{"x":1},"a":{}}', ['a']],
    ['{"__proto__":1,"__proto__":2}', ['__proto__']],
    ['{"__proto__":1,"constructor":2,"toString":3,"hasOwnProperty":4}', undefined],
    ['{"a\\"":1,"a\\\\\\"":2,"a\\u0022":3}', ['a"']],
    ['{"é":1,"\\u00e9":2}', ['é']],
    ['{"":1,"":2}', ['']],
    ['{"a":",\\"a\\":","b":1}', undefined],
  ])('D4 finds the repeat in %s', (text, expected) => {
    expect(findRepeatedKey(text, nothingFree)).toEqual(expected)
  })

  it('leaves free-form values alone, and everything below them', () => {
    const text = '{"tools":[{"name":"x","schema":{"a":1,"a":{"b":1,"b":2},"c":[{"d":1,"d":1}]}}],"z":1}'
    expect(findRepeatedKey(text, isSchema)).toBeUndefined()
    expect(findRepeatedKey(text, nothingFree)).toEqual(['tools', 0, 'schema', 'a'])
    expect(findRepeatedKey(text.replace('"z":1', '"z":1,"z":2'), isSchema)).toEqual(['z'])
    expect(findRepeatedKey(text.replace('"name":"x"', '"name":"x","name":"y"'), isSchema)).toEqual(['tools', 0, 'name'])
  })

  it('asks about each object and array from the outside in, and not below a free one', () => {
    const asked: JsonPath[] = []
    findRepeatedKey('{"a":{"b":[{"c":{}}]},"d":[[],{}],"e":1}', (path) => {
      asked.push([...path])
      return path[0] === 'a' && path.length === 2
    })
    expect(asked).toEqual([[], ['a'], ['a', 'b'], ['d'], ['d', 0], ['d', 1]])
  })

  it('finds a repeat exactly where there is one', () => {
    const tree = fc.letrec<{ node: string }>((tie) => ({
      node: fc.oneof(
        { depthSize: 'small' },
        fc.constantFrom('1', '"a"', '"\\"a\\":1"', '[]', '{}'),
        fc.array(tie('node'), { maxLength: 3 }).map((list) => `[${list.join()}]`),
        fc
          .array(fc.tuple(fc.constantFrom('a', 'b', 'c', '\\u0061', 'd'), tie('node')), { maxLength: 3 })
          .map((list) => `{${list.map(([key, value]) => `"${key}":${value}`).join()}}`),
      ),
    })).node
    fc.assert(
      fc.property(tree, (text) => {
        let parsedMembers = 0
        JSON.parse(text, (_key, value: unknown) => {
          if (typeof value === 'object' && value !== null && !Array.isArray(value))
            parsedMembers += Object.keys(value).length
          return value
        })
        const writtenMembers = text.replaceAll('"\\"a\\":1"', '0').split(':').length - 1
        // A repeated key may hide further members in the value that it replaces; there is a repeat all the same.
        expect(findRepeatedKey(text, nothingFree) !== undefined).toBe(writtenMembers !== parsedMembers)
      }),
      { numRuns: 3000, seed: 7 },
    )
  })
})

describe('pathText', () => {
  it.each<readonly [JsonPath, string]>([
    [['model'], 'model'],
    [['messages', 0, 'content', 12, 'text'], 'messages[0].content[12].text'],
    [['a b', 'x-y', '', '1'], '["a b"].x-y[""]["1"]'],
    [['a', '\u0000"\n'], 'a["\\u0000\\"\\n"]'],
  ])('writes %j as a person would', (path, expected) => {
    expect(pathText(path)).toBe(expected)
  })

  it('stays short', () => {
    expect(pathText(['x'.repeat(2 ** 20), 1, 'y']).length).toBeLessThan(210)
  })
})
