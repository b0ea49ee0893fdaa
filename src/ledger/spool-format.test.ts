import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { crc32c } from './crc32c.ts'
import { encodeSpoolRecord, maxSpoolRecordBytes, readSpool, SpoolError, spoolHeaderBytes } from './spool-format.ts'

/** A spool of intents and terminals with payloads of different lengths, some of them not ASCII. */
function spoolOf(records: number): {
  readonly bytes: Buffer
  readonly payloads: readonly string[]
  readonly ends: readonly number[]
} {
  const payloads = Array.from({ length: records }, (_, index) => `[1,"${'é'.repeat(index % 7)}",${index}]`)
  const encoded = payloads.map((payload, index) => encodeSpoolRecord(index % 2 === 0 ? 'intent' : 'terminal', payload))
  let offset = 0
  const ends = encoded.map((record) => (offset += record.length))
  return { bytes: Buffer.concat(encoded), payloads, ends }
}

describe('the spool format', () => {
  it('is length, CRC-32C, type, payload, little-endian', () => {
    const record = Buffer.from(encodeSpoolRecord('terminal', '[1]'))
    expect(record.toString('hex')).toBe(
      `04000000${record.subarray(4, 8).toString('hex')}02${Buffer.from('[1]').toString('hex')}`,
    )
  })

  it('gives back every record in order, with its type and its end', () => {
    const { bytes, payloads, ends } = spoolOf(200)
    const { entries, endOffset } = readSpool(bytes, { isLastSegment: false })
    expect(entries.map(({ payload }) => payload)).toEqual(payloads)
    expect(entries.map((entry) => entry.endOffset)).toEqual(ends)
    expect(entries.slice(0, 3).map(({ type }) => type)).toEqual(['intent', 'terminal', 'intent'])
    expect(endOffset).toBe(bytes.length)
  })

  it('I20: cut at every byte, the last segment of 200 records gives exactly the records that are whole', () => {
    const { bytes, payloads, ends } = spoolOf(200)
    for (let length = 0; length <= bytes.length; length += 1) {
      const whole = ends.filter((end) => end <= length)
      const { entries, endOffset } = readSpool(bytes.subarray(0, length), { isLastSegment: true })
      if (entries.length !== whole.length || endOffset !== (whole.at(-1) ?? 0)) expect.fail(`cut at byte ${length}`)
      const last = entries.at(-1)
      if (last !== undefined && last.payload !== payloads[whole.length - 1]) expect.fail(`cut at byte ${length}`)
    }
  })

  it('I20: cut at every byte that is no boundary, a segment that others follow is refused', () => {
    const { bytes, ends } = spoolOf(20)
    const boundaries = new Set([0, ...ends])
    for (let length = 0; length <= bytes.length; length += 1) {
      const read = (): unknown => readSpool(bytes.subarray(0, length), { isLastSegment: false })
      if (boundaries.has(length)) expect(read).not.toThrow()
      else expect(read).toThrow(SpoolError)
    }
  })

  it('finds any single bit that was turned, in every byte of a record', () => {
    const { bytes, ends } = spoolOf(3)
    const [start = 0, end = 0] = [ends[0], ends[1]]
    for (let bit = start * 8; bit < end * 8; bit += 1) {
      const turned = Buffer.from(bytes)
      turned[bit >> 3] = (turned[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(readSpool(turned, { isLastSegment: true }).entries, `bit ${bit}`).toHaveLength(1)
      expect(() => readSpool(turned, { isLastSegment: false }), `bit ${bit}`).toThrow(
        `bad spool record at byte ${start}`,
      )
    }
  })

  it('takes the zeros of a preallocated tail for the end of the last segment', () => {
    const { bytes } = spoolOf(2)
    const preallocated = Buffer.concat([bytes, Buffer.alloc(500)])
    expect(readSpool(preallocated, { isLastSegment: true })).toMatchObject({ endOffset: bytes.length })
    expect(() => readSpool(preallocated, { isLastSegment: false })).toThrow(SpoolError)
  })

  it('refuses an intact record of a type it does not know, even at the end, instead of dropping it', () => {
    const { bytes } = spoolOf(1)
    const foreign = Buffer.from('010000000000000007', 'hex')
    const view = new DataView(foreign.buffer, foreign.byteOffset, foreign.length)
    view.setUint32(4, crc32c(view, spoolHeaderBytes), true)
    const read = (): unknown => readSpool(Buffer.concat([bytes, foreign]), { isLastSegment: true })
    expect(read).toThrow(/unknown type 7; it was written by a newer version/)
  })

  it('is total: any bytes give a reading or a SpoolError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.boolean(), (noise, isLastSegment) => {
        const bytes = Buffer.concat([spoolOf(2).bytes, noise])
        try {
          const { entries, endOffset } = readSpool(bytes, { isLastSegment })
          expect(entries.length).toBeGreaterThanOrEqual(2)
          expect(endOffset).toBeLessThanOrEqual(bytes.length)
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(SpoolError)
        }
      }),
    )
  })

  it('refuses to write what it would refuse to read', () => {
    expect(() => encodeSpoolRecord('terminal', 'x'.repeat(maxSpoolRecordBytes))).toThrow(SpoolError)
    const longest = encodeSpoolRecord('terminal', 'x'.repeat(maxSpoolRecordBytes - 1))
    expect(readSpool(longest, { isLastSegment: false }).entries).toHaveLength(1)
  })
})
