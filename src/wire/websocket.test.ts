import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import {
  acceptOf,
  closeFrame,
  maskedTextFrame,
  mostMessageBytes,
  SocketReader,
  textFrame,
  type SocketMessage,
} from './websocket.ts'

describe('frames of a WebSocket', () => {
  it('are put together the same however the bytes are cut, and their bytes are kept', () => {
    const texts = fc.array(fc.string({ maxLength: 300 }), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(texts, fc.boolean(), fc.array(fc.nat(2_000), { maxLength: 20 }), (said, isMasked, cuts) => {
        const bytes = Buffer.concat(said.map((text) => (isMasked ? masked(textFrame(text)) : textFrame(text))))
        const heard = readCut(bytes, isMasked, cuts)
        expect(heard.map(({ payload }) => payload.toString())).toEqual(said)
        expect(Buffer.concat(heard.map(({ raw }) => raw))).toEqual(bytes)
      }),
    )
  })

  it('the bytes of a long frame are joined when it is whole, not with each read', () => {
    const text = 'x'.repeat(200_000)
    const bytes = maskedTextFrame(text, Buffer.from([1, 2, 3, 4]))
    const joined = vi.spyOn(Buffer, 'concat')
    const heard = readCut(
      bytes,
      true,
      Array.from({ length: 200 }, (_, index) => (index + 1) * 1_000),
    )
    const times = joined.mock.calls.length
    joined.mockRestore()
    expect(heard[0]?.payload.toString()).toBe(text)
    expect(times).toBeLessThan(5)
  })

  it('a message in several frames is one, with a ping in between', () => {
    const frames = Buffer.concat([frameOf(0x01, 'Hel'), frameOf(0x89, 'p'), frameOf(0x00, 'l'), frameOf(0x80, 'o')])
    const heard = new SocketReader(false).take(frames)
    expect(heard.map(({ kind, payload }) => [kind, payload.toString()])).toEqual([
      ['ping', 'p'],
      ['text', 'Hello'],
    ])
    expect(heard[1]?.raw.length).toBe(frames.length - 3)
  })

  it('tells why it is closed, as far as a control frame can', () => {
    const [close] = new SocketReader(false).take(closeFrame(1008, 'x'.repeat(200)))
    expect([close?.kind, close?.payload.readUInt16BE(), close?.payload.length]).toEqual(['close', 1008, 122])
  })

  it('cuts the reason of a closing between two characters', () => {
    for (const before of ['', 'a', 'ab', 'abc']) {
      const [close] = new SocketReader(false).take(closeFrame(1008, before + '\u{1f600}'.repeat(50)))
      const reason = close?.payload.subarray(2) ?? Buffer.alloc(0)
      expect([reason.length > 116, reason.toString()]).toEqual([
        true,
        before + '\u{1f600}'.repeat((reason.length - before.length) / 4),
      ])
    }
  })

  it.each([0, 125, 126, 65_535, 65_536])('reads what a client is to send, %d bytes long', (length) => {
    const text = 'x'.repeat(length)
    const [message] = new SocketReader(true).take(maskedTextFrame(text, Buffer.from([1, 2, 3, 4])))
    expect([message?.kind, message?.payload.toString() === text]).toEqual(['text', true])
  })

  it.each([
    ['an extension', frameOf(0xc1, 'x'), false],
    ['a client that does not mask', frameOf(0x81, 'x'), true],
    ['a continuation of nothing', frameOf(0x80, 'x'), false],
    ['a message within a message', Buffer.concat([frameOf(0x01, 'x'), frameOf(0x81, 'x')]), false],
    ['a cut control frame', frameOf(0x09, 'x'), false],
    ['a message that is too long', Buffer.from([0x81, 127, 0, 0, 0, 0, 2, 0, 0, 0]), false],
  ])('N2: %s is refused', (_, bytes, isMasked) => {
    expect(mostMessageBytes).toBeLessThan(0x02_00_00_00)
    expect(() => new SocketReader(isMasked).take(bytes)).toThrow()
  })

  it('answers the key of the standard as the standard does', () => {
    expect(acceptOf('dGhlIHNhbXBsZSBub25jZQ==')).toBe('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=')
  })
})

function readCut(bytes: Buffer, isMasked: boolean, cuts: readonly number[]): readonly SocketMessage[] {
  const reader = new SocketReader(isMasked)
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].toSorted((one, other) => one - other)
  return [0, ...places].flatMap((from, index) => reader.take(bytes.subarray(from, places[index] ?? bytes.length)))
}

function frameOf(first: number, text: string): Buffer {
  return Buffer.concat([Buffer.from([first, text.length]), Buffer.from(text)])
}

/** As a client sends it. */
function masked(frame: Buffer): Buffer {
  const head = (frame[1] ?? 0) < 126 ? 2 : 4
  const mask = Buffer.from([1, 2, 3, 4])
  const opening = Buffer.from(frame.subarray(0, head))
  opening[1] = (opening[1] ?? 0) | 0x80
  const payload = frame.subarray(head).map((byte, place) => byte ^ (mask[place & 3] ?? 0))
  return Buffer.concat([opening, mask, payload])
}
