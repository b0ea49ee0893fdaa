import type { LimitAsk, LimitRule } from '../../canonical/limit.ts'
import { Account } from './limit-account.ts'

/**
 * Accounts kept for the values of one rule (`by:`). Values beyond it share one account, so that a caller who makes up
 * values fills no memory, and gains nothing by it: what shares an account can only use less.
 */
export const mostValuesOfOneRule = 10_000

/** Under what that account is shown. */
export const overflowValue = '(others)'

/** For each account that was made or could not be, this many old ones are looked at, and forgotten when they hold nothing. */
const lookedAtPerNew = 2
/** When values had to share an account, all are looked at: this often at the most, or who makes up values would have us do nothing else. */
const lookedAtAllEveryMs = 1_000

/** Finds the account of an ask, makes it where there is none, and forgets those that hold nothing. */
export class Accounts<Waiter> {
  readonly #accounts = new Map<string, Account<Waiter>>()
  /** By rule: how many accounts its values have. */
  readonly #values = new Map<string, number>()
  #sinceTidy = 0
  #isFull = false
  #lookedAtAllMs = -Infinity

  get size(): number {
    return this.#accounts.size
  }

  all(): Iterable<Account<Waiter>> {
    return this.#accounts.values()
  }

  of({ rule, value }: LimitAsk, atMs: number): Account<Waiter> {
    if (value === undefined) return this.#named(rule.id, rule, undefined)
    const name = `${rule.id}\n=${value}`
    const known = this.#accounts.get(name)
    if (known) return known
    const sharedName = `${rule.id}\n~`
    const values = this.#values.get(rule.id) ?? 0
    // The last place is taken, or was: by the next call there may be room.
    if (values + 1 >= mostValuesOfOneRule) this.#isFull = true
    if (values >= mostValuesOfOneRule) {
      this.#sinceTidy += 1
      return this.#named(sharedName, rule, overflowValue)
    }
    this.#values.set(rule.id, values + 1)
    const shared = this.#accounts.get(sharedName)
    // What the shared account holds may be of this value: an account of its own must not forget that.
    return this.#named(name, rule, value, shared?.isIdle(atMs) === false ? shared : undefined)
  }

  /** To be called when nobody holds an account that was found and not charged yet: it would be forgotten. */
  tidy(atMs: number): void {
    let left =
      this.#isFull && atMs - this.#lookedAtAllMs >= lookedAtAllEveryMs
        ? this.#lookAtAll(atMs)
        : this.#sinceTidy * lookedAtPerNew
    if (left === 0) return
    this.#sinceTidy = 0
    for (const [name, account] of this.#accounts) {
      if (left-- === 0) return
      this.#accounts.delete(name)
      // Looked at longest ago comes first; what is still in use goes to the end.
      if (!account.isIdle(atMs)) this.#accounts.set(name, account)
      else if (name === `${account.rule.id}\n=${account.value}`) this.#forgetValue(account.rule.id)
    }
  }

  /** @returns how many are to be looked at. */
  #lookAtAll(atMs: number): number {
    this.#isFull = false
    this.#lookedAtAllMs = atMs
    return this.#accounts.size
  }

  #named(name: string, rule: LimitRule, value: string | undefined, shared?: Account<Waiter>): Account<Waiter> {
    const known = this.#accounts.get(name)
    if (known) return known
    const account = new Account<Waiter>(rule, value, shared)
    this.#accounts.set(name, account)
    this.#sinceTidy += 1
    return account
  }

  #forgetValue(ruleId: string): void {
    const left = (this.#values.get(ruleId) ?? 1) - 1
    if (left === 0) this.#values.delete(ruleId)
    else this.#values.set(ruleId, left)
  }
}
