import type { LimitWindow } from '../../canonical/limit.ts'

/**
 * What was counted in the last window, in buckets of a fixed width. A bucket counts until its last moment is a whole window
 * ago, so that no span of the window's length ever holds more than was counted here; the price is that a count may stay for
 * one bucket longer than it must. Only buckets that hold something take room: at most one window of them, and one more.
 *
 * Times are whole milliseconds of a clock that never goes back.
 */
export class SlidingWindow {
  readonly #length: LimitWindow
  readonly #bucketMs: number
  readonly #bucketsInWindow: number
  /** Numbers of the buckets, ascending, and beside them what each holds. */
  readonly #buckets: number[] = []
  readonly #counts: number[] = []
  #sum = 0

  constructor(length: LimitWindow) {
    this.#length = length
    this.#bucketMs = length.bucketMs
    this.#bucketsInWindow = length.lengthMs / length.bucketMs
  }

  /** Another one that has counted the same so far. */
  copy(): SlidingWindow {
    const copy = new SlidingWindow(this.#length)
    copy.#buckets.push(...this.#buckets)
    copy.#counts.push(...this.#counts)
    copy.#sum = this.#sum
    return copy
  }

  used(atMs: number): number {
    this.#forget(atMs)
    return this.#sum
  }

  /** @returns the bucket it was counted in, for `correct`. */
  add(amount: number, atMs: number): number {
    this.#forget(atMs)
    const bucket = Math.floor(atMs / this.#bucketMs)
    if (this.#buckets.at(-1) === bucket) this.#counts[this.#counts.length - 1] = (this.#counts.at(-1) ?? 0) + amount
    else {
      this.#buckets.push(bucket)
      this.#counts.push(amount)
    }
    this.#sum += amount
    return bucket
  }

  /**
   * Changes what was counted in a bucket. What is taken away from a bucket that counts no more changes nothing; what is
   * added to one counts now, since a call that outlasted its window would otherwise use what nobody counts.
   */
  correct(bucket: number, by: number, atMs: number): void {
    this.#forget(atMs)
    const place = this.#buckets.lastIndexOf(bucket)
    if (place >= 0) {
      this.#counts[place] = (this.#counts[place] ?? 0) + by
      this.#sum += by
    } else if (by > 0) this.add(by, atMs)
  }

  /** How long until no more than `most` is used, if nothing is added. 0: that is so now. */
  waitMs(most: number, atMs: number): number {
    let left = this.used(atMs)
    let place = 0
    while (left > most && place < this.#buckets.length) left -= this.#counts[place++] ?? 0
    return place === 0 ? 0 : this.#endOf(place - 1) - atMs
  }

  /** How long until nothing is used, if nothing is added. */
  resetMs(atMs: number): number {
    this.#forget(atMs)
    return this.#buckets.length === 0 ? 0 : this.#endOf(this.#buckets.length - 1) - atMs
  }

  /** The first moment at which the bucket counts no more: a whole window after its last. */
  #endOf(place: number): number {
    return ((this.#buckets[place] ?? 0) + this.#bucketsInWindow + 1) * this.#bucketMs
  }

  #forget(atMs: number): void {
    while (this.#buckets.length > 0 && this.#endOf(0) <= atMs) {
      this.#buckets.shift()
      this.#sum -= this.#counts.shift() ?? 0
    }
  }
}
