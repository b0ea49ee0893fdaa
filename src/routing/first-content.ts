/**
 * Recent times from an attempt's start to its first content, newest last: of streams, and of whole answers, whose first
 * content is their last. Plain and immutable, like a circuit.
 */
export interface FirstContentTimes {
  readonly ms: readonly number[]
  readonly atMs: readonly number[]
}

export const firstContentLimits = {
  /** Enough for a 95th percentile that one stray call does not move much. */
  kept: 32,
  /** Older ones tell of another hour's load. */
  windowMs: 300_000,
  /** Fewer are no measure for hedging. */
  forPercentile: 10,
} as const

export const noTimes: FirstContentTimes = { ms: [], atMs: [] }

export function withTime(times: FirstContentTimes, tookMs: number, nowMs: number): FirstContentTimes {
  const from = Math.max(firstFresh(times, nowMs), times.ms.length + 1 - firstContentLimits.kept)
  return { ms: [...times.ms.slice(from), tookMs], atMs: [...times.atMs.slice(from), nowMs] }
}

/** What to expect: the median of the window. `undefined`: nothing was measured lately. */
export function expectedMs(times: FirstContentTimes, nowMs: number): number | undefined {
  // As long as none of them is too old, the median of the same times is the same: it is asked for at every call.
  if (firstFresh(times, nowMs) > 0) return ranked(times, nowMs, 50)
  const median = medians.get(times) ?? ranked(times, nowMs, 50)
  if (median !== undefined) medians.set(times, median)
  return median
}

const medians = new WeakMap<FirstContentTimes, number>()

/** @param percentile between 0 and 100. */
export function percentileMs(times: FirstContentTimes, nowMs: number, percentile: number): number | undefined {
  if (times.ms.length - firstFresh(times, nowMs) < firstContentLimits.forPercentile) return undefined
  return ranked(times, nowMs, percentile)
}

function ranked(times: FirstContentTimes, nowMs: number, percentile: number): number | undefined {
  const fresh = times.ms.slice(firstFresh(times, nowMs)).toSorted((one, other) => one - other)
  return fresh[Math.min(Math.ceil((fresh.length * percentile) / 100), fresh.length) - 1]
}

function firstFresh({ atMs }: FirstContentTimes, nowMs: number): number {
  const place = atMs.findIndex((at) => nowMs - at <= firstContentLimits.windowMs)
  return place < 0 ? atMs.length : place
}
