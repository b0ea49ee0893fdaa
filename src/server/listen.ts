import type { IncomingMessage, ServerResponse } from 'node:http'
import { Server as NetServer } from 'node:net'
import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import type { Clock } from '../canonical/clock.ts'
import { asGatewayError, GatewayError } from '../canonical/error.ts'
import { handshakeMs, type ListenerTls } from '../config/listener-tls.ts'
import type { Principal } from '../canonical/principal.ts'
import { Slots } from '../canonical/passing.ts'
import type { DialectName } from '../dialects/dialect.ts'
import { dialects } from '../dialects/all.ts'
import { carriedEndpoint, type CarriedExchange } from '../gateway/carried/carried-exchange.ts'
import { carriedAt } from '../gateway/carried/routes.ts'
import type { NativeExchange } from '../gateway/carry-native.ts'
import type { Exchange } from '../gateway/exchange.ts'
import type { NativePlace } from '../gateway/native-path.ts'
import type { RealtimeExchange } from '../gateway/realtime/realtime-exchange.ts'
import { retryHeaders } from '../gateway/headers.ts'
import type { IdentityHeaders } from '../policies/identity/identify.ts'
import { openAcceptors, type AcceptFrom } from './acceptors.ts'
import {
  checkAcceptable,
  checkCarriable,
  checkFraming,
  checkLiveQuery,
  refuseKeyInQuery,
  refuseProviderKey,
} from './accept.ts'
import { openAdmission, type LoadView, type Place } from './admission.ts'
import { clientHeaders } from './client-headers.ts'
import { boundConnections, type ConnectionView } from './connections.ts'
import {
  endpointAt,
  familyOf,
  isForRealtime,
  nativeAt,
  nativeEndpoint,
  realtimeAt,
  realtimeEndpoint,
  quotedEndpoint,
  quotePath,
} from './endpoints.ts'
import { HttpClient, waitingBytes } from './http-client.ts'
import { JsonArrayClient } from '../gateway/json-array-client.ts'
import { forget, isAnswering, lineOf, type Line } from './line.ts'
import { answerJson, answerText } from './plain-answer.ts'
import type { Probes } from './probes.ts'
import { refuseBytes, refuseTunnel } from './refuse-bytes.ts'
import { UpgradeClient } from './socket-client.ts'
import type { ServerSettings } from './settings.ts'
import { openServer, originOf } from './tls-server.ts'
import { noEndpoint } from './unserved-paths.ts'

/**
 * How long a client may take, in milliseconds (failures.md N7). Bodies have limits of their own, in the config; `requestMs` only
 * stands behind them, for a body that nobody reads. Idle connections outlive the 60 s of common load balancers.
 */
export const standardPatience: ListenerPatience = {
  handshakeMs,
  headersMs: 10_000,
  checkMs: 1_000,
  requestMs: 330_000,
  keepAliveMs: 65_000,
  requestsPerConnection: 10_000,
}
const maxHeaderBytes = 16 * 1024

export interface DataListenerParts {
  readonly clock: Clock
  /** Uniform in [0, 1). */
  readonly random: () => number
  readonly probes: Probes
  /** Of the config in force. */
  limits(): ServerSettings
  readonly nextId: () => string
  serve(exchange: Exchange): Promise<void>
  carry(exchange: CarriedExchange): Promise<void>
  carryNative(exchange: NativeExchange): Promise<void>
  carryRealtime(exchange: RealtimeExchange): Promise<void>
  /** Answers `GET /v1/models` for whoever asks, in the dialect given; with a name, that of one model below it. */
  tellModels(headers: IdentityHeaders, dialect: DialectName, name: string | undefined, query: string): unknown
  /** Answers `GET /v1/budget`. */
  ownBudget(headers: IdentityHeaders): Promise<unknown>
  /** Answers `POST /v1/quote`: what a call with this body would cost. */
  quote(exchange: Exchange): Promise<unknown>
  /** Something that no rule foresaw; the client was told `internal` with this id. */
  onBug(error: unknown, requestId: string): void
  /** The event loop stood still for this long. */
  onStall(longestMs: number): void
  /** The system would not hand over a connection. */
  onAcceptFailure(error: Error): void
  /** Another than the standard one: for tests, which do not wait. */
  readonly patience?: ListenerPatience
}

interface ListenerPatience {
  /** Of TLS. */
  readonly handshakeMs: number
  readonly headersMs: number
  /** How often connections are looked at. */
  readonly checkMs: number
  readonly requestMs: number
  readonly keepAliveMs: number
  /** After so many requests a connection is closed, so that a long-lived client is spread anew now and then. */
  readonly requestsPerConnection: number
}

