/** Time is handed in, so that a test can turn it by hand. Nobody in `src/` calls `Date.now()` or `setTimeout` but `systemClock`. */
export interface Clock {
  /** Wall time, milliseconds since 1970 (UTC). For records and expiry, never for durations. */
  nowMs(): number
  /** Monotonic time in milliseconds, with fractions. For durations and deadlines. */
  monotonicMs(): number
  /** Runs `then` once after `delayMs`. A pending timer does not keep the process alive. */
  after(delayMs: number, then: () => void): Timer
}

export interface Timer {
  /** Starts the full delay again. */
  restart(): void
  cancel(): void
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after: (delayMs, then) => {
    const timeout = setTimeout(then, delayMs).unref()
    return { restart: () => void timeout.refresh(), cancel: () => clearTimeout(timeout) }
  },
}
