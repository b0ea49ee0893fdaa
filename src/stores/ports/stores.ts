import type { UsageRecords } from './usage-records.ts'
import type { LedgerEntries } from './ledger-entries.ts'
import type { BudgetAccounts } from './budget-accounts.ts'
import type { Alerts } from './alerts.ts'
import type { Directory } from './directory.ts'
import type { Audit } from './audit.ts'
import type { StateHolders } from './state-holders.ts'

/**
 * Verbs of the domain: atomicity belongs to verbs. `embedded/` implements these ports on SQLite and memory, `cluster/`
 * will on Postgres and Redis; both pass the one suite in `laws/`.
 */
export interface Stores {
  readonly usage: UsageRecords
  readonly entries: LedgerEntries
  readonly accounts: BudgetAccounts
  readonly alerts: Alerts
  readonly directory: Directory
  readonly audit: Audit
  readonly stateHolders: StateHolders
  close(): Promise<void>
}
