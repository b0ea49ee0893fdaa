import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SseScanner, writeSse } from './sse.ts'

function readBack(text: string): { event: string; data: string }[] {
  const scanner = new SseScanner()
  const frames = scanner.push(Buffer.from(text))
  expect(scanner.end().tail).toHaveLength(0)
  return frames.map((frame) => ({ event: frame.event, data: frame.data.toString() }))
}

describe('writeSse', () => {
  it('writes one event', () => {
    expect(writeSse(undefined, '[DONE]')).toBe('data: [DONE]\n\n')
    expect(writeSse('message_stop', '{}')).toBe('event: message_stop\ndata: {}\n\n')
    expect(writeSse('ping', '')).toBe('event: ping\ndata: \n\n')
  })

  it.each([
    'a\rb',
    'a\r\nb',
    'a\n\ndata: [DONE]\n\n',
    '\r\r\ndata: x',
    'x\nevent: error\ndata: y',
    '\n',
    '\u2028\u2029\u0085',
    ' leading space',
    '\uFEFFmark',
    'nul \0 byte',
  ])('N5 cannot be made to write a second event by %j', (data) => {
    const expected = data.replaceAll(/\r\n|\r/g, '\n')
    expect(readBack(writeSse('error', data))).toEqual([{ event: 'error', data: expected }])
    expect(readBack(writeSse(undefined, JSON.stringify(data)))).toEqual([{ event: '', data: JSON.stringify(data) }])
  })

  it('N5 gives any text back as the data of one event', () => {
    const hostile = fc.array(fc.constantFrom('\r', '\n', 'data: ', 'event: ', ':', 'x', '[DONE]', '\u2028'), {
      maxLength: 12,
    })
    fc.assert(
      fc.property(hostile, (parts) => {
        const data = parts.join('')
        expect(readBack(writeSse(undefined, data))).toEqual([{ event: '', data: data.replaceAll(/\r\n|\r/g, '\n') }])
      }),
      { numRuns: 2000, seed: 3 },
    )
  })

  it.each(['', 'a b', 'a\n', 'a\rdata: x', 'é', 'a:b', 'x'.repeat(65)])('N5 refuses the event name %j', (event) => {
    expect(() => writeSse(event, '{}')).toThrow(TypeError)
  })
})
