/**
 * Those who wait, in the order they are to be served: callers take turns, and each caller's own stand in the order they
 * came. One caller with a thousand in line delays another by one at most.
 */
export class FairLine<Waiter> {
  /** A map keeps the order in which its entries were set: the first is whose turn it is. */
  readonly #byCaller = new Map<string, Waiter[]>()
  #size = 0

  get size(): number {
    return this.#size
  }

  join(caller: string, waiter: Waiter): void {
    const own = this.#byCaller.get(caller)
    if (own) own.push(waiter)
    else this.#byCaller.set(caller, [waiter])
    this.#size += 1
  }

  /** How many are served before one who would join now, if nobody else came. */
  aheadOf(caller: string): number {
    const own = this.#byCaller.get(caller)?.length ?? 0
    let ahead = own
    let isBeforeOwn = true
    for (const [other, { length }] of this.#byCaller) {
      if (other === caller) isBeforeOwn = false
      // Whose turn comes before the caller's next has one more of them.
      else ahead += Math.min(length, isBeforeOwn ? own + 1 : own)
    }
    return ahead
  }

  first(): Waiter | undefined {
    const [own] = this.#byCaller.values()
    return own?.[0]
  }

  /** The first is served: its caller's next one waits behind the next ones of all others. */
  shift(): void {
    const [turn] = this.#byCaller
    if (!turn) return
    const [caller, own] = turn
    own.shift()
    this.#size -= 1
    this.#byCaller.delete(caller)
    if (own.length > 0) this.#byCaller.set(caller, own)
  }

  /** Gives up waiting. It costs the caller's others no turn. */
  leave(caller: string, waiter: Waiter): void {
    const own = this.#byCaller.get(caller)
    const place = own?.indexOf(waiter) ?? -1
    if (!own || place < 0) return
    own.splice(place, 1)
    this.#size -= 1
    if (own.length === 0) this.#byCaller.delete(caller)
  }
}
