import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findJsonFault } from './json-fault.ts'

describe('findJsonFault', () => {
  it.each<readonly [string, number, number, string]>([
    ['', 1, 1, 'unexpected end'],
    ['{"a":1', 1, 7, 'unexpected end'],
    ['{"a":"b', 1, 8, 'unexpected end inside a string'],
    ['{"a":1,}', 1, 8, 'expected a key in double quotes'],
    ["{'a':1}", 1, 2, 'expected a key in double quotes'],
    ['{"a" 1}', 1, 6, 'expected a colon'],
    ['{"a":}', 1, 6, 'expected a value'],
    ['[1,]', 1, 4, 'expected a value'],
    ['{"a":1}}', 1, 8, 'unexpected text after the end'],
    ['{"a":1]', 1, 7, 'expected a comma or a closing bracket'],
    ['{\n "a": 01\n}', 2, 8, 'expected a comma or a closing bracket'],
    ['{\r\n"é🦆漢": tru\r\n}', 2, 8, 'expected a value'],
    ['{"a":"\\x"}', 1, 7, 'bad escape in a string'],
    ['{"a":"x\ty"}', 1, 8, 'unescaped control character in a string'],
    ['{"a":NaN}', 1, 6, 'expected a value'],
    ['{"a":-}', 1, 6, 'expected a value'],
    ['{"a":1.}', 1, 7, 'expected a comma or a closing bracket'],
  ])('says where %j breaks the grammar, and how', (text, line, column, problem) => {
    expect(findJsonFault(text)).toEqual({ line, column, problem })
  })

  it('D4 finds a fault exactly where JSON.parse does', () => {
    const fragment = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '\\',
      'u00',
      '-',
      '.',
      'e',
      '0',
      '1',
      'null',
      ' ',
      '\n',
      '\0',
      '\u2028',
    )
    fc.assert(
      fc.property(fc.json(), fc.nat(), fc.nat({ max: 3 }), fragment, (json, at, removed, added) => {
        const where = at % (json.length + 1)
        const text = json.slice(0, where) + added + json.slice(where + removed)
        expect(findJsonFault(text) === undefined).toBe(isJson(text))
        expect(findJsonFault(json)).toBeUndefined()
      }),
      { numRuns: 5000, seed: 6 },
    )
  })

  it('takes a string of 16 MiB that does not end', () => {
    const size = 16 * 2 ** 20
    expect(findJsonFault(`"${'a'.repeat(size)}`)).toEqual({
      line: 1,
      column: size + 2,
      problem: 'unexpected end inside a string',
    })
  })
})

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
