import { setImmediate as nextTurn } from 'node:timers/promises'
import type { NetworkSettings, UpstreamCall, UpstreamFailure } from '../provider.ts'
import type { PooledUpstream } from '../upstream.ts'
import { openListener } from './raw-upstream.ts'

const network: NetworkSettings = { connectTimeoutMs: 3_000, maxConnections: 4 }

/** Sends a small call, and tells how it ended. */
export async function callUpstream(
  upstream: PooledUpstream,
  origin: string,
  settings: Partial<NetworkSettings> = {},
  changes: Partial<UpstreamCall> = {},
): Promise<UpstreamFailure | 'end'> {
  const listener = openListener()
  upstream.send(
    {
      provider: 'p',
      origin,
      network: { ...network, ...settings },
      method: 'POST',
      path: '/v1/x',
      headers: ['authorization', 'Bearer provider-secret'],
      body: Buffer.from('{}'),
      mustConnectAnew: false,
      ...changes,
    },
    listener,
  )
  const over = await listener.over
  // A connection is free a turn after the answer that it carried.
  await nextTurn()
  return over
}
