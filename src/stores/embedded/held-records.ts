/** While the disk refuses: how much of what must not be lost waits in memory, when the reserve is used up too. */
export const maxHeldBytes = 16 * 1024 * 1024

/** Records that wait in memory for a disk that refuses them, in order. kill -9 would lose them. */
export class HeldRecords {
  readonly #records: Buffer[] = []
  #sizeBytes = 0

  get sizeBytes(): number {
    return this.#sizeBytes
  }

  get first(): Buffer | undefined {
    return this.#records[0]
  }

  /** @returns false when there is no room: the record is not held. */
  add(recordBytes: Buffer): boolean {
    if (this.#sizeBytes + recordBytes.length > maxHeldBytes) return false
    this.#records.push(Buffer.from(recordBytes))
    this.#sizeBytes += recordBytes.length
    return true
  }

  dropFirst(): void {
    this.#sizeBytes -= this.#records.shift()?.length ?? 0
  }
}
