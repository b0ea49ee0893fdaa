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

/** Finds the account of an ask, makes it where there is none, and forgets those that hold nothing. */
export class Accounts<Waiter> {
  readonly #accounts = new Map<string, Account<Waiter>>()
  /** By rule: how many accounts its values have. */
  readonly #values = new Map<string, number>()
  #sinceTidy = 0

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
    const overflowName = `${rule.id}\n~`
    const values = this.#values.get(rule.id) ?? 0
    const overflow = this.#accounts.get(overflowName)
    // While the shared account holds anything, it may hold something of this value: an account of its own would forget that.
    if (values >= mostValuesOfOneRule || overflow?.isIdle(atMs) === false) {
      this.#sinceTidy += 1
      return this.#named(overflowName, rule, overflowValue)
    }
    this.#values.set(rule.id, values + 1)
    return this.#named(name, rule, value)
  }

  /** To be called when nobody holds an account that was found and not charged yet: it would be forgotten. */
  tidy(atMs: number): void {
    let left = this.#sinceTidy * lookedAtPerNew
    if (left === 0) return
    this.#sinceTidy = 0
    for (const [name, account] of this.#accounts) {
      if (left-- === 0) return
      this.#accounts.delete(name)
      // Looked at longest ago comes first; what is still in use goes to the end.
      if (!account.isIdle(atMs)) this.#accounts.set(name, account)
      else if (name === `${account.ruleId}\n=${account.value}`) this.#forgetValue(account.ruleId)
    }
  }

  #named(name: string, rule: LimitRule, value: string | undefined): Account<Waiter> {
    const known = this.#accounts.get(name)
    if (known) return known
    const account = new Account<Waiter>(rule, value)
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
