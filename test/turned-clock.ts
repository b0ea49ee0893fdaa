import type { Clock, Timer } from '../src/canonical/clock.ts'

/** A clock that a test turns by hand. */
export interface TurnedClock extends Clock {
  /** Moves time on and runs what fell due, in order. */
  turn(byMs: number): void
  /** Moves the wall clock only, as an administrator or a time server would. */
  setWall(nowMs: number): void
  readonly pendingTimers: number
}

export function turnedClock(startMs = Date.UTC(2026, 10, 23, 12)): TurnedClock {
  let wallOffsetMs = startMs
  let elapsedMs = 0
  const due = new Set<{ atMs: number; readonly delayMs: number; readonly then: () => void }>()
  return {
    nowMs: () => wallOffsetMs + elapsedMs,
    monotonicMs: () => elapsedMs,
    after: (delayMs, then): Timer => {
      const entry = { atMs: elapsedMs + delayMs, delayMs, then }
      due.add(entry)
      return {
        restart: () => {
          entry.atMs = elapsedMs + delayMs
          due.add(entry)
        },
        cancel: () => void due.delete(entry),
      }
    },
    turn: (byMs) => {
      const untilMs = elapsedMs + byMs
      for (;;) {
        const [next] = [...due].filter((entry) => entry.atMs <= untilMs).toSorted((one, other) => one.atMs - other.atMs)
        if (!next) break
        due.delete(next)
        elapsedMs = next.atMs
        next.then()
      }
      elapsedMs = untilMs
    },
    setWall: (nowMs) => {
      wallOffsetMs = nowMs - elapsedMs
    },
    get pendingTimers() {
      return due.size
    },
  }
}
