import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { corpusDir, reportMissingCorpus } from '../../test/corpus.ts'
import { GatewayError } from '../canonical/error.ts'
import { readJsonBody } from './json-body.ts'
import type { JsonBody } from './json-body.ts'
import type { JsonPath } from './json-repeats.ts'
import { spliceJson } from './json-splice.ts'

const nothingFree = (): boolean => false
const read = (body: string | Buffer): JsonBody => readJsonBody(Buffer.from(body), nothingFree)

/** The problem as a client would see it. Anything else that is thrown fails the test. */
function refusal(
  body: string | Buffer,
  isFreeForm: (path: JsonPath) => boolean = nothingFree,
): GatewayError | undefined {
  try {
    readJsonBody(Buffer.from(body), isFreeForm)
  } catch (thrown) {
    if (thrown instanceof GatewayError) return thrown
    throw thrown
  }
  return undefined
}

const isSchema = (path: JsonPath): boolean => path[0] === 'tools' && path[3] === 'parameters'

const millionMembers = (name: (index: number) => string): string =>
  Array.from({ length: 1_000_000 }, (_unused, index) => `"${name(index)}":0`).join(',')

describe('readJsonBody', () => {
  it('gives the value, and a scan to splice by', () => {
    const messages = '"messages":[{"role":"user","content":"é🦆 \\u00e9"}]'
    for (const before of ['', `${messages},`, '"user":"x",']) {
      const body = Buffer.from(`{${before}"model":"alias","é":1}`)
      const { value, scan } = readJsonBody(body, nothingFree)
      expect(value).toEqual(JSON.parse(body.toString()))
      const spliced = spliceJson(body, scan, [{ key: 'model', value: 'gpt' }])
      expect(spliced.toString()).toBe(`{${before}"model":"gpt","é":1}`)
    }
  })

  it.each<readonly [string, string | Buffer, string]>([
    ['an empty body', '', 'the request body is empty; it must be a JSON object'],
    ['a byte order mark', '\uFEFF{}', 'the request body begins with a byte order mark; send UTF-8 without one'],
    ['Latin-1', Buffer.from('{"a":"é"}', 'latin1'), 'the request body is not valid UTF-8'],
    ['a surrogate in UTF-8', Buffer.from('7b2261223a22eda080227d', 'hex'), 'the request body is not valid UTF-8'],
    [
      'UTF-16',
      Buffer.from('{"a":1}', 'utf16le'),
      'the request body is not valid JSON: expected a key in double quotes at line 1, column 2',
    ],
    ['an array', '[{"a":1}]', 'the request body must be a JSON object'],
    ['a string', ' "{}"', 'the request body must be a JSON object'],
    ['null', 'null', 'the request body must be a JSON object'],
    ['white space', ' \n ', 'the request body must be a JSON object'],
    ['a cut body', '{"a": 1,\n  "b": [true', 'the request body is not valid JSON: unexpected end at line 2, column 13'],
    [
      'a trailing comma',
      '{"a":1,}',
      'the request body is not valid JSON: expected a key in double quotes at line 1, column 8',
    ],
    [
      'two objects',
      '{"a":1}{"a":1}',
      'the request body is not valid JSON: unexpected text after the end at line 1, column 8',
    ],
    ['depth', `{"a":${'['.repeat(64)}${']'.repeat(64)}}`, 'the JSON body is nested deeper than 64 levels'],
    ['a repeated key', '{"model":"a","model":"b"}', 'the key model is given more than once'],
    ['an escaped repeat', '{"model":"a","mod\\u0065l":"b"}', 'the key model is given more than once'],
    [
      'a repeat in a message',
      '{"messages":[{},{"role":"user","role":"system"}]}',
      'the key messages[1].role is given more than once',
    ],
    [
      'a repeat after text that is not ASCII',
      '{"é":"🦆","x":{"é":1,"\\u00e9":2}}',
      'the key x["é"] is given more than once',
    ],
  ])('D4 refuses %s', (_name, body, message) => {
    expect(refusal(body)).toMatchObject({ kind: 'invalid_request', message, status: 400 })
  })

  it('names the repeated field as the one at fault', () => {
    expect(refusal('{"a":{"b":[{"c":1,"c":1}]}}')?.param).toBe('a.b[0].c')
  })

  it('does not tell the content of a body that is no JSON', () => {
    expect(refusal('{"password": hunter2}')?.message).not.toContain('hunter2')
    expect(refusal('{"password": hunter2}')?.cause).toBeUndefined()
  })

  it('lets free-form values repeat keys', () => {
    const schema = '{"type":"object","properties":{"a":{},"a":{}},"properties":{}}'
    const body = `{"tools":[{"function":{"parameters":${schema}}}]}`
    expect(refusal(body, isSchema)).toBeUndefined()
    expect(refusal(body)?.param).toBe('tools[0].function.parameters.properties.a')
    expect(refusal(body.replace('"tools":', '"tools":1,"tools":'), isSchema)?.param).toBe('tools')
  })

  it('D4 keeps numbers and surrogates that a parser would change', () => {
    const odd = '{"a":1e400,"b":-0,"c":9007199254740993,"d":"\\ud800","model":"x"}'
    const bytes = Buffer.from(odd)
    expect(spliceJson(bytes, read(odd).scan, [{ key: 'model', value: 'y' }]).toString()).toBe(odd.replace('"x"', '"y"'))
  })

  it('N3 answers a body of 100,000 levels, open or closed', () => {
    expect(refusal(`{"a":${'['.repeat(100_000)}`)?.message).toContain('64 levels')
    expect(refusal(`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`)?.message).toContain('64 levels')
  })

  it('N3 answers a body of 10^6 keys, different or equal, at the top or below', () => {
    for (const body of [
      `{${millionMembers(String)}}`,
      `{${millionMembers(() => 'a')}}`,
      `{"a":[{${millionMembers(String)}}]}`,
    ]) {
      expect(refusal(body)?.message).toContain('100000 object members')
    }
  })

  it('N3 answers a string of 16 MB, as the body, in it, as a key, or never ended', () => {
    const long = 'x'.repeat(16_000_000)
    expect(refusal(`"${long}"`)?.message).toContain('must be a JSON object')
    expect(read(`{"a":"${long}"}`).value['a']).toHaveLength(16_000_000)
    expect(Object.keys(read(`{"${long}":1}`).value)[0]).toHaveLength(16_000_000)
    expect(refusal(`{"a":"${long}`)?.message).toContain('line 1, column 16000007')
    expect(refusal(`{"a":"${'\\'.repeat(16_000_001)}"}`)?.message).toContain('unexpected end')
    expect(refusal(`{"${long}":1,"${long}":2}`)?.message.length).toBeLessThan(300)
  })
})

