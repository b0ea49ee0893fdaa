import type { CapChange } from '../../ledger/caps.ts'
import type { Balance, BudgetAsk, BudgetRule, Posting, Spend, ToldBalance } from '../../canonical/budget.ts'
import type { NewLedgerEntry } from './ledger-entries.ts'
import type { AuditEvent } from './audit.ts'

/**
 * The books of budgets (ledger.md C2). Order of calls for one attempt: `reserve`, then `dispatch` before its first byte leaves,
 * `shrink` as often as wished, then exactly one of `settle` and `void`. What is handed over and returned is plain data, so that a
 * worker process may ask another one; the ledger's own clock decides which window a hold falls in.
 */
export interface Ledger {
  /**
   * Sets the most that an attempt may come to aside in every account, or in none. Repeating it returns the first verdict.
   * @throws GatewayError `ledger_unavailable` when the books cannot be read: the attempt must not leave.
   */
  reserve(ask: HoldAsk): Promise<HoldVerdict>
  /** The attempt is about to leave: from now on an end that nobody knows is counted at the most, not freed (I6). */
  dispatch(holdId: string): void
  /** What the intent must carry that takes the place of the first one before `shrink`. Changes nothing. */
  shrunkEntry(holdId: string, most: Spend): string
  /**
   * It can come to less than before, since part of it is known. Never more: nobody checked that. To be called when the smaller
   * intent is safe: others may use what becomes free, and a death must not count it a second time.
   * @returns as `shrunkEntry`.
   */
  shrink(holdId: string, most: Spend): string
  /**
   * What it came to, the whole, even where that is more than was set aside: the truth first (I3).
   * @returns what its record must carry: the record is the entry, and the books are the sum of the records.
   */
  settle(holdId: string, spend: Spend): Settled
  /** Nothing was spent, as its record says: it carries nothing. */
  void(holdId: string): void
  /** No attempt was begun with it, and nothing is recorded. */
  release(holdId: string): void
  /** What `reserve` would say now. Nothing is set aside. */
  probe(ask: HoldAsk): Promise<HoldVerdict>
  /**
   * The accounts of these rules in the windows of now: one for each rule without `by`, and of the others those that hold or held
   * anything.
   */
  balances(rules: readonly BudgetRule[]): Promise<readonly ToldBalance[]>
  /** The accounts that these would draw on now, one for each in their order, whether or not anybody has drawn on them yet. */
  balancesFor(asks: readonly BudgetAsk[]): Promise<readonly ToldBalance[]>
  /**
   * What a record posted came to less in the end: the rest is given back in the very accounts in which it was posted, whatever their
   * window. On the disk, with an audit entry, when this resolves.
   */
  giveBack(asked: GivenBack): Promise<void>
}

/** The ledger where it is kept: what only its owner does. */
export interface OwnLedger extends Ledger {
  /**
   * Ends a hold by what its record says, where the process died that would have settled it.
   * @param entry of the record; `undefined`: it has none, or there is no record.
   */
  settleAs(holdId: string, entry: string | undefined): void
  /** Some accounts, of whatever window. */
  balancesOf(
    accounts: readonly { readonly rule: BudgetRule; readonly accountId: string }[],
  ): Promise<readonly Balance[]>
  /** The accounts of these rules in the windows of now on which calls under way draw, and what is set aside there. */
  drawnOn(rules: readonly BudgetRule[]): readonly Posting[]
  /** What is the cap now, in the account that an ask falls into: whether or not anything was ever drawn on it. */
  capOf(ask: BudgetAsk): bigint
  /** The cap that somebody set in the place of a budget's configured one; `undefined`: nobody did. */
  orderedCapOf(rule: Pick<BudgetRule, 'id'>): bigint | undefined
  /** Ids of the rules for which there is such a cap, in any order, also of budgets that there are not now. */
  orderedRuleIds(): readonly string[]
  /**
   * A top-up, a raise or another cap: in force, and on the disk with its audit entry, when this resolves.
   * @param reason for people who read the entry later.
   */
  grant(grant: Grant, audit: AuditEvent, reason?: string): Promise<void>
  /** Writes entries that change what is posted, and counts them. On the disk with the audit entry when this resolves. */
  append(entries: readonly NewLedgerEntry[], audit: AuditEvent): Promise<void>
  /**
   * Makes these accounts say in memory what the store says: after a `BudgetAccounts.rebuild` that repaired them.
   * @throws GatewayError `ledger_unavailable` when one of them is never still enough for that.
   */
  correct(accountIds: readonly string[]): Promise<void>
  /**
   * By how much the books in memory differ from those that the store keeps: the sum over the accounts, without sign. Always 0, or
   * there is a bug (I2). Whether the store's are the sum of its records, `BudgetAccounts.compare` tells.
   * @param mostAccounts looks at so many of those that were used last. Default: at all.
   */
  unexplained(mostAccounts?: number): Promise<bigint>
  /** For metrics. */
  state(): { readonly accounts: number; readonly holds: number }
}

/** What an attempt asks to set aside before it leaves. */
export interface HoldAsk {
  /** `<request id>/<attempt>`. */
  readonly holdId: string
  /** The id of the key. */
  readonly caller: string
  /** At most one of each rule. Never empty. */
  readonly asks: readonly BudgetAsk[]
  readonly most: Spend
  /** It was spent before anybody asked, and nothing is set aside: no budget has anything against it, whatever is left there. */
  readonly isOwed?: true
}

/** Whether it was set aside, in all accounts or in none. */
export type HoldVerdict =
  | {
      readonly kind: 'granted'
      /** What an intent must carry. */
      readonly entry: string
      /** For the decision: JSON, for each of the asks `[cap, what was spent and held before]`, as text. */
      readonly states: string
    }
  | HoldRefused

export interface HoldRefused {
  readonly kind: 'refused'
  readonly why: HoldRefusal
  /** Which of the asks. */
  readonly place: number
  /** What the refusing account held then. */
  readonly balance: Balance
  /** What the attempt would have set aside there. 0 where that is not known. */
  readonly needed: bigint
}

export type HoldRefusal =
  /** Less is left than the attempt may come to. */
  | 'short'
  /** It asks for more than one attempt may (`maxPerCall`). */
  | 'too-large'
  /** Its key holds something for as many attempts as it may (`maxOpenPerKey`). */
  | 'too-many'
  /** It has no price, and the budget says that such calls are refused. */
  | 'unpriced'

/** What a record must carry of the accounts that its attempt drew on, as text that is only handed on. */
export interface Settled {
  readonly entry: string
  /** By how much each account's hold was exceeded: a provider broke its bound. Empty when none was. */
  readonly excess: readonly Posting[]
  /** The same for its record. Absent where there was none. */
  readonly excessEntry?: string | undefined
}

/** A record that was posted at what was declared, and what it came to in the end. */
export interface GivenBack {
  /** The record. */
  readonly requestId: string
  readonly attempt: number
  /** As it carries them. */
  readonly postings: string
  /** What it came to. Without a price, nothing is given back in dollars. */
  readonly cameTo: Pick<Spend, 'nanos' | 'tokens'>
  /** Why, for people who read the entries later: `batch batch_123`. */
  readonly subject: string
}

/** As the ledger keeps it. */
export type Grant = CapChange
