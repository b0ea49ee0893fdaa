import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Json } from '../canonical/json.ts'
import { parseJson } from './json-parse.ts'
import { scanJson } from './json-scan.ts'
import { replaceSpans, spliceJson } from './json-splice.ts'
import type { JsonEdit } from './json-splice.ts'

const spliced = (text: string, ...edits: readonly JsonEdit[]): string => {
  const bytes = Buffer.from(text)
  return spliceJson(bytes, scanJson(bytes), edits).toString()
}

describe('spliceJson', () => {
  it.each<readonly [string, readonly JsonEdit[], string]>([
    ['{}', [{ key: 'a', value: 1 }], '{"a":1}'],
    [' { \n} ', [{ key: 'a', value: 1 }], ' { \n"a":1} '],
    [
      '{}',
      [
        { key: 'a', value: 1 },
        { key: 'b', value: [] },
      ],
      '{"a":1,"b":[]}',
    ],
    ['{"a":1}', [{ key: 'b', value: 'x' }], '{"a":1,"b":"x"}'],
    ['{ "a" : 1 , "b" : 2 }', [{ key: 'a', value: { c: null } }], '{ "a" : {"c":null} , "b" : 2 }'],
    [
      '{"a":1,"b":2}',
      [
        { key: 'b', value: 3 },
        { key: 'a', value: 4 },
      ],
      '{"a":4,"b":3}',
    ],
    [
      '{"a":1}',
      [
        { key: 'c', value: 3 },
        { key: 'a', value: 4 },
      ],
      '{"a":4,"c":3}',
    ],
    ['{"mod\\u0065l":"gpt"}', [{ key: 'model', value: 'é🦆' }], '{"mod\\u0065l":"é🦆"}'],
    [
      '{"a":1}',
      [
        { key: 'a', value: 2 },
        { key: 'a', value: 3 },
      ],
      '{"a":3}',
    ],
    [
      '{}',
      [
        { key: 'a', value: 2 },
        { key: 'a', value: 3 },
      ],
      '{"a":3}',
    ],
    ['{"a":{"a":1}}', [{ key: 'a"\n', value: 1 }], '{"a":{"a":1},"a\\"\\n":1}'],
    ['{"__proto__":1}', [{ key: '__proto__', value: 2 }], '{"__proto__":2}'],
    ['{"x":1}', [{ key: '__proto__', value: 2 }], '{"x":1,"__proto__":2}'],
  ])('writes into %j', (text, edits, expected) => {
    expect(spliced(text, ...edits)).toBe(expected)
  })

  it('sets every occurrence of a repeated key, so that all readers agree on it', () => {
    expect(spliced('{"a":1,"b":2,"a":3}', { key: 'a', value: 0 })).toBe('{"a":0,"b":2,"a":0}')
  })

  it('gives the same buffer when there is nothing to edit', () => {
    const bytes = Buffer.from('{"a":1}')
    expect(spliceJson(bytes, scanJson(bytes), [])).toBe(bytes)
  })

  it('D4 keeps what a parser would change: lone surrogates, 1e400, -0, 2^53+1', () => {
    const odd = '"n":[1e400,-0,9007199254740993,1.10,1E5],"s":"\\ud800\\u0041\\/","t":"\\udc00"'
    expect(spliced(`{${odd},"model":"m"}`, { key: 'model', value: 'x' })).toBe(`{${odd},"model":"x"}`)
    expect(spliced(`{"model":"m",${odd}}`, { key: 'model', value: '\ud800' })).toBe(`{"model":"\\ud800",${odd}}`)
  })

  it('sets the keys and leaves every other byte alone, for any object', () => {
    fc.assert(
      fc.property(
        objectSource,
        fc.array(fc.record({ key, value: fc.jsonValue() }), { maxLength: 4 }),
        (source, edits) => {
          const bytes = Buffer.from(source.text)
          const scan = scanJson(bytes)
          expect(scan.members.map((member) => member.key)).toEqual(source.members.map(([name]) => name))
          const typed = edits.map(({ key: name, value }): JsonEdit => ({ key: name, value: jsonOf(value) }))
          const result = spliceJson(bytes, scan, typed)

          const wanted = new Map(source.members)
          for (const { key: name, value } of typed) {
            // Of two new members of one name the later one stands, in its own place.
            if (!source.members.some(([old]) => old === name)) wanted.delete(name)
            wanted.set(name, JSON.stringify(value))
          }
          const after = scanJson(result)
          const found = after.members.map(({ key: name, valueStart, valueEnd }) => [
            name,
            result.toString('utf8', valueStart, valueEnd),
          ])
          expect(found).toEqual([...wanted])
          expect(gaps(result, after.members.slice(0, scan.members.length), after.closingBrace)).toEqual(
            gaps(bytes, scan.members, scan.closingBrace),
          )

          const entries = new Map(Object.entries(Object(parsed(result.toString()))))
          expect(entries).toEqual(new Map(Array.from(wanted, ([name, raw]) => [name, parsed(raw)])))
        },
      ),
      { numRuns: 2000, seed: 5 },
    )
  })
})

