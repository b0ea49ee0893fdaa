import { createHash } from 'node:crypto'
import { Client, Pool, type Dispatcher } from 'undici'
import { GatewayError } from '../canonical/error.ts'
import type { Clock } from '../canonical/clock.ts'
import { openConnector, type Connector } from './connection.ts'
import { Exchange, type Line } from './exchange.ts'
import type { ConnectionNote, NetworkSettings, Provider, Upstream, UpstreamCall, UpstreamSockets } from './provider.ts'
import { Upgrade } from './upgrade.ts'
import { openResolver, systemLookup, type Lookup } from './resolver.ts'

export interface UpstreamSettings {
  readonly clock: Clock
  /**
   * Hears what a callback of an `UpstreamHandler` threw: always a bug of ours. The exchange is over all the same: its
   * connection is broken and its handler has heard `failure`. By default it is thrown again, outside, for the process to
   * see as an uncaught exception.
   */
  readonly onBug?: (thrown: unknown) => void
  /** How names are resolved. Default: as the system does it. */
  readonly lookup?: Lookup
  /** Hears what became of each connection, for metrics. */
  readonly onConnection?: (note: ConnectionNote) => void
}

export interface PooledUpstream extends Upstream, UpstreamSockets {
  /** Connections (each with its handshake) opened since the start. */
  connections(): { readonly opened: number }
  /**
   * Closes, once they are idle, the connections of providers and settings that are not among these: what a reload left
   * behind, a client certificate that is no longer shown, say.
   */
  keepOnly(providers: Iterable<Pick<Provider, 'name' | 'origin' | 'network'>>): void
}

/**
 * Makes the one way to upstreams: pools of HTTP/1.1 connections, one pool for each provider, origin and network settings,
 * made on first use and kept. Redirects are not followed, encodings not decoded, and nothing is tried twice: all three are
 * for the attempt to decide. The time an answer may take is the gateway's to measure; only connecting has its deadline
 * here.
 */
export function openUpstream({
  clock,
  onBug = throwOutside,
  lookup = systemLookup,
  onConnection = () => undefined,
}: UpstreamSettings): PooledUpstream {
  const pools = new Map<string, Lines>()
  const resolver = openResolver(clock, lookup)
  let opened = 0
  let closing: Promise<unknown> | undefined
  const retired = new Set<Promise<void>>()
  const digests = new WeakMap<NetworkSettings, string>()
  // Names a pool by everything that its connections are made with, so that none is ever used under other settings: not
  // through another proxy, and not with another's client certificate. Hashed, since the settings hold secrets, and only once:
  // they are part of a snapshot that does not change.
  const poolKey = (provider: string, origin: string, network: NetworkSettings): string => {
    const digest = digests.get(network) ?? createHash('sha256').update(JSON.stringify(network)).digest('base64')
    digests.set(network, digest)
    return `${provider} ${origin} ${digest}`
  }
  const note = (told: ConnectionNote): void => {
    if (told.kind === 'opened') opened += 1
    onConnection(told)
  }
  const linesFor = (call: UpstreamCall): Lines => {
    const key = poolKey(call.provider, call.origin, call.network)
    const known = pools.get(key)
    if (known) return known
    const connector = openConnector(call.provider, call.network, { clock, resolver, note })
    const made = openLines(call.origin, call.network, connector)
    pools.set(key, made)
    return made
  }
  return {
    send: (call, handler) => {
      const exchange = new Exchange(handler, call.body.length, clock, onBug)
      if (closing) exchange.refuse('the gateway is closing its connections')
      else linesFor(call).send(call, exchange)
      return exchange
    },
    openSocket: async (call, cancelled) => {
      if (closing) throw new GatewayError('draining')
      const connector = openConnector(call.provider, call.network, { clock, resolver, note })
      // Its connection leaves it with the answer, and ends when whoever has it ends it.
      const client = new Client(call.origin, clientOptions(connector, { servedExchanges: 0, problem: undefined }))
      const upgrade = new Upgrade(call.accept, cancelled)
      const { path, headers } = call
      client.dispatch({ method: 'GET', path, headers: [...headers], upgrade: 'websocket' }, upgrade)
      try {
        return await upgrade.opened
      } finally {
        void client.close().catch(() => undefined)
      }
    },
    close: async () => {
      closing ??= Promise.all([...[...pools.values()].map((lines) => lines.close()), ...retired])
      await closing
    },
    connections: () => ({ opened }),
    keepOnly: (providers) => {
      const kept = new Set([...providers].map(({ name, origin, network }) => poolKey(name, origin, network)))
      for (const [key, lines] of pools) {
        if (kept.has(key)) continue
        pools.delete(key)
        const closed: Promise<void> = lines.close().finally(() => retired.delete(closed))
        retired.add(closed)
      }
    },
  }
}

/** Calls that may wait for a connection, for each connection a pool may have. More are refused at once. */
const waitingPerConnection = 1

/** Long enough to stay warm between calls, short of the 60 s after which common load balancers drop idle connections. */
const keepAliveMs = 55_000

interface Lines {
  send(call: UpstreamCall, exchange: Exchange): void
  close(): Promise<void>
}

function openLines(origin: string, network: NetworkSettings, connector: Connector): Lines {
  const openLine = (): LineClient => {
    const line: Line = { servedExchanges: 0, problem: undefined }
    return new LineClient(origin, clientOptions(connector, line), line)
  }
  const pool = new Pool(origin, { connections: network.maxConnections, factory: openLine })
  const singles = new Set<Promise<void>>()
  const maxOpen = network.maxConnections * (1 + waitingPerConnection)
  let openExchanges = 0
  return {
    send: (call, exchange) => {
      if (openExchanges >= maxOpen) return exchange.refuse('too many calls wait for a connection to the provider')
      openExchanges += 1
      exchange.start(
        (options) => {
          if (!call.mustConnectAnew) return void pool.dispatch(options, exchange)
          // A pool cannot be asked for a fresh connection, so this call gets a client of its own, which ends with it.
          const single = openLine()
          single.dispatch({ ...options, reset: true }, exchange)
          const ended: Promise<void> = single.close().finally(() => singles.delete(ended))
          singles.add(ended)
        },
        call,
        () => void (openExchanges -= 1),
      )
    },
    close: async () => {
      await Promise.all([pool.close(), ...singles])
    },
  }
}

/** One client is one connection after another. It tells each exchange which one carries it. */
class LineClient extends Client {
  readonly #line: Line

  constructor(origin: string, options: Client.Options, line: Line) {
    super(origin, options)
    this.#line = line
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    if (handler instanceof Exchange) handler.line = this.#line
    return super.dispatch(options, handler)
  }
}

function clientOptions(connector: Connector, line: Line): Client.Options {
  return {
    allowH2: false,
    pipelining: 1,
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: keepAliveMs,
    maxHeaderSize: 16 * 1024,
    connect: (target, then) => {
      connector.open(target, (error, socket) => {
        if (!socket) return then(error ?? new Error('connect'), null)
        line.servedExchanges = 0
        line.problem = undefined
        // Before undici's own listener: by the time it judges the answer, we know.
        socket.once('error', (error) => void (line.problem = error))
        then(null, socket)
      })
    },
  }
}

function throwOutside(thrown: unknown): void {
  queueMicrotask(() => {
    throw thrown
  })
}
