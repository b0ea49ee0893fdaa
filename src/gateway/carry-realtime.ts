import { randomBytes } from 'node:crypto'
import type { Duplex } from 'node:stream'
import { asGatewayError, GatewayError } from '../canonical/error.ts'
import type { Principal } from '../canonical/principal.ts'
import { permit } from '../policies/access/permit.ts'
import { identify } from '../policies/identity/identify.ts'
import type { Found } from '../routing/catalog.ts'
import { targetIdOf, type Target } from '../routing/plan.ts'
import { acceptOf } from '../wire/websocket.ts'
import { budgetsOver } from './budget.ts'
import { credentialFor, openTargets, type Door } from './carried/door.ts'
import { carriedCallOf } from './carried/parcel.ts'
import { ClientGone } from './exchange.ts'
import { findModel } from './find-model.ts'
import { takeLimits } from './limit.ts'
import { openMeter } from './meter.ts'
import type { Parts } from './parts.ts'
import { openSlices, type Slices } from './realtime/ledger-slices.ts'
import type { RealtimeExchange } from './realtime/realtime-exchange.ts'
import { openSession, type Session } from './realtime/session.ts'
import { refuse } from './refuse.ts'

/** How often a session's key is looked at again, and how long a session may last: OpenAI ends its own after 60 minutes. */
export const realtimeLimits = { recheckMs: 1_000, sessionMs: 2 * 3_600_000, openMs: 15_000 } as const

/**
 * Carries one realtime session, from the handshake to its end: nothing is accepted before the key, the model and the budgets are,
 * and the session ends when any of them does.
 */
export async function carryRealtime(exchange: RealtimeExchange, parts: Parts): Promise<void> {
  const snapshot = parts.snapshot()
  const meter = openMeter(exchange, snapshot, parts)
  const { client } = exchange
  try {
    const principal = identify(exchange.headers, snapshot.identity, parts.hashOf, exchange.startedAtMs)
    meter.identified(principal)
    exchange.admit(principal)
    const query = new URLSearchParams(exchange.query)
    const modelName = query.get('model') ?? ''
    if (modelName === '')
      throw new GatewayError('invalid_request', '`model` is missing in the query of the path', { param: 'model' })
    const call = carriedCallOf(modelName)
    meter.asked({ call, body: { length: 0 }, textBytes: 0 })

    const found = findModel(snapshot.catalog, principal, modelName)
    permit(principal, modelName)
    await takeLimits(
      exchange,
      principal,
      { call, body: { length: 0 }, textBytes: 0 },
      found.model.name,
      snapshot,
      meter,
      parts,
    )

    const { target, door } = targetOf(found, principal, parts)
    const budgeted = budgetsOver(principal, { call }, found.model.name, snapshot)
    const slices = await openSlices({ door, target, model: found.model, budgeted, meter, snapshot, parts })

    // The provider first: a client is not told that a session is open which is none.
    query.set('model', target.modelName)
    const provider = await opened(exchange, door, `${door.basePath}/realtime?${query.toString()}`, slices, parts)
    const session = openSession({
      client: client.accept(acceptOf),
      provider,
      slices,
      clock: parts.clock,
      modelName: target.modelName,
      askedModelName: modelName,
      sent: (bytes) => meter.sent(bytes),
    })
    meter.told(101, undefined)
    client.stopped((problem) => session.cut(problem))
    const watch = watchOver(session, exchange, parts)
    const problem = await session.over
    watch.end()
    meter.told(101, problem)
    await parts.usage.written()
  } catch (thrown) {
    if (!client.hasBegun) return refuse(exchange, thrown, meter)
    meter.told(101, asGatewayError(thrown))
    client.breakOff()
  } finally {
    meter.close()
  }
}

function targetOf(found: Found, principal: Principal, parts: Parts): { readonly target: Target; readonly door: Door } {
  const { model, wildcard } = found
  for (const { provider, modelName: name, hasWildcard, abilities } of openTargets(model, principal)) {
    const basePath = provider.carries?.openai
    if (basePath === undefined) continue
    const modelName = hasWildcard ? name.replace('*', () => wildcard) : name
    const id = targetIdOf({ provider, modelName })
    const reason = 'the first that has realtime sessions'
    const target = {
      id,
      provider,
      modelName,
      dialect: 'openai-chat',
      abilities,
      defaultOutputCapTokens: undefined,
      reason,
    } as const
    return { target, door: { provider, credential: credentialFor(provider, parts), basePath } }
  }
  throw new GatewayError('unsupported', `no provider of model "${model.name}" has realtime sessions`, {
    param: 'model',
  })
}

/** @throws GatewayError when the provider opens none in time, or nobody waits any more. What was set aside is given back. */
async function opened(
  exchange: RealtimeExchange,
  door: Door,
  path: string,
  slices: Slices,
  parts: Parts,
): Promise<Duplex> {
  const { provider, credential } = door
  const leaving = new AbortController()
  exchange.client.gone(() => leaving.abort(new ClientGone()))
  exchange.client.stopped((problem) => leaving.abort(problem))
  const deadline = parts.clock.after(realtimeLimits.openMs, () => leaving.abort(new GatewayError('upstream_timeout')))
  const key = randomBytes(16).toString('base64')
  const headers = [
    ...provider.headers('openai-chat', credential, (name) => exchange.headers.one(name)),
    'sec-websocket-version',
    '13',
    'sec-websocket-key',
    key,
    ...betaOf(exchange),
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

/** Says which version of the events the client speaks (OpenAI docs, Realtime API with WebSocket, read 2026-11). */
function betaOf({ headers }: RealtimeExchange): readonly string[] {
  const beta = headers.one('openai-beta')
  return beta === undefined ? [] : ['openai-beta', beta]
}

/** Whose key is revoked, or may not use the model any more, is cut off within a moment. */
function watchOver(session: Session, { headers, query }: RealtimeExchange, parts: Parts): { end(): void } {
  const modelName = new URLSearchParams(query).get('model') ?? ''
  const last = parts.clock.after(realtimeLimits.sessionMs, () =>
    session.cut(new GatewayError('request_timeout', 'the session has lasted as long as one may; open another one')),
  )
  const look = parts.clock.after(realtimeLimits.recheckMs, () => {
    try {
      permit(identify(headers, parts.snapshot().identity, parts.hashOf, parts.clock.nowMs()), modelName)
      look.restart()
    } catch (thrown) {
      session.cut(asGatewayError(thrown))
    }
  })
  return {
    end: () => {
      last.cancel()
      look.cancel()
    },
  }
}
