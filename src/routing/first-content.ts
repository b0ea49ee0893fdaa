/**
 * Recent times from an attempt's start to its first content: of streams, and of whole answers, whose first content is their
 * last. Kept in place, since one is noted at every answer.
 */
export class FirstContentTimes {
  /** A ring: the newest is at `#noted - 1`. */
  readonly #ms = new Float64Array(firstContentLimits.kept)
  readonly #atMs = new Float64Array(firstContentLimits.kept)
  #noted = 0
  /** As long as no time comes or grows too old, the median is the same; it may be asked for at every call. */
  #median: { readonly noted: number; readonly fresh: number; readonly ms: number | undefined } | undefined

  note(tookMs: number, nowMs: number): void {
    const place = this.#noted % firstContentLimits.kept
    this.#ms[place] = tookMs
    this.#atMs[place] = nowMs
    this.#noted += 1
  }

  /** What to expect: the median of the window. `undefined`: nothing was measured lately. */
  expectedMs(nowMs: number): number | undefined {
    const fresh = this.#freshAt(nowMs)
    if (this.#median?.noted !== this.#noted || this.#median.fresh !== fresh)
      this.#median = { noted: this.#noted, fresh, ms: this.#ranked(fresh, 50) }
    return this.#median.ms
  }

  /**
   * @param percentile between 0 and 100.
   * @returns `undefined` when too few were measured lately.
   */
  percentileMs(nowMs: number, percentile: number): number | undefined {
    const fresh = this.#freshAt(nowMs)
    return fresh < firstContentLimits.forPercentile ? undefined : this.#ranked(fresh, percentile)
  }

  /** How many of the newest are not too old. */
  #freshAt(nowMs: number): number {
    const kept = Math.min(this.#noted, firstContentLimits.kept)
    let fresh = 0
    while (fresh < kept && nowMs - (this.#atMs[this.#placeOf(fresh)] ?? 0) <= firstContentLimits.windowMs) fresh += 1
    return fresh
  }

  #ranked(fresh: number, percentile: number): number | undefined {
    const sorted = Float64Array.from({ length: fresh }, (_, back) => this.#ms[this.#placeOf(back)] ?? 0).toSorted()
    return sorted[Math.min(Math.ceil((fresh * percentile) / 100), fresh) - 1]
  }

  /** @param back 0 for the newest. */
  #placeOf(back: number): number {
    return (this.#noted - 1 - back) % firstContentLimits.kept
  }
}

export const firstContentLimits = {
  /** Enough for a 95th percentile that one stray call does not move much. */
  kept: 32,
  /** Older ones tell of another hour's load. */
  windowMs: 300_000,
  /** Fewer are no measure for hedging. */
  forPercentile: 10,
} as const
