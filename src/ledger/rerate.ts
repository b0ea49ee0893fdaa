import type { Posting } from '../canonical/budget.ts'
import type { Nanos } from '../canonical/money.ts'
import { batchService, serviceOfVersion } from '../canonical/service.ts'
import { declaredPrice, type UsageRecord } from '../canonical/usage-record.ts'
import { usageComponents, type Usage } from '../canonical/usage.ts'
import { readAccountId } from './account-id.ts'
import { readPostings } from './amounts.ts'
import { readRuleId } from './rule-id.ts'

/** What one record comes to when its price is looked up anew. */
export type Rerating =
  /** The cost stays, though perhaps by another price. */
  | { readonly kind: 'same' }
  /** The provider itself said what it charged, in its answer or to who resolved a doubt; no price of ours is truer. */
  | { readonly kind: 'told-by-provider' }
  /** The book has no price now. A cost that was known stays. */
  | { readonly kind: 'unpriced' }
  | {
      readonly kind: 'adjusted'
      /** What it came to so far; `undefined`: nobody knew. */
      readonly beforeNanos: Nanos | undefined
      readonly afterNanos: Nanos
      /** What the adjusting entry adds. 0 where a cost of nothing was not known before. */
      readonly differenceNanos: Nanos
    }

export interface RatedAnew {
  readonly record: Usage & Pick<UsageRecord, 'costNanos' | 'priceVersion' | 'providerCostNanos'>
  /** What earlier reratings added; `undefined`: there was none. */
  readonly reratedNanos: Nanos | undefined
  /** It was in doubt, and somebody has told since what it came to. */
  readonly isResolved: boolean
  /** `undefined`: the book has no price. */
  readonly costNow: Nanos | undefined
}

/**
 * The entry that brings a record's cost, as it stands with every earlier entry, to what it costs by the book now. Doing it
 * twice adjusts nothing the second time.
 */
export function rerate({ record, reratedNanos, isResolved, costNow }: RatedAnew): Rerating {
  if (record.providerCostNanos !== undefined || isResolved) return { kind: 'told-by-provider' }
  // What the config declared for it, or the difference of what it came to from that: no rates make either.
  if (record.priceVersion === declaredPrice) return { kind: 'same' }
  // The calls of a batch were priced one by one, and what was declared for it is taken off: its sum tells neither.
  if (serviceOfVersion(record.priceVersion) === batchService) return { kind: 'same' }
  if (costNow === undefined) return { kind: 'unpriced' }
  const { costNanos } = record
  const isKnown = costNanos !== undefined || reratedNanos !== undefined
  const beforeNanos = isKnown ? (costNanos ?? 0n) + (reratedNanos ?? 0n) : undefined
  if (beforeNanos === costNow) return { kind: 'same' }
  // What used nothing costs nothing, with a price or without.
  if (beforeNanos === undefined && usageComponents.every((component) => record[component] === 0))
    return { kind: 'same' }
  return { kind: 'adjusted', beforeNanos, afterNanos: costNow, differenceNanos: costNow - (beforeNanos ?? 0n) }
}

/**
 * What the accounts in dollars that a record was posted in come to differently. What its cost was when it was posted, they hold;
 * where nobody knew it, they hold what the budget counts for a call without a price, and that gives way to the cost.
 */
export function accountDifferences(
  { postings }: Pick<UsageRecord, 'postings'>,
  { beforeNanos, afterNanos, differenceNanos }: Extract<Rerating, { readonly kind: 'adjusted' }>,
): readonly Posting[] {
  if (postings === undefined) return []
  return readPostings(postings)
    .filter(({ accountId }) => readRuleId(readAccountId(accountId).ruleId).unit === 'usd')
    .map(({ accountId, amount }) => ({
      accountId,
      amount: beforeNanos === undefined ? afterNanos - amount : differenceNanos,
    }))
    .filter(({ amount }) => amount !== 0n)
}
