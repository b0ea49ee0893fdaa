import { randomBytes } from 'node:crypto'
import type { Duplex } from 'node:stream'
import { GatewayError } from '../../canonical/error.ts'
import type { Principal } from '../../canonical/principal.ts'
import type { CarriedFamily } from '../../providers/provider.ts'
import type { Found } from '../../routing/catalog.ts'
import { targetIdOf, type Target } from '../../routing/plan.ts'
import { acceptOf } from '../../wire/websocket.ts'
import { dialectOf } from '../carried/carried-exchange.ts'
import { credentialFor, openTargets, type Destination } from '../carried/destination.ts'
import { ClientGone } from '../exchange.ts'
import type { Parts } from '../parts.ts'
import type { Slices } from './ledger-slices.ts'
import type { RealtimeExchange } from './realtime-exchange.ts'

/** How long each side may take until a session is open, in milliseconds. */
export const openMs = 15_000

/** @throws GatewayError `unsupported` where no target of the model has sessions of this API. */
export function sessionTarget(
  { model, wildcard }: Found,
  family: CarriedFamily,
  principal: Principal,
  parts: Parts,
): { readonly target: Target; readonly destination: Destination } {
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
    return { target, destination: { provider, credential: credentialFor(provider, parts), basePath } }
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
  { provider, credential }: Destination,
  { dialect }: Target,
  path: string,
  ownHeaders: readonly string[],
  slices: Slices,
  parts: Parts,
): Promise<Duplex> {
  const leaving = new AbortController()
  exchange.client.gone(() => leaving.abort(new ClientGone()))
  exchange.client.stopped((problem) => leaving.abort(problem))
  const deadline = parts.clock.after(openMs, () => leaving.abort(new GatewayError('upstream_timeout')))
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
