import { createParser } from 'eventsource-parser'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GatewayError } from '../canonical/error.ts'
import { SseScanner } from './sse.ts'
import type { SseEnd, SseFrame } from './sse.ts'

interface Scan {
  readonly frames: readonly SseFrame[]
  readonly end: SseEnd
}

/** Pushes the bytes in pieces that end at these offsets. */
function scanIn(bytes: Buffer, cuts: readonly number[], maxFrameBytes?: number): Scan {
  const scanner = new SseScanner(maxFrameBytes)
  const frames: SseFrame[] = []
  let start = 0
  for (const cut of [...cuts, bytes.length]) {
    frames.push(...scanner.push(bytes.subarray(start, cut)))
    start = cut
  }
  const end = scanner.end()
  if (end.frame !== undefined) frames.push(end.frame)
  return { frames, end }
}

const scan = (text: string | Buffer): Scan => scanIn(Buffer.from(text), [])

interface PlainFrame {
  readonly bytes: string
  readonly event: string
  readonly data: string | undefined
}

const plain = (frame: SseFrame): PlainFrame => ({
  bytes: frame.bytes.toString('latin1'),
  event: frame.event,
  data: frame.hasData ? frame.data.toString() : undefined,
})

const plainScan = ({ frames, end }: Scan) => ({
  frames: frames.map(plain),
  tail: end.tail.toString('latin1'),
  isMidFrame: end.isMidFrame,
})

const events = ({ frames }: Scan) =>
  frames.filter((frame) => frame.hasData).map((frame) => ({ event: frame.event, data: frame.data.toString() }))

const allBytes = ({ frames, end }: Scan): Buffer => Buffer.concat([...frames.map((frame) => frame.bytes), end.tail])

/** The test oracle: another implementation of the same standard. */
function oracleEvents(text: string): readonly { readonly event: string; readonly data: string }[] {
  const found: { event: string; data: string }[] = []
  createParser({ onEvent: ({ event, data }) => found.push({ event: event ?? '', data }) }).feed(text)
  return found
}

/** Every cut into two, each byte alone, and the empty chunks between: all give what the whole gives. */
function expectAnyCut(bytes: Buffer): void {
  const whole = plainScan(scanIn(bytes, []))
  for (let cut = 0; cut <= bytes.length; cut++) expect(plainScan(scanIn(bytes, [cut, cut]))).toEqual(whole)
  expect(plainScan(scanIn(bytes, Array.from(bytes.keys())))).toEqual(whole)
}

