import type { BudgetAsk, BudgetRule, Spend } from '../../canonical/budget.ts'
import type { Grant, HoldAsk, HoldRefusal } from '../ports/ledger.ts'

/** An account as the model names it: a rule, a value, and the number of the window. */
export interface ModelAccount extends BudgetAsk {
  readonly window: number
}

export interface ModelHold {
  readonly caller: string
  readonly accounts: readonly ModelAccount[]
  /** Set aside, or posted; `undefined`: given back. */
  amounts: readonly bigint[] | undefined
  isOpen: boolean
  /** Nobody knows how it ended. */
  isInDoubt: boolean
}

/**
 * What the books must say, added up anew from the whole story at every question. Slow and plain on purpose, and written without
 * a line of what it judges.
 */
export class LedgerModel {
  readonly holds = new Map<string, ModelHold>()
  readonly grants: { readonly grant: Grant; readonly account: ModelAccount | undefined }[] = []
  readonly adjusted: { readonly account: ModelAccount; readonly amount: bigint }[] = []

  accountOf({ rule, value }: BudgetAsk, atMs: number): ModelAccount {
    const windowMs = { hour: 3_600_000, day: 86_400_000, total: Infinity }[rule.per as 'hour' | 'day' | 'total']
    return { rule, value, window: Math.floor(atMs / windowMs) }
  }

  sum(account: ModelAccount, mustBeOpen: boolean): bigint {
    let sum = 0n
    for (const { isOpen, accounts, amounts } of this.holds.values())
      if (isOpen === mustBeOpen)
        for (const [place, one] of accounts.entries()) if (isSame(one, account)) sum += amounts?.[place] ?? 0n
    if (!mustBeOpen) for (const one of this.adjusted) if (isSame(one.account, account)) sum += one.amount
    return sum
  }

  /** The part of it that is in doubt. */
  doubtIn(account: ModelAccount): bigint {
    let sum = 0n
    for (const { isInDoubt, accounts, amounts } of this.holds.values())
      if (isInDoubt)
        for (const [place, one] of accounts.entries()) if (isSame(one, account)) sum += amounts?.[place] ?? 0n
    return sum
  }

  capOf(account: ModelAccount, atMs: number): bigint {
    let { cap } = account.rule
    let added = 0n
    for (const { grant, account: toppedUp } of this.grants) {
      if (grant.kind === 'top-up' && toppedUp && isSame(toppedUp, account)) added += grant.amount
      if (grant.kind === 'cap' && grant.ruleId === account.rule.id) cap = grant.cap ?? account.rule.cap
      if (grant.kind === 'raise' && grant.ruleId === account.rule.id && atMs < grant.untilMs)
        if (grant.value === undefined || grant.value === account.value) added += grant.amount
    }
    return cap === 0n ? 0n : cap + added
  }

  headroom(account: ModelAccount, atMs: number): bigint {
    return this.capOf(account, atMs) - this.sum(account, false) - this.sum(account, true)
  }

  /** Why an ask must be refused and by which of its accounts: what speaks against it by itself goes before a lack of room. */
  refusalOf({ asks, caller, most }: HoldAsk, atMs: number): { why: HoldRefusal; place: number } | undefined {
    const places = asks.map((ask, place) => ({ ask, place, amount: amountOf(ask.rule, most) }))
    for (const { ask, place, amount } of places) {
      const account = this.accountOf(ask, atMs)
      const open = this.openOf(account, caller)
      const { mostPerCall, mostOpenPerKey } = ask.rule
      if (amount === undefined) return { why: 'unpriced', place }
      if (this.capOf(account, atMs) === 0n) return { why: 'short', place }
      if (mostPerCall !== undefined && amount > mostPerCall) return { why: 'too-large', place }
      if (mostOpenPerKey !== undefined && open >= mostOpenPerKey) return { why: 'too-many', place }
    }
    for (const { ask, place, amount = 0n } of places)
      if (amount > 0n && this.headroom(this.accountOf(ask, atMs), atMs) < amount) return { why: 'short', place }
    return undefined
  }

  openOf(account: ModelAccount, caller: string): number {
    const holds = [...this.holds.values()].filter((hold) => hold.isOpen && hold.caller === caller)
    return holds.filter(({ accounts }) => accounts.some((one) => isSame(one, account))).length
  }

  reserve({ holdId, caller, asks, most }: HoldAsk, atMs: number): void {
    const amounts = asks.map(({ rule }) => amountOf(rule, most) ?? 0n)
    const accounts = asks.map((ask) => this.accountOf(ask, atMs))
    this.holds.set(holdId, { caller, accounts, amounts, isOpen: true, isInDoubt: false })
  }

  shrink(hold: ModelHold, most: Spend): void {
    hold.amounts = hold.amounts?.map((before, place) => {
      const now = amountOf(hold.accounts[place]?.rule, most) ?? before
      return now < before ? now : before
    })
  }

  /** @param spent `undefined`: nothing was. */
  end(hold: ModelHold, spent: Spend | undefined): void {
    hold.amounts = spent && hold.amounts?.map((held, place) => amountOf(hold.accounts[place]?.rule, spent) ?? held)
    hold.isOpen = false
  }

  /** Its process died: what it had set aside stays counted. */
  lose(hold: ModelHold): void {
    hold.isOpen = false
    hold.isInDoubt = true
  }

  resolve(hold: ModelHold, nanos: bigint, tokens: bigint | undefined): void {
    hold.amounts = hold.amounts?.map((before, place) => {
      const unit = hold.accounts[place]?.rule.unit
      if (unit === 'usd') return nanos
      return unit === 'tokens' ? (tokens ?? before) : before
    })
    hold.isInDoubt = false
  }
}

function isSame(one: ModelAccount, other: ModelAccount): boolean {
  return one.rule.id === other.rule.id && one.value === other.value && one.window === other.window
}

function amountOf(rule: BudgetRule | undefined, { nanos, tokens, calls }: Spend): bigint | undefined {
  if (rule?.unit === 'usd') return nanos ?? rule.unpricedNanos
  return rule?.unit === 'tokens' ? tokens : calls
}
