import type { Nanos } from '../canonical/money.ts'
import type { UsageRecord } from '../canonical/usage-record.ts'
import { usageComponents } from '../canonical/usage.ts'

/** What one record comes to when its price is looked up anew. */
export type Rerating =
  /** The cost stays, though perhaps by another price. */
  | { readonly kind: 'same' }
  /** The provider itself said what it charged; no price of ours is truer. */
  | { readonly kind: 'told-by-provider' }
  /** The book has no price now. A cost that was known stays. */
  | { readonly kind: 'unpriced' }
  | {
      readonly kind: 'adjusted'
      /** What it came to so far; `undefined`: nobody knew. */
      readonly beforeNanos: Nanos | undefined
      readonly afterNanos: Nanos
      /** The adjusting entries. The first is of the record's cost, those with an account are of its budgets. */
      readonly entries: readonly Adjustment[]
    }

export interface Adjustment {
  readonly accountId: string | undefined
  readonly amount: Nanos
}

export interface RatedAnew {
  readonly record: UsageRecord
  /** What earlier reratings added; `undefined`: there was none. */
  readonly reratedNanos: Nanos | undefined
  /** What the record posted in accounts of budgets, in whatever unit. */
  readonly postings: readonly { readonly accountId: string; readonly amount: bigint }[]
  /** `undefined`: the book has no price. */
  readonly costNow: Nanos | undefined
}

/**
 * The entries that bring a record's cost, as it stands with every earlier entry, to what it costs by the book now. Doing it
 * twice adjusts nothing the second time.
 */
export function rerate({ record, reratedNanos, postings, costNow }: RatedAnew): Rerating {
  if (record.providerCostNanos !== undefined) return { kind: 'told-by-provider' }
  if (costNow === undefined) return { kind: 'unpriced' }
  const { costNanos } = record
  const isKnown = costNanos !== undefined || reratedNanos !== undefined
  const beforeNanos = isKnown ? (costNanos ?? 0n) + (reratedNanos ?? 0n) : undefined
  if (beforeNanos === costNow) return { kind: 'same' }
  // What used nothing costs nothing, with a price or without.
  if (beforeNanos === undefined && usageComponents.every((component) => record[component] === 0))
    return { kind: 'same' }
  const ofAccounts = postings
    .filter(({ accountId }) => isInDollars(accountId))
    .map(({ accountId, amount }) => ({
      accountId,
      // Without a price, what stands in the budget is a ceiling that was taken for the cost.
      amount: costNow - (beforeNanos ?? amount),
    }))
    .filter(({ amount }) => amount !== 0n)
  const ofRecord = { accountId: undefined, amount: costNow - (beforeNanos ?? 0n) }
  return { kind: 'adjusted', beforeNanos, afterNanos: costNow, entries: [ofRecord, ...ofAccounts] }
}

/** The unit stands in an account's id before its period: `team acme/search/monthly usd/month@2026-11`. */
function isInDollars(accountId: string): boolean {
  return / usd\/[a-z]+/.test(accountId)
}