const handMade: readonly (readonly [string, string, readonly (readonly [string, string])[]])[] = [
  ['data with a space', 'data: a\n\n', [['', 'a']]],
  ['data without a space', 'data:{"a":1}\n\n', [['', '{"a":1}']]],
  ['only the first space is taken off', 'data:  a \n\n', [['', ' a ']]],
  [
    'LF line ends',
    'event: x\ndata: a\n\ndata: b\n\n',
    [
      ['x', 'a'],
      ['', 'b'],
    ],
  ],
  [
    'CRLF line ends',
    'event: x\r\ndata: a\r\n\r\ndata: b\r\n\r\n',
    [
      ['x', 'a'],
      ['', 'b'],
    ],
  ],
  [
    'CR line ends',
    'event: x\rdata: a\r\rdata: b\r\r',
    [
      ['x', 'a'],
      ['', 'b'],
    ],
  ],
  [
    'LF then CR',
    'data: a\n\rdata: b\n\r',
    [
      ['', 'a'],
      ['', 'b'],
    ],
  ],
  [
    'LF then CRLF',
    'data: a\n\r\ndata: b\n\r\n',
    [
      ['', 'a'],
      ['', 'b'],
    ],
  ],
  [
    'CR then CRLF',
    'data: a\r\r\ndata: b\r\r\n',
    [
      ['', 'a'],
      ['', 'b'],
    ],
  ],
  [
    'CRLF then LF',
    'data: a\r\n\ndata: b\r\n\n',
    [
      ['', 'a'],
      ['', 'b'],
    ],
  ],
  [
    'CRLF then CR',
    'data: a\r\n\rdata: b\r\n\r',
    [
      ['', 'a'],
      ['', 'b'],
    ],
  ],
  [
    'three CR',
    'data: a\r\r\rdata: b\r\r\r',
    [
      ['', 'a'],
      ['', 'b'],
    ],
  ],
  ['several data lines', 'data: a\ndata:b\ndata:\ndata\ndata: c\n\n', [['', 'a\nb\n\n\nc']]],
  ['several data lines with CRLF', 'data: a\r\ndata: b\r\n\r\n', [['', 'a\nb']]],
  [
    'an empty data line',
    'data\n\ndata:\n\ndata: \n\n',
    [
      ['', ''],
      ['', ''],
      ['', ''],
    ],
  ],
  ['the last event name counts', 'event: a\nevent: b\ndata: 1\n\n', [['b', '1']]],
  ['an empty event name takes the name away', 'event: a\nevent\ndata: 1\n\n', [['', '1']]],
  ['an event without data is none', 'event: a\n\ndata: 1\n\n', [['', '1']]],
  ['id and retry', 'id: 7\nretry: 10\ndata: a\n\nid\nretry: x\n\n', [['', 'a']]],
  ['comments', ': ping\n\n:\ndata: a\n: b\ndata: c\n\n', [['', 'a\nc']]],
  [
    'unknown and misspelled fields',
    'dat: a\ndatas: b\nData: c\n data: d\ndata : e\nevents: f\ndata: g\n\n',
    [['', 'g']],
  ],
  ['a field name that is cut short', 'dat\neven\nd\ndata: a\n\n', [['', 'a']]],
  ['a colon in the value', 'data:: a: b\n\n', [['', ': a: b']]],
  ['leading blank lines', '\n\r\n\r\ndata: a\n\n', [['', 'a']]],
  [
    'blank lines between',
    'data: a\n\n\n\n\ndata: b\n\n',
    [
      ['', 'a'],
      ['', 'b'],
    ],
  ],
  ['a byte order mark at the start', '\uFEFFdata: a\n\n', [['', 'a']]],
  ['a byte order mark, then blank lines', '\uFEFF\n\r\ndata: a\n\n', [['', 'a']]],
  ['a second byte order mark is text', '\uFEFF\uFEFFdata: a\n\ndata: b\n\n', [['', 'b']]],
  [
    'a later byte order mark is text',
    'data: a\n\n\uFEFFdata: b\n\ndata: \uFEFFc\n\n',
    [
      ['', 'a'],
      ['', '\uFEFFc'],
    ],
  ],
  ['a byte order mark alone on its line', '\uFEFF\ndata: a\n\n', [['', 'a']]],
  [
    'NUL bytes',
    'data: a\0b\nid: \0\nevent: \0\n\n\0\ndata: c\n\n',
    [
      ['\0', 'a\0b'],
      ['', 'c'],
    ],
  ],
  ['other line separators are text', 'data: a\u2028b\u2029c\u0085d\vе\f\n\n', [['', 'a\u2028b\u2029c\u0085d\vе\f']]],
  ['text beyond the basic plane', 'event: é\ndata: 🦆漢\n\n', [['é', '🦆漢']]],
  ['an event that never ends', 'data: a\n\ndata: b\n', [['', 'a']]],
  ['nothing', '', []],
]

