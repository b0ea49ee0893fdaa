import type { Posting, Spend } from '../canonical/budget.ts'
import { readAccountId } from './account-id.ts'
import { readRuleId } from './rule-id.ts'

/**
 * By how much less each account would have been drawn on, had it been known what something comes to. Calls and seconds are what they
 * are, and where nobody knows the cost, dollars stay as they were posted: doubt is spend (I6).
 * @returns amounts below zero, of those accounts that have too much.
 */
export function lessThanPosted(
  postings: readonly Posting[],
  { nanos, tokens }: Pick<Spend, 'nanos' | 'tokens'>,
): readonly Posting[] {
  return postings.flatMap(({ accountId, amount }) => {
    const { unit } = readRuleId(readAccountId(accountId).ruleId)
    const cameTo = unit === 'usd' ? nanos : unit === 'tokens' ? tokens : undefined
    return cameTo !== undefined && cameTo < amount ? [{ accountId, amount: cameTo - amount }] : []
  })
}
