import type { ErrorKind } from '../../canonical/error.ts'
import type { UsageRecord } from '../../canonical/usage-record.ts'
import type { Alert, DeliveriesDue, DeliveryOutcome } from '../ports/alerts.ts'
import type { AuditEntry, AuditEvent, AuditVerdict } from '../ports/audit.ts'
import type {
  AccountsPageQuestion,
  AccountsQuestion,
  AccountsSum,
  BooksCompared,
  BooksRebuilt,
  KeptAccount,
  ThresholdsQuestion,
} from '../ports/budget-accounts.ts'
import type { DirectoryChange, DirectoryContents } from '../ports/directory.ts'
import type { BudgetChange, LedgerEntry, NewLedgerEntry, RuleQuestion } from '../ports/ledger-entries.ts'
import type { KeptObject, ObjectsQuestion, OpenAsked, StateHolder } from '../ports/state-holders.ts'
import type { RecordsPage, RecordsQuestion, UsageQuestion, UsageSum } from '../ports/usage-records.ts'
import type { Recovery } from './recover-spool.ts'
import type { SpoolEnd } from './spool-segments.ts'

/** What the serving thread may ask of the database's thread. Calls are answered one after the other, in their order. */
export interface DatabaseCalls {
  /** A spool is written up to here; it is to be shipped a moment later. */
  readonly 'ship-soon': Call<SpoolEnd, undefined>
  /** Its writer is closed: ships the rest, and deletes it. */
  readonly 'end-spool': Call<SpoolEnd, undefined>
  /** Its process is dead: takes in what is left, open intents as unknown, and deletes it. */
  readonly 'adopt-spool': Call<string, Recovery>
  /** Takes the place of the reserve. */
  readonly 'prepare-reserve': Call<number, undefined>
  /** Those with ends ship up to the ends first, so that they see everything that was written. */
  readonly 'sum-usage': Call<
    { readonly ends: readonly SpoolEnd[]; readonly question: UsageQuestion },
    readonly UsageSum[]
  >
  readonly 'usage-of': Call<{ readonly ends: readonly SpoolEnd[]; readonly requestId: string }, readonly UsageRecord[]>
  readonly 'page-usage': Call<{ readonly ends: readonly SpoolEnd[]; readonly question: RecordsQuestion }, RecordsPage>
  readonly 'read-accounts': Call<
    { readonly ends: readonly SpoolEnd[]; readonly accountIds: readonly string[] },
    readonly KeptAccount[]
  >
  readonly 'accounts-below': Call<
    { readonly ends: readonly SpoolEnd[]; readonly names: readonly string[] },
    readonly KeptAccount[]
  >
  readonly 'sum-accounts': Call<
    { readonly ends: readonly SpoolEnd[]; readonly questions: readonly AccountsQuestion[] },
    readonly AccountsSum[]
  >
  readonly 'page-accounts': Call<
    { readonly ends: readonly SpoolEnd[]; readonly question: AccountsPageQuestion },
    readonly KeptAccount[]
  >
  readonly 'accounts-reaching': Call<
    { readonly ends: readonly SpoolEnd[]; readonly questions: readonly ThresholdsQuestion[] },
    readonly KeptAccount[]
  >
  readonly 'accounts-of-rule': Call<
    { readonly ends: readonly SpoolEnd[]; readonly question: RuleQuestion },
    readonly KeptAccount[]
  >
  readonly 'compare-accounts': Call<{ readonly ends: readonly SpoolEnd[] }, BooksCompared>
  readonly 'rebuild-accounts': Call<
    { readonly ends: readonly SpoolEnd[]; readonly repair: Omit<AuditEvent, 'detail'> | undefined },
    BooksRebuilt
  >
  readonly 'append-entries': Call<
    { readonly entries: readonly NewLedgerEntry[]; readonly audit: AuditEvent },
    undefined
  >
  readonly 'entries-of': Call<string, readonly LedgerEntry[]>
  readonly 'changes-of-rule': Call<RuleQuestion, readonly BudgetChange[]>
  readonly 'grant-entries': Call<undefined, readonly LedgerEntry[]>
  readonly 'configured-caps': Call<undefined, readonly LedgerEntry[]>
  readonly 'note-alerts': Call<
    { readonly alerts: readonly Alert[]; readonly receivers: readonly string[] },
    readonly Alert[]
  >
  readonly 'due-alerts': Call<{ readonly atMs: number; readonly limit: number }, DeliveriesDue>
  readonly 'alert-tried': Call<DeliveryOutcome, undefined>
  readonly 'write-kept': Call<readonly KeptObject[], undefined>
  readonly 'read-kept': Call<readonly string[], readonly (StateHolder | undefined)[]>
  readonly 'page-kept': Call<ObjectsQuestion, readonly string[]>
  readonly 'remove-kept': Call<string, undefined>
  readonly 'find-open': Call<OpenAsked, string | undefined>
  readonly 'take-open': Call<OpenAsked, string | undefined>
  readonly 'read-directory': Call<undefined, DirectoryContents>
  readonly 'change-directory': Call<
    {
      readonly change: DirectoryChange
      readonly audit: AuditEvent
      /** The organisation of which nothing is to be kept any more. */
      readonly forgets: string | undefined
    },
    undefined
  >
  readonly 'append-audit': Call<AuditEvent, undefined>
  readonly 'list-audit': Call<{ readonly afterSequence: number; readonly limit: number }, readonly AuditEntry[]>
  readonly 'verify-audit': Call<undefined, AuditVerdict>
  /** Ships the rest and closes the database. The last call. */
  readonly close: Call<SpoolEnd, undefined>
}

interface Call<Takes, Gives> {
  readonly takes: Takes
  readonly gives: Gives
}

export type DatabaseVerb = keyof DatabaseCalls

export interface CallMessage<Verb extends DatabaseVerb = DatabaseVerb> {
  readonly id: number
  readonly verb: Verb
  readonly takes: DatabaseCalls[Verb]['takes']
}

/** What comes back: answers to calls, and what the thread tells of its own accord. */
export type DatabaseMessage =
  | { readonly kind: 'opened'; readonly recovery: Recovery; readonly directory: DirectoryContents }
  | { readonly kind: 'not-opened'; readonly problem: Problem }
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'refusal'; readonly id: number; readonly problem: Problem }
  /** Of the spool of the process that the thread belongs to. */
  | { readonly kind: 'shipped'; readonly totalBytes: number }
  /** Told once, until shipping works again. */
  | { readonly kind: 'not-shipped'; readonly problem: Problem }

/** An error on its way between threads: classes do not survive the journey. */
export interface Problem {
  readonly kind: ErrorKind
  readonly message: string
  /** For the log: what was thrown, when it was none of ours. */
  readonly cause: string | undefined
}

export interface DatabaseThreadSettings {
  readonly dataDir: string
  readonly ownerId: string
  readonly reserveBytes: number
  readonly busyTimeoutMs: number
}