describe('SseScanner', () => {
  it.each(handMade)('S6 reads %s', (_name, text, expected) => {
    expect(events(scan(text))).toEqual(expected.map(([event, data]) => ({ event, data })))
    expect(oracleEvents(text)).toEqual(events(scan(text)))
    expect(allBytes(scan(text))).toEqual(Buffer.from(text))
  })

  it.each(handMade)('S6 gives the same frames for any cut of %s', (_name, text) => {
    expectAnyCut(Buffer.from(text))
  })

  it('ends a frame with its blank line, and puts blank lines before a frame into it', () => {
    const { frames, end } = scan('\n\ndata: a\n\n\r\n: c\r\n\r\n\n')
    expect(frames.map((frame) => frame.bytes.toString())).toEqual(['\n\ndata: a\n\n', '\r\n: c\r\n\r\n'])
    expect(frames.map((frame) => frame.sizeBytes)).toEqual([11, 9])
    expect(frames.map((frame) => frame.hasData)).toEqual([true, false])
    expect(frames[1]?.data).toHaveLength(0)
    expect(end).toEqual({ frame: undefined, tail: Buffer.from('\n'), isMidFrame: false })
  })

  it.each([
    ['data: a', true],
    ['data: a\n', true],
    [': c\r', true],
    ['\n\n', false],
    ['\uFEFF', false],
    ['data: a\n\n\n', false],
  ])('says whether the tail of %j is the beginning of a frame', (text, isMidFrame) => {
    expect(scan(text).end.isMidFrame).toBe(isMidFrame)
  })

  it('takes a cut byte order mark for the beginning of a frame', () => {
    expect(scan(Buffer.from([0xef, 0xbb])).end.isMidFrame).toBe(true)
    const cutMark = Buffer.concat([Buffer.from([0xef]), Buffer.from('\n\ndata: a\n\n')])
    for (const cuts of [[], [1]]) {
      expect(scanIn(cutMark, cuts).frames.map(({ sizeBytes, hasData }) => [sizeBytes, hasData])).toEqual([
        [3, false],
        [9, true],
      ])
    }
  })

  it('gives a frame with CR line ends without waiting for the next byte', () => {
    const scanner = new SseScanner()
    expect(scanner.push(Buffer.from('data: a\r\r')).map(plain)).toEqual([
      { bytes: 'data: a\r\r', event: '', data: 'a' },
    ])
  })

  it('waits for the LF of a CRLF, and gives the frame at the end when none comes', () => {
    const scanner = new SseScanner()
    expect(scanner.push(Buffer.from('data: a\r\n\r'))).toEqual([])
    const { frame, tail, isMidFrame } = scanner.end()
    expect(frame?.bytes.toString()).toBe('data: a\r\n\r')
    expect([tail.length, isMidFrame]).toEqual([0, false])
  })

  it('gives views of the chunk, and copies only what spans chunks', () => {
    const chunk = Buffer.from('data: a\n\nevent: x\ndata: b\n\ndata: c\n')
    const scanner = new SseScanner()
    const frames = scanner.push(chunk)
    expect(frames).toHaveLength(2)
    for (const frame of frames) {
      expect(frame.bytes.buffer).toBe(chunk.buffer)
      expect(frame.data.buffer).toBe(chunk.buffer)
    }
    const [spanning, inside] = scanner.push(Buffer.from('\ndata: d\n\n'))
    expect(spanning?.bytes.toString()).toBe('data: c\n\n')
    expect(inside?.bytes.toString()).toBe('data: d\n\n')
  })

  it('S6 reads a 1 MiB event in small chunks, on one line and on many', () => {
    for (const line of ['x'.repeat(2 ** 20), `${'y'.repeat(1023)}\n`.repeat(1024).trimEnd()]) {
      const text = `event: big\ndata: ${line.replaceAll('\n', '\ndata: ')}\n\ndata: after\n\n`
      const bytes = Buffer.from(text)
      const cuts = Array.from({ length: Math.ceil(bytes.length / 1000) }, (_unused, index) => index * 1000)
      const found = scanIn(bytes, cuts)
      expect(events(found)).toEqual([
        { event: 'big', data: line },
        { event: '', data: 'after' },
      ])
      expect(allBytes(found).equals(bytes)).toBe(true)
    }
  })

  it('N6 refuses a frame beyond the limit, whole or growing, and stays refused', () => {
    const limit = 100
    const fits = `data: ${'a'.repeat(limit - 8)}\n\n`
    const exceeds = `data: ${'a'.repeat(limit - 7)}\n\n`
    expect(events(scanIn(Buffer.from(fits + fits), [50, 150], limit))).toHaveLength(2)
    for (const cuts of [[], [50], [100], [20, 40, 60]]) {
      expect(() => scanIn(Buffer.from(exceeds), cuts, limit)).toThrow(GatewayError)
    }
    const scanner = new SseScanner(limit)
    expect(() => scanner.push(Buffer.alloc(limit + 1, 'x'))).toThrow('larger than 100 bytes')
    expect(() => scanner.push(Buffer.from(fits))).toThrow(GatewayError)
    expect(thrownBy(() => scanner.push(Buffer.from('\n')))).toMatchObject({ kind: 'upstream_invalid' })
  })

  it('N6 has a default limit of 16 MiB', () => {
    const scanner = new SseScanner()
    const chunk = Buffer.alloc(2 ** 20, 'x')
    for (let count = 0; count < 16; count++) expect(scanner.push(chunk)).toEqual([])
    expect(() => scanner.push(Buffer.from('x'))).toThrow(GatewayError)
  })
})

