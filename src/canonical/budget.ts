import type { AccountKey } from './account-key.ts'
import type { Nanos } from './money.ts'

/** What a budget counts. `seconds`: the wall time from the first call of an account, for runs of agents. */
export const budgetUnits = ['usd', 'tokens', 'calls', 'seconds'] as const
export type BudgetUnit = (typeof budgetUnits)[number]

/** How long a budget lasts: aligned to the calendar of its time zone. `total`: for ever. */
export const budgetPeriods = ['hour', 'day', 'week', 'month', 'quarter', 'year', 'total'] as const
export type BudgetPeriod = (typeof budgetPeriods)[number]

/** One budget of one level, compiled. Plain data, so that it crosses processes. */
export interface BudgetRule {
  /** What its accounts are kept under: level, name, unit and period. The cap is no part of it: a changed cap keeps the books. */
  readonly id: string
  /** As the config spells it. */
  readonly name: string
  /** Whose it is: `organisation acme`, `team acme/search`, `key ci`, `model smart`. */
  readonly level: string
  readonly unit: BudgetUnit
  /** In the unit; dollars in nano-dollars. */
  readonly cap: bigint
  readonly per: BudgetPeriod
  /** IANA name: where its days begin. */
  readonly timezone: string
  /** One account for each value of this; `undefined`: one for all calls. */
  readonly by: AccountKey | undefined
  /** What a call is taken for that has no such value: refused, or one of those that share an account. */
  readonly missing: 'refuse' | 'share'
  /** Names or patterns with one `*`; only calls that ask for such a model count. `undefined`: all calls. */
  readonly models: readonly string[] | undefined
  /** Dollars only: what a call at a model without a price is set aside and counted for. `undefined`: it is refused. */
  readonly unpricedNanos: Nanos | undefined
  /** The most that one attempt may set aside, in the unit. `undefined`: the whole (ledger.md I18). */
  readonly mostPerCall: bigint | undefined
  /** How many attempts of one key may hold something at once. `undefined`: any number (ledger.md I18). */
  readonly mostOpenPerKey: number | undefined
  /** Per cent of the cap, rising, at which somebody is told. */
  readonly alertsAt: readonly number[]
}

/** What one call draws on one budget. */
export interface BudgetAsk {
  readonly rule: BudgetRule
  /** Which of the rule's accounts; `undefined` where it has one only, or for those that share one. */
  readonly value: string | undefined
}

/** What an attempt may come to, or came to. */
export interface Spend {
  /** `undefined`: there is no price. Never zero for that (ledger.md I16). */
  readonly nanos: Nanos | undefined
  /** Input and output together. */
  readonly tokens: bigint
  /** 1 for the attempt that a call is counted by, 0 for those after it. */
  readonly calls: bigint
}

/** What was set aside or spent in one account, in its unit. */
export interface Posting {
  readonly accountId: string
  readonly amount: bigint
}

/** One account as people look at it. Always `posted + held <= cap`, unless the cap was lowered or a provider broke its bound. */
export interface Balance {
  readonly accountId: string
  readonly ruleId: string
  readonly value: string | undefined
  readonly windowId: string
  /** Exclusive. `undefined`: it never ends. */
  readonly windowEndMs: number | undefined
  /** With every top-up, raise and change that is in force. */
  readonly cap: bigint
  /** Spent, as recorded. What ended in doubt is in here at its worst case. */
  readonly posted: bigint
  /** Set aside for attempts under way. */
  readonly held: bigint
}

/** The same with how much of it is doubt. */
export interface ToldBalance extends Balance {
  /** Of what is posted, that of attempts whose end nobody knows, at the most they can have come to. */
  readonly unknown: bigint
}
