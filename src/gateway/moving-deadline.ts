import type { Clock, Timer } from '../canonical/clock.ts'

/**
 * One deadline at a time, which is moved with every byte that comes. Moving it notes the time and leaves the timer alone:
 * the timer looks when it rings, and rings again when the deadline has moved on. An answer thus needs one timer, not one for
 * each wait.
 */
export class MovingDeadline {
  readonly #clock: Clock
  /** The timer never sleeps longer, so that a nearer deadline seldom needs another one. */
  readonly #longestSleepMs: number
  readonly #onPassed: () => void
  #timer: Timer | undefined
  #ringsAtMs = 0
  #dueAtMs = Infinity

  /** @param longestSleepMs the shortest wait that is often asked for. */
  constructor(clock: Clock, longestSleepMs: number, onPassed: () => void) {
    this.#clock = clock
    this.#longestSleepMs = longestSleepMs
    this.#onPassed = onPassed
  }

  /** Passes after this time, unless it is moved or held before. */
  move(waitMs: number): void {
    const nowMs = this.#clock.monotonicMs()
    this.#dueAtMs = nowMs + waitMs
    if (this.#timer !== undefined && this.#ringsAtMs <= this.#dueAtMs) return
    this.#timer?.cancel()
    this.#sleep(nowMs)
  }

  /** Does not pass until it is moved again. */
  hold(): void {
    this.#dueAtMs = Infinity
  }

  /** Does not pass any more, and keeps nothing alive. */
  end(): void {
    this.hold()
    this.#timer?.cancel()
    this.#timer = undefined
  }

  #sleep(nowMs: number): void {
    const sleepMs = Math.min(this.#longestSleepMs, Math.ceil(this.#dueAtMs - nowMs))
    this.#ringsAtMs = nowMs + sleepMs
    this.#timer = this.#clock.after(sleepMs, () => this.#ring())
  }

  #ring(): void {
    const nowMs = this.#clock.monotonicMs()
    this.#timer = undefined
    if (nowMs >= this.#dueAtMs) this.#onPassed()
    else if (this.#dueAtMs < Infinity) this.#sleep(nowMs)
  }
}
