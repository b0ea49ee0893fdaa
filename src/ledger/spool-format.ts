import { crc32c } from './crc32c.ts'

/**
 * The bytes of the spool, the local log that makes records survive kill -9. One record is
 *
 *     length u32le | CRC-32C u32le | type u8 | payload
 *
 * where `length` counts the type and the payload, and the checksum covers both. A length of zero is never valid, so a
 * tail of zeros (a preallocated segment, a page lost with the power) reads as the end of a segment cut short.
 */
export const spoolHeaderBytes = 8
/** A record is some hundred bytes; what claims to be longer than this is not one. */
export const maxSpoolRecordBytes = 1024 * 1024

/** The numbers are on disk: never change one. 3 (dispatched), 4 (progress) and 5 to 7 (holds) are spoken for. */
export const spoolTypes = { intent: 1, terminal: 2, progress: 3 } as const
export type SpoolType = keyof typeof spoolTypes

/** A record that was found, in the bytes in which it was: it is valid as long as they are. */
export class SpoolEntry {
  readonly type: SpoolType
  /** Where the next record begins. */
  readonly endOffset: number
  readonly #bytes: Buffer
  readonly #payloadOffset: number

  constructor(type: SpoolType, bytes: Buffer, payloadOffset: number, endOffset: number) {
    this.type = type
    this.endOffset = endOffset
    this.#bytes = bytes
    this.#payloadOffset = payloadOffset
  }

  /** Decoded when it is asked for. */
  get payload(): string {
    return this.#bytes.toString('utf8', this.#payloadOffset, this.endOffset)
  }
}

export interface SpoolReading {
  readonly entries: readonly SpoolEntry[]
  /** The end of the last whole record; what lies behind it was torn. */
  readonly endOffset: number
}

/** A spool that cannot be trusted: it is damaged where no crash can have cut it, or written by a newer Weir. */
export class SpoolError extends Error {
  override readonly name = 'SpoolError'
}

/**
 * Reads every record of a segment, in order. Total: any bytes give a reading or a `SpoolError`.
 * @param place.isLastSegment only the last segment of an owner can end in a torn write, so only there the reading stops
 *   at the first bad record.
 * @throws SpoolError for a bad record elsewhere, and anywhere for an intact record of a type not known here.
 */
export function readSpool(bytes: Uint8Array, place: { readonly isLastSegment: boolean }): SpoolReading {
  const entries: SpoolEntry[] = []
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  let offset = 0
  while (offset < bytes.length) {
    const length = wholeRecordLengthAt(view, offset)
    if (length === undefined) {
      if (place.isLastSegment) break
      throw new SpoolError(`bad spool record at byte ${offset} of ${bytes.length}, in a segment that was closed whole`)
    }
    const start = offset + spoolHeaderBytes
    offset = start + length
    entries.push(new SpoolEntry(spoolTypeOf(view.getUint8(start)), buffer, start + 1, offset))
  }
  return { entries, endOffset: offset }
}

/** One record as its own bytes. */
export function encodeSpoolRecord(type: SpoolType, payload: string): Uint8Array {
  const room = spoolRoom(spoolRecordRoom(payload))
  return room.bytes.subarray(0, writeSpoolRecord(room, 0, type, payload))
}

/** Where records are written: the same bytes twice, for text and for numbers. */
export interface SpoolRoom {
  readonly bytes: Buffer
  readonly view: DataView
}

/** Room to write records into, not zeroed: whoever writes says where they end. */
export function spoolRoom(sizeBytes: number): SpoolRoom {
  const bytes = Buffer.allocUnsafeSlow(sizeBytes)
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length) }
}

/** How many bytes the record can need at most. */
export function spoolRecordRoom(payload: string): number {
  // UTF-8 needs at most three bytes for a UTF-16 unit.
  return spoolHeaderBytes + 1 + payload.length * 3
}

/**
 * Writes one record where `spoolRecordRoom` bytes are left at `offset`.
 * @returns where the record ends.
 * @throws SpoolError when the record would be too long to be read again.
 */
export function writeSpoolRecord(room: SpoolRoom, offset: number, type: SpoolType, payload: string): number {
  const { bytes, view } = room
  const start = offset + spoolHeaderBytes
  const end = start + 1 + bytes.write(payload, start + 1)
  if (end - start > maxSpoolRecordBytes) throw new SpoolError(`a spool record of ${end - start} bytes is too long`)
  view.setUint8(start, spoolTypes[type])
  view.setUint32(offset, end - start, true)
  view.setUint32(offset + 4, crc32c(view, start, end), true)
  return end
}

/** The length of the record at `offset`, or `undefined` when no whole record with the right checksum stands there. */
function wholeRecordLengthAt(bytes: DataView, offset: number): number | undefined {
  if (offset + spoolHeaderBytes >= bytes.byteLength) return undefined
  const length = bytes.getUint32(offset, true)
  const start = offset + spoolHeaderBytes
  if (length === 0 || length > maxSpoolRecordBytes || start + length > bytes.byteLength) return undefined
  return crc32c(bytes, start, start + length) === bytes.getUint32(offset + 4, true) ? length : undefined
}

/** @throws SpoolError for a type that this Weir does not know. */
export function spoolTypeOf(number: number | undefined): SpoolType {
  if (number === spoolTypes.intent) return 'intent'
  if (number === spoolTypes.terminal) return 'terminal'
  if (number === spoolTypes.progress) return 'progress'
  // Its checksum is right, so no crash made it: skipping it would drop what a newer version wrote.
  throw new SpoolError(`spool record of unknown type ${number}; it was written by a newer version of Weir`)
}
