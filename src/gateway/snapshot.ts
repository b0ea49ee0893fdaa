import type { RatedPriceBook } from '../accounting/rated-price.ts'
import type { BudgetRule } from '../canonical/budget.ts'
import type { LimitRule } from '../canonical/limit.ts'
import type { GuardRule } from '../policies/guardrails/rule.ts'
import type { IdentityTree } from '../policies/identity/tree.ts'
import type { Provider } from '../providers/provider.ts'
import type { Deadlines } from '../routing/settings.ts'
import type { Catalog } from '../routing/catalog.ts'
import type { GuardWays } from './guards/guard-way.ts'

/**
 * Everything that config and directory say, compiled: immutable, swapped whole. An exchange takes one at its start and
 * sees no other, and its records name it (failures.md S11).
 */
export interface Snapshot {
  /** Short hash of the config's text. */
  readonly version: string
  readonly identity: IdentityTree
  readonly catalog: Catalog
  readonly providers: ReadonlyMap<string, Provider>
  readonly prices: RatedPriceBook
  /** Limits of entries of the catalog, by their names. Only of those that have any. */
  readonly modelLimits: ReadonlyMap<string, readonly LimitRule[]>
  /** The same of budgets. */
  readonly modelBudgets: ReadonlyMap<string, readonly BudgetRule[]>
  /** In the order of the config. */
  readonly guardrails: readonly GuardRule[]
  /** How those of them are asked that judge elsewhere. */
  readonly guards: GuardWays
  readonly maxBodyBytes: number
  /** Of calls that ask no model of the catalog. */
  readonly deadlines: Deadlines
}
