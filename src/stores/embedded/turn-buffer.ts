import {
  spoolHeaderBytes,
  spoolRecordRoom,
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
  readonly payload: Buffer
  readonly type: SpoolType
  readonly whenRefused: WhenRefused
}

/** The records of one turn of the event loop, encoded one behind the other, ready for one write. */
export class TurnBuffer {
  #buffer = Buffer.allocUnsafeSlow(turnBytes)
  #sizeBytes = 0
  /** Where the records stand that may be shed. */
  readonly #shedAt = new Set<number>()

  get isEmpty(): boolean {
    return this.#sizeBytes === 0
  }

  /** Never false for an empty buffer: one record may be longer than a turn should be. */
  hasRoomFor(payload: string): boolean {
    return this.#sizeBytes === 0 || this.#buffer.length - this.#sizeBytes >= spoolRecordRoom(payload)
  }

  add(type: SpoolType, payload: string, whenRefused: WhenRefused): void {
    const roomBytes = spoolRecordRoom(payload)
    if (this.#sizeBytes === 0 && this.#buffer.length < roomBytes) this.#buffer = Buffer.allocUnsafeSlow(roomBytes)
    const start = this.#sizeBytes
    this.#sizeBytes = writeSpoolRecord(this.#buffer, start, type, payload)
    if (whenRefused === 'shed') this.#shedAt.add(start)
  }

  /** Every record so far. A view, valid until it is cleared. */
  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#sizeBytes)
  }

  *records(): Generator<BufferedRecord> {
    for (let start = 0; start < this.#sizeBytes;) {
      const end = start + spoolHeaderBytes + this.#buffer.readUInt32LE(start)
      yield {
        bytes: this.#buffer.subarray(start, end),
        payload: this.#buffer.subarray(start + spoolHeaderBytes + 1, end),
        type: spoolTypeOf(this.#buffer[start + spoolHeaderBytes]),
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
