import type { LimitTicket, RateLimiter } from '../stores/ports/rate-limiter.ts'
import type { TokenCount } from '../canonical/limit.ts'
import type { UsageRecord } from '../canonical/usage-record.ts'
import { inputTokensOf, outputTokensOf } from '../canonical/usage.ts'

/** What an exchange holds in limits, from the take to its end. */
export interface HeldLimits {
  readonly ticket: LimitTicket
  readonly estimate: TokenCount
}

/**
 * Gives back what an exchange held. A call of which nothing left the house was none, and is refunded: blocked by a guard,
 * no target, no connection. Any other counts with the tokens of all its attempts.
 * @param records of its attempts; `undefined` when they could not be made.
 */
export function endLimits(held: HeldLimits, records: readonly UsageRecord[] | undefined, limiter: RateLimiter): void {
  const left = records?.filter(({ attempt, failureClass }) => attempt > 0 && failureClass !== 'not-sent')
  if (left?.length === 0) limiter.refund(held.ticket)
  else limiter.settle(held.ticket, left && tokensOf(left, held.estimate))
}

/** Where nobody knows what an attempt used, the estimate stands for it: the worst case of a record is no measure of a rate. */
function tokensOf(records: readonly UsageRecord[], estimate: TokenCount): TokenCount {
  let input = 0
  let output = 0
  for (const record of records) {
    const isUnknown = record.usageSource === 'worst_case'
    input += isUnknown ? estimate.input : inputTokensOf(record)
    output += isUnknown ? estimate.output : outputTokensOf(record)
  }
  return { input, output }
}
