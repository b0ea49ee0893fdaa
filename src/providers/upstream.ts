import { Client, Pool, type Dispatcher } from 'undici'
import type { Clock } from '../canonical/clock.ts'
import { openConnector, type Connector } from './connection.ts'
import { Exchange, type Line } from './exchange.ts'
import type { NetworkSettings, Upstream, UpstreamCall } from './provider.ts'

export interface UpstreamSettings {
  readonly clock: Clock
  /**
   * Hears what a callback of an `UpstreamHandler` threw: always a bug of ours. The exchange is over all the same: its
   * connection is broken and its handler has heard `failure`. By default it is thrown again, outside, for the process to
   * see as an uncaught exception.
   */
  readonly onBug?: (thrown: unknown) => void
}

export interface PooledUpstream extends Upstream {
  /** Connections (each with its handshake) opened since the start, for a metric. */
  connections(): { readonly opened: number }
}

/**
 * Makes the one way to upstreams: pools of HTTP/1.1 connections, one pool for each origin and network settings, made on
 * first use and kept. Redirects are not followed, encodings not decoded, and nothing is tried twice: all three are for
 * the attempt to decide. The time an answer may take is the gateway's to measure; only connecting has its deadline here.
 */
export function openUpstream({ clock, onBug = throwOutside }: UpstreamSettings): PooledUpstream {
  const pools = new Map<string, Lines>()
  let opened = 0
  let closing: Promise<unknown> | undefined
  const linesFor = (call: UpstreamCall): Lines => {
    const { connectTimeoutMs, maxConnections } = call.network
    const key = `${call.origin} ${connectTimeoutMs} ${maxConnections}`
    const known = pools.get(key)
    if (known) return known
    const made = openLines(call.origin, call.network, openConnector(clock, connectTimeoutMs), () => void (opened += 1))
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
    close: async () => {
      closing ??= Promise.all([...pools.values()].map((lines) => lines.close()))
      await closing
    },
    connections: () => ({ opened }),
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

function openLines(origin: string, network: NetworkSettings, connector: Connector, onOpen: () => void): Lines {
  const openLine = (): LineClient => {
    const line: Line = { servedExchanges: 0, isBroken: false }
    return new LineClient(origin, clientOptions(connector, line, onOpen), line)
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

function clientOptions(connector: Connector, line: Line, onOpen: () => void): Client.Options {
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
        onOpen()
        line.servedExchanges = 0
        line.isBroken = false
        // Before undici's own listener: by the time it judges the answer, we know.
        socket.once('error', () => void (line.isBroken = true))
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