export interface DataListenerPlace extends AcceptFrom {
  readonly maxConnections: number
  readonly tls?: ListenerTls | undefined
}

export interface DataListener {
  readonly origin: string
  /** New handshakes use this certificate from now on. Without effect where the listener speaks plain HTTP. */
  useTls(tls: ListenerTls): void
  /** Has a share of the clients connect anew, each after its next answer. Those that never call stay, and cost nothing. */
  spreadClients(share: number): void
  /**
   * Accepts no new connections, lets running exchanges end for at most `drainMs`, then ends the rest in band. Calls that come
   * on open connections within the first moment are served still, and told that the connection closes: they may have been on
   * their way already.
   * @returns how many had to be ended.
   */
  drain(orders: { readonly drainMs: number; readonly isReplaced: boolean }): Promise<number>
  /** Exchanges under way. */
  readonly running: number
  /** Requests that have come so far, whatever they are. */
  readonly requests: number
  /** For the metrics. */
  load(): ListenerLoad
}

export interface ListenerLoad extends LoadView {
  readonly connections: ConnectionView
}

/** Opens the data listener. Strict HTTP/1.1 by `node:http`; nothing here knows what an exchange means. */
export async function listen(parts: DataListenerParts, place: DataListenerPlace): Promise<DataListener> {
  const { patience = standardPatience } = parts
  const running = new Slots<HttpClient | UpgradeClient>()
  const admission = openAdmission(parts)
  const lines = new WeakMap<Duplex, Line>()
  let requests = 0
  let state: 'serving' | 'closing' | 'closed' = 'serving'
  /** Whether clients find the gateway ready: when this process is replaced, others serve on. */
  let isReady = true
  /** Grows with each `spreadClients`. */
  let round = 0
  let movedShare = 0
  const onIdle: (() => void)[] = []

  const { server, useTls } = openServer(
    {
      maxHeaderSize: maxHeaderBytes,
      highWaterMark: waitingBytes,
      handshakeTimeout: patience.handshakeMs,
      headersTimeout: patience.headersMs,
      requestTimeout: patience.requestMs,
      keepAliveTimeout: patience.keepAliveMs,
      connectionsCheckingInterval: patience.checkMs,
      requireHostHeader: true,
      insecureHTTPParser: false,
      noDelay: true,
      // Every other wish for an upgrade is passed over: the request is answered as it is (RFC 9110, 7.8), in its turn.
      shouldUpgradeCallback: (incoming) => isForRealtime(incoming) && !isAnswering(lines.get(incoming.socket)),
    },
    place.tls,
    (incoming, outgoing) => void answer(incoming, outgoing),
  )
  // Without these two, Node itself would tell clients to go on before anyone has asked who they are.
  server.on('checkContinue', (incoming, outgoing) => void answer(incoming, outgoing))
  server.on('checkExpectation', (incoming, outgoing) => void answer(incoming, outgoing))
  server.on('connect', (_incoming, socket) => {
    const line = lineOf(lines, socket, round)
    line.isBroken = true
    if (!isAnswering(line)) return refuseTunnel(socket, parts.clock)
    // A refusal would stand inside the answer, or be taken for it.
    line.client?.lose()
    socket.destroy()
  })
  server.on('upgrade', (incoming, socket, rest) => void answerUpgrade(incoming, socket, rest))
  server.on('clientError', (error, socket) => {
    const line = lineOf(lines, socket, round)
    line.isBroken = true
    line.client?.lose()
    refuseBytes(error, socket, line.answer, parts.clock)
  })
  // More headers than this are refused by `checkFraming`; Node's own cap would drop the surplus in silence.
  server.maxHeadersCount = 0
  const acceptors = await openAcceptors(server, place, waitingBytes)
  const connections = boundConnections(server, {
    maxConnections: place.maxConnections,
    maxPerAddress: () => parts.limits().maxConnectionsPerAddress,
    isShortOfFiles: () => admission.connected() === 'files',
    onAcceptFailure: parts.onAcceptFailure,
  })

  /** Counts a client as under way until it is over. */
  function follow(client: HttpClient | UpgradeClient, leave: () => void): void {
    const place = running.add(client)
    client.over(() => {
      leave()
      running.remove(place)
      if (running.size === 0) for (const then of onIdle.splice(0)) then()
    })
  }

  /** Whether the client is one of those that are sent to connect anew. Each is asked about once in a round. */
  function isToMove(line: Line): boolean {
    if (line.round === round) return false
    line.round = round
    return parts.random() < movedShare
  }

  async function answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const line = lineOf(lines, incoming.socket, round)
    const isPipelined = line.answer !== undefined && !line.answer.writableEnded
    line.answer = outgoing
    line.requests += 1
    requests += 1
    // One turn of microtasks: then it is known of a request without a body that it is complete, and a request with no HTTP behind it has
    // been refused.
    await undefined
    if (line.isBroken) return
    const id = parts.nextId()
    const { clock } = parts
    let room: Place | undefined
    const client = new HttpClient(
      incoming,
      outgoing,
      { clock, ...parts.limits() },
      {
        expect: (sizeBytes) => room?.expect(sizeBytes),
        hold: (sizeBytes) => room?.hold(sizeBytes),
      },
    )
    const url = incoming.url ?? '/'
    const mark = url.indexOf('?')
    const path = mark < 0 ? url : url.slice(0, mark)
    const query = mark < 0 ? '' : url.slice(mark + 1)
    const found = endpointAt(path, query)
    const carried = found ? undefined : carriedAt(incoming.method ?? '', path, familyOf(incoming.headers))
    line.client = client
    follow(client, () => room?.leave())
    client.over(() => forget(line, outgoing))
    try {
      // Behind a request for an upgrade, Node's parser may drop what came with it: answers must not be counted on from there.
      if (
        state !== 'serving' ||
        incoming.headers.upgrade !== undefined ||
        line.requests >= patience.requestsPerConnection ||
        isToMove(line)
      )
        outgoing.setHeader('connection', 'close')
      if (isPipelined)
        throw new GatewayError('invalid_request', 'the answer before has not come yet: no pipelining here')
      checkFraming(incoming)
      refuseProviderKey(incoming)
      if (path === quotePath) return await answerQuote()
      if (path === '/v1/budget') return await answerBudget()
      if (!found && carried) return await carry(carried)
      const native = nativeAt(incoming.method ?? '', path, query)
      if (native) return await carryNative(native)
      if (!found) return answerOther(incoming, outgoing, client, path, id)
      if (state === 'closed') throw new GatewayError('draining')
      checkAcceptable(incoming, query, found.endpoint.dialect.takesForms)
      const taken = admission.enter()
      room = taken
      await parts.serve({
        id,
        startedAtMs: clock.nowMs(),
        startedMonotonicMs: clock.monotonicMs(),
        endpoint: found.endpoint,
        address: found.address,
        headers: clientHeaders(incoming),
        client: found.isArray ? new JsonArrayClient(client) : client,
        admit: (principal) => admit(principal, taken, outgoing),
      })
    } catch (thrown) {
      const spoken = found?.endpoint.dialect.name ?? (carried ? callerDialect(incoming, path) : 'openai-chat')
      refuse(client, outgoing, spoken, thrown, id)
    }

    async function carry(asked: NonNullable<typeof carried>): Promise<void> {
      if (asked === 'other-method')
        throw new GatewayError('method_not_allowed', `${incoming.method} is not accepted here`)
      if (state === 'closed') throw new GatewayError('draining')
      const { body } = asked.route
      checkCarriable(incoming, query, body === 'none' ? 'none' : body === 'bytes' ? 'any' : 'json')
      const taken = admission.enter()
      room = taken
      await parts.carry({
        id,
        startedAtMs: clock.nowMs(),
        startedMonotonicMs: clock.monotonicMs(),
        endpoint: carriedEndpoint(asked),
        headers: clientHeaders(incoming),
        client,
        admit: (principal) => admit(principal, taken, outgoing),
        carried: { ...asked, path, query, origin: reachedAt(incoming) },
      })
    }

    async function carryNative(native: NativePlace): Promise<void> {
      if (state === 'closed') throw new GatewayError('draining')
      checkCarriable(incoming, query, 'any')
      const taken = admission.enter()
      room = taken
      await parts.carryNative({
        id,
        startedAtMs: clock.nowMs(),
        startedMonotonicMs: clock.monotonicMs(),
        endpoint: nativeEndpoint(native, callerDialect(incoming, path)),
        headers: clientHeaders(incoming),
        client,
        admit: (principal) => admit(principal, taken, outgoing),
        native: { ...native, origin: reachedAt(incoming) },
      })
    }

    async function answerBudget(): Promise<void> {
      if (incoming.method !== 'GET')
        throw new GatewayError('method_not_allowed', `${incoming.method} is not accepted here; use GET`)
      refuseKeyInQuery(query)
      answerJson(client, 200, await parts.ownBudget(clientHeaders(incoming)), id)
    }

    async function answerQuote(): Promise<void> {
      const quoted = quotedEndpoint(query)
      if (state === 'closed') throw new GatewayError('draining')
      checkAcceptable(incoming, query)
      const taken = admission.enter()
      room = taken
      const told = await parts.quote({
        id,
        startedAtMs: clock.nowMs(),
        startedMonotonicMs: clock.monotonicMs(),
        endpoint: quoted.endpoint,
        address: quoted.address,
        headers: clientHeaders(incoming),
        client,
        admit: (principal) => admit(principal, taken, outgoing),
      })
      answerJson(client, 200, told, id)
    }
  }

  async function answerUpgrade(incoming: IncomingMessage, socket: Duplex, rest: Buffer): Promise<void> {
    const client = new UpgradeClient(incoming, socket, rest, parts.limits().clientIdleMs)
    const id = parts.nextId()
    const query = queryOf(incoming.url ?? '')
    const endpoint = realtimeAt(incoming.url ?? '') ?? realtimeEndpoint
    let room: Place | undefined
    follow(client, () => room?.leave())
    try {
      checkFraming(incoming)
      refuseProviderKey(incoming)
      client.check()
      if (endpoint === realtimeEndpoint) refuseKeyInQuery(query)
      else checkLiveQuery(query)
      if (state !== 'serving') throw new GatewayError('draining')
      const taken = admission.enter()
      room = taken
      await parts.carryRealtime({
        id,
        startedAtMs: parts.clock.nowMs(),
        startedMonotonicMs: parts.clock.monotonicMs(),
        endpoint,
        headers: clientHeaders(incoming),
        client,
        query,
        admit: (principal) => taken.admit(principal),
      })
    } catch (thrown) {
      const problem = asGatewayError(thrown)
      if (problem.kind === 'internal') parts.onBug(thrown, id)
      if (client.hasBegun) return client.breakOff()
      answerJson(client, problem.status, endpoint.dialect.writeProblem(problem, id), id, retryHeaders(problem))
    }
  }

  function admit(principal: Principal, taken: Place, outgoing: ServerResponse): void {
    try {
      taken.admit(principal)
    } catch (thrown) {
      outgoing.setHeader('connection', 'close')
      throw thrown
    }
  }

  function answerOther(
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    client: HttpClient,
    path: string,
    id: string,
  ): void {
    const isGet = incoming.method === 'GET' || incoming.method === 'HEAD'
    const dialect = callerDialect(incoming, path)
    try {
      const [models, name] = modelsPath.exec(path) ?? []
      // What stands behind a colon may be a verb of Gemini's, and then it is no path that there is.
      const isModels = models !== undefined && (isGet || name?.includes(':') !== true)
      if (!isModels && path !== '/healthz' && path !== '/readyz') {
        const none = noEndpoint(path, dialect)
        return refuse(client, outgoing, none.dialect, none.problem, id)
      }
      if (!isGet) throw new GatewayError('method_not_allowed', `${incoming.method} is not accepted here; use GET`)
      const query = queryOf(incoming.url ?? '')
      refuseKeyInQuery(query)
      if (path === '/healthz') return answerText(client, 200, 'ok\n')
      if (path === '/readyz') return answerText(client, isReady ? 200 : 503, isReady ? 'ready\n' : 'draining\n')
      answerJson(client, 200, parts.tellModels(clientHeaders(incoming), dialect, decodedName(name), query), id)
    } catch (thrown) {
      refuse(client, outgoing, dialect, thrown, id)
    }
  }

  function refuse(
    client: HttpClient,
    outgoing: ServerResponse,
    dialect: DialectName,
    thrown: unknown,
    id: string,
  ): void {
    const problem = thrown instanceof GatewayError ? thrown : new GatewayError('internal', undefined, { cause: thrown })
    if (problem.kind === 'internal') parts.onBug(thrown, id)
    if (client.isGone) return
    if (client.hasBegun) return void outgoing.destroy()
    // Whoever is to come back later may come to another gateway; and what is no clean HTTP is not listened to any further.
    if (isBusy(problem) || problem.kind === 'invalid_request') outgoing.setHeader('connection', 'close')
    const headers = retryHeaders(problem)
    if (isBusy(problem)) headers.push('x-should-retry', 'true')
    answerJson(client, problem.status, dialects[dialect].writeProblem(problem, id), id, headers)
  }

  return {
    origin: originOf(server, place.host),
    useTls,
    spreadClients: (share) => {
      round += 1
      movedShare = share
    },
    get requests() {
      return requests
    },
    get running() {
      return running.size
    },
    load: () => ({ ...admission.view(), connections: connections.view() }),
    drain: async ({ drainMs, isReplaced }) => {
      isReady = isReplaced
      state = 'closing'
      const graceMs = Math.min(drainMs, isReplaced ? keepAliveGraceMs.replaced : keepAliveGraceMs.leaving)
      const startedMs = parts.clock.monotonicMs()
      // Not the verb of `node:http`: it would cut idle connections at once, and with them the calls that are on their way.
      const ownClosed = new Promise<void>((then) => NetServer.prototype.close.call(server, () => then()))
      const closed = Promise.all([ownClosed, acceptors.close()])
      if (graceMs > 0) await Promise.race([closed, after(graceMs)])
      // Where others serve on, nobody who still comes on an open connection is sent away.
      if (!isReplaced) state = 'closed'
      server.closeIdleConnections()
      const leftMs = () => drainMs - (parts.clock.monotonicMs() - startedMs)
      while (running.size > 0 && leftMs() > 0) {
        await idleWithin(leftMs())
        // Its connection was not told to close when its answer began: who calls on it right now is served.
        if (isReplaced && leftMs() > 0) await Promise.race([closed, after(Math.min(leftMs(), lingerMs))])
      }
      const left = running.size
      for (const client of running) client.stop(new GatewayError('draining', 'the gateway is shutting down'))
      if (running.size > 0) await idleWithin(lastWordMs)
      // Not the verb of `node:http`: it knows only the connections on which HTTP is spoken.
      connections.cut()
      await closed
      // Only for what else it ends: the check of connections that take too long.
      server.close()
      return left
    },
  }

  function after(delayMs: number): Promise<void> {
    return new Promise((resolve) => void parts.clock.after(delayMs, resolve))
  }

  function idleWithin(limitMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = parts.clock.after(limitMs, resolve)
    onIdle.push(() => {
      timer.cancel()
      resolve()
    })
    return promise
  }
}

