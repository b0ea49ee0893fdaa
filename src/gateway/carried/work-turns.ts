import { setImmediate as nextTurn } from 'node:timers/promises'

/** Gives everyone else their turn after each share of long work. */
export class WorkTurns {
  readonly #bytesInOneTurn: number
  #sinceTurn = 0

  constructor(bytesInOneTurn: number) {
    this.#bytesInOneTurn = bytesInOneTurn
  }

  /** To be called for each part of the work. @returns what is to be waited for, where a share of it is done. */
  after(sizeBytes: number): Promise<void> | undefined {
    // However short it is, a part takes its time.
    this.#sinceTurn += sizeBytes + leastPartBytes
    if (this.#sinceTurn < this.#bytesInOneTurn) return undefined
    this.#sinceTurn = 0
    return nextTurn()
  }
}

const leastPartBytes = 1024
