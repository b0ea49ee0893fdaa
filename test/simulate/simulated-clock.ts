import type { Clock, Timer } from '../../src/canonical/clock.ts'

/** Time that passes only when nothing is left to do at a moment. Everything that waits for anything waits here. */
export class SimulatedTime {
  readonly #startMs: number
  /** A binary heap by moment, then by order of planning. Entries that were cancelled or moved are skipped when they come up. */
  readonly #heap: Planned[] = []
  #planned = 0
  #elapsedMs = 0

  constructor(startMs: number) {
    this.#startMs = startMs
  }

  get elapsedMs(): number {
    return this.#elapsedMs
  }

  get nowMs(): number {
    return this.#startMs + Math.floor(this.#elapsedMs)
  }

  after(delayMs: number, then: () => void): Timer {
    let current = this.#plan(delayMs, then)
    return {
      restart: () => {
        current.isOff = true
        current = this.#plan(delayMs, then)
      },
      cancel: () => void (current.isOff = true),
    }
  }

  /** Goes on to what is due next and does it. @returns false when nothing is planned. */
  step(): boolean {
    for (;;) {
      const next = this.#pop()
      if (!next) return false
      if (next.isOff) continue
      next.isOff = true
      this.#elapsedMs = Math.max(this.#elapsedMs, next.atMs)
      next.then()
      return true
    }
  }

  /** The clock of one process. When the process is dead, nothing that it planned happens. */
  clockOf(process: { readonly isDead: boolean }): Clock {
    return {
      nowMs: () => this.nowMs,
      monotonicMs: () => this.#elapsedMs,
      after: (delayMs, then) =>
        this.after(delayMs, () => {
          if (!process.isDead) then()
        }),
    }
  }

  #plan(delayMs: number, then: () => void): Planned {
    const entry = { atMs: this.#elapsedMs + Math.max(0, delayMs), order: this.#planned++, then, isOff: false }
    let place = this.#heap.push(entry) - 1
    while (place > 0) {
      const above = (place - 1) >> 1
      if (!this.#isBefore(place, above)) break
      this.#swap(place, above)
      place = above
    }
    return entry
  }

  #pop(): Planned | undefined {
    const [first] = this.#heap
    const last = this.#heap.pop()
    if (!last || this.#heap.length === 0) return first
    this.#heap[0] = last
    for (let place = 0; ;) {
      const left = 2 * place + 1
      const lesser = left + 1 < this.#heap.length && this.#isBefore(left + 1, left) ? left + 1 : left
      if (lesser >= this.#heap.length || !this.#isBefore(lesser, place)) return first
      this.#swap(place, lesser)
      place = lesser
    }
  }

  #isBefore(one: number, other: number): boolean {
    const [first, second] = [this.#heap[one], this.#heap[other]]
    if (!first || !second) return false
    return first.atMs < second.atMs || (first.atMs === second.atMs && first.order < second.order)
  }

  #swap(one: number, other: number): void {
    const [first, second] = [this.#heap[one], this.#heap[other]]
    if (first && second) [this.#heap[one], this.#heap[other]] = [second, first]
  }
}

interface Planned {
  readonly atMs: number
  readonly order: number
  readonly then: () => void
  isOff: boolean
}
