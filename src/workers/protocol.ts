import type { MetricsShare } from '../accounting/metrics/merge.ts'
import type { FoundSources } from '../config/sources.ts'
import type { BudgetAsk, BudgetRule, Spend, ToldBalance } from '../canonical/budget.ts'
import type { DirectoryContents } from '../stores/ports/directory.ts'
import type { GivenBack, HoldAsk, HoldVerdict } from '../stores/ports/ledger.ts'
import type { LimitAccount } from '../stores/ports/rate-limiter.ts'
import type { KeptObject, ObjectsQuestion, OpenAsked, StateHolder } from '../stores/ports/state-holders.ts'
import type { SpoolPosition } from '../stores/embedded/spool-segments.ts'
import type { TokenCount } from '../canonical/limit.ts'
import type { HealthNews } from '../routing/health-state.ts'
import type { Work } from './balance.ts'
import type { NumberedRule, NumberedTake, TakeVerdict } from './limit-words.ts'

/**
 * Which words the processes have in common. A restart may start workers of newer code than the primary's: they serve where
 * this number is the same, and refuse to where it is not. Raise it with every change of this file's types, and of what a usage record
 * holds: the primary reads what its workers spool.
 */
export const protocolVersion = 12

/** What the primary process answers to its workers. */
export type PrimaryAnswers = {
  /** A worker's first word: what is it to do? */
  readonly begin: Verb<undefined, Orders>
  readonly 'take-limit': Verb<NumberedTake, TakeVerdict>
  readonly reserve: Verb<HoldAsk, HoldVerdict>
  readonly 'probe-hold': Verb<HoldAsk, HoldVerdict>
  readonly balances: Verb<readonly BudgetRule[], readonly ToldBalance[]>
  readonly 'balances-for': Verb<readonly BudgetAsk[], readonly ToldBalance[]>
  readonly 'give-back': Verb<GivenBack, undefined>
  readonly 'limit-accounts': Verb<undefined, readonly LimitAccount[]>
  readonly 'prepare-reserve': Verb<undefined, undefined>
  /** May this worker make the one probe of a circuit? The subject is as `routing/health-state.ts` names it. */
  readonly 'claim-probe': Verb<string, boolean>
  /** `null`: nothing is known of it. */
  readonly 'state-holders': Verb<readonly string[], readonly (StateHolder | null)[]>
  readonly 'keep-object': Verb<KeptObject, boolean>
  readonly 'objects-of': Verb<ObjectsQuestion, readonly string[]>
  readonly 'forget-object': Verb<string, undefined>
  /** `null`, both: nothing is open. */
  readonly 'find-open': Verb<OpenAsked, string | null>
  readonly 'take-open': Verb<OpenAsked, string | null>
}

/** What workers tell of their own accord. */
export type WorkerTells = {
  readonly serving: { readonly origin: string }
  /** The start has failed; the worker ends. */
  readonly 'cannot-serve': { readonly problem: string }
  readonly spool: SpoolPosition
  /** Told before the first take that names it. */
  readonly 'limit-rule': NumberedRule
  readonly 'forget-limit-rules': undefined
  readonly 'settle-limit': { readonly takeId: number; readonly used: TokenCount | undefined }
  readonly 'refund-limit': number
  /** Whoever waited for this take has gone. */
  readonly 'cancel-limit': number
  readonly dispatch: string
  readonly shrink: { readonly holdId: string; readonly most: Spend }
  /** `entry`: what the record of the attempt carries; `undefined`: nothing was spent. Sent when the record is safe. */
  readonly settle: { readonly holdId: string; readonly entry: string | undefined }
  /** No attempt was begun with it, and no record tells of it. */
  readonly release: string
  /** The store reports a failure in the worker. */
  readonly 'store-failure': string
  readonly 'keep-state': { readonly ids: readonly string[]; readonly holder: StateHolder }
  /** What this worker saw of providers, for the others. */
  readonly health: HealthNews
}

/** What workers answer to the primary. */
export type WorkerAnswers = {
  /** A config that the primary has compiled already. Refused where this process cannot: a package is gone meanwhile. */
  readonly 'take-config': Verb<ReadConfig, undefined>
  readonly 'take-directory': Verb<DirectoryContents, undefined>
  readonly metrics: Verb<undefined, MetricsShare>
  /** Attempts under way, by target. */
  readonly 'attempts-running': Verb<undefined, ReadonlyMap<string, number>>
  /** Writes what is handed over so far, and tells how far the spool is. */
  readonly 'flush-spool': Verb<undefined, SpoolPosition>
  /** Is anybody there, and with how much to do? `calls`: since it was last asked. */
  readonly pulse: Verb<undefined, Work>
  /** Ends every exchange in order and closes the spool. Afterwards the worker waits to be told to leave. */
  readonly drain: Verb<DrainOrders, Drained>
}

/** What the primary tells a worker without waiting for an answer. */
export type PrimaryTells = {
  readonly leave: undefined
  /** Others have less to do: this share of its clients is to connect anew. */
  readonly 'spread-clients': number
  /** What another worker saw. */
  readonly health: HealthNews
}

/** Everything that a worker begins with: it reads nothing else. */
export interface Orders {
  readonly protocolVersion: number
  readonly dataDir: string
  /** Of the worker's spool. */
  readonly ownerId: string
  /** Among its fellows, from 1: whose reserve file it is. */
  readonly place: number
  /** `descriptors`: the socket that all workers accept from, once for each handle it is to accept with. */
  readonly listen: { readonly host: string; readonly descriptors: readonly number[] }
  readonly config: ReadConfig
  /** Under which keys are hashed. */
  readonly pepper: Uint8Array
  readonly directory: DirectoryContents
  /** What the workers before it saw of providers. */
  readonly health: readonly HealthNews[]
}

/**
 * A config, and all that the primary read for it. Workers read none of its files themselves: they serve by what is in force, not by
 * what is on the disk when they start.
 */
export interface ReadConfig {
  readonly fileName: string
  readonly text: string
  readonly found: FoundSources
}

/** How a worker is to stop serving. */
export interface DrainOrders {
  readonly drainMs: number
  /** Whether other processes go on serving: then the gateway as a whole is still ready. */
  readonly isReplaced: boolean
}

/** What a worker leaves behind: how far its spool goes, and what it counted. */
export interface Drained {
  readonly position: SpoolPosition
  /** Why records are missing in the spool, if any are. */
  readonly failure: string | undefined
  readonly metrics: MetricsShare
}

interface Verb<Takes, Gives> {
  readonly takes: Takes
  readonly gives: Gives
}
