import type { SpoolDisk } from './spool-disk.ts'

/** The open end of a spool: a file that only ever holds whole records, even where the disk took half a write. */
export class SegmentFile {
  readonly sequence: number
  /** How much fits. */
  readonly capacityBytes: number
  readonly #disk: SpoolDisk
  readonly file: number
  readonly #isPreallocated: boolean
  #sizeBytes = 0
  /** Half a write lies behind the last whole record and could not be cut off yet. */
  #isTorn = false

  constructor(
    disk: SpoolDisk,
    file: number,
    place: Pick<SegmentFile, 'sequence' | 'capacityBytes'>,
    isPreallocated: boolean,
  ) {
    this.#disk = disk
    this.file = file
    this.#isPreallocated = isPreallocated
    this.sequence = place.sequence
    this.capacityBytes = place.capacityBytes
  }

  /** The end of the last whole record. */
  get sizeBytes(): number {
    return this.#sizeBytes
  }

  get isFull(): boolean {
    return this.#sizeBytes >= this.capacityBytes
  }

  /** Appends all the bytes, or throws what the disk said and leaves nothing of them. */
  append(bytes: Uint8Array): void {
    if (this.#isTorn) this.#cut()
    let doneBytes = 0
    try {
      while (doneBytes < bytes.length) {
        const tookBytes = this.#disk.write(this.file, bytes.subarray(doneBytes), this.#sizeBytes + doneBytes)
        if (tookBytes === 0) throw new Error('the disk took no bytes and named no reason')
        doneBytes += tookBytes
      }
    } catch (thrown) {
      if (doneBytes === 0) throw thrown
      this.#isTorn = true
      this.#cutAfter(thrown)
    }
    this.#sizeBytes += doneBytes
  }

  /** Cuts off what lies behind the last whole record, so that another segment may follow. */
  seal(): void {
    if (this.#isTorn || this.#isPreallocated) this.#cut()
  }

  #cut(): void {
    this.#disk.truncate(this.file, this.#sizeBytes)
    this.#isTorn = false
  }

  #cutAfter(failure: unknown): never {
    try {
      this.#cut()
    } catch (thrown) {
      throw new Error(`${String(failure)}; and the half write could not be cut off`, { cause: thrown })
    }
    throw failure
  }
}
