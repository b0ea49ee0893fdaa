import {
  spoolHeaderBytes,
  spoolRecordRoom,
  spoolRoom,
  spoolTypeOf,
  writeSpoolRecord,
  type SpoolType,
} from '../../ledger/spool-format.ts'

/** What is collected in one turn before it is written at once, without waiting for the turn to end. */
const turnBytes = 1024 * 1024

/**
 * What is done with a record that the disk refuses. `shed`: it is dropped. An intent makes `written()` reject, so that its
 * attempt never leaves, and so does progress, which then does not count; what else is shed tells of no money, and is counted. `keep`: it tells of money spent; it goes to
 * the reserve, then to memory, and is written when it can be.
 */
export type WhenRefused = 'shed' | 'keep'

export interface BufferedRecord {
  /** A view of the buffer, valid until it is cleared. */
  readonly bytes: Buffer
  readonly payload: string
  readonly type: SpoolType
  readonly whenRefused: WhenRefused
}

/** The records of one turn of the event loop, encoded one behind the other, ready for one write. */
export class TurnBuffer {
  #room = spoolRoom(turnBytes)
  #sizeBytes = 0
  /** Where the records stand that may be shed. */
  readonly #shedAt = new Set<number>()

  get isEmpty(): boolean {
    return this.#sizeBytes === 0
  }

  /** Never false for an empty buffer: one record may be longer than a turn should be. */
  hasRoomFor(payload: string): boolean {
    return this.#sizeBytes === 0 || this.#room.bytes.length - this.#sizeBytes >= spoolRecordRoom(payload)
  }

  add(type: SpoolType, payload: string, whenRefused: WhenRefused): void {
    const roomBytes = spoolRecordRoom(payload)
    if (this.#sizeBytes === 0 && this.#room.bytes.length < roomBytes) this.#room = spoolRoom(roomBytes)
    const start = this.#sizeBytes
    this.#sizeBytes = writeSpoolRecord(this.#room, start, type, payload)
    if (whenRefused === 'shed') this.#shedAt.add(start)
  }

  /** Every record so far. A view, valid until it is cleared. */
  bytes(): Buffer {
    return this.#room.bytes.subarray(0, this.#sizeBytes)
  }

  *records(): Generator<BufferedRecord> {
    const { bytes } = this.#room
    for (let start = 0; start < this.#sizeBytes;) {
      const end = start + spoolHeaderBytes + bytes.readUInt32LE(start)
      yield {
        bytes: bytes.subarray(start, end),
        payload: bytes.toString('utf8', start + spoolHeaderBytes + 1, end),
        type: spoolTypeOf(bytes[start + spoolHeaderBytes]),
        whenRefused: this.#shedAt.has(start) ? 'shed' : 'keep',
      }
      start = end
    }
  }

  clear(): void {
    this.#sizeBytes = 0
    this.#shedAt.clear()
  }
}
