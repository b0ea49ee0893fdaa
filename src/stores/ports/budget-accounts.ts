import type { RuleQuestion } from './ledger-entries.ts'
import type { AuditEvent } from './audit.ts'

/**
 * What is spent in each account of a budget: the sum of the postings of records and entries, added up as they are stored.
 * Every question sees what was appended before it.
 */
export interface BudgetAccounts {
  /** Those among them in which anything was ever posted. */
  read(accountIds: readonly string[]): Promise<readonly KeptAccount[]>
  /** The accounts of these names and, where accounts are kept for each of some values, of every value. */
  below(names: readonly string[]): Promise<readonly KeptAccount[]>
  /** What the accounts below each of these names come to together, in the order of the questions. */
  sums(questions: readonly AccountsQuestion[]): Promise<readonly AccountsSum[]>
  /** Those below a name, by id. */
  page(question: AccountsPageQuestion): Promise<readonly KeptAccount[]>
  /** Those below such names that have reached a threshold of which no alert is noted for them yet. */
  reaching(questions: readonly ThresholdsQuestion[]): Promise<readonly KeptAccount[]>
  /** The accounts of a rule in all its windows, by id, the newest window first. */
  ofRule(question: RuleQuestion): Promise<readonly KeptAccount[]>
  /**
   * Takes one step of the round in which every account, what is posted and what is in doubt, is compared with the sum of its records
   * and entries; after the last step of one the next round begins. A step is short, however much there is to add up.
   */
  compare(): Promise<BooksCompared>
  /**
   * Adds everything up anew and tells what was kept otherwise.
   * @param repair keeps it right from then on, with this audit entry where anything was not: both or neither. `undefined`: it is
   *   only looked at.
   */
  rebuild(orders: { readonly repair: Omit<AuditEvent, 'detail'> | undefined }): Promise<BooksRebuilt>
}

export interface AccountsQuestion {
  /** As in `BudgetAccounts.below`. */
  readonly name: string
  /** How many of the fullest are told. */
  readonly most: number
  /** Where a budget counts seconds, until when: then that counts in the place of what is posted. */
  readonly secondsUntilMs: number | undefined
}

export interface AccountsSum {
  readonly count: number
  /** Or seconds. */
  readonly posted: bigint
  readonly unknown: bigint
  /** The fullest first. */
  readonly fullest: readonly KeptAccount[]
}

export interface AccountsPageQuestion {
  /** As in `BudgetAccounts.below`. */
  readonly name: string
  /** The page begins behind this id. */
  readonly after: string
  readonly limit: number
}

export interface ThresholdsQuestion {
  /** As in `BudgetAccounts.below`. */
  readonly name: string
  /** Rising, and never empty. */
  readonly thresholds: readonly {
    /** As its alert has it. */
    readonly percent: number
    /** At least so much is posted. */
    readonly posted: bigint
    /** And it is in use since this moment, or longer. */
    readonly openedByMs: number
  }[]
}

/** One account in one window, as the store adds it up. */
export interface KeptAccount {
  /** As `ledger/account-id.ts` makes it. */
  readonly accountId: string
  /** In its budget's unit; dollars in nano-dollars. */
  readonly posted: bigint
  /** Part of it: of attempts whose end nobody knows, counted at the most (ledger.md I6). */
  readonly unknown: bigint
  /** When the first attempt began that drew on it. */
  readonly openedAtMs: number
}

export interface BooksCompared {
  /** With this step. */
  readonly isRoundOver: boolean
  /** By how much accounts differed in the last whole round, in their units together, without sign; `undefined`: there was none yet. */
  readonly differing: bigint | undefined
}

/** What adding everything up anew found; `differences` is empty where the books were right. */
export interface BooksRebuilt {
  readonly accounts: number
  readonly differences: readonly AccountDifference[]
}

/** An account that was kept otherwise than its records and entries come to. */
export interface AccountDifference {
  readonly accountId: string
  readonly kept: bigint
  readonly posted: bigint
  /** The same of what is in doubt. */
  readonly keptUnknown: bigint
  readonly unknown: bigint
}
