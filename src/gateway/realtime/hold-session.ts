import { asGatewayError, GatewayError } from '../../canonical/error.ts'
import { budgetRefusalOf } from '../../policies/budgets/refusal.ts'
import { identify } from '../../policies/identity/identify.ts'
import { budgetsOver } from '../budget.ts'
import { carriedCallOf } from '../carried/carried-call.ts'
import { findPermitted } from '../find-model.ts'
import type { Meter } from '../meter.ts'
import type { Parts } from '../parts.ts'
import type { RealtimeExchange } from './realtime-exchange.ts'
import type { Session } from './session.ts'

/** How often a session's key is looked at again. */
const recheckMs = 1_000

/** How long a session may last: OpenAI ends its own after 60 minutes. */
const longestMs = 2 * 3_600_000

/**
 * Holds an open session until it is over and on the disk: with either side's end, with the gateway's, or when its caller may not have
 * it any more.
 */
export async function holdSession(
  session: Session,
  exchange: RealtimeExchange,
  modelName: string,
  meter: Meter,
  parts: Parts,
): Promise<void> {
  meter.told(101, undefined)
  exchange.client.stopped((problem) => session.cut(problem))
  const watch = watchOver(session, exchange, modelName, parts)
  const problem = await session.over
  watch.end()
  meter.told(101, problem)
  await parts.usage.written()
}

/**
 * Cuts a session off within a moment where its key is revoked, or may not use the model any more, where the model has left the config
 * or a budget of time is over.
 */
function watchOver(session: Session, exchange: RealtimeExchange, modelName: string, parts: Parts): { end(): void } {
  let isOver = false
  const last = parts.clock.after(longestMs, () =>
    session.cut(new GatewayError('request_timeout', 'the session has lasted as long as one may; open another one')),
  )
  const look = parts.clock.after(recheckMs, () => {
    mustGoOn(exchange, modelName, parts).then(
      () => {
        if (!isOver) look.restart()
      },
      (thrown: unknown) => session.cut(asGatewayError(thrown)),
    )
  })
  return {
    end: () => {
      isOver = true
      last.cancel()
      look.cancel()
    },
  }
}

/** @throws GatewayError where a session may not go on. */
async function mustGoOn({ id, headers }: RealtimeExchange, modelName: string, parts: Parts): Promise<void> {
  const snapshot = parts.snapshot()
  const principal = identify(headers, snapshot.identity, parts.hashOf, parts.clock.nowMs())
  const { model } = findPermitted(snapshot.catalog, principal, modelName)
  const budgeted = budgetsOver(principal, { call: carriedCallOf(modelName) }, model.name, snapshot)
  // Time passes by itself, and what else is spent is set aside. The session is one of those that its key has open.
  const asks = (budgeted?.asks ?? []).flatMap(({ rule, value }) =>
    rule.unit === 'seconds' ? [{ rule: { ...rule, mostOpenPerKey: undefined }, value }] : [],
  )
  if (asks.length === 0) return
  const most = { nanos: 0n, tokens: 0n, calls: 0n }
  const verdict = await parts.ledger.probe({ holdId: `session ${id}`, caller: principal.keyId, asks, most })
  const rule = verdict.kind === 'refused' ? asks[verdict.place]?.rule : undefined
  if (verdict.kind === 'refused' && rule) throw budgetRefusalOf(rule, verdict, { usage: undefined, costOf: undefined })
}
