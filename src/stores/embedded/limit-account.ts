import type { Timer } from '../../canonical/clock.ts'
import { limitWindows, type LimitRule, type LimitUnit, type TokenCount } from '../../canonical/limit.ts'
import { FairLine } from './fair-line.ts'
import { SlidingWindow } from './sliding-window.ts'

/** What one account of a rule holds, and who waits for room in it. */
export class Account<Waiter> {
  /** The newest that a call has come with: it may allow another amount than the one that the calls in line came with. */
  rule: LimitRule
  readonly value: string | undefined
  readonly line = new FairLine<Waiter>()
  /** Wakes the first in line when there should be room. */
  wakeUp: Timer | undefined
  /** Calls that were charged here and are not over, or wait for it: while there are any, the account must not be forgotten. */
  calls = 0
  /** Accounts beside this one that have a line. */
  readonly linesBeside = new Set<Account<Waiter>>()
  readonly #window: SlidingWindow | undefined
  readonly #shared: Account<Waiter> | undefined
  #underWay = 0

  /** @param shared an account whose counts may be of this value: they count here too, until they are over there. */
  constructor(rule: LimitRule, value: string | undefined, shared?: Account<Waiter>) {
    this.rule = rule
    this.value = value
    this.#shared = shared
    const window = shared === undefined ? undefined : shared.#window
    if (rule.per !== undefined) this.#window = window?.copy() ?? new SlidingWindow(limitWindows[rule.per])
  }

  used(atMs: number): number {
    return this.#window
      ? this.#window.used(atMs)
      : this.#underWay + (this.#shared === undefined ? 0 : this.#shared.#underWay)
  }

  join(caller: string, waiter: Waiter): void {
    this.line.join(caller, waiter)
    this.#shared?.linesBeside.add(this)
  }

  /** @returns the bucket, to be handed back to `correct`. */
  charge(amount: number, atMs: number): number {
    if (this.#window) return this.#window.add(amount, atMs)
    this.#underWay += amount
    return 0
  }

  correct(bucket: number, by: number, atMs: number): void {
    if (by === 0) return
    if (this.#window) this.#window.correct(bucket, by, atMs)
    else this.#underWay += by
  }

  /** How long until no more than `most` is used, if time alone does it; `undefined` where time does nothing. */
  waitMs(most: number, atMs: number): number | undefined {
    return this.#window?.waitMs(most, atMs)
  }

  resetMs(atMs: number): number {
    return this.#window?.resetMs(atMs) ?? 0
  }

  isIdle(atMs: number): boolean {
    return this.calls === 0 && this.used(atMs) === 0
  }
}

/** What one call charges, by what a limit counts. */
export function amountOf(unit: LimitUnit, { input, output }: TokenCount): number {
  switch (unit) {
    case 'requests':
    case 'concurrent':
      return 1
    case 'tokens':
      return input + output
    case 'inputTokens':
      return input
    case 'outputTokens':
      return output
  }
}