const cutsOf = (list: readonly number[], bytes: Buffer): number[] =>
  list.map((cut) => cut % (bytes.length + 1)).toSorted((one, other) => one - other)

describe('SseScanner on random bytes', () => {
  const piece = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom('\n', '\r', '\r\n', '\n\n', '\r\r', '\r\n\r\n') },
    { weight: 4, arbitrary: fc.constantFrom('data', 'data:', 'data: ', 'event: x', 'event', 'id: 1', 'retry: 5', ':') },
    { weight: 2, arbitrary: fc.constantFrom('\uFEFF', '\0', ' ', 'é漢🦆', '\u2028', 'a', '{"b":1}') },
    { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
  )
  const text = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(''))
  const noise = fc.uint8Array({ maxLength: 4 }).map((bytes) => Buffer.from(bytes))
  const cutList = fc.array(fc.nat({ max: 400 }), { maxLength: 8 })

  it('D4 S6 agrees with the oracle, loses no byte, and is the same for any cut', () => {
    fc.assert(
      fc.property(text, cutList, (sample, list) => {
        const bytes = Buffer.from(sample)
        const whole = scanIn(bytes, [])
        expect(events(whole)).toEqual(oracleEvents(bytes.toString()))
        expect(allBytes(whole).equals(bytes)).toBe(true)
        expect(plainScan(scanIn(bytes, cutsOf(list, bytes)))).toEqual(plainScan(whole))
      }),
      { numRuns: 4000, seed: 1 },
    )
  })

  it('D4 throws nothing but the limit on mutated bytes, and throws it for any cut or for none', () => {
    fc.assert(
      fc.property(text, noise, fc.nat(), cutList, fc.integer({ min: 1, max: 60 }), (sample, junk, at, list, limit) => {
        const clean = Buffer.from(sample)
        const where = at % (clean.length + 1)
        const bytes = Buffer.concat([clean.subarray(0, where), junk, clean.subarray(where)])
        const whole = scanIn(bytes, [])
        expect(allBytes(whole).equals(bytes)).toBe(true)
        const cuts = cutsOf(list, bytes)
        expect(plainScan(scanIn(bytes, cuts))).toEqual(plainScan(whole))
        const sizes = [...whole.frames.map((frame) => frame.sizeBytes), whole.end.tail.length]
        const thrown = thrownBy(() => scanIn(bytes, cuts, limit))
        if (sizes.some((size) => size > limit)) expect(thrown).toMatchObject({ kind: 'upstream_invalid' })
        else expect(thrown).toBeUndefined()
      }),
      { numRuns: 4000, seed: 2 },
    )
  })
})

function thrownBy(work: () => unknown): unknown {
  try {
    work()
  } catch (thrown) {
    return thrown
  }
  return undefined
}
