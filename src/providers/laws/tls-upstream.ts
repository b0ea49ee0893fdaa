import { once } from 'node:events'
import type net from 'node:net'
import tls from 'node:tls'
import { wholeAnswer } from './raw-upstream.ts'
import type { SelfSigned } from './self-signed.ts'

/** A provider behind TLS that answers every call with `{}`. Use with `await using`. */
export interface TlsUpstream extends AsyncDisposable {
  readonly port: number
  readonly handshakes: readonly {
    readonly isResumed: boolean
    readonly protocol: string | false | null
    readonly servername: string | false | null
    /** The serial number of the client's certificate, if it showed one. */
    readonly client: string | undefined
  }[]
  /** The calls that came, as text. */
  readonly calls: readonly string[]
}

export async function openTlsUpstream(
  { certificate, key }: SelfSigned,
  options: tls.TlsOptions = {},
): Promise<TlsUpstream> {
  const handshakes: TlsUpstream['handshakes'][number][] = []
  const calls: string[] = []
  const sockets = new Set<net.Socket>()
  const server = tls.createServer({ cert: certificate, key, ALPNProtocols: ['h2', 'http/1.1'], ...options })
  server.on('secureConnection', (socket) => {
    handshakes.push({
      isResumed: socket.isSessionReused(),
      protocol: socket.alpnProtocol,
      servername: 'servername' in socket && typeof socket.servername === 'string' ? socket.servername : false,
      client: socket.getPeerCertificate().serialNumber,
    })
    sockets.add(socket)
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket))
    socket.on('data', (bytes) => {
      calls.push(bytes.toString('latin1'))
      socket.write(wholeAnswer('{}'))
    })
  })
  server.on('tlsClientError', () => undefined)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    handshakes,
    calls,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
