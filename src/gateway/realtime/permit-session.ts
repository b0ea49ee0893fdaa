import type { Call } from '../../canonical/call.ts'
import type { Principal } from '../../canonical/principal.ts'
import type { Found } from '../../routing/catalog.ts'
import { carriedCallOf } from '../carried/carried-call.ts'
import { findPermitted } from '../find-model.ts'
import { takeLimits } from '../limit.ts'
import type { Meter } from '../meter.ts'
import type { Parts } from '../parts.ts'
import type { Snapshot } from '../snapshot.ts'
import { openSessionGuard } from './guard-session.ts'
import type { RealtimeExchange } from './realtime-exchange.ts'

/** A session that its caller may have, with what looks at its messages. */
export interface PermittedSession {
  readonly call: Call
  readonly found: Found
  /** `undefined`: no rule looks at it. */
  readonly guard: ReturnType<typeof openSessionGuard>
}

/**
 * Whether a caller may have a session with a model, how often, and what looks at it: the steps of `serve` between the reading of a call
 * and its plan, for what has no body.
 * @param sizeBytes of the message that opens the session; 0: there is none.
 * @throws GatewayError as `permit`, `takeLimits` and `openSessionGuard` do.
 */
export async function permitSession(
  exchange: RealtimeExchange,
  { modelName, sizeBytes }: { readonly modelName: string; readonly sizeBytes: number },
  principal: Principal,
  snapshot: Snapshot,
  meter: Meter,
  parts: Parts,
): Promise<PermittedSession> {
  const call = carriedCallOf(modelName)
  const asked = { call, body: { length: sizeBytes }, textBytes: 0 }
  meter.asked(asked)
  const found = findPermitted(snapshot.catalog, principal, modelName, meter)
  await takeLimits(exchange, principal, asked, found.model.name, snapshot, meter, parts)
  const guard = openSessionGuard({ call, principal, snapshot, clock: parts.clock })
  if (guard) meter.guarded(guard.notes)
  return { call, found, guard }
}
