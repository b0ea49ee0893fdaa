import { randomBytes } from 'node:crypto'
import type { Duplex } from 'node:stream'
import { asGatewayError, GatewayError } from '../../canonical/error.ts'
import type { Principal } from '../../canonical/principal.ts'
import { permit } from '../../policies/access/permit.ts'
import { budgetRefusalOf } from '../../policies/budgets/refusal.ts'
import { identify } from '../../policies/identity/identify.ts'
import type { CarriedFamily } from '../../providers/provider.ts'
import type { Found } from '../../routing/catalog.ts'
import { targetIdOf, type Target } from '../../routing/plan.ts'
import { acceptOf } from '../../wire/websocket.ts'
import { budgetsOver } from '../budget.ts'
import { dialectOf } from '../carried/carried-exchange.ts'
import { credentialFor, openTargets, type Door } from '../carried/door.ts'
import { carriedCallOf } from '../carried/carried-call.ts'
import { ClientGone } from '../exchange.ts'
import { findModel } from '../find-model.ts'
import type { Parts } from '../parts.ts'
import type { Slices } from './ledger-slices.ts'
import type { RealtimeExchange } from './realtime-exchange.ts'
import type { Session } from './session.ts'

/** How often a session's key is looked at again, and how long a session may last: OpenAI ends its own after 60 minutes. */
export const realtimeLimits = { recheckMs: 1_000, sessionMs: 2 * 3_600_000, openMs: 15_000 } as const

/** @throws GatewayError `unsupported` where no target of the model has sessions of this API. */
export function sessionTarget(
  { model, wildcard }: Found,
  family: CarriedFamily,
  principal: Principal,
  parts: Parts,
): { readonly target: Target; readonly door: Door } {
  for (const { provider, modelName: name, hasWildcard, abilities } of openTargets(model, principal)) {
    const basePath = provider.carries?.[family]
    if (basePath === undefined) continue
    const modelName = hasWildcard ? name.replace('*', () => wildcard) : name
    const target: Target = {
      id: targetIdOf({ provider, modelName }),
      provider,
      modelName,
      dialect: dialectOf[family],
      abilities,
      defaultOutputCapTokens: undefined,
      reason: 'the first that has realtime sessions',
    }
    return { target, door: { provider, credential: credentialFor(provider, parts), basePath } }
  }
  throw new GatewayError('unsupported', `no provider of model "${model.name}" has realtime sessions`, {
    param: 'model',
  })
}

/**
 * Opens the session at the provider.
 * @param ownHeaders further ones, as a flat list.
 * @throws GatewayError when the provider opens none in time, or nobody waits any more. What was set aside is given back.
 */
export async function openAtProvider(
  exchange: RealtimeExchange,
  { provider, credential }: Door,
  { dialect }: Target,
  path: string,
  ownHeaders: readonly string[],
  slices: Slices,
  parts: Parts,
): Promise<Duplex> {
  const leaving = new AbortController()
  exchange.client.gone(() => leaving.abort(new ClientGone()))
  exchange.client.stopped((problem) => leaving.abort(problem))
  const deadline = parts.clock.after(realtimeLimits.openMs, () => leaving.abort(new GatewayError('upstream_timeout')))
  const key = randomBytes(16).toString('base64')
  const headers = [
    ...provider.headers(dialect, credential, (name) => exchange.headers.one(name)),
    'sec-websocket-version',
    '13',
    'sec-websocket-key',
    key,
    ...ownHeaders,
  ]
  try {
    const { origin, name, network } = provider
    return await parts.sockets.openSocket(
      { origin, provider: name, network, path, headers, accept: acceptOf(key) },
      leaving.signal,
    )
  } catch (thrown) {
    slices.abandon(thrown instanceof GatewayError ? thrown : undefined)
    throw thrown
  } finally {
    deadline.cancel()
  }
}

/**
 * Cuts a session off within a moment where its key is revoked, or may not use the model any more, where the model has left the config
 * or a budget of time is over.
 */
export function watchOver(
  session: Session,
  exchange: RealtimeExchange,
  modelName: string,
  parts: Parts,
): { end(): void } {
  let isOver = false
  const last = parts.clock.after(realtimeLimits.sessionMs, () =>
    session.cut(new GatewayError('request_timeout', 'the session has lasted as long as one may; open another one')),
  )
  const look = parts.clock.after(realtimeLimits.recheckMs, () => {
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
  const { model } = findModel(snapshot.catalog, principal, modelName)
  permit(principal, modelName)
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
