import { describe, expect, it } from 'vitest'
import type { Json } from '../../canonical/json.ts'
import { jsonBytesOf, stringBytesAfter, TextFinder } from './text-bytes.ts'

const latin1 = (text: string) => Buffer.from(text).toString('latin1')

describe('text in frames', () => {
  it('is measured in bytes on the wire, up to the closing quote', () => {
    expect(stringBytesAfter('{"text":"hello"}', '"text":"')).toBe(5)
    expect(stringBytesAfter('{"text":""}', '"text":"')).toBe(0)
    expect(stringBytesAfter('{"other":"hello"}', '"text":"')).toBe(0)
    expect(stringBytesAfter(latin1('{"text":"ß😀"}'), '"text":"')).toBe(6)
  })

  it('an escaped quote does not close, an escaped backslash before a quote does', () => {
    expect(stringBytesAfter(String.raw`{"text":"a\"b"}`, '"text":"')).toBe(4)
    expect(stringBytesAfter(String.raw`{"text":"a\\"}`, '"text":"')).toBe(3)
    expect(stringBytesAfter(String.raw`{"text":"\\\"","x":"y"}`, '"text":"')).toBe(4)
  })

  it('counts every string after the key, and what a cut frame has of the last', () => {
    expect(stringBytesAfter('[{"text":"ab"},{"text":"c"}]', '"text":"')).toBe(3)
    expect(stringBytesAfter('{"text":"abc', '"text":"')).toBe(3)
  })

  it('a finder looks first where it found last, then elsewhere', () => {
    const finder = new TextFinder(['"a":"', '"b":"'])
    expect(finder.bytesIn('{"b":"123"}')).toBe(3)
    expect(finder.bytesIn('{"a":"12345","b":"1"}')).toBe(1)
    expect(finder.bytesIn('{"a":"12345","b":""}')).toBe(5)
    expect(finder.bytesIn('{"c":"1"}')).toBe(0)
  })

  it('a value is as long as its compact JSON, however deep', () => {
    for (const value of [null, 7, true, 'ß', [], {}, [1, 'a', [null]], { a: { b: [1, 2] }, c: 'd' }])
      expect(jsonBytesOf(value)).toBe(Buffer.byteLength(JSON.stringify(value)))
    const deep: Json = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000))
    expect(jsonBytesOf(deep)).toBe(200_000)
  })
})
