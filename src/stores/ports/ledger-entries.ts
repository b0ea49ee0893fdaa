import type { AuditEvent } from './audit.ts'

/** Entries are appended, never edited: what the ledger says is the sum of records and entries. */
export interface LedgerEntries {
  /**
   * Appends entries and their audit entry in one transaction: all or none. On the disk when this resolves. Entries that resolve an
   * attempt come for every account in which it was posted, whether or not anything changes there: with each the doubt is gone.
   */
  append(entries: readonly NewLedgerEntry[], audit: AuditEvent): Promise<void>
  /** Those of one exchange, the oldest first. */
  ofRequest(requestId: string): Promise<readonly LedgerEntry[]>
  /** Those that grant something beside the config, the oldest first. */
  grants(): Promise<readonly LedgerEntry[]>
  /** The last that was noted of the configured cap of each budget. */
  configuredCaps(): Promise<readonly LedgerEntry[]>
  /** What changed a budget or its accounts, the newest first. Entries of one re-rating are one change for each account. */
  ofRule(question: RuleQuestion): Promise<readonly BudgetChange[]>
}

/** One line of the ledger beside the usage records: something that was learnt later, or has no record. */
export interface LedgerEntry {
  readonly atMs: number
  /** `admin`, `system`, `config <version>`. */
  readonly actor: string
  readonly kind: (typeof ledgerEntryKinds)[number]
  /** Of which record; `undefined`, both: of none. */
  readonly requestId: string | undefined
  readonly attempt: number | undefined
  /**
   * Which account of a budget it changes: what is posted there, or, with a top-up, what may be. `undefined`: it changes what the
   * record's own cost comes to, or a cap.
   */
  readonly accountId: string | undefined
  /** Nano-dollars, or the unit of the account. Below zero: it cost less. */
  readonly amount: bigint
  /** JSON object with the reason. */
  readonly detail: string
}

/**
 * Of what is spent. `rerate`: a price was looked up anew. `batch`: a batch came to less than was declared for it. `resolve`: somebody
 * told what an attempt came to that was counted at the most; from then on it is in doubt no more.
 */
export const spendingKinds = ['rerate', 'batch', 'resolve'] as const
type SpendingKind = (typeof spendingKinds)[number]

/**
 * The others change what may be spent: the kinds of `Grant`, and `configured`, which tells that the config or the API set a budget up,
 * set it up otherwise or took it away.
 */
export const ledgerEntryKinds = [...spendingKinds, 'top-up', 'raise', 'cap', 'configured'] as const

/** Whether an entry changes what is posted in its account. */
export function isOfSpending(kind: LedgerEntry['kind']): kind is SpendingKind {
  return spendingKinds.some((one) => one === kind)
}

/** Who wrote an entry, and when, is told by the audit entry it comes with. */
export type NewLedgerEntry = Omit<LedgerEntry, 'atMs' | 'actor'>

/** One page of what a rule of budgets left behind, the newest first. */
export interface RuleQuestion {
  readonly ruleId: string
  /** Only what is older: the `place` of the last one before, or the id of the last account. */
  readonly before: string | undefined
  readonly limit: number
}

/** What one cause changed in one account, or of one cap. */
export interface BudgetChange extends Omit<LedgerEntry, 'requestId' | 'attempt'> {
  /** How many entries it is the sum of. */
  readonly entries: number
  /** Among the changes; opaque. */
  readonly place: string
}
