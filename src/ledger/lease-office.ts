import { LedgerFault } from './hold.ts'

/**
 * Lends headroom to workers, so that each can admit calls by itself and the sum still never passes the cap: for every
 * account `posted + lent <= cap`, where `lent` is all that workers may still set aside or have set aside (ledger.md C6.2). What
 * a worker posts comes out of its loan. Nothing here waits and nothing is sent: callers carry the messages.
 */
export class LeaseOffice {
  readonly #accounts = new Map<string, LentAccount>()

  /** Opens an account at what the books say was posted there, or changes its cap. */
  open(accountId: string, cap: bigint, posted: bigint): void {
    const account = this.#accounts.get(accountId)
    if (account) account.cap = cap
    else this.#accounts.set(accountId, { cap, posted, lent: new Map() })
  }

  /** What can be lent now. Below zero after a lowered cap, or a call that cost more than its bound. */
  headroom(accountId: string): bigint {
    const { cap, posted, lent } = this.#open(accountId)
    let left = cap - posted
    for (const amount of lent.values()) left -= amount
    return left
  }

  /**
   * Lends what is wanted in every account, or nothing (I8).
   * @returns the accounts that are short, each with the workers that hold a loan there: they are to give back what they do
   *   not use, and then the same is asked once more (I19). Empty: it was lent.
   */
  lend(workerId: string, wants: readonly Loan[]): readonly Shortage[] {
    const shortages = wants.flatMap(({ accountId, amount }): Shortage[] => {
      if (amount < 0n) throw new LedgerFault(`a loan of ${amount} in ${accountId}`)
      if (amount === 0n || this.headroom(accountId) >= amount) return []
      return [{ accountId, lenders: [...this.#open(accountId).lent.keys()] }]
    })
    if (shortages.length > 0) return shortages
    for (const { accountId, amount } of wants) this.#change(accountId, workerId, amount)
    return []
  }

  /**
   * Lends as much beyond a want as does not starve the others: of what is left, at most half, shared by the workers.
   * @param wish what the worker is likely to use soon, from its rate of spending.
   * @returns the amount lent.
   */
  lendAhead(workerId: string, accountId: string, wish: bigint, workers: number): bigint {
    const most = this.headroom(accountId) / BigInt(2 * Math.max(1, workers))
    const amount = wish < most ? wish : most
    if (amount <= 0n) return 0n
    this.#change(accountId, workerId, amount)
    return amount
  }

  /** What a worker does not use. */
  giveBack(workerId: string, accountId: string, amount: bigint): void {
    this.#change(accountId, workerId, -amount)
  }

  /**
   * What a worker's calls came to. It comes out of its loan; what goes beyond the loan is posted all the same: the truth first
   * (I3).
   */
  post(workerId: string, accountId: string, amount: bigint): void {
    const account = this.#open(accountId)
    const loan = account.lent.get(workerId) ?? 0n
    account.posted += amount
    this.#change(accountId, workerId, -(amount < loan ? amount : loan))
  }

  /** An entry that no worker made: late usage, a correction. */
  adjust(accountId: string, amount: bigint): void {
    this.#open(accountId).posted += amount
  }

  /**
   * The worker is dead. Its spool has been read before this: what it spent, and what it may have spent, is posted. The rest
   * of its loans was never used.
   */
  bury(workerId: string): void {
    for (const { lent } of this.#accounts.values()) lent.delete(workerId)
  }

  posted(accountId: string): bigint {
    return this.#open(accountId).posted
  }

  lent(accountId: string, workerId: string): bigint {
    return this.#open(accountId).lent.get(workerId) ?? 0n
  }

  #change(accountId: string, workerId: string, by: bigint): void {
    const { lent } = this.#open(accountId)
    const amount = (lent.get(workerId) ?? 0n) + by
    if (amount < 0n) throw new LedgerFault(`worker ${workerId} gives back more than it was lent in ${accountId}`)
    if (amount === 0n) lent.delete(workerId)
    else lent.set(workerId, amount)
  }

  #open(accountId: string): LentAccount {
    const account = this.#accounts.get(accountId)
    if (!account) throw new LedgerFault(`account ${accountId} is not open`)
    return account
  }
}

export interface Loan {
  readonly accountId: string
  readonly amount: bigint
}

export interface Shortage {
  readonly accountId: string
  readonly lenders: readonly string[]
}

interface LentAccount {
  cap: bigint
  posted: bigint
  /** By worker. */
  readonly lent: Map<string, bigint>
}
