import { asGatewayError, GatewayError } from '../canonical/error.ts'
import { readModelName } from '../dialects/shared/call-fields.ts'
import { openAiSession } from './realtime/openai-session.ts'
import { acceptOf, SocketReader } from '../wire/websocket.ts'
import { budgetsOver } from './budget.ts'
import { enter } from './enter.ts'
import { openMeter } from './meter.ts'
import type { Parts } from './parts.ts'
import { openSlices } from './realtime/ledger-slices.ts'
import { holdSession } from './realtime/hold-session.ts'
import { openAtProvider, sessionTarget } from './realtime/open-provider.ts'
import { permitSession } from './realtime/permit-session.ts'
import type { RealtimeExchange } from './realtime/realtime-exchange.ts'
import { openSession } from './realtime/session.ts'
import { refuse } from './refuse.ts'

/**
 * Carries one realtime session of OpenAI's, from the handshake to its end: nothing is accepted before the key, the model and the
 * budgets are, and the session ends when any of them does.
 */
export async function carryRealtime(exchange: RealtimeExchange, parts: Parts): Promise<void> {
  const snapshot = parts.snapshot()
  const meter = openMeter(exchange, snapshot, parts)
  const { client } = exchange
  try {
    const principal = enter(exchange, snapshot, meter, parts)
    const modelName = modelIn(exchange.query)
    const opened = { modelName, sizeBytes: 0 }
    const { call, found, guard } = await permitSession(exchange, opened, principal, snapshot, meter, parts)

    const { target, destination } = sessionTarget(found, 'openai', principal, parts)
    const budgeted = budgetsOver(principal, { call }, found.model.name, snapshot)
    const slices = await openSlices({ destination, target, model: found.model, budgeted, meter, snapshot, parts })

    // The provider first: a client is not told that a session is open which is none.
    const path = `${destination.basePath}/realtime?${new URLSearchParams({ model: target.modelName }).toString()}`
    const provider = await openAtProvider(exchange, destination, target, path, betaOf(exchange), slices, parts)
    const session = openSession({
      client: client.accept(acceptOf),
      clientIdleMs: client.idleMs,
      provider,
      slices,
      clock: parts.clock,
      words: openAiSession({ asked: modelName, there: target.modelName }),
      fromClient: new SocketReader(true),
      said: [],
      keptAs: () => undefined,
      sent: (bytes) => meter.sent(bytes),
      guard,
    })
    await holdSession(session, exchange, modelName, meter, parts)
  } catch (thrown) {
    if (!client.hasBegun) return refuse(exchange, thrown, meter)
    meter.told(101, asGatewayError(thrown))
    client.breakOff()
  } finally {
    meter.close()
  }
}

/**
 * The model that the query names. Nothing else of it reaches the provider: what it would mean there was not permitted.
 * @throws GatewayError `invalid_request`; `unsupported` for a call that is under way, which may be anyone's, and with any model.
 */
function modelIn(query: string): string {
  const said = new URLSearchParams(query)
  if (said.has('call_id'))
    throw new GatewayError('unsupported', '`call_id` would join a call that was not made here', { param: 'call_id' })
  const modelName = said.get('model') ?? ''
  if (modelName === '')
    throw new GatewayError('invalid_request', '`model` is missing in the query of the path', { param: 'model' })
  return readModelName({ model: modelName })
}

/** Says which version of the events the client speaks (OpenAI docs, Realtime API with WebSocket, read 2026-11). */
function betaOf({ headers }: RealtimeExchange): readonly string[] {
  const beta = headers.one('openai-beta')
  return beta === undefined ? [] : ['openai-beta', beta]
}
