import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { initialsOf, maxJsonContainers, maxJsonDepth, maxJsonElements, maxJsonMembers, scanJson } from './json-scan.ts'

const membersOf = (text: string): readonly (readonly [string, string])[] => {
  const bytes = Buffer.from(text)
  return scanJson(bytes).members.map(({ key, valueStart, valueEnd }) => [
    key,
    bytes.toString('utf8', valueStart, valueEnd),
  ])
}

const arrays = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)
const objects = (depth: number): string => '{"a":'.repeat(depth) + '1' + '}'.repeat(depth)
const manyMembers = (count: number): Buffer =>
  Buffer.from(`{${Array.from({ length: count }, (_unused, index) => `"${index}":0`).join(',')}}`)

const list = (count: number, element: string): Buffer =>
  Buffer.from(`{"a":[${`${element},`.repeat(count - 1)}${element}]}`)

describe('scanJson', () => {
  it.each<readonly [string, readonly (readonly [string, string])[]]>([
    ['{}', []],
    [' \n{ \t}\r\n', []],
    ['{"a":1}', [['a', '1']]],
    [
      '{ "a" : 1 , "b" : [ 2 , {"c":3} ] }',
      [
        ['a', '1'],
        ['b', '[ 2 , {"c":3} ]'],
      ],
    ],
    [
      '{"a":"x,y}:\\"{","b":null}',
      [
        ['a', '"x,y}:\\"{"'],
        ['b', 'null'],
      ],
    ],
    [
      '{"a\\\\":"\\\\","b":"\\\\\\""}',
      [
        ['a\\', '"\\\\"'],
        ['b', '"\\\\\\""'],
      ],
    ],
    [
      '{"mod\\u0065l":"é🦆","é":-0,"\\ud83e\\udd86":1e400}',
      [
        ['model', '"é🦆"'],
        ['é', '-0'],
        ['🦆', '1e400'],
      ],
    ],
    ['{"":{"":{}}}', [['', '{"":{}}']]],
    [
      '{"a":1,"a":2}',
      [
        ['a', '1'],
        ['a', '2'],
      ],
    ],
    [
      '{"__proto__":1,"constructor":2}',
      [
        ['__proto__', '1'],
        ['constructor', '2'],
      ],
    ],
    ['[{"a":1}]', []],
    ['["a":1]', []],
    ['{"a":1}{"b":2}', [['a', '1']]],
    ['"a"', []],
    ['7', []],
    ['', []],
  ])('finds the members of %j', (text, expected) => {
    expect(membersOf(text)).toEqual(expected)
  })

  it.each([
    ['{}', 0],
    ['{"a":":","b":[{"c":1},{"c":2,"d":{}}]}', 5],
    ['[{"a":1},{"a":1}]', 2],
  ])('counts the members of all objects in %j', (text, expected) => {
    expect(scanJson(Buffer.from(text)).memberCount).toBe(expected)
  })

  it('tells where the closing brace is, in bytes', () => {
    expect(scanJson(Buffer.from(' {"é":"🦆"} ')).closingBrace).toBe(13)
    expect(scanJson(Buffer.from('{"a":1')).closingBrace).toBe(-1)
    expect(scanJson(Buffer.from('[{}]')).closingBrace).toBe(-1)
  })

  it('N3 takes 64 levels and refuses 65, of objects or of arrays, before anything is parsed', () => {
    for (const nested of [arrays, objects]) {
      expect(() => scanJson(Buffer.from(nested(maxJsonDepth)))).not.toThrow()
      expect(() => scanJson(Buffer.from(nested(maxJsonDepth + 1)))).toThrow('nested deeper than 64 levels')
    }
    expect(() => scanJson(Buffer.from('['.repeat(100_000)))).toThrow('nested deeper than 64 levels')
    expect(() => scanJson(Buffer.from(`{"a":"${'['.repeat(100_000)}"}`))).not.toThrow()
    expect(() => scanJson(Buffer.from('[]'.repeat(100_000)))).not.toThrow()
    expect(() => scanJson(Buffer.from(']'.repeat(100) + '['.repeat(maxJsonDepth + 1)))).toThrow('nested deeper')
  })

  it('N3 refuses more members than any honest body has', () => {
    expect(scanJson(manyMembers(maxJsonMembers)).members).toHaveLength(maxJsonMembers)
    expect(() => scanJson(manyMembers(maxJsonMembers + 1))).toThrow('more than 100000 object members')
  })

  it('N3 refuses more objects and arrays, or more elements, than any honest body has', () => {
    for (const element of ['[]', '{}']) {
      expect(() => scanJson(list(maxJsonContainers - 2, element))).not.toThrow()
      expect(() => scanJson(list(maxJsonContainers - 1, element))).toThrow('more than 100000 objects and arrays')
    }
    expect(() => scanJson(list(maxJsonElements, '1'))).not.toThrow()
    expect(() => scanJson(list(maxJsonElements + 1, '1'))).toThrow('more than 1000000 elements')
  })

  it('D4 ends on any bytes, with spans inside them', () => {
    const piece = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ':',
      ',',
      '"',
      '\\',
      ' ',
      '\n',
      '"a"',
      '"\\u00"',
      '1',
      'é',
      '\0',
      '{"a":1,',
    )
    const garbage = fc.oneof(
      fc.array(piece, { maxLength: 60 }).map((pieces) => Buffer.from(pieces.join(''))),
      fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.concat([Buffer.from('{"a":'), bytes])),
    )
    fc.assert(
      fc.property(garbage, (bytes) => {
        const { members, closingBrace } = scanJson(bytes)
        expect(closingBrace).toBeLessThan(bytes.length)
        let before = 0
        for (const { valueStart, valueEnd } of members) {
          expect(valueStart).toBeGreaterThanOrEqual(before)
          expect(valueEnd).toBeGreaterThanOrEqual(valueStart)
          expect(valueEnd).toBeLessThanOrEqual(bytes.length)
          before = valueEnd
        }
      }),
      { numRuns: 5000, seed: 4 },
    )
  })

  it('tells with which characters the keys of all depths begin, and forgets none', () => {
    const keysIn = (value: unknown): readonly string[] => {
      if (typeof value !== 'object' || value === null) return []
      const inner = Object.values(value).flatMap(keysIn)
      return Array.isArray(value) ? inner : [...Object.keys(value), ...inner]
    }
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[A-Za-z_]\w{0,5}$/), fc.jsonValue()), (value) => {
        const { keyInitials } = scanJson(Buffer.from(JSON.stringify(value)))
        const wanted = initialsOf(keysIn(value).filter((key) => /^\w/.test(key)))
        expect(keyInitials & wanted).toBe(wanted)
      }),
    )
    expect(scanJson(Buffer.from('{"model":1,"x":[{"y":2}]}')).keyInitials).toBe(initialsOf(['m', 'x', 'y']))
  })
})