/**
 * How long open connections are served after no new ones are accepted. A client that calls within this time is told to
 * connect anew; the connection of one that does not is closed while it is idle. Long where other processes serve on and
 * nobody waits for the end, and past the few seconds for which most clients keep an idle connection.
 */
const keepAliveGraceMs = { leaving: 1_000, replaced: 10_000 } as const

/** How long a connection stays open after the last exchange that ran on it when the drain began. */
const lingerMs = 1_000

/** How long an exchange that is ended from our side may take to say so. */
const lastWordMs = 2_000

function isBusy(problem: GatewayError): boolean {
  return problem.kind === 'draining' || problem.kind === 'overloaded'
}

/** Where each dialect's SDK looks for the list of models, and for one of them. Names may hold slashes. */
const modelsPath = /^\/v1(?:beta)?\/models(?:\/(.+))?$/

/** @throws GatewayError `endpoint_not_found` where it is no part of a URL. */
function decodedName(name: string | undefined): string | undefined {
  try {
    return name === undefined ? undefined : decodeURIComponent(name)
  } catch {
    throw new GatewayError('endpoint_not_found', 'the name of the model is not encoded as a part of a URL')
  }
}

function queryOf(url: string): string {
  const mark = url.indexOf('?')
  return mark < 0 ? '' : url.slice(mark + 1)
}

/** As the client reached us; behind a proxy that ends TLS, as that one says. */
function reachedAt({ socket, headers }: IncomingMessage): string {
  const isTls = socket instanceof TLSSocket || headers['x-forwarded-proto'] === 'https'
  return `${isTls ? 'https' : 'http'}://${headers.host ?? ''}`
}

/** Paths that several dialects share answer in the caller's own. */
function callerDialect(incoming: IncomingMessage, path: string): DialectName {
  if (incoming.headers['anthropic-version'] !== undefined || path.startsWith('/v1/messages'))
    return 'anthropic-messages'
  // Only Cohere's API has a second version.
  if (path.startsWith('/v2/')) return 'cohere-chat'
  if (path.startsWith('/model/')) return 'bedrock-converse'
  const isGoogles =
    incoming.headers['x-goog-api-key'] !== undefined ||
    /^\/(?:upload\/)?v1(?:beta|alpha)\/|^\/v1\/models\/.*:/.test(path)
  return isGoogles ? 'gemini-generate' : 'openai-chat'
}
