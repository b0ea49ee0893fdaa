import { randomBytes } from 'node:crypto'
import type { Duplex } from 'node:stream'
import { asGatewayError, GatewayError } from '../canonical/error.ts'
import type { Principal } from '../canonical/principal.ts'
import { geminiGenerate } from '../dialects/gemini-generate/index.ts'
import { liveSession, readLiveSetup, type LiveSetup } from '../dialects/gemini-generate/live-session.ts'
import {
  acceptOf,
  closeCodes,
  closeFrame,
  maskedTextFrame,
  SocketReader,
  type SocketMessage,
} from '../wire/websocket.ts'
import { budgetsOver } from './budget.ts'
import { innerCall, objectsIn } from './carried/inner-calls.ts'
import { holderOfAll } from './carried/own-objects.ts'
import type { Destination } from './carried/destination.ts'
import { enter } from './enter.ts'
import { ClientGone } from './exchange.ts'
import { openMeter, type Meter } from './meter.ts'
import type { Parts } from './parts.ts'
import { keepHearing } from './realtime/keep-hearing.ts'
import { openSlices } from './realtime/ledger-slices.ts'
import { holdSession } from './realtime/hold-session.ts'
import { openAtProvider, openMs, sessionTarget } from './realtime/open-provider.ts'
import { permitSession } from './realtime/permit-session.ts'
import type { RealtimeExchange } from './realtime/realtime-exchange.ts'
import { closeCodeOf, goodbyeMs, openSession } from './realtime/session.ts'
import { refuse } from './refuse.ts'
import type { Snapshot } from './snapshot.ts'

/**
 * Carries one session of Gemini's Live API. Its first message names the model, so that the handshake is answered as soon as the key
 * is good; nothing reaches a provider before the model, the limits and the budgets are looked at. What is refused then closes the
 * connection, with the reason.
 */
export async function carryLive(exchange: RealtimeExchange, parts: Parts): Promise<void> {
  const snapshot = parts.snapshot()
  const meter = openMeter(exchange, snapshot, parts)
  const { client } = exchange
  let socket: Duplex | undefined
  try {
    const principal = enter(exchange, snapshot, meter, parts)
    socket = client.accept(acceptOf)
    socket.on('error', () => socket?.destroy())
    const opening = await readOpening(exchange, socket, parts)
    await serveSession(exchange, socket, opening, principal, snapshot, meter, parts)
  } catch (thrown) {
    if (!socket) return refuse(exchange, thrown, meter)
    if (client.isGone) return
    // It has said goodbye, and is owed one.
    if (thrown instanceof ClientGone) return closeFor(closeFrame(closeCodes.normal, ''), socket, parts)
    const problem = asGatewayError(thrown)
    meter.told(problem.status, problem)
    closeFor(closeFrame(closeCodeOf(problem), problem.message), socket, parts)
  } finally {
    meter.close()
  }
}

/** What the client has said before anyone answers. */
interface Opening {
  readonly setup: LiveSetup
  readonly reader: SocketReader
  /** What came behind it already. */
  readonly said: readonly SocketMessage[]
  readonly sizeBytes: number
  /** Hands what the client has said since then to whoever listens next. */
  readonly handOver: () => void
}

/** @throws GatewayError `invalid_request`, `request_timeout` when no first message comes in time, `draining`. */
function readOpening({ client }: RealtimeExchange, socket: Duplex, { clock }: Parts): Promise<Opening> {
  const { promise, resolve, reject } = Promise.withResolvers<Opening>()
  const reader = new SocketReader(true)
  const deadline = clock.after(openMs, () =>
    reject(new GatewayError('request_timeout', 'no message with the `setup` of the session came in time')),
  )
  const hear = (bytes: Buffer) => {
    try {
      // Nobody is there yet who could answer a ping.
      const [first, ...said] = reader.take(bytes).filter(({ kind }) => kind !== 'ping' && kind !== 'pong')
      if (!first) return
      socket.off('data', hear)
      if (first.kind === 'close') return reject(new ClientGone())
      const setup = readLiveSetup(first.payload.toString('utf8'))
      // Whatever follows waits until the session is open.
      resolve({ setup, reader, said, sizeBytes: first.payload.length, handOver: keepHearing(socket) })
    } catch (thrown) {
      reject(thrown)
    }
  }
  socket.on('data', hear)
  client.gone(() => reject(new ClientGone()))
  client.stopped(reject)
  return promise.finally(() => deadline.cancel())
}

