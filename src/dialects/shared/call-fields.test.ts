import { describe, expect, it } from 'vitest'
import type { Json } from '../../canonical/json.ts'
import { keyText } from '../../canonical/key-form.ts'
import { readFlag, readLabel, readMessages, readModelName, readPart, readPositive } from './call-fields.ts'
import { refusedParam } from '../laws/refused-param.ts'

describe('fields of a call', () => {
  it('a model name is text of 1 to 256 characters without control characters', () => {
    expect(readModelName({ model: 'anthropic/claude-sonnet-4.6:beta' })).toBe('anthropic/claude-sonnet-4.6:beta')
    expect(readModelName({ model: 'x'.repeat(256) })).toHaveLength(256)
    for (const model of [null, '', 7, [], {}, 'x'.repeat(257), 'a\nb', 'a\u0000', 'a\u007f', 'a\u0085'])
      expect(
        refusedParam(() => readModelName({ model })),
        JSON.stringify(model),
      ).toBe('model')
    expect(refusedParam(() => readModelName({}))).toBe('model')
  })

  it('L1 a model name holds no key, and none is repeated in what is said of it', () => {
    const key = keyText('0123456789', 'x'.repeat(32))
    for (const model of [key, `openai/${key}`, `models/${key}:latest`])
      expect(() => readModelName({ model })).toThrow(
        expect.objectContaining({ kind: 'invalid_request', message: expect.not.stringContaining(key.slice(5)) }),
      )
    expect(readModelName({ model: key.slice(0, -1) })).toBe(key.slice(0, -1))
  })

  it('M13 a cap is a whole number from 1 to what can be counted; null is absent; all else is refused naming the field', () => {
    expect([readCap(1), readCap(2 ** 31), readCap(null)]).toEqual([1, 2 ** 31, undefined])
    expect(readPositive({}, 'max_tokens')).toBeUndefined()
    for (const value of [
      -1,
      0,
      1.5,
      2 ** 31 + 1,
      2 ** 53 - 1,
      beyondDoubles,
      -beyondDoubles,
      '1e9',
      '5',
      [],
      [5],
      {},
      true,
      false,
    ])
      expect(
        refusedParam(() => readCap(value)),
        String(value),
      ).toBe('max_tokens')
  })

  it('M13 n is 1 to 128', () => {
    expect([readN(1), readN(100), readN(128), readN(null)]).toEqual([1, 100, 128, undefined])
    for (const n of [0, 129, 1e9, -1]) expect(refusedParam(() => readN(n))).toBe('n')
  })

  it('a flag is true, false or absent', () => {
    expect([
      readFlag({ stream: true }, 'stream'),
      readFlag({ stream: null }, 'stream'),
      readFlag({}, 'stream'),
    ]).toEqual([true, false, false])
    for (const stream of ['true', 1, 0, '', {}, []])
      expect(refusedParam(() => readFlag({ stream }, 'stream'))).toBe('stream')
  })

  it('a label is text, cut to 256 characters; an empty one is none', () => {
    expect(readLabel({ user: 'u'.repeat(300) }, 'user')).toHaveLength(256)
    expect([readLabel({ user: '' }, 'user'), readLabel({ user: null }, 'user')]).toEqual([undefined, undefined])
    expect(refusedParam(() => readLabel({ user_id: 7 }, 'user_id', 'metadata.user_id'))).toBe('metadata.user_id')
    const key = keyText('0123456789', 'x'.repeat(32))
    expect(refusedParam(() => readLabel({ user: `of ${key}` }, 'user'))).toBe('user')
  })

  it('a part is an object, messages are an array', () => {
    expect(readPart({ metadata: { a: 1 } }, 'metadata')).toEqual({ a: 1 })
    for (const metadata of [[], 'x', 7]) expect(refusedParam(() => readPart({ metadata }, 'metadata'))).toBe('metadata')
    expect(readMessages({ messages: [] })).toEqual([])
    for (const messages of [null, {}, 'hi']) expect(refusedParam(() => readMessages({ messages }))).toBe('messages')
    expect(refusedParam(() => readMessages({}))).toBe('messages')
  })
})

const readCap = (value: Json) => readPositive({ max_tokens: value }, 'max_tokens')
const readN = (n: Json) => readPositive({ n }, 'n', 128)
// What JSON.parse makes of 1e400.
const beyondDoubles = Number.POSITIVE_INFINITY
