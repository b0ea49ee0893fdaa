import type { BudgetsSettings } from '../config/budget-settings.ts'
import type { LimitsSettings } from '../config/limit-settings.ts'
import type { EntityKind } from '../stores/ports/directory.ts'
import type { NewLedgerEntry } from '../stores/ports/ledger-entries.ts'
import type { OwnLedger } from '../stores/ports/ledger.ts'
import type { LimitAccount } from '../stores/ports/rate-limiter.ts'
import type { Stores } from '../stores/ports/stores.ts'
import type { RecordPlace } from '../stores/ports/usage-records.ts'
import type { BudgetRule } from '../canonical/budget.ts'
import type { Clock } from '../canonical/clock.ts'
import type { LimitRule } from '../canonical/limit.ts'
import type { Owner } from '../canonical/principal.ts'
import type { Turns } from '../canonical/turns.ts'

/**
 * What the admin API needs of the rest of the house. `build.ts` fills it: the API itself knows no provider, no router and
 * no config file, only these views.
 */
export interface AdminParts {
  readonly clock: Clock
  readonly stores: Stores
  /** Of the changes, and of everything else that must not run beside one: a reload. */
  readonly turns: Turns
  /** Constant-time check of the admin key. */
  verifyAdminKey(candidate: string): boolean
  /** A new virtual key: its text (shown once by the caller), its public id, its hash and its last four characters. */
  makeKey(): { readonly key: string; readonly id: string; readonly hash: string; readonly last4: string }
  /** Entities and keys of config and directory together, as the data listener sees them now. */
  identities(): IdentityViews
  /**
   * Makes the data listener see a change of the directory at once, in every process that serves. Call after every successful
   * `directory.change`, and answer when it has resolved.
   */
  directoryChanged(): Promise<void>
  models(): readonly ModelView[]
  providers(): Promise<readonly ProviderView[]>
  /** Every limit in force and what is used of it. @throws GatewayError `store_unavailable` when the counts cannot be reached. */
  limits(): Promise<readonly LimitView[]>
  /** Every budget in force. */
  budgets(): readonly BudgetInForce[]
  /** What is spent and held in them, and where what may be spent is changed. */
  readonly ledger: OwnLedger
  config(): ConfigView
  /** Reads the config file anew, in a turn of its own. A broken file keeps the last good one and says what is wrong. */
  reload(): Promise<ReloadOutcome>
  readonly prices: PriceViews
  /**
   * Prices the records of a time anew, as far as one order goes. Writes nothing: what is to be written is in the answer.
   * @throws GatewayError `invalid_request` for a prices file that cannot be used.
   */
  rerate(order: RerateOrder): Promise<ReratedView>
  /** Prometheus text. */
  metrics(): Promise<{ readonly contentType: string; readonly text: string }>
  /** The processes that serve clients; none where this one does. */
  workers(): readonly WorkerView[]
  /** Begins to replace every worker by a new one. */
  restart(): void
  /** Something that no rule foresaw; the caller was told `internal` with this id, and nothing more. */
  onBug(error: unknown, id: string): void
}

/** Everything that calls can belong to, of the config and of the directory, revoked keys included. */
export interface IdentityViews {
  readonly entities: readonly EntityView[]
  readonly keys: readonly KeyView[]
}

export interface EntityView {
  /** Kind and owner path, such as `team acme/search`. */
  readonly id: string
  readonly kind: EntityKind
  readonly name: string
  readonly organisation: string | undefined
  readonly team: string | undefined
  readonly models: readonly string[] | undefined
  readonly require: readonly string[] | undefined
  readonly limits: LimitsSettings | undefined
  readonly budgets: BudgetsSettings | undefined
  readonly timezone: string | undefined
  readonly managedBy: 'config' | 'api'
  readonly createdAtMs: number
}

/** A key without anything that could be used in its place: no hash. */
export interface KeyView {
  readonly id: string
  readonly name: string
  readonly last4: string | undefined
  readonly organisation: string
  readonly team: string | undefined
  readonly project: string | undefined
  readonly user: string | undefined
  readonly agent: string | undefined
  readonly models: readonly string[] | undefined
  readonly require: readonly string[] | undefined
  readonly limits: LimitsSettings | undefined
  readonly budgets: BudgetsSettings | undefined
  readonly managedBy: 'config' | 'api'
  readonly createdAtMs: number
  readonly expiresAtMs: number | undefined
  readonly lifetimeMs: number | undefined
  readonly revokedAtMs: number | undefined
  /** An owner of it does not exist, so it is refused. */
  readonly isOwnerless: boolean
}

/** A model that clients can ask for, and where it leads. */
export interface ModelView {
  readonly name: string
  readonly strategy: string
  readonly targets: readonly {
    readonly provider: string
    readonly model: string
    readonly weight: number
    readonly tags: readonly string[]
    /** Version of the price in force; `undefined`: unpriced, its cost is unknown. */
    readonly priceVersion: string | undefined
  }[]
}

/** A provider as it is set up, and how it does. */
export interface ProviderView {
  readonly name: string
  readonly kind: string
  readonly origin: string
  readonly dialects: readonly string[]
  readonly network: {
    /** Its name may lead to private addresses. */
    readonly isPrivate: boolean
    /** The proxy on the way to it, without login. */
    readonly proxy: string | undefined
    readonly trusts: 'system' | 'own' | 'own and system'
    readonly hasClientCertificate: boolean
    readonly servername: string | undefined
    readonly minTlsVersion: 'TLSv1.2' | 'TLSv1.3'
  }
  readonly credentials: readonly { readonly id: string; readonly weight: number; readonly isResting: boolean }[]
  readonly tags: readonly string[]
  /** Its models that the config names, and others that are not well. */
  readonly targets: readonly TargetView[]
  readonly successes: number
  readonly failures: number
  readonly consecutiveFailures: number
  readonly lastSuccessAtMs: number | undefined
  readonly lastFailure: { readonly atMs: number; readonly kind: string } | undefined
}