async function serveSession(
  exchange: RealtimeExchange,
  socket: Duplex,
  { setup, reader, said, sizeBytes, handOver }: Opening,
  principal: Principal,
  snapshot: Snapshot,
  meter: Meter,
  parts: Parts,
): Promise<void> {
  const { modelName } = setup
  const opened = { modelName, sizeBytes }
  const { call, found, guard } = await permitSession(exchange, opened, principal, snapshot, meter, parts)
  const { target, destination: first } = sessionTarget(found, 'gemini', principal, parts)
  const worded = setup.wordedFor(target.modelName)
  const opening = guard?.said(worded) ?? worded
  const destination = await destinationOfKept(setup, first, principal, parts)
  const budgeted = budgetsOver(principal, { call }, found.model.name, snapshot)
  const slices = await openSlices({ destination, target, model: found.model, budgeted, meter, snapshot, parts })
  const provider = await openAtProvider(
    exchange,
    destination,
    target,
    livePath(exchange, destination),
    [],
    slices,
    parts,
  )
  provider.write(maskedTextFrame(opening, randomBytes(4)))

  const holder = { kind: 'answer', organisation: principal.organisation } as const
  handOver()
  const session = openSession({
    client: socket,
    clientIdleMs: exchange.client.idleMs,
    provider,
    slices,
    clock: parts.clock,
    words: liveSession(),
    fromClient: reader,
    said,
    keptAs: (name) =>
      parts.stateHolders.keep([name], {
        ...holder,
        provider: destination.provider.name,
        credentialId: destination.credential.id,
      }),
    sent: (bytes) => meter.sent(bytes),
    guard,
  })
  await holdSession(session, exchange, modelName, meter, parts)
}

/**
 * A session goes on with another one where that was: with the account that kept it, and for its own organisation alone.
 * @throws GatewayError `state_not_available`, `object_not_found`.
 */
async function destinationOfKept(
  { resumes, asBody }: LiveSetup,
  destination: Destination,
  principal: Principal,
  parts: Parts,
): Promise<Destination> {
  const inner = innerCall(geminiGenerate, Buffer.from(JSON.stringify(asBody)), '`setup`')
  const files = await holderOfAll(objectsIn([inner]), principal.organisation, parts.stateHolders)
  const [kept] = resumes === undefined ? [] : await parts.stateHolders.holdersOf([resumes])
  if (resumes !== undefined && kept?.organisation !== principal.organisation)
    throw new GatewayError(
      'state_not_available',
      'nothing is known here of the session that `sessionResumption.handle` names',
      {
        param: 'setup.sessionResumption.handle',
      },
    )
  const holder = kept ?? files
  if (!holder) return destination
  const credential = destination.provider.credentials.find(({ id }) => id === holder.credentialId)
  if (holder.provider !== destination.provider.name || !credential)
    throw new GatewayError(
      'state_not_available',
      `provider "${holder.provider}" holds what the session builds on, and not with what serves this model now`,
    )
  return { ...destination, credential }
}

/** As the client has asked for it, at the place that stands before the version. */
function livePath({ endpoint }: RealtimeExchange, { basePath }: Destination): string {
  return `${basePath.replace(/\/v1(?:beta|alpha)?$/, '')}${endpoint.path.slice(endpoint.path.indexOf('/'))}`
}

/** The connection ends as RFC 6455 has it: our reason, their answer, or an end after a moment. */
function closeFor(goodbye: Buffer, socket: Duplex, { clock }: Parts): void {
  if (socket.writable) socket.end(goodbye)
  socket.resume()
  const timer = clock.after(goodbyeMs, () => socket.destroy())
  socket.once('close', () => timer.cancel())
}
