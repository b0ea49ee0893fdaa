import { systemClock } from '../../canonical/clock.ts'
import type { DatabaseMessage } from './database-calls.ts'
import { problemOf } from './problem.ts'
import type { SpoolShipper } from './ship-spool.ts'
import type { SpoolPosition } from './spool-segments.ts'

/** Records reach the database this long after they were announced, at the latest, so that many share one commit. */
const shipDelayMs = 200
/** After the database refused: how long until it is asked again. */
const shipRetryDelayMs = 1000

/** Ships by and by, where nobody asks for it. */
export class BackgroundShipping {
  readonly #shipper: SpoolShipper
  readonly #tell: (message: DatabaseMessage) => void
  #position: SpoolPosition = { sequence: 0, offsetBytes: 0 }
  #isArmed = false
  #isClosed = false
  #wasReported = false

  constructor(shipper: SpoolShipper, tell: (message: DatabaseMessage) => void) {
    this.#shipper = shipper
    this.#tell = tell
  }

  shipSoon(position: SpoolPosition): undefined {
    this.#position = position
    this.#shipLater(shipDelayMs)
    return undefined
  }

  shipNow(position: SpoolPosition): void {
    this.#position = position
    this.#shipper.shipTo(position)
    this.#wasReported = false
    this.#tell({ kind: 'shipped', totalBytes: this.#shipper.shippedBytes })
  }

  close(position: SpoolPosition): void {
    this.#isClosed = true
    this.#shipper.close(position)
  }

  #shipLater(delayMs: number): void {
    if (this.#isArmed) return
    this.#isArmed = true
    systemClock.after(delayMs, () => this.#ship())
  }

  #ship(): void {
    this.#isArmed = false
    if (this.#isClosed) return
    try {
      this.shipNow(this.#position)
    } catch (thrown) {
      if (!this.#wasReported) this.#tell({ kind: 'not-shipped', problem: problemOf(thrown) })
      this.#wasReported = true
      this.#shipLater(shipRetryDelayMs)
    }
  }
}
