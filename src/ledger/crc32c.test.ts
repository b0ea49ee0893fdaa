import { describe, expect, it } from 'vitest'
import { crc32c } from './crc32c.ts'

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.length)

describe('crc32c', () => {
  // RFC 3720, appendix B.4, and the usual check value of the polynomial.
  it.each([
    ['nothing', new Uint8Array(), 0],
    ['123456789', Buffer.from('123456789'), 0xe3069283],
    ['32 zeros', new Uint8Array(32), 0x8a9136aa],
    ['32 bytes of ones', new Uint8Array(32).fill(0xff), 0x62a8ab43],
    ['ascending bytes', Uint8Array.from({ length: 32 }, (_, index) => index), 0x46dd794e],
    ['descending bytes', Uint8Array.from({ length: 32 }, (_, index) => 31 - index), 0x113fdb5c],
  ])('gives the published checksum of %s', (_, bytes, checksum) => {
    expect(crc32c(viewOf(bytes))).toBe(checksum)
  })

  it('is the same for a stretch of a longer buffer, at every length and place', () => {
    const bytes = Buffer.from('a spool record, and another one behind it')
    for (let start = 0; start < 9; start += 1) {
      for (let end = start; end <= bytes.length; end += 1) {
        const alone = Uint8Array.from(bytes.subarray(start, end))
        expect(crc32c(viewOf(bytes), start, end)).toBe(crc32c(viewOf(alone)))
      }
    }
  })
})
