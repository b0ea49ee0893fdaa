import { createHash } from 'node:crypto'
import { GatewayError } from '../canonical/error.ts'
import type { Clock } from '../canonical/clock.ts'
import { hostnameOf } from './address.ts'
import { openConnector, type ConnectionTarget, type Connector } from './connection.ts'
import { Exchange, refusedExchange, type ExchangeParts } from './exchange.ts'
import { ConnectionPool } from './http1/connection-pool.ts'
import { UnwordableCall, wordCall, type WordedCall } from './http1/write-call.ts'
import type {
  ConnectionNote,
  NetworkSettings,
  Provider,
  Upstream,
  UpstreamCall,
  UpstreamExchange,
  UpstreamHandler,
  UpstreamSockets,
} from './provider.ts'
import { openResolver, systemLookup, type Lookup } from './resolver.ts'
import { openUpgrade } from './upgrade.ts'

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
  const pools = new Map<string, Pool>()
  const parts: ExchangeParts = { clock, onBug }
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
  // The same call for call, as long as a snapshot lives.
  let recent = new WeakMap<NetworkSettings, RecentLines>()
  const poolFor = (call: UpstreamCall): Pool => {
    const last = recent.get(call.network)
    if (last?.provider === call.provider && last.origin === call.origin) return last.pool
    const key = poolKey(call.provider, call.origin, call.network)
    const pool = pools.get(key) ?? openPoolFor(key, call)
    recent.set(call.network, { provider: call.provider, origin: call.origin, pool })
    return pool
  }
  const openPoolFor = (key: string, call: UpstreamCall): Pool => {
    const connector = openConnector(call.provider, call.network, { clock, resolver, note })
    const made = openPool(call.origin, call.network, connector, parts)
    pools.set(key, made)
    return made
  }
  return {
    send: (call, handler) => {
      if (closing) return refusedExchange(handler, 'the gateway is closing its connections', parts)
      return poolFor(call).send(call, handler)
    },
    openSocket: async (call, cancelled) => {
      if (closing) throw new GatewayError('draining')
      const connector = openConnector(call.provider, call.network, { clock, resolver, note })
      const { target, host } = wayTo(call.origin)
      return await openUpgrade(call, host, (then) => connector.open(target, then), cancelled)
    },
    close: async () => {
      closing ??= Promise.all([...[...pools.values()].map((pool) => pool.close()), ...retired])
      await closing
    },
    connections: () => ({ opened }),
    keepOnly: (providers) => {
      recent = new WeakMap()
      const kept = new Set([...providers].map(({ name, origin, network }) => poolKey(name, origin, network)))
      for (const [key, pool] of pools) {
        if (kept.has(key)) continue
        pools.delete(key)
        const closed: Promise<void> = pool.close().finally(() => retired.delete(closed))
        retired.add(closed)
      }
    },
  }
}

/** Calls that may wait for a connection, for each connection a pool may have. More are refused at once. */
const waitingPerConnection = 1

interface RecentLines {
  readonly provider: string
  readonly origin: string
  readonly pool: Pool
}

interface Pool {
  send(call: UpstreamCall, handler: UpstreamHandler): UpstreamExchange
  close(): Promise<void>
}

function openPool(origin: string, network: NetworkSettings, connector: Connector, parts: ExchangeParts): Pool {
  const way = wayTo(origin)
  const pool = new ConnectionPool({
    clock: parts.clock,
    maxConnections: network.maxConnections,
    open: (then) => connector.open(way.target, then),
  })
  const maxOpen = network.maxConnections * (1 + waitingPerConnection)
  let openExchanges = 0
  const over = (exchange: Exchange): void => {
    openExchanges -= 1
    pool.unwant(exchange)
  }
  return {
    send: (call, handler) => {
      if (openExchanges >= maxOpen)
        return refusedExchange(handler, 'too many calls wait for a connection to the provider', parts)
      const worded = wordOrRefuse(call, way.host)
      if (typeof worded === 'string') return refusedExchange(handler, worded, parts)
      openExchanges += 1
      const exchange = new Exchange(handler, worded, parts, over)
      if (call.mustConnectAnew) pool.wantAnew(exchange)
      else pool.want(exchange)
      return exchange
    },
    close: () => pool.close(),
  }
}

/** @returns the reason for which the call cannot leave, where there is one. */
function wordOrRefuse(call: UpstreamCall, host: string): WordedCall | string {
  try {
    return wordCall(call, host, call.mustConnectAnew ? 'close' : 'keep-alive')
  } catch (thrown) {
    if (thrown instanceof UnwordableCall) return `the call cannot be written as HTTP: ${thrown.message}`
    throw thrown
  }
}

interface WayTo {
  readonly target: ConnectionTarget
  /** As the header of that name says it. */
  readonly host: string
}

function wayTo(origin: string): WayTo {
  const { host, port, protocol } = new URL(origin)
  return { target: { hostname: hostnameOf(origin), port, protocol }, host }
}

function throwOutside(thrown: unknown): void {
  queueMicrotask(() => {
    throw thrown
  })
}
