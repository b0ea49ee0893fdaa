import net from 'node:net'
import tls from 'node:tls'
import type { Clock } from '../canonical/clock.ts'

export interface ConnectionTarget {
  readonly hostname: string
  readonly port: string
  readonly protocol: string
}

export interface Connector {
  /** Opens one connection. `then` hears once: the socket, ready for bytes (after TLS), or why there is none. */
  open(target: ConnectionTarget, then: (error: Error | null, socket?: net.Socket) => void): void
}

/** Its `code` is what `failure.ts` knows it by. */
export const connectTimeoutCode = 'CONNECT_TIMEOUT'

/**
 * The one function that opens connections to upstreams. It is our own, and not undici's, so that the connect deadline
 * runs on the clock that is handed in, and so that one connection is counted as one.
 */
export function openConnector(clock: Clock, connectTimeoutMs: number): Connector {
  // The newest TLS session: a handshake that resumes it saves a round trip and most of the CPU.
  let session: Buffer | undefined
  return {
    open: (target, then) => {
      const isTls = target.protocol === 'https:'
      const socket = isTls ? connectTls(target, session) : connectPlain(target)
      if (isTls) socket.on('session', (newest: Buffer) => void (session = newest))
      // Bytes leave at once (Nagle's algorithm would hold back small calls); dead peers are noticed by the kernel.
      socket.setNoDelay(true).setKeepAlive(true, tcpProbeMs)
      let isDecided = false
      const decide = (error: Error | null): void => {
        if (isDecided) return
        isDecided = true
        deadline.cancel()
        if (error) then(error)
        else then(null, socket)
      }
      const deadline = clock.after(connectTimeoutMs, () => {
        socket.destroy(Object.assign(new Error('connect timeout'), { code: connectTimeoutCode }))
      })
      socket.once(isTls ? 'secureConnect' : 'connect', () => decide(null))
      // Stays for the connection's life: a socket error without a listener would end the process.
      socket.on('error', decide)
    },
  }
}

const tcpProbeMs = 60_000

function connectPlain(target: ConnectionTarget): net.Socket {
  return net.connect({ host: target.hostname, port: Number(target.port || 80) })
}

function connectTls(target: ConnectionTarget, session: Buffer | undefined): net.Socket {
  return tls.connect({
    host: target.hostname,
    port: Number(target.port || 443),
    ALPNProtocols: ['http/1.1'],
    // Said here, so that NODE_TLS_REJECT_UNAUTHORIZED cannot switch the check off for the whole process.
    rejectUnauthorized: true,
    ...(net.isIP(target.hostname) === 0 ? { servername: target.hostname } : {}),
    ...(session ? { session } : {}),
  })
}