/** The bytes before, between and after the values of these members, up to the last one and from the closing brace. */
function gaps(
  bytes: Buffer,
  members: readonly { valueStart: number; valueEnd: number }[],
  closingBrace: number,
): string[] {
  let position = 0
  const found = members.map(({ valueStart, valueEnd }) => {
    const gap = bytes.toString('utf8', position, valueStart)
    position = valueEnd
    return gap
  })
  return [...found, bytes.toString('utf8', closingBrace)]
}

const jsonOf = (value: unknown): Json => {
  const json: Json = JSON.parse(JSON.stringify(value))
  return json
}

/** Keys here are as odd as they can be: see `parseJson` on what `JSON.parse` makes of such. */
const parsed = (text: string): Json => parseJson(text, true)

const space = fc.constantFrom('', '', '', ' ', '\n', '\t\r\n ')
const key = fc.oneof(
  fc.constantFrom(
    'a',
    'b',
    'model',
    '__proto__',
    'constructor',
    'toString',
    '',
    '1',
    'é',
    '"',
    '\\',
    '\ud800',
    '{":,}',
  ),
  fc.string({ maxLength: 8 }),
)
/** Values as they may be spelled, of which many would not come back from `JSON.stringify(JSON.parse(...))`. */
const rawScalar = fc.oneof(
  fc.constantFrom(
    '1e400',
    '-0',
    '9007199254740993',
    '1.50E+2',
    '"\\ud800"',
    '"\\u0041\\/"',
    '"\\\\"',
    '"\\\\\\""',
    'null',
  ),
  fc.string({ unit: 'grapheme' }).map((text) => JSON.stringify(text)),
)
const rawValue = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    rawScalar,
    fc
      .tuple(space, fc.array(tie('value'), { maxLength: 4 }))
      .map(([gap, list]) => `[${gap}${list.join(`${gap},`)}${gap}]`),
    fc
      .tuple(space, fc.array(fc.tuple(key, tie('value')), { maxLength: 4 }))
      .map(
        ([gap, list]) => `{${list.map(([name, raw]) => `${gap}${JSON.stringify(name)}${gap}:${raw}`).join(',')}${gap}}`,
      ),
  ),
})).value

const objectSource = fc
  .tuple(space, space, fc.uniqueArray(fc.tuple(key, rawValue), { maxLength: 6, selector: ([name]) => name }))
  .map(([gap, other, members]) => ({
    members,
    text: `${gap}{${members
      .map(([name, raw]) => `${other}${JSON.stringify(name)}${gap}:${other}${raw}${gap}`)
      .join(',')}${other}}${gap}`,
  }))

it('replaceSpans sets bytes in the place of others, in any order', () => {
  const bytes = Buffer.from('abcdef')
  const edits = [
    { start: 4, end: 6, bytes: Buffer.from('é') },
    { start: 0, end: 1, bytes: Buffer.from('') },
  ]
  expect(replaceSpans(bytes, edits).toString()).toBe('bcdé')
  expect(replaceSpans(bytes, [])).toBe(bytes)
})
