import type { IncomingMessage, ServerResponse } from 'node:http'
import { Server as NetServer, type Socket } from 'node:net'
import type { Clock } from '../canonical/clock.ts'
import { GatewayError } from '../canonical/error.ts'
import type { ListenerTls } from '../config/listener-tls.ts'
import type { DialectName } from '../dialects/dialect.ts'
import { dialects } from '../dialects/all.ts'
import type { Endpoint, Exchange } from '../gateway/exchange.ts'
import type { IdentityHeaders } from '../policies/identity/identify.ts'
import { checkAcceptable } from './accept.ts'
import { clientHeaders } from './client-headers.ts'
import { endpointByPath } from './endpoints.ts'
import { HttpClient } from './http-client.ts'
import { openServer, originOf, type Server } from './tls-server.ts'

/** How long a client may take, in milliseconds (failures.md N7). Bytes beyond them would be a slow-loris. */
const patience = { headersMs: 10_000, requestMs: 30_000, keepAliveMs: 65_000 } as const
const maxHeaderBytes = 16 * 1024

export interface DataListenerParts {
  readonly clock: Clock
  readonly nextId: () => string
  serve(exchange: Exchange): Promise<void>
  /** Answers `GET /v1/models` for whoever asks, in the dialect given. */
  listModels(headers: IdentityHeaders, dialect: DialectName): unknown
  /** Something that no rule foresaw; the client was told `internal` with this id. */
  onBug(error: unknown, requestId: string): void
}

export interface DataListenerPlace {
  readonly host: string
  readonly port: number
  readonly maxConnections: number
  readonly tls?: ListenerTls | undefined
}

export interface DataListener {
  readonly origin: string
  /** New handshakes use this certificate from now on. Without effect where the listener speaks plain HTTP. */
  useTls(tls: ListenerTls): void
  /**
   * Accepts no new connections, lets running exchanges end for at most `drainMs`, then ends the rest in band. Calls that come
   * on open connections within the first moment are served still, and told that the connection closes: they may have been on
   * their way already.
   * @returns how many had to be ended.
   */
  drain(orders: { readonly drainMs: number; readonly isReplaced: boolean }): Promise<number>
  /** Exchanges under way. */
  readonly running: number
}

