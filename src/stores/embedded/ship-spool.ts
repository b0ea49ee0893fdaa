import { closeSync, fstatSync, openSync, readSync, rmSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { readSpool, SpoolError, type SpoolEntry } from '../../ledger/spool-format.ts'
import { attemptIn, readUsageValues } from '../../ledger/usage-payload.ts'
import { checkpoint } from './database.ts'
import { segmentPath, type SpoolPosition } from './spool-segments.ts'
import { attemptKey, attemptKeyOf, maxBatchRecords, usageWrites, type UsageWrites } from './usage-writes.ts'
import { PassingMap } from '../../canonical/passing.ts'

/** How much of a segment is read at once. Longer than any record, so that each read makes progress. */
const readBytes = 4 * 1024 * 1024

/**
 * Carries one process's spool into the database, behind the back of its serving thread, which goes on writing.
 * Segments are read only up to positions the writer has told, so half a record is never seen.
 */
export class SpoolShipper {
  readonly #database: DatabaseSync
  readonly #writes: UsageWrites
  readonly #spoolDir: string
  readonly #ownerId: string
  /** Those not deleted yet, in order. */
  readonly #segments = new Map<number, LiveSegment>()
  /** Attempts without an end so far, and the segments that hold the intent and the progress of each. */
  readonly #underWay = new PassingMap<string, LiveSegment[]>()
  /** The newest segment that was opened here; later ones are the writer's alone so far. */
  #opened = 0
  #shippedBytes = 0

  constructor(database: DatabaseSync, spoolDir: string, ownerId: string) {
    this.#database = database
    this.#writes = usageWrites(database)
    this.#spoolDir = spoolDir
    this.#ownerId = ownerId
  }

  get shippedBytes(): number {
    return this.#shippedBytes
  }

  /**
   * Inserts every terminal up to the position, and deletes the segments that are done with.
   * @throws what SQLite or the disk says. Nothing is lost or counted twice then: the next call goes on from the cursor.
   */
  shipTo(position: SpoolPosition): void {
    this.#openUpTo(position.sequence)
    for (const segment of this.#segments.values()) {
      const endBytes = segment.sequence < position.sequence ? fstatSync(segment.file).size : position.offsetBytes
      while (segment.shippedBytes < endBytes) this.#shipSome(segment, endBytes)
    }
    this.#deleteDone(position.sequence)
  }

  /** The last `shipTo`: its writer is closed, and every segment of it is whole. */
  close(position: SpoolPosition): void {
    this.shipTo(position)
    this.#deleteDone(position.sequence + 1)
    this.abandon()
  }

  /** Leaves the rest to a recovery. */
  abandon(): void {
    for (const { file } of this.#segments.values()) closeSync(file)
    this.#segments.clear()
  }

  #openUpTo(sequence: number): void {
    for (let next = this.#opened + 1; next <= sequence; next += 1) {
      this.#segments.set(next, new LiveSegment(next, segmentPath(this.#spoolDir, this.#ownerId, next)))
      this.#opened = next
    }
  }

  #shipSome(segment: LiveSegment, endBytes: number): void {
    const bytes = Buffer.allocUnsafe(Math.min(endBytes - segment.shippedBytes, readBytes))
    const length = readSync(segment.file, bytes, 0, bytes.length, segment.shippedBytes)
    // The end of a read may cut a record, just as a crash may cut the last segment.
    const { entries } = readSpool(bytes.subarray(0, length), { isLastSegment: true })
    if (entries.length === 0) {
      throw new SpoolError(
        `${segment.path}: bad spool record at byte ${segment.shippedBytes}, where a whole one was written`,
      )
    }
    const start = segment.shippedBytes
    for (let first = 0; first < entries.length; first += maxBatchRecords) {
      this.#shipBatch(segment, start, entries.slice(first, first + maxBatchRecords))
    }
  }

  #shipBatch(segment: LiveSegment, startBytes: number, batch: readonly SpoolEntry[]): void {
    const attempts = batch.map(({ type, payload }) => {
      // Of an attempt under way only its name is wanted: a death is a matter for recovery.
      if (type !== 'terminal') return { key: attemptKeyOf(attemptIn(payload)), terminal: undefined }
      const values = readUsageValues(payload)
      return { key: attemptKey(values), terminal: values }
    })
    const terminals = attempts.flatMap(({ terminal }) => (terminal === undefined ? [] : [terminal]))
    const offsetBytes = startBytes + (batch.at(-1)?.endOffset ?? 0)
    if (terminals.length > 0) {
      this.#writes.insert(terminals, { ownerId: this.#ownerId, sequence: segment.sequence, offsetBytes })
    }
    // Only now: a batch that failed will be read again.
    for (const { key, terminal } of attempts) {
      if (terminal === undefined) this.#begin(segment, key)
      else this.#end(key)
    }
    this.#shippedBytes += offsetBytes - segment.shippedBytes
    segment.shippedBytes = offsetBytes
  }

  #begin(segment: LiveSegment, key: string): void {
    const needed = this.#underWay.get(key)
    if (needed?.includes(segment) === true) return
    if (needed === undefined) this.#underWay.set(key, [segment])
    else needed.push(segment)
    segment.underWay += 1
  }

  #end(key: string): void {
    const needed = this.#underWay.get(key)
    if (needed === undefined) return
    for (const segment of needed) segment.underWay -= 1
    this.#underWay.delete(key)
  }

  /** A segment goes when it is full, shipped and confirmed by the disk, and no attempt that began in it is still open. */
  #deleteDone(liveSequence: number): void {
    const done = [...this.#segments.values()].filter(
      ({ sequence, underWay }) => sequence < liveSequence && underWay === 0,
    )
    if (done.length === 0 || !checkpoint(this.#database)) return
    for (const { sequence, path, file } of done) {
      this.#segments.delete(sequence)
      closeSync(file)
      rmSync(path)
      this.#writes.forgetSegment(this.#ownerId, sequence)
    }
  }
}

class LiveSegment {
  readonly sequence: number
  readonly path: string
  readonly file: number
  shippedBytes = 0
  underWay = 0

  constructor(sequence: number, path: string) {
    this.sequence = sequence
    this.path = path
    this.file = openSync(path, 'r')
  }
}
