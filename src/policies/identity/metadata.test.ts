import { expect, it } from 'vitest'
import { keyLengths, keyText } from '../../canonical/key-form.ts'
import { readMetadata, readRunId } from './metadata.ts'

it('reads an object of strings', () => {
  expect({ ...readMetadata('{"team":"search","ticket":"W-1"}') }).toEqual({ team: 'search', ticket: 'W-1' })
  expect({ ...readMetadata(undefined) }).toEqual({})
})

it('carries a hostile name as a name', () => {
  const metadata = readMetadata('{"__proto__":"x","constructor":"y"}')
  expect(Object.keys(metadata)).toEqual(['__proto__', 'constructor'])
  expect(({} as Record<string, unknown>)['x']).toBeUndefined()
})

/** As Node tells a header whose bytes are these. */
const told = (text: string, encoding: 'utf8' | 'latin1') => Buffer.from(text, encoding).toString('latin1')

it('reads the same text from UTF-8, from Latin-1 and from escapes', () => {
  const sent = [
    told('{"customer":"Müller"}', 'utf8'),
    told('{"customer":"Müller"}', 'latin1'),
    String.raw`{"customer":"M\u00fcller"}`,
  ]
  expect(sent.map((header) => readMetadata(header)['customer'])).toEqual(['Müller', 'Müller', 'Müller'])
  // Its bytes in UTF-8 are controls in Latin-1.
  expect({ ...readMetadata(told('{"Ärzte":"東京"}', 'utf8')) }).toEqual({ Ärzte: '東京' })
  expect([readRunId(told('Ärzte-1', 'utf8')), readRunId(told('é-1', 'latin1'))]).toEqual(['Ärzte-1', 'é-1'])
})

it('L1 takes no key for a label: labels stand in records', () => {
  const key = keyText('a'.repeat(keyLengths.id), 'b'.repeat(keyLengths.secret))
  const refused = (param: string) => expect.objectContaining({ param, message: expect.not.stringContaining(key) })
  for (const labels of [{ ticket: `W-1 ${key}` }, { a: key.slice(1), b: key }])
    expect(() => readMetadata(JSON.stringify(labels))).toThrow(refused('x-weir-metadata'))
  expect(() => readRunId(`run ${key}`)).toThrow(refused('x-weir-run-id'))
})

it('counts characters, not the bytes that were sent for them', () => {
  expect(readRunId(told('é'.repeat(256), 'utf8'))).toBe('é'.repeat(256))
  expect(() => readRunId(told('é'.repeat(257), 'utf8'))).toThrow(expect.objectContaining({ param: 'x-weir-run-id' }))
})

it.each([
  ['no JSON', 'team=search'],
  ['an array', '["a"]'],
  ['a number', '{"a":1}'],
  ['an empty name', '{"":"a"}'],
  ['a long value', JSON.stringify({ a: 'x'.repeat(257) })],
  ['A11 a control character', '{"a":"x\\u0000y"}'],
  ['L6 a line separator', '{"a":"x\\u2028y"}'],
  ['A11 a control character in UTF-8', told('{"a":"x\u0085y"}', 'utf8')],
  ['a name twice, of which the first would be dropped', '{"a":"1","a":"2"}'],
  ['a name twice in two spellings', '{"a":"1","\\u0061":"2"}'],
  [
    'too many entries',
    JSON.stringify(Object.fromEntries(Array.from({ length: 21 }, (_, place) => [`k${place}`, 'v']))),
  ],
])('refuses %s', (_what, header) => {
  expect(() => readMetadata(header)).toThrow(
    expect.objectContaining({ kind: 'invalid_request', param: 'x-weir-metadata' }),
  )
})
