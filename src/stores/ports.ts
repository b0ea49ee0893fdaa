import type { CapChange } from '../ledger/caps.ts'
import type { Balance, BudgetAsk, BudgetRule, Posting, Spend, ToldBalance } from '../canonical/budget.ts'
import type { LimitAsk, LimitDecision, LimitRule, TokenCount } from '../canonical/limit.ts'
import type { BudgetsSettings } from '../config/budget-settings.ts'
import type { LimitsSettings } from '../config/limit-settings.ts'
import type { LabelPath } from '../canonical/metadata.ts'
import type { Owner } from '../canonical/principal.ts'
import type { OwnUnit } from '../canonical/usage.ts'
import type { AttemptIntent, UsageRecord } from '../canonical/usage-record.ts'

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

export interface AdjustedRecord {
  readonly record: PagedRecord
  /** Sum of the entries that re-rated its cost; `undefined`: there are none. */
  readonly reratedNanos: bigint | undefined
  /** It was counted at the most, and somebody has told since what it came to. */
  readonly isResolved: boolean
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

/** Who wrote an entry, and when, is told by the audit entry it comes with. */
export type NewLedgerEntry = Omit<LedgerEntry, 'atMs' | 'actor'>

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

/** One page of what a rule of budgets left behind, the newest first. */
export interface RuleQuestion {
  readonly ruleId: string
  /** Only what is older: the `place` of the last one before, or the id of the last account. */
  readonly before: string | undefined
  readonly limit: number
}

export interface BudgetChange extends Omit<LedgerEntry, 'requestId' | 'attempt'> {
  /** How many entries it is the sum of. */
  readonly entries: number
  /** Among the changes; opaque. */
  readonly place: string
}

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

/** What people are told of their budgets, and whether it came. */
export interface Alerts {
  /**
   * Notes alerts, with one delivery for each receiver that is due at once. On the disk when this resolves.
   * @param receivers by name; none: they are noted all the same.
   * @returns those that are new: a threshold of an account is noted once.
   */
  note(alerts: readonly Alert[], receivers: readonly string[]): Promise<readonly Alert[]>
  /** @param limit how many of one receiver: what one cannot take hides nothing of another. */
  due(atMs: number, limit: number): Promise<DeliveriesDue>
  /** How an attempt went. */
  tried(outcome: DeliveryOutcome): Promise<void>
}

export interface Alert {
  /** Unique; receivers know a repetition by it. */
  readonly id: string
  readonly atMs: number
  readonly accountId: string
  /** Of the cap; `undefined`: it is no threshold. */
  readonly percent: number | undefined
  /** JSON, as it is sent. */
  readonly body: string
}

export interface AlertDelivery {
  readonly alertId: string
  readonly receiver: string
  /** Before this one. */
  readonly attempts: number
  readonly body: string
}

export interface DeliveriesDue {
  /** The oldest first. */
  readonly deliveries: readonly AlertDelivery[]
  /** When the next one after these is due; `undefined`: there is none. */
  readonly nextDueAtMs: number | undefined
}

export interface DeliveryOutcome {
  readonly alertId: string
  readonly receiver: string
  /** For people: `delivered`, or why not. */
  readonly outcome: string
  /** When it is tried again; `undefined`: it is over. */
  readonly dueAtMs: number | undefined
}

/**
 * Who holds what providers keep, so that a later call that names it finds it (design.md, state), and nobody else's does. What one
 * organisation has kept under a name stays its own.
 */
export interface StateHolders {
  /** Notes under which names a provider has kept an answer. On the disk a moment later: what a crash loses is refused. */
  keep(ids: readonly string[], holder: StateHolder): void
  /**
   * Notes what was made to be named later, such as a file. The death of the process does not lose it once this resolves.
   * @returns whether it is the holder's now: false where another organisation has kept the same name.
   */
  keepObject(object: KeptObject): Promise<boolean>
  /** In the order of the ids; `undefined`: nothing is known of it. */
  holdersOf(ids: readonly string[]): Promise<readonly (StateHolder | undefined)[]>
  /** The ids of what an organisation has made, the newest first. Answers are not listed. */
  objectsOf(question: ObjectsQuestion): Promise<readonly string[]>
  /** It is no more. */
  forget(id: string): Promise<void>
  /** What is still to be settled of it, for its own key where it has one; `undefined`: nothing. */
  openOf(asked: OpenAsked): Promise<string | undefined>
  /** The same, once: not even a power cut brings it back. */
  takeOpen(asked: OpenAsked): Promise<string | undefined>
}

/**
 * `answer`: an answer, or what came about with it; forgotten when providers have. `item`: of a conversation. `upload`: a file that
 * is still being sent. `store`: one of vectors.
 */
export const stateKinds = [
  'answer',
  'item',
  'file',
  'batch',
  'cache',
  'upload',
  'store',
  'container',
  'conversation',
] as const
export type StateKind = (typeof stateKinds)[number]

export function isStateKind(text: unknown): text is StateKind {
  return stateKinds.some((kind) => kind === text)
}

export interface StateHolder {
  readonly kind: StateKind
  /** Whose it is: nobody else may build on it. */
  readonly organisation: string
  readonly provider: string
  /** State is kept for an account, and another key may be another's. */
  readonly credentialId: string
  /** The model it is for, as its maker named it. Absent: none. */
  readonly modelName?: string | undefined
}

export interface KeptObject {
  /** As the provider names it. */
  readonly id: string
  readonly holder: StateHolder
  /** Wall time. */
  readonly keptAtMs: number
  /** JSON object: what is still to be settled of it. With a `keyId` for that key's account alone, else for whoever asks. */
  readonly open: string | undefined
}

export interface OpenAsked {
  readonly id: string
  readonly keyId: string
}

export interface ObjectsQuestion {
  readonly organisation: string
  readonly kind: StateKind
  /** Only those that these providers hold. */
  readonly providers: readonly string[]
  /** The last one of the page before. */
  readonly after: string | undefined
  readonly limit: number
}

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

export interface UsageQuestion {
  readonly by: readonly UsageGroup[]
  readonly fromMs: number
  /** Exclusive. */
  readonly untilMs: number
  readonly where: UsageFilters
}

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

export type EntityKind = 'organisation' | 'team' | 'project' | 'user' | 'agent'

/** Something that owns keys or carries policy. Teams and projects live under the levels above; users and agents under an organisation. */
export interface Entity {
  readonly kind: EntityKind
  readonly name: string
  /** The levels above it: none for an organisation, the organisation for a team, user or agent, the team too for a project. */
  readonly organisation: string | undefined
  readonly team: string | undefined
  /** Allowed models; `undefined`: inherits. */
  readonly models: readonly string[] | undefined
  readonly limits: LimitsSettings | undefined
  readonly budgets: BudgetsSettings | undefined
  /** Tags that a target must have, besides those the other levels require. */
  readonly require: readonly string[] | undefined
  /** Of organisations only: where the days of its budgets begin. IANA name. */
  readonly timezone: string | undefined
  readonly createdAtMs: number
}

export interface KeyEntry extends Owner {
  /** The ten characters in the key itself. */
  readonly id: string
  readonly name: string
  /** HMAC-SHA-256 of the whole key under the pepper, hex. The key itself is stored nowhere. */
  readonly hash: string
  /** The last four characters, for people to tell keys apart. `undefined` for a key whose hash came from the config. */
  readonly last4: string | undefined
  readonly models: readonly string[] | undefined
  readonly limits: LimitsSettings | undefined
  readonly budgets: BudgetsSettings | undefined
  /** Tags that a target must have, besides those the levels above require. */
  readonly require: readonly string[] | undefined
  readonly createdAtMs: number
  /** From this moment on it is refused. */
  readonly expiresAtMs: number | undefined
  /** What it was made to live: a rotation ends the key sooner, and does not change this. `undefined`: it was made to last. */
  readonly lifetimeMs: number | undefined
  readonly revokedAtMs: number | undefined
}

/** What was made through the admin API. What the config file names lives in the config, not here. */
export interface Directory {
  /** Everything, revoked keys included. From memory: never waits for a disk. */
  contents(): DirectoryContents
  /**
   * Applies a change and its audit entry in one transaction: both or neither. `contents()` shows it when this resolves.
   * @throws GatewayError `invalid_request` when the entity exists already, or its owner does not.
   */
  change(change: DirectoryChange, audit: AuditEvent): Promise<void>
}

export interface DirectoryContents {
  readonly entities: readonly Entity[]
  readonly keys: readonly KeyEntry[]
}

export type DirectoryChange =
  | { readonly kind: 'put-entity'; readonly entity: Entity; readonly mustBeNew: boolean }
  | {
      readonly kind: 'remove-entity'
      readonly entity: Pick<Entity, 'kind' | 'name' | 'organisation' | 'team'>
    }
  | { readonly kind: 'add-key'; readonly key: KeyEntry }
  | { readonly kind: 'revoke-key'; readonly keyId: string; readonly atMs: number }
  /** Rotation: the new key is added and the old one ends at `oldExpiresAtMs`, together. */
  | {
      readonly kind: 'rotate-key'
      readonly oldKeyId: string
      readonly oldExpiresAtMs: number
      readonly key: KeyEntry
    }

/** Who did what: through the admin API, and by the config file. Hash-chained: an edited or removed entry breaks every later hash. */
export interface Audit {
  append(event: AuditEvent): Promise<void>
  /** As many as are asked for, if there are so many: whoever asks for one more than it shows sees whether there are more. */
  list(page: { readonly afterSequence: number; readonly limit: number }): Promise<readonly AuditEntry[]>
  /** Recomputes the chain from its first entry. */
  verify(): Promise<AuditVerdict>
}

export interface AuditEvent {
  readonly atMs: number
  /** `admin`, `config <version>`, `file` and `signal` (which had the config read), `system`. */
  readonly actor: string
  /** Noun and verb: `key.create`, `team.update`, `config.reload`. */
  readonly action: string
  /** What it was done to: `key abc123`, `team acme/search`. */
  readonly target: string
  /** JSON object with the particulars. Never a secret, never a hash of one. */
  readonly detail: string
}

export interface AuditEntry extends AuditEvent {
  /** From 1, without gaps. */
  readonly sequence: number
  readonly previousHash: string
  /** SHA-256, hex, over the previous hash and every field of this entry. */
  readonly hash: string
}

export type AuditVerdict =
  | { readonly isIntact: true; readonly entries: number; readonly lastHash: string }
  | { readonly isIntact: false; readonly brokenAtSequence: number; readonly reason: string }

/**
 * Counts calls, tokens and calls under way against limits. Everything that is handed over and returned is plain data, so
 * that a worker process may ask another process that owns the counts; its own clock judges, not the caller's.
 */
export interface RateLimiter {
  /**
   * Charges a call to every account it asks for, or to none. Where the accounts that lack room all have a queue, the call
   * waits in line: callers take turns, each caller's own calls in order, until there is room, the time of the queue is up
   * (then refused as any other), or `cancelled` fires.
   * @returns `taken` with a ticket, to be given back exactly once by `settle` or `refund`.
   * @throws GatewayError `store_unavailable` when the counts cannot be reached: the call must not go on.
   */
  take(asked: LimitTake, cancelled?: AbortSignal): Promise<LimitVerdict>
  /**
   * The call is over: what it held at once is released, and its tokens are corrected where they were charged. Tokens
   * beyond the estimate are charged even where that passes the limit, and then hold up later calls. A ticket that is not
   * open any more changes nothing.
   * @param used `undefined`: nobody knows, since the process died that served the call. The estimate stands.
   */
  settle(ticket: LimitTicket, used: TokenCount | undefined): void
  /** The call never was: everything is given back. A ticket that is not open any more changes nothing. */
  refund(ticket: LimitTicket): void
  /** Every account that holds something, for people to look at. */
  accounts(): Promise<readonly LimitAccount[]>
}

export interface LimitTake {
  /** At most one of each rule. Never empty. */
  readonly asks: readonly LimitAsk[]
  /** Whose turn it is in a queue: the id of the key. */
  readonly caller: string
  /** The estimate. */
  readonly tokens: TokenCount
}

/** Names an admitted call to the limiter that admitted it. */
export type LimitTicket = number

export type LimitVerdict =
  | {
      readonly kind: 'taken'
      readonly ticket: LimitTicket
      readonly states: LimitDecision['states']
      readonly waitedMs: number
    }
  | {
      readonly kind: 'refused'
      readonly refused: NonNullable<LimitDecision['refused']>
      readonly states: LimitDecision['states']
      readonly waitedMs: number
    }
  /** Whoever waited has gone. */
  | { readonly kind: 'cancelled' }

export interface LimitAccount {
  readonly ruleId: LimitRule['id']
  readonly value: string | undefined
  readonly used: number
  readonly resetMs: number
  /** Calls in line. */
  readonly waiting: number
}

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

export interface Settled {
  readonly entry: string
  /** By how much each account's hold was exceeded: a provider broke its bound. Empty when none was. */
  readonly excess: readonly Posting[]
  /** The same for its record. Absent where there was none. */
  readonly excessEntry?: string | undefined
}

/** As the ledger keeps it. */
export type Grant = CapChange
