import type { Principal } from '../canonical/principal.ts'
import { identify } from '../policies/identity/identify.ts'
import type { Exchange } from './exchange.ts'
import type { Meter } from './meter.ts'
import type { Parts } from './parts.ts'
import type { Snapshot } from './snapshot.ts'

/**
 * The first stages of every exchange: who is calling, and whether there is room for them. From headers alone, before a byte of a body
 * is read.
 * @throws GatewayError `unauthenticated`, `invalid_request` for ambiguous headers, `overloaded`.
 */
export function enter(
  exchange: Exchange,
  snapshot: Snapshot,
  meter: Pick<Meter, 'identified'>,
  parts: Parts,
): Principal {
  const principal = identify(exchange.headers, snapshot.identity, parts.hashOf, exchange.startedAtMs)
  meter.identified(principal)
  exchange.admit(principal)
  return principal
}
