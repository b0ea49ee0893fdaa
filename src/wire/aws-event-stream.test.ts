import { crc32 } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { answerBytes, recordings, reportMissingCorpus } from '../../test/corpus.ts'
import { GatewayError } from '../canonical/error.ts'
import { AwsEventScanner, mostAwsEventBytes, writeAwsEvent } from './aws-event-stream.ts'

/** `:event-type` `ping` and `{}`, its checksums worked out by Python's binascii. */
const ping = Buffer.from('0000002500000013e8bd3ec30b3a6576656e742d7479706507000470696e677b7d58e022b9', 'hex')

describe('AwsEventScanner', () => {
  const events = [
    writeAwsEvent('messageStart', Buffer.from('{"role":"assistant"}')),
    writeAwsEvent('contentBlockDelta', Buffer.from('{"delta":{"text":"Grüße 😀"}}')),
    writeAwsEvent('throttlingException', Buffer.from('{"message":"slow"}')),
    writeAwsEvent('metadata', Buffer.alloc(0)),
  ]
  const stream = Buffer.concat(events)

  it('gives each event with its name, its data and the bytes it came in', () => {
    const found = read(stream)
    expect(found.map(({ event, data }) => [event, data.toString()])).toEqual([
      ['messageStart', '{"role":"assistant"}'],
      ['contentBlockDelta', '{"delta":{"text":"Grüße 😀"}}'],
      ['throttlingException', '{"message":"slow"}'],
      ['metadata', ''],
    ])
    expect(Buffer.concat(found.map(({ bytes }) => bytes)).equals(stream)).toBe(true)
    expect(found.map(({ hasData }) => hasData)).toEqual([true, true, true, false])
  })

  it('S6: however the bytes are cut, the events are the same', () => {
    const whole = read(stream).map(({ event, data }) => [event, data.toString()])
    for (let first = 0; first <= stream.length; first++)
      for (const second of [first, first + 1, stream.length]) {
        const pieces = [stream.subarray(0, first), stream.subarray(first, second), stream.subarray(second)]
        expect(readPieces(pieces).map(({ event, data }) => [event, data.toString()])).toEqual(whole)
      }
    const bytes = [...stream].map((byte) => Buffer.of(byte))
    expect(readPieces(bytes).map(({ event, data }) => [event, data.toString()])).toEqual(whole)
  })

  it('passes over headers of every other type', () => {
    const others = [
      [0],
      [1],
      [2, 7],
      [3, 0, 7],
      [4, 0, 0, 0, 7],
      [5, 0, 0, 0, 0, 0, 0, 0, 7],
      [6, 0, 2, 7, 7],
      [8, 0, 0, 0, 0, 0, 0, 0, 7],
      [9, ...Array.from({ length: 16 }, () => 7)],
    ]
    const headers = others.flatMap((value, index) => [1, 'a'.charCodeAt(0) + index, ...value])
    const named = [11, ...Buffer.from(':event-type'), 7, 0, 4, ...Buffer.from('ping')]
    const [found] = read(message(Buffer.from([...headers, ...named]), Buffer.from('{}')))
    expect([found?.event, found?.data.toString()]).toEqual(['ping', '{}'])
  })

  it('an error that no service model names is an event too', () => {
    const headers = Buffer.concat(
      [
        [':message-type', 'error'],
        [':error-code', 'InternalError'],
        [':error-message', 'It broke.'],
      ].map(([name = '', value = '']) =>
        Buffer.concat([Buffer.of(name.length), Buffer.from(name), Buffer.of(7, 0, value.length), Buffer.from(value)]),
      ),
    )
    const [found] = read(message(headers, Buffer.alloc(0)))
    expect([found?.event, found?.data.toString()]).toEqual(['error', '{"code":"InternalError","message":"It broke."}'])
  })

  it('the events of a model’s own API are taken out of their wrapping', () => {
    const inner = '{"type":"content_block_delta","index":0}'
    const payload = JSON.stringify({ bytes: Buffer.from(inner).toString('base64'), p: 'abc' })
    const [found] = read(writeAwsEvent('chunk', Buffer.from(payload)))
    expect([found?.event, found?.data.toString()]).toEqual(['content_block_delta', inner])
  })

  it('a byte that changed on the way is noticed, wherever it is', () => {
    for (let place = 0; place < stream.length; place++) {
      const changed = Buffer.from(stream)
      changed[place] = (changed[place] ?? 0) ^ 0x10
      expect(
        kindOf(() => read(changed)),
        `byte ${place}`,
      ).toBe('upstream_invalid')
    }
  })

  it('S1: a stream that ends in the middle of an event was cut', () => {
    const borders = events.map((_, index) => Buffer.concat(events.slice(0, index)).length)
    for (let length = 1; length < stream.length; length++) {
      const expected = borders.includes(length) ? undefined : 'upstream_cut'
      expect(
        kindOf(() => read(stream.subarray(0, length))),
        `${length} bytes`,
      ).toBe(expected)
    }
  })

  it('N6: an event beyond the limit is refused by its length, before its bytes have come', () => {
    const prelude = Buffer.alloc(12)
    prelude.writeUInt32BE(mostAwsEventBytes + 1, 0)
    prelude.writeUInt32BE(crc32(prelude.subarray(0, 8)), 8)
    expect(kindOf(() => new AwsEventScanner().push(prelude))).toBe('upstream_invalid')
  })

  it('lengths that contradict each other are refused', () => {
    const prelude = Buffer.alloc(12)
    prelude.writeUInt32BE(20, 0)
    prelude.writeUInt32BE(10, 4)
    prelude.writeUInt32BE(crc32(prelude.subarray(0, 8)), 8)
    expect(kindOf(() => new AwsEventScanner().push(prelude))).toBe('upstream_invalid')
  })

  it('reads a message that was not written here', () => {
    expect(read(ping).map(({ event, data }) => [event, data.toString()])).toEqual([['ping', '{}']])
  })

  it('every recorded stream is read whole, and written anew says the same', () => {
    const recorded = recordings('converse', 'invoke').filter(({ response }) =>
      response.headers['content-type']?.startsWith('application/vnd.amazon.eventstream'),
    )
    if (recorded.length === 0) reportMissingCorpus('AWS event streams')
    for (const recording of recorded) {
      const bytes = answerBytes(recording)
      const found = read(bytes)
      expect(Buffer.concat(found.map((frame) => frame.bytes)).equals(bytes)).toBe(true)
      const again = read(Buffer.concat(found.map(({ event, data }) => writeAwsEvent(event, data))))
      expect(again.map(({ event, data }) => [event, data.toString()])).toEqual(
        found.map(({ event, data }) => [event, data.toString()]),
      )
    }
  })
})

function read(bytes: Buffer) {
  return readPieces([bytes])
}

function readPieces(pieces: readonly Buffer[]) {
  const scanner = new AwsEventScanner()
  const frames = pieces.flatMap((piece) => scanner.push(piece))
  scanner.end()
  return frames
}

function message(headers: Buffer, payload: Buffer): Buffer {
  const prelude = Buffer.alloc(12)
  prelude.writeUInt32BE(16 + headers.length + payload.length, 0)
  prelude.writeUInt32BE(headers.length, 4)
  prelude.writeUInt32BE(crc32(prelude.subarray(0, 8)), 8)
  const body = Buffer.concat([prelude, headers, payload])
  const checksum = Buffer.alloc(4)
  checksum.writeUInt32BE(crc32(body))
  return Buffer.concat([body, checksum])
}

function kindOf(read1: () => unknown): string | undefined {
  try {
    read1()
    return undefined
  } catch (thrown) {
    if (thrown instanceof GatewayError) return thrown.kind
    throw thrown
  }
}
