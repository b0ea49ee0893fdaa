import type { DatabaseSync } from 'node:sqlite'
import { systemClock } from '../../canonical/clock.ts'
import type { DatabaseMessage } from './database-calls.ts'
import { problemOf } from './problem.ts'
import { recoverSpoolOf, type Recovery } from './recover-spool.ts'
import { SpoolShipper } from './ship-spool.ts'
import type { SpoolEnd, SpoolPosition } from './spool-segments.ts'

/** Records reach the database this long after they were announced, at the latest, so that many share one commit. */
const shipDelayMs = 200
/** After the database refused: how long until it is asked again. */
const shipRetryDelayMs = 1000

export interface BackgroundShippingParts {
  readonly database: DatabaseSync
  readonly spoolDir: string
  /** Of the process that the thread belongs to. */
  readonly ownerId: string
  readonly tell: (message: DatabaseMessage) => void
}

/** Ships the spools of every process that writes into the directory, by and by, where nobody asks for it. */
export class BackgroundShipping {
  readonly #parts: BackgroundShippingParts
  readonly #shippers = new Map<string, SpoolShipper>()
  /** How far each live spool is known to be written. */
  readonly #positions = new Map<string, SpoolPosition>()
  /** Spools of processes that are gone, of which something is left. */
  readonly #leftBehind = new Set<string>()
  /** Owners whose spools have ended. A question may still hold a position of one: it was on its way meanwhile. */
  readonly #ended = new Set<string>()
  #isArmed = false
  #isClosed = false
  #wasReported = false

  constructor(parts: BackgroundShippingParts) {
    this.#parts = parts
  }

  shipSoon({ ownerId, position }: SpoolEnd): undefined {
    if (this.#ended.has(ownerId)) return undefined
    this.#positions.set(ownerId, position)
    this.#shipLater(shipDelayMs)
    return undefined
  }

  shipNow(ends: readonly SpoolEnd[]): void {
    for (const { ownerId, position } of ends) {
      if (this.#leftBehind.has(ownerId)) this.#recover(ownerId)
      if (this.#ended.has(ownerId)) continue
      this.#positions.set(ownerId, position)
      this.#shipperOf(ownerId).shipTo(position)
    }
    this.#wasReported = false
    this.#tellShipped()
  }

  /** The last of a spool whose writer is closed. */
  end({ ownerId, position }: SpoolEnd): undefined {
    const shipper = this.#shipperOf(ownerId)
    this.#forget(ownerId)
    try {
      shipper.close(position)
    } finally {
      shipper.abandon()
      // Attempts without an end, or a segment that a reader kept: a recovery knows what to do with both.
      this.#leftBehind.add(ownerId)
      this.#shipLater(0)
    }
    return undefined
  }

  adopt(ownerId: string): Recovery {
    this.#shippers.get(ownerId)?.abandon()
    this.#forget(ownerId)
    this.#leftBehind.add(ownerId)
    this.#shipLater(shipRetryDelayMs)
    return this.#recover(ownerId)
  }

  /** Ships the process's own spool to its end; what other processes left is recovered now or by the next opening. */
  close({ ownerId, position }: SpoolEnd): void {
    this.#isClosed = true
    try {
      for (const left of this.#leftBehind) this.#recover(left)
    } finally {
      this.#shipperOf(ownerId).close(position)
    }
  }

  #forget(ownerId: string): void {
    this.#ended.add(ownerId)
    this.#shippers.delete(ownerId)
    this.#positions.delete(ownerId)
  }

  #shipperOf(ownerId: string): SpoolShipper {
    const known = this.#shippers.get(ownerId)
    if (known !== undefined) return known
    const made = new SpoolShipper(this.#parts.database, this.#parts.spoolDir, ownerId)
    this.#shippers.set(ownerId, made)
    return made
  }

  #recover(ownerId: string): Recovery {
    const { isDone, ...recovery } = recoverSpoolOf(this.#parts.database, this.#parts.spoolDir, ownerId)
    if (isDone) this.#leftBehind.delete(ownerId)
    else this.#shipLater(shipRetryDelayMs)
    return recovery
  }

  #shipLater(delayMs: number): void {
    if (this.#isArmed) return
    this.#isArmed = true
    systemClock.after(delayMs, () => this.#ship())
  }

  #ship(): void {
    this.#isArmed = false
    if (this.#isClosed) return
    // One spool that cannot be read keeps no other one waiting.
    const failures = [
      ...[...this.#positions].map(([ownerId, position]) =>
        this.#failureOf(() => this.#shipperOf(ownerId).shipTo(position)),
      ),
      ...[...this.#leftBehind].map((ownerId) => this.#failureOf(() => this.#recover(ownerId))),
    ].filter((failure) => failure !== undefined)
    this.#tellShipped()
    const [failure] = failures
    if (failure === undefined) {
      this.#wasReported = false
      return
    }
    if (!this.#wasReported) this.#parts.tell({ kind: 'not-shipped', problem: problemOf(failure.thrown) })
    this.#wasReported = true
    this.#shipLater(shipRetryDelayMs)
  }

  #failureOf(work: () => unknown): { readonly thrown: unknown } | undefined {
    try {
      work()
      return undefined
    } catch (thrown) {
      return { thrown }
    }
  }

  #tellShipped(): void {
    const totalBytes = this.#shippers.get(this.#parts.ownerId)?.shippedBytes ?? 0
    this.#parts.tell({ kind: 'shipped', totalBytes })
  }
}
