import type { LabelPath } from '../../canonical/metadata.ts'
import type { OwnUnit } from '../../canonical/usage.ts'
import type { AttemptIntent, UsageRecord } from '../../canonical/usage-record.ts'

/** Where serving notes what every attempt used. Order of calls for one attempt: `intend` once, `narrow`, `append` once. */
export interface UsageNotes {
  /**
   * Notes that an attempt is about to leave. Durable against death of the process once `written()` resolves.
   * @throws GatewayError `store_unavailable` while the disk refuses: the attempt must not leave, and is to be settled as
   *   one that was not sent.
   */
  intend(intent: AttemptIntent): void
  /**
   * Notes that an attempt under way can come to less than its intent says; once `written()` resolves, a death counts that.
   * @throws GatewayError `store_unavailable` while the disk refuses: then what was noted before stands.
   */
  narrow(intent: AttemptIntent): void
  /** Writes an attempt's one terminal record. Repeating it for the same request and attempt changes nothing. */
  append(record: UsageRecord): void
  /**
   * Resolves when what was handed over in this turn of the event loop is with the operating system: kill -9 no longer
   * loses it. To be called in the turn of the record it asks about; all calls of one turn share one write.
   * @throws GatewayError `store_unavailable` when the disk refuses.
   */
  written(): Promise<void>
}

/** What every attempt used, noted and asked for. */
export interface UsageRecords extends UsageNotes {
  /** Sums over records, one row per combination of the groups, biggest cost first. Sees what was appended before the call. */
  query(question: UsageQuestion): Promise<readonly UsageSum[]>
  /** The records of one exchange, by attempt; last what guardrails saw when it was over. */
  ofRequest(requestId: string): Promise<readonly UsageRecord[]>
  /**
   * The records that `query` adds up, in the order in which their attempts began, with what re-rating has added to the cost of each.
   * A page costs little however few records pass the filters: it may hold fewer than the limit, even none, before the last.
   */
  page(question: RecordsQuestion): Promise<RecordsPage>
}

export interface RecordsQuestion {
  readonly fromMs: number
  /** Exclusive. */
  readonly untilMs: number
  readonly where: UsageFilters
  /** The `next` of the page before. */
  readonly after: RecordPlace | undefined
  readonly limit: number
  /** Only those that nobody knows the end of: counted at the most, and no entry has resolved them. */
  readonly isInDoubt?: true
}

export interface RecordsPage {
  readonly records: readonly AdjustedRecord[]
  /** Where to go on; `undefined`: it was the last page. */
  readonly next: RecordPlace | undefined
}

/** Where a record stands among all, by its start. */
export type RecordPlace = Pick<UsageRecord, 'startedAtMs' | 'requestId' | 'attempt'>

/** But for what is long and seldom wanted: `ofRequest` tells it. */
export type PagedRecord = Omit<UsageRecord, 'decision'>

/** A record, which never changes, with what was learnt of its cost later. */
export interface AdjustedRecord {
  readonly record: PagedRecord
  /** Sum of the entries that re-rated its cost; `undefined`: there are none. */
  readonly reratedNanos: bigint | undefined
  /** It was counted at the most, and somebody has told since what it came to. */
  readonly isResolved: boolean
}

export interface UsageQuestion {
  readonly by: readonly UsageGroup[]
  readonly fromMs: number
  /** Exclusive. */
  readonly untilMs: number
  readonly where: UsageFilters
}

/** What usage can be summed by. `day` and `hour` are those of UTC. */
export const usageGroups = [
  'organisation',
  'team',
  'project',
  'user',
  'agent',
  'key',
  'model',
  'provider',
  'status',
  'usageSource',
  'endUser',
  'run',
  'day',
  'hour',
] as const

export type UsageGroup = (typeof usageGroups)[number] | LabelPath

/** Only records that say this of each. */
export type UsageFilters = Readonly<Partial<Record<Exclude<UsageGroup, 'day' | 'hour'>, string>>>

/** One row of an answer. */
export interface UsageSum {
  /** The value of each asked group; `undefined` where records have none. Days are UTC, `2026-11-23`. */
  readonly groups: Readonly<Partial<Record<UsageGroup, string | undefined>>>
  /** Exchanges, whatever their number of attempts. */
  readonly requests: number
  readonly attempts: number
  readonly inputTokens: number
  readonly outputTokens: number
  /** What operations other than chats count. */
  readonly units: Readonly<Record<OwnUnit, number>>
  /** Sum of what is priced, with every adjustment. */
  readonly costNanos: bigint
  /** How much of it is adjustments: entries that were made after the records. */
  readonly adjustmentNanos: bigint
  /** Attempts that used tokens but have no price: the sum beside is short of them. */
  readonly unpricedAttempts: number
}
