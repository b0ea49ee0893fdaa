import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { framed, framingOf, openScanner, reframed } from './framing.ts'
import { JsonLineScanner } from './ndjson.ts'
import { SseScanner } from './sse.ts'

const lines = (bytes: Buffer, sizes: readonly number[] = []) => {
  const scanner = new JsonLineScanner()
  const frames = []
  let position = 0
  for (const size of [...sizes, bytes.length]) {
    frames.push(...scanner.push(bytes.subarray(position, position + size)))
    position += size
  }
  const { frame } = scanner.end()
  return frame ? [...frames, frame] : frames
}
const told = (bytes: Buffer, sizes: readonly number[] = []) =>
  lines(bytes, sizes)
    .filter(({ hasData }) => hasData)
    .map(({ data }) => data.toString())

describe('a stream of JSON lines', () => {
  it('is a frame a line, with LF or CRLF, blank ones between them, and none at the end', () => {
    expect(told(Buffer.from('{"a":1}\n{"b":2}\r\n\n \n{"c":3}'))).toEqual(['{"a":1}', '{"b":2}', '{"c":3}'])
  })

  it('S6 any cut gives the same frames, byte for byte', () => {
    const text = Buffer.from('{"a":"Grüße 😀"}\n\r\n{"b":"\\n"}\n{}\n')
    const whole = lines(text)
    expect(Buffer.concat(whole.map(({ bytes }) => bytes))).toEqual(text)
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 40 }), (sizes) => {
        expect(lines(text, sizes)).toEqual(whole)
      }),
      { seed: 7, numRuns: 300 },
    )
  })

  it('S1 half a value at the end is no frame', () => {
    expect(told(Buffer.from('{"a":1}\n{"done":tr'))).toEqual(['{"a":1}'])
    expect(told(Buffer.from('{"a":1}\n'))).toEqual(['{"a":1}'])
    expect(told(Buffer.alloc(0))).toEqual([])
  })

  it('N6 a line beyond the limit loses the stream, whole or not, in any pieces', () => {
    for (const pieces of [['123456789'], ['12345', '6789'], ['12345678\n']])
      expect(() => {
        const scanner = new JsonLineScanner(8)
        for (const piece of pieces) scanner.push(Buffer.from(piece))
      }, pieces.join('|')).toThrow(/more than 8 bytes/)
    expect(() => new JsonLineScanner(8).push(Buffer.from('1234567\n'.repeat(9)))).not.toThrow()
  })
})

describe('JSON lines among the other framings', () => {
  it.each([
    ['application/x-ndjson', 'ndjson'],
    ['application/x-ndjson; charset=utf-8', 'ndjson'],
    ['application/ndjson', 'ndjson'],
    ['application/json', undefined],
  ])('%s is told for what it is', (contentType, framing) => expect(framingOf(contentType)).toBe(framing))

  it('are what is left of server-sent events without names and comments, and become such again', () => {
    expect(framed(': ping\n\ndata: {"a":1}\n\nevent: x\ndata: {"b":2}\n\n', 'ndjson').toString()).toBe(
      '{"a":1}\n{"b":2}\n',
    )
    const [frame] = openScanner('ndjson').push(Buffer.from('{"a":1}\r\n'))
    if (!frame) throw new Error('the line is lost')
    const [event] = new SseScanner().push(reframed(frame, 'sse') ?? Buffer.alloc(0))
    expect(event?.data.toString()).toBe('{"a":1}')
  })
})
