import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Json } from '../canonical/json.ts'
import { readJsonBody } from './json-body.ts'
import { maxUnscannedDepth, parseJson, parseUnscannedJson } from './json-parse.ts'
import { scanJson } from './json-scan.ts'

const jsonScalars = [fc.string(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean(), fc.constant(null)]

const parsed = (text: string): Json => parseJson(text, scanJson(Buffer.from(text)).hasEscapedKey)

describe('parseJson', () => {
  it.each([
    ['{"a":1,"b\\"":[]}', true],
    ['{"a":{"b":[{"\\u0063":1}]}}', true],
    ['{"a" :"\\n","b":["\\u0041",{"c":"\\\\"}]}', false],
    ['["\\"a", {"b\\\\" : 1}]', true],
    ['{"\\n":1}', true],
    ['{}', false],
  ])('is told by the scan whether %s has a key with an escape', (text, expected) => {
    expect(scanJson(Buffer.from(text)).hasEscapedKey).toBe(expected)
  })

  // Each first text teaches V8 a key that the beginning of the second text's escaped key looks like.
  it.each<readonly [string, string, string]>([
    ['{"a":1,"mod\\\\u":0}', '{"a":1,"mod\\u0065l":"x"}', 'model'],
    ['{"b":1,"conten\\\\":0}', '{"b":1,"conten\\u0074":"x"}', 'content'],
    ['{"c":1,"\\\\u0":0}', '{"c":1,"\\u006df\\u0061":"x"}', 'mfa'],
    ['{"d":[],"\\\\":0}', '{"d":1,"\\"":"x"}', '"'],
    ['{"e":[],"\\\\":0}', '{"e":1,"\\n":"x"}', '\n'],
  ])('N3 does not take a key for another that was parsed before: %s, then %s', (lesson, text, key) => {
    for (let count = 0; count < 3; count++) JSON.parse(lesson)
    expect(Object.keys(Object(parsed(text)))[1]).toBe(key)
    expect(readJsonBody(Buffer.from(text), () => false).value[key]).toBe('x')
    expect(Object.keys(Object(parseUnscannedJson(text)))[1]).toBe(key)
    expect(parseUnscannedJson(`{"arguments":{"z":["\\n"],"in":${text}}}`)).toMatchObject({
      arguments: { in: { [key]: 'x' } },
    })
  })

  it('N3 unscanned text may be nested to a limit, whatever brackets stand in its strings', () => {
    const nested = (levels: number) => `${'{"\\n":['.repeat(levels / 2)}"[{"${']}'.repeat(levels / 2)}`
    expect(JSON.stringify(parseUnscannedJson(nested(maxUnscannedDepth)))).toBe(nested(maxUnscannedDepth))
    for (const levels of [maxUnscannedDepth + 2, 200_000])
      expect(() => parseUnscannedJson(nested(levels))).toThrow(SyntaxError)
    const wide = JSON.stringify(Array.from({ length: 2000 }, () => ['[[{{"[', {}]))
    expect(JSON.stringify(parseUnscannedJson(wide))).toBe(wide)
    expect(() => parseUnscannedJson('{"a":')).toThrow(SyntaxError)
  })

  it('gives back what was written, whatever was parsed before', () => {
    const key = fc.oneof(
      fc
        .array(fc.constantFrom('\\', '"', 'u', 'n', '0', 'a', '\n', 'é'), { maxLength: 3 })
        .map((parts) => parts.join('')),
      fc.constantFrom('__proto__', 'constructor', '1', 'toString'),
    )
    const value = fc.letrec<{ node: Json }>((tie) => ({
      node: fc.oneof(
        { depthSize: 'small' },
        fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null)),
        fc.array(tie('node'), { maxLength: 3 }),
        fc.array(fc.tuple(key, tie('node')), { maxLength: 4 }).map((members) => Object.fromEntries(members)),
      ),
    })).node
    fc.assert(
      fc.property(value, fc.constantFrom('', ' ', '\n'), (original, indent) => {
        const text = JSON.stringify(original, undefined, indent)
        expect(JSON.stringify(parsed(text), undefined, indent)).toBe(text)
        expect(JSON.stringify(parseUnscannedJson(text), undefined, indent)).toBe(text)
      }),
      { numRuns: 5000, seed: 8 },
    )
  })

  it('gives what JSON.parse gives where no key has an escape', () => {
    const plainKey = fc.string({ unit: 'grapheme' }).filter((key) => !JSON.stringify(key).includes('\\'))
    fc.assert(
      fc.property(
        fc.object({ key: plainKey, values: jsonScalars }),
        fc.constantFrom(undefined, 1),
        (object, indent) => {
          const text = JSON.stringify(object, undefined, indent)
          expect(scanJson(Buffer.from(text)).hasEscapedKey).toBe(false)
          expect(parseJson(text, true)).toEqual(JSON.parse(text))
        },
      ),
      { numRuns: 1000, seed: 9 },
    )
  })

  it('refuses what JSON.parse refuses', () => {
    for (const text of ['{"\\n":1', '{"\\x":1}', '{"\\n":01}', ''])
      expect(() => parseJson(text, true)).toThrow(SyntaxError)
  })
})