describe('readJsonBody on the cases of JSONTestSuite', () => {
  const cases = corpusDir === undefined ? ownCases() : suiteCases(join(corpusDir, 'bad-inputs', 'json'))
  if (corpusDir === undefined) reportMissingCorpus('JSONTestSuite')

  it.each(cases)('D4 %s', (name, content) => {
    const wrapped = Buffer.concat([Buffer.from('{"x": '), content, Buffer.from('}')])
    const outcomes = [refusal(content), refusal(wrapped)]
    // A refused depth is a refusal like any other; whatever is refused is the client's to mend.
    for (const problem of outcomes) expect(problem?.kind ?? 'invalid_request').toBe('invalid_request')
    const [plain, inside] = outcomes
    if (name.startsWith('n_')) {
      expect(plain).toBeDefined()
      expect(inside).toBeDefined()
    } else if (name.startsWith('y_')) {
      // RFC 8259 lets names repeat; an envelope that two readers may read differently is refused all the same.
      const isRepeat = name.includes('duplicated_key')
      const isObject = content.toString().trimStart().startsWith('{')
      if (isRepeat) expect([plain?.param, inside?.param]).toEqual(['a', 'x.a'])
      else
        expect([plain?.message, inside]).toEqual([
          isObject ? undefined : 'the request body must be a JSON object',
          undefined,
        ])
      expect(refusal(wrapped, (path) => path[0] === 'x')).toBeUndefined()
      expect(readJsonBody(wrapped, (path) => path[0] === 'x').value['x']).toEqual(JSON.parse(content.toString()))
    }
  })
})

function suiteCases(dir: string): readonly (readonly [string, Buffer])[] {
  return readdirSync(dir).map((name) => [name, readFileSync(join(dir, name))])
}

/** Where there is no corpus. */
function ownCases(): readonly (readonly [string, Buffer])[] {
  const texts = {
    y_object: ' {"a":[]} ',
    y_number: '-0',
    n_comma: '{"a":1,}',
    n_unclosed: '{"a":"',
    n_bare: 'nul',
    i_lone: '"\\ud800"',
  }
  return Object.entries(texts).map(([name, text]) => [name, Buffer.from(text)])
}
