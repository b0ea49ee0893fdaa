import type { Nanos } from '../canonical/money.ts'
import type { UsageRecord } from '../canonical/usage-record.ts'
import { readAccountId } from './account-id.ts'
import { readPostings } from './amounts.ts'
import { readRuleId } from './rule-id.ts'

/** Whether a record tells the most that its attempt can have come to, since nobody knows how it ended. */
export function isInDoubt({ usageSource }: Pick<UsageRecord, 'usageSource'>): boolean {
  return usageSource === 'worst_case'
}

export interface LearntLater {
  /** Of an attempt in doubt. */
  readonly record: Pick<UsageRecord, 'costNanos' | 'postings'>
  /** What entries have added since: to its cost (no account), and to what is posted in accounts. */
  readonly adjustments: readonly { readonly accountId: string | undefined; readonly amount: bigint }[]
  /** What it came to. Without tokens, accounts in tokens stay as they are: at the most. */
  readonly cameTo: { readonly nanos: Nanos; readonly tokens: bigint | undefined }
}

export interface Resolution {
  /** What it counted as so far; `undefined`: nobody knew a price. */
  readonly beforeNanos: Nanos | undefined
  /** What is to be added to its cost. 0 where a cost of nothing was not known before. */
  readonly differenceNanos: Nanos
  /** Each account in which it was posted, in the order of its postings, in the unit of the account. Empty: it drew on none. */
  readonly accounts: readonly { readonly accountId: string; readonly before: bigint; readonly after: bigint }[]
}

/**
 * What brings an attempt to what it came to, from what it counts as with every earlier entry: a second one mends a mistake of the
 * first.
 */
export function resolve({ record, adjustments, cameTo }: LearntLater): Resolution {
  const { costNanos, postings } = record
  const added = (wanted: string | undefined) =>
    adjustments.reduce((sum, { accountId, amount }) => (accountId === wanted ? sum + amount : sum), 0n)
  const isKnown = costNanos !== undefined || adjustments.some(({ accountId }) => accountId === undefined)
  const beforeNanos = isKnown ? (costNanos ?? 0n) + added(undefined) : undefined
  const posted = postings === undefined ? [] : readPostings(postings)
  return {
    beforeNanos,
    differenceNanos: cameTo.nanos - (beforeNanos ?? 0n),
    accounts: posted.map(({ accountId, amount }) => {
      const before = amount + added(accountId)
      const { unit } = readRuleId(readAccountId(accountId).ruleId)
      // A call is one, however it ended.
      const learnt = unit === 'usd' ? cameTo.nanos : unit === 'tokens' ? cameTo.tokens : undefined
      return { accountId, before, after: learnt ?? before }
    }),
  }
}
