import { estimateAsked } from '../accounting/estimate.ts'
import { GatewayError } from '../canonical/error.ts'
import type { LimitAsk, LimitDecision } from '../canonical/limit.ts'
import type { Principal } from '../canonical/principal.ts'
import { asksOf } from '../policies/limits/asks.ts'
import { refusalOf } from '../policies/limits/refusal.ts'
import { noRules } from '../policies/limits/rules.ts'
import { ClientGone, type Exchange } from './exchange.ts'
import type { Meter } from './meter.ts'
import type { Parts } from './parts.ts'
import type { AskedSize } from './read-asked.ts'
import type { Snapshot } from './snapshot.ts'

/**
 * Takes room in every limit above the call, or in none; the meter gives it back. Nothing is done where nothing is limited.
 * @param catalogName the entry of the config that serves the model that is asked for.
 * @throws GatewayError `rate_limited`, `concurrency_limited` naming the limit; `invalid_request` when a limit counts by what
 *   the call does not say; ClientGone when nobody waits in line any more.
 */
export function takeLimits(
  exchange: Exchange,
  principal: Principal,
  asked: AskedSize,
  catalogName: string,
  snapshot: Snapshot,
  meter: Meter,
  parts: Parts,
): Promise<void> | undefined {
  const rulesOfModel = snapshot.modelLimits.get(catalogName) ?? noRules
  if (principal.limits.length + rulesOfModel.length === 0) return undefined
  const asks = asksOf(principal.limits, rulesOfModel, principal, asked.call)
  return asks.length === 0 ? undefined : take(exchange, principal, asked, asks, meter, parts)
}

async function take(
  exchange: Exchange,
  principal: Principal,
  asked: AskedSize,
  asks: readonly LimitAsk[],
  meter: Meter,
  parts: Parts,
): Promise<void> {
  const tokens = estimateAsked(asked.call, asked.textBytes)
  const mayWait = asks.some(({ rule }) => rule.queue !== undefined)
  const left = mayWait ? signalOfLeaving(exchange) : undefined
  const verdict = await parts.limiter.take({ asks, caller: principal.keyId, tokens }, left)
  switch (verdict.kind) {
    case 'cancelled':
      throw exchange.client.isGone ? new ClientGone() : (left?.reason ?? new GatewayError('draining'))
    case 'taken': {
      const { ticket, states, waitedMs } = verdict
      const decision: LimitDecision = { atMs: parts.clock.nowMs(), asks, states, waitedMs, refused: undefined }
      return meter.limited(decision, { ticket, estimate: tokens })
    }
    case 'refused': {
      const { states, waitedMs, refused } = verdict
      const decision: LimitDecision = { atMs: parts.clock.nowMs(), asks, states, waitedMs, refused }
      meter.limited(decision, undefined)
      throw refusalOf(decision)
    }
  }
}

/** Fires when the client goes away, or when we must end the exchange; the reason is then what to tell. */
function signalOfLeaving({ client }: Exchange): AbortSignal {
  const leaving = new AbortController()
  client.gone(() => leaving.abort())
  client.stopped((problem) => leaving.abort(problem))
  return leaving.signal
}