/** A limit in force, with what it holds at this moment. */
export interface LimitView {
  readonly rule: LimitRule
  /** As the config spells it. */
  readonly by: string | undefined
  /** Those that hold something. */
  readonly accounts: readonly LimitAccount[]
}

/** A budget that calls draw on now, and where it was set up. */
export interface BudgetInForce {
  readonly rule: BudgetRule
  /** Whose it is; empty for a model's. */
  readonly place: Readonly<Partial<Record<keyof Owner, string | undefined>>>
  readonly managedBy: 'config' | 'api'
}

/** One worker process, as the primary knows it. */
export interface WorkerView {
  readonly pid: number
  readonly state: 'starting' | 'spare' | 'serving' | 'leaving' | 'left' | 'dead'
  readonly startedAtMs: number
  /** It owes an answer and has said nothing since. `undefined`: it answers. */
  readonly silentSinceMs: number | undefined
}

export interface TargetView {
  readonly model: string
  readonly state: 'closed' | 'resting' | 'open' | 'half-open'
  /** Until it is tried again. */
  readonly dueInMs: number
  /** Attempts under way. */
  readonly running: number
  /** Of streams, lately. */
  readonly firstContentMs: number | undefined
}

/** The price book, to look at. */
export interface PriceViews {
  /** What each model costs at a moment: those that the config leads to and those that prices were written for, or all. */
  list(
    atMs: number,
    isAll: boolean,
  ): readonly {
    readonly provider: string
    readonly model: string
    /** `undefined`: there is none. */
    readonly price: PriceLayerView | undefined
  }[]
  /** Every price that could count for a model, the uppermost first. */
  layers(provider: string, model: string, atMs: number): readonly PriceLayerView[]
  /** @throws GatewayError `invalid_request` for a prices file that cannot be used. */
  differences(before: PriceSide, after: PriceSide): readonly PriceDifferenceView[]
}

/** A book at a moment. */
export interface PriceSide {
  readonly atMs: number
  /** Used as if the config named it. `undefined`: the book in force. */
  readonly file: RerateOrder['file']
}

/** One of the prices that there are for a model. Money is in US dollars, as decimal text. */
export interface PriceLayerView {
  /** `config`, `prices-file@<version>` or the built-in list. */
  readonly layer: string
  readonly pattern: string
  readonly version: string
  /** `undefined`: always was, or for ever. */
  readonly fromMs: number | undefined
  readonly untilMs: number | undefined
  readonly source: string | undefined
  readonly checkedAt: string | undefined
  readonly isInForce: boolean
  readonly decides: boolean
  /** US dollars per million, by component. */
  readonly bands: readonly {
    readonly inputOver: number | undefined
    readonly rates: Readonly<Record<string, string>>
  }[]
  readonly requestFee: string | undefined
  readonly notes: readonly string[]
}

/** What a model costs after a change and what it cost before. Rates are US dollars per million, as decimal text. */
export interface PriceDifferenceView {
  readonly provider: string
  readonly model: string
  readonly kind: 'new' | 'gone' | 'dearer' | 'cheaper' | 'mixed'
  readonly before: string | undefined
  readonly after: string | undefined
  readonly rates: readonly {
    readonly component: string
    readonly inputOver: number | undefined
    readonly before: string
    readonly after: string
    readonly percent: number | undefined
    readonly isJump: boolean
  }[]
}

/** Which records are to be priced anew, and by what. */
export interface RerateOrder {
  readonly fromMs: number
  /** Exclusive. */
  readonly untilMs: number
  /** Only these, by name or pattern, as the provider or the config calls them. Empty: all. */
  readonly models: readonly string[]
  /** Where the order before this one ended. */
  readonly after: RecordPlace | undefined
  /** A prices file to be used as if the config named it. `undefined`: the book in force. */
  readonly file: { readonly name: string; readonly text: string } | undefined
}

/** What pricing records anew came to, in this step of it. */
export interface ReratedView {
  readonly examined: number
  readonly adjusted: number
  /** The book has no price for these now; what they cost so far stays. */
  readonly unpriced: number
  /** The provider said what they cost. */
  readonly toldByProvider: number
  readonly entries: readonly NewLedgerEntry[]
  /** Of the adjusted ones, by target. */
  readonly models: readonly {
    readonly provider: string
    readonly model: string
    readonly records: number
    readonly beforeNanos: bigint
    readonly afterNanos: bigint
  }[]
  /** Where to go on; `undefined`: it is done. */
  readonly next: RecordPlace | undefined
}

export interface ConfigView {
  readonly version: string
  readonly fileName: string
  readonly loadedAtMs: number
  /** What an operator should know: unpriced models, providers that are switched off. */
  readonly warnings: readonly string[]
  /** Why the newest version of the file was not taken; `undefined` when it was. */
  readonly lastReloadProblem: string | undefined
}

export type ReloadOutcome =
  | { readonly isTaken: true; readonly version: string; readonly warnings: readonly string[] }
  | { readonly isTaken: false; readonly problem: string }