/** Opens the data listener. Strict HTTP/1.1 by `node:http`; nothing here knows what an exchange means. */
export async function listen(parts: DataListenerParts, place: DataListenerPlace): Promise<DataListener> {
  const running = new Set<HttpClient>()
  let state: 'serving' | 'closing' | 'closed' = 'serving'
  /** Whether clients find the gateway ready: when this process is replaced, others serve on. */
  let isReady = true
  const onIdle: (() => void)[] = []

  const { server, useTls } = openServer(
    {
      maxHeaderSize: maxHeaderBytes,
      headersTimeout: patience.headersMs,
      requestTimeout: patience.requestMs,
      keepAliveTimeout: patience.keepAliveMs,
      connectionsCheckingInterval: 5_000,
      requireHostHeader: true,
      insecureHTTPParser: false,
      noDelay: true,
    },
    place.tls,
    (incoming, outgoing) => void answer(incoming, outgoing),
  )
  // More headers than this are refused by `checkAcceptable`; Node's own cap would drop the surplus in silence.
  server.maxHeadersCount = 0
  server.maxConnections = place.maxConnections
  server.on('clientError', refuseBytes)
  await opened(server, place)

  async function answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const id = parts.nextId()
    const client = new HttpClient(incoming, outgoing)
    const url = incoming.url ?? '/'
    const mark = url.indexOf('?')
    const path = mark < 0 ? url : url.slice(0, mark)
    const endpoint = endpointByPath.get(path)
    running.add(client)
    try {
      if (state !== 'serving') outgoing.setHeader('connection', 'close')
      if (!endpoint) return answerOther(incoming, outgoing, client, path, id)
      checkAcceptable(incoming, mark < 0 ? '' : url.slice(mark + 1))
      if (state === 'closed') throw new GatewayError('draining')
      await parts.serve(exchangeOf(id, endpoint, incoming, client, parts.clock))
    } catch (thrown) {
      refuse(client, outgoing, endpoint?.dialect.name ?? 'openai-chat', thrown, id)
    } finally {
      running.delete(client)
      if (running.size === 0) for (const then of onIdle.splice(0)) then()
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
    if (path === '/healthz' && isGet) return answerText(client, 200, 'ok\n')
    if (path === '/readyz' && isGet) return answerText(client, isReady ? 200 : 503, isReady ? 'ready\n' : 'draining\n')
    const dialect = callerDialect(incoming, path)
    try {
      if (path === '/v1/models') {
        if (!isGet) throw new GatewayError('method_not_allowed', `${incoming.method} is not accepted here; use GET`)
        return answerJson(client, 200, parts.listModels(clientHeaders(incoming), dialect), id)
      }
      throw new GatewayError('endpoint_not_found', `there is no endpoint ${JSON.stringify(path.slice(0, 200))}`)
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
    outgoing.setHeader('x-should-retry', problem.kind === 'draining' ? 'true' : 'false')
    answerJson(client, problem.status, dialects[dialect].writeProblem(problem, id), id)
  }

  return {
    origin: originOf(server, place.host),
    useTls,
    get running() {
      return running.size
    },
    drain: async ({ drainMs, isReplaced }) => {
      isReady = isReplaced
      state = 'closing'
      const graceMs = Math.min(drainMs, isReplaced ? keepAliveGraceMs.replaced : keepAliveGraceMs.leaving)
      const startedMs = parts.clock.monotonicMs()
      const closed = Promise.withResolvers<void>()
      // Not the verb of `node:http`: it would cut idle connections at once, and with them the calls that are on their way.
      NetServer.prototype.close.call(server, () => closed.resolve())
      if (graceMs > 0) await Promise.race([closed.promise, after(graceMs)])
      // Where others serve on, nobody who still comes on an open connection is sent away.
      if (!isReplaced) state = 'closed'
      server.closeIdleConnections()
      const leftMs = () => drainMs - (parts.clock.monotonicMs() - startedMs)
      while (running.size > 0 && leftMs() > 0) {
        await idleWithin(leftMs())
        // Its connection was not told to close when its answer began: who calls on it right now is served.
        if (isReplaced && leftMs() > 0) await Promise.race([closed.promise, after(Math.min(leftMs(), lingerMs))])
      }
      const left = running.size
      for (const client of running) client.stop(new GatewayError('draining', 'the gateway is shutting down'))
      if (running.size > 0) await idleWithin(lastWordMs)
      server.closeAllConnections()
      await closed.promise
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

function exchangeOf(
  id: string,
  endpoint: Endpoint,
  incoming: IncomingMessage,
  client: HttpClient,
  clock: Clock,
): Exchange {
  return {
    id,
    startedAtMs: clock.nowMs(),
    startedMonotonicMs: clock.monotonicMs(),
    endpoint,
    headers: clientHeaders(incoming),
    client,
  }
}

/** Paths that several dialects share answer in the caller's own. */
function callerDialect(incoming: IncomingMessage, path: string): DialectName {
  return incoming.headers['anthropic-version'] !== undefined || path.startsWith('/v1/messages')
    ? 'anthropic-messages'
    : 'openai-chat'
}

function answerJson(client: HttpClient, status: number, value: unknown, id: string): void {
  const body = Buffer.from(JSON.stringify(value))
  client.head(status, [
    'content-type',
    'application/json',
    'x-weir-request-id',
    id,
    'content-length',
    String(body.length),
  ])
  client.end(body)
}

function answerText(client: HttpClient, status: number, text: string): void {
  client.head(status, ['content-type', 'text/plain; charset=utf-8', 'content-length', String(Buffer.byteLength(text))])
  client.end(Buffer.from(text))
}

/** Bytes that are no HTTP: one plain refusal, and the connection is closed, since where the next request begins is anyone's guess (N1). */
function refuseBytes(error: Error & { code?: string }, socket: Socket): void {
  const status =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? '431 Request Header Fields Too Large'
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? '408 Request Timeout'
        : '400 Bad Request'
  if (socket.writable) socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`)
  else socket.destroy()
}

function opened(server: Server, place: { readonly host: string; readonly port: number }): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  server.listen(place.port, place.host, () => {
    server.off('error', reject)
    resolve()
  })
  return promise
}
