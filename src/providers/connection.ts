import net from 'node:net'
import tls from 'node:tls'
import type { Clock, Timer } from '../canonical/clock.ts'
import { connectable, isPrivateByItself } from './address.ts'
import { connectProblem } from './connect-problem.ts'
import { dial } from './dial.ts'
import type { ConnectionNote, ConnectStage, NetworkSettings } from './provider.ts'
import { isException } from '../config/proxy-exceptions.ts'
import type { Resolver } from './resolver.ts'
import { openTunnel, type TunnelEnd } from './tunnel.ts'
import { whenAborted } from './when-aborted.ts'

export interface ConnectionTarget {
  readonly hostname: string
  readonly port: string
  readonly protocol: string
}

export interface Connector {
  /** Opens one connection. `then` hears once: the socket, ready for bytes (after TLS), or why there is none. */
  open(target: ConnectionTarget, then: (error: Error | null, socket?: net.Socket) => void): void
}

export interface ConnectorParts {
  readonly clock: Clock
  readonly resolver: Resolver
  /** Hears what became of each connection. */
  readonly note: (note: ConnectionNote) => void
}

/**
 * The one function that opens connections to upstreams: name, address, proxy, TLS. It is our own, and not undici's, so
 * that the connect deadline runs on the clock that is handed in, that an address is connected to as it was checked (a
 * second lookup could give another: failures.md L4), and that one connection is counted as one.
 */
export function openConnector(provider: string, network: NetworkSettings, parts: ConnectorParts): Connector {
  const { clock, note } = parts
  const dresser = openTlsDresser(network)
  return {
    open: (target, then) => {
      const way: Way = { stage: 'dns', ending: new AbortController() }
      const deadline = deadlineAfter(clock, network.connectTimeoutMs, () =>
        way.ending.abort(connectProblem('CONNECT_TIMEOUT')),
      )
      const isTls = target.protocol === 'https:'
      const end = { hostname: target.hostname, port: Number(target.port || (isTls ? 443 : 80)) }
      const opening = plainTo(end, way).then((socket) => {
        way.stage = 'tls'
        return isTls ? dressed(socket, end.hostname, way.ending.signal) : socket
      })
      opening.then(
        (socket) => {
          deadline.cancel()
          note({ kind: 'opened', provider, tls: tlsOf(socket) })
          then(null, socket)
        },
        (thrown: unknown) => {
          deadline.cancel()
          note({ kind: 'failed', provider, at: way.ending.signal.aborted ? 'deadline' : way.stage })
          then(thrown instanceof Error ? thrown : new Error('connect'))
        },
      )
    },
  }

  async function dressed(socket: net.Socket, hostname: string, signal: AbortSignal): Promise<net.Socket> {
    try {
      return await dresser.dress(socket, hostname, signal)
    } catch (thrown) {
      // Where TLS could not even begin, nobody else has it.
      socket.destroy()
      throw thrown
    }
  }

  /** A connection to the far end as it is, before TLS: straight, or through the proxy's tunnel. */
  async function plainTo(end: TunnelEnd, way: Way): Promise<net.Socket> {
    const { signal } = way.ending
    const proxy = network.proxy && !isException(end.hostname, network.proxy.except) ? network.proxy : undefined
    const mayBePrivate = proxy !== undefined || (network.isPrivate ?? isPrivateByItself(end.hostname))
    const { hostname, port } = proxy ?? end
    const found = await unlessAborted(signal, addressesOf(hostname))
    way.stage = 'address'
    const addresses = connectable(found, mayBePrivate)
    if (addresses.length === 0) throw connectProblem('PRIVATE_ADDRESS')
    way.stage = 'connect'
    const socket = await dial({ addresses, port, clock, signal })
    way.stage = 'proxy'
    if (proxy) await openTunnel(socket, end, proxy, signal)
    return socket
  }

  async function addressesOf(hostname: string): Promise<readonly string[]> {
    try {
      const { addresses, isLastGood } = await parts.resolver.addressesOf(hostname)
      if (isLastGood) note({ kind: 'dns-failed', provider })
      return addresses
    } catch (thrown) {
      note({ kind: 'dns-failed', provider })
      throw thrown
    }
  }
}

/** How far one connection has come. */
interface Way {
  stage: ConnectStage
  readonly ending: AbortController
}

/**
 * Calls time after `limitMs` in which this process could look. One that stood still comes to its timers before its sockets: what
 * it was late by is given to them, once, or connections that are there already would all be given up.
 */
function deadlineAfter(clock: Clock, limitMs: number, over: () => void): Pick<Timer, 'cancel'> {
  const dueMs = clock.monotonicMs() + limitMs
  let timer = clock.after(limitMs, () => {
    const lateMs = clock.monotonicMs() - dueMs
    if (lateMs <= 0) return over()
    timer = clock.after(Math.min(lateMs, limitMs), over)
  })
  return { cancel: () => timer.cancel() }
}

function unlessAborted<T>(signal: AbortSignal, result: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  whenAborted(signal, () => reject(signal.reason))
  return Promise.race([result, promise])
}

interface TlsDresser {
  /** Wraps a connection in TLS and checks who is at the far end. */
  dress(socket: net.Socket, hostname: string, signal: AbortSignal): Promise<tls.TLSSocket>
}

/** What all connections of one pool share: who is trusted, what is shown, and the newest session. */
function openTlsDresser({ tls: settings }: NetworkSettings): TlsDresser {
  let secureContext: tls.SecureContext | undefined
  // The newest TLS session: a handshake that resumes it saves a round trip and most of the CPU.
  let session: Buffer | undefined
  return {
    dress: (socket, hostname, signal) => {
      secureContext ??= tls.createSecureContext({
        minVersion: settings?.minVersion ?? 'TLSv1.2',
        ...(settings?.authorities ? { ca: [...settings.authorities] } : {}),
        ...(settings?.identity ? { cert: settings.identity.certificate, key: settings.identity.key } : {}),
      })
      const name = settings?.servername ?? hostname.replace(/\.$/, '')
      const { promise, resolve, reject } = Promise.withResolvers<tls.TLSSocket>()
      const dressed = tls.connect({
        socket,
        secureContext,
        // Whom the certificate must name; TLS itself knows no names but DNS names (RFC 6066, 3).
        host: name,
        ...(net.isIP(name) === 0 ? { servername: name } : {}),
        ALPNProtocols: ['http/1.1'],
        // Said here, so that NODE_TLS_REJECT_UNAUTHORIZED cannot switch the check off for the whole process.
        rejectUnauthorized: true,
        ...(session ? { session } : {}),
      })
      dressed.on('session', (newest: Buffer) => void (session = newest))
      dressed.once('secureConnect', () => resolve(dressed))
      // Stays for the connection's life: a socket error without a listener would end the process.
      dressed.on('error', reject)
      whenAborted(signal, () => {
        dressed.destroy()
        reject(signal.reason)
      })
      return promise
    },
  }
}

function tlsOf(socket: net.Socket): 'none' | 'new' | 'resumed' {
  if (!(socket instanceof tls.TLSSocket)) return 'none'
  return socket.isSessionReused() ? 'resumed' : 'new'
}
