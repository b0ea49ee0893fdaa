import { PassingMap } from '../canonical/passing.ts'
import { applyToHold, isSame, LedgerFault, type Draw, type Hold, type HoldEvent } from './hold.ts'

/**
 * One account: a budget in one window. Amounts are integers in the account's own unit: nano-dollars, tokens or calls.
 * Always: `posted + held + unknown <= cap`, as long as no attempt cost more than was set aside for it (I1, I3).
 */
export interface Account {
  readonly id: string
  readonly cap: bigint
  /** Spent, as recorded. */
  readonly posted: bigint
  /** Set aside for attempts that may still end well. */
  readonly held: bigint
  /** Set aside for attempts whose end is not known: doubt counts as spent (I6). */
  readonly unknown: bigint
}

/** What is left to set aside. Below zero after a lowered cap, or a provider that charged more than its bound (I3, I14). */
export function headroomOf({ cap, posted, held, unknown }: Account): bigint {
  return cap - posted - held - unknown
}

export type ReserveVerdict =
  | { readonly kind: 'granted' }
  /** Nothing was set aside anywhere. `account` is the first that is short, in the order of the draws. */
  | { readonly kind: 'short'; readonly account: Account; readonly needed: bigint }

/**
 * The arithmetic of budgets: accounts and the holds on them, in memory, without a clock and without I/O. Every change is
 * synchronous, so that on one event loop a check and its hold cannot be torn apart (ledger.md C6.1).
 *
 * Order of calls for one hold: `reserve`, then `dispatch` before the first byte leaves, `shrink` as often as wished, then
 * one of `post`, `void` and `doubt`; after `doubt` one of `post` and `void`. A call out of this order is a `LedgerFault`.
 * Repeating the last call with the same amounts changes nothing (I9).
 */
export class Book {
  readonly #accounts = new Map<string, MutableAccount>()
  readonly #holds = new PassingMap<string, Hold>()

  /** Opens an account, or changes its cap: what is posted and held there stays (I14). */
  setCap(accountId: string, cap: bigint): void {
    const account = this.#accounts.get(accountId)
    if (account) account.cap = cap
    else this.#accounts.set(accountId, { id: accountId, cap, posted: 0n, held: 0n, unknown: 0n })
  }

  account(accountId: string): Account | undefined {
    const account = this.#accounts.get(accountId)
    return account && { ...account }
  }

  hold(holdId: string): Hold | undefined {
    return this.#holds.get(holdId)
  }

  /** Holds that have not ended. */
  *openHolds(): Iterable<readonly [string, Hold]> {
    for (const entry of this.#holds) if (isOpen(entry[1])) yield entry
  }

  /**
   * Sets amounts aside in every account or in none (I8).
   * @param draws one for each account, from narrow to wide. An amount of zero is granted whatever is left: what costs
   *   nothing is not stopped by a budget that is spent (M10). That a cap of zero suspends is for the caller to see to.
   * @throws LedgerFault when an account is not open, or the id was used for another hold.
   */
  reserve(holdId: string, draws: readonly Draw[]): ReserveVerdict {
    const known = this.#holds.get(holdId)
    if (known) {
      if (known.phase === 'reserved' && isSame(known.draws, draws)) return { kind: 'granted' }
      throw new LedgerFault(`hold ${holdId} exists already`)
    }
    for (const { accountId, amount } of draws) {
      if (amount < 0n) throw new LedgerFault(`hold ${holdId}: a negative amount in ${accountId}`)
      const account = this.#open(accountId)
      if (amount > 0n && headroomOf(account) < amount) return { kind: 'short', account: { ...account }, needed: amount }
    }
    for (const { accountId, amount } of draws) this.#open(accountId).held += amount
    this.#holds.set(holdId, { phase: 'reserved', draws })
    return { kind: 'granted' }
  }

  /** The call may have left: from now on an unknown end is counted, not freed (I6). */
  dispatch(holdId: string): void {
    this.#change(holdId, { kind: 'dispatch' })
  }

  /** Sets less aside than before, as a stream shows what it can still cost. Raising is refused: nobody checked it. */
  shrink(holdId: string, draws: readonly Draw[]): void {
    this.#change(holdId, { kind: 'shrink', draws })
  }

  /** Nothing was spent. */
  void(holdId: string): void {
    this.#change(holdId, { kind: 'void' })
  }

  /** How it ended is not known: the whole hold stays counted. */
  doubt(holdId: string): void {
    this.#change(holdId, { kind: 'doubt' })
  }

  /**
   * What it really came to. The whole is posted even where it is more than was set aside: the truth first; an account
   * that is over its cap then grants nothing until there is room again (I3).
   * @returns by how much each account's hold was exceeded; empty when none was.
   */
  post(holdId: string, draws: readonly Draw[]): readonly Draw[] {
    const before = this.#change(holdId, { kind: 'post', draws })
    if (before === undefined) return []
    return draws.flatMap(({ accountId, amount }) => {
      const held = before.draws.find((draw) => draw.accountId === accountId)?.amount ?? 0n
      return amount > held ? [{ accountId, amount: amount - held }] : []
    })
  }

  /** An entry without a hold: late usage, a period priced anew, a correction by hand. May be negative. */
  adjust(accountId: string, amount: bigint): void {
    this.#open(accountId).posted += amount
  }

  /** Lets go of holds that have ended. Until then a repeated call finds its first outcome. */
  forget(holdId: string): void {
    const hold = this.#holds.get(holdId)
    if (hold && isOpen(hold)) throw new LedgerFault(`hold ${holdId} has not ended`)
    this.#holds.delete(holdId)
  }

  /** Closes an account whose window is over. @throws LedgerFault while something is held there (I13). */
  close(accountId: string): void {
    const account = this.#accounts.get(accountId)
    if (account && account.held + account.unknown > 0n) throw new LedgerFault(`account ${accountId} holds something`)
    this.#accounts.delete(accountId)
  }

  /** @returns the hold as it was; `undefined` when the event was a repetition. */
  #change(holdId: string, event: HoldEvent): Hold | undefined {
    const before = this.#holds.get(holdId)
    if (!before) throw new LedgerFault(`there is no hold ${holdId} to ${event.kind}`)
    const after = applyToHold(before, event)
    if (after === before) return undefined
    this.#count(before, -1n)
    this.#count(after, 1n)
    this.#holds.set(holdId, after)
    return before
  }

  #count({ phase, draws }: Hold, sign: 1n | -1n): void {
    if (phase === 'voided') return
    const column = columnOf[phase]
    for (const { accountId, amount } of draws) this.#open(accountId)[column] += sign * amount
  }

  #open(accountId: string): MutableAccount {
    const account = this.#accounts.get(accountId)
    if (!account) throw new LedgerFault(`account ${accountId} is not open`)
    return account
  }
}

type MutableAccount = { -readonly [field in keyof Account]: Account[field] }

/** Where a hold's amounts are counted in each phase. */
const columnOf = {
  reserved: 'held',
  dispatched: 'held',
  unknown: 'unknown',
  posted: 'posted',
} as const satisfies Record<Exclude<Hold['phase'], 'voided'>, keyof Account>

function isOpen({ phase }: Hold): boolean {
  return phase !== 'voided' && phase !== 'posted'
}
