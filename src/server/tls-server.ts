import { randomBytes } from 'node:crypto'
import http, { type RequestListener, type ServerOptions } from 'node:http'
import https from 'node:https'
import type { TlsOptions } from 'node:tls'
import { changeableOptions, tlsServerOptions, type ListenerTls } from '../config/listener-tls.ts'

export type Server = http.Server | https.Server

export interface OpenedServer {
  readonly server: Server
  /** New handshakes use this certificate from now on; connections that are open stay as they are. */
  useTls(tls: ListenerTls): void
}

/**
 * Makes the HTTP server of a listener, with TLS where there is a certificate for it. Whether there is TLS, and whether
 * clients must show certificates, is settled here; everything else of it can be changed by `useTls`.
 */
export function openServer(
  options: ServerOptions & Pick<TlsOptions, 'handshakeTimeout'>,
  tls: ListenerTls | undefined,
  onRequest: RequestListener,
): OpenedServer {
  if (!tls) return { server: http.createServer(options, onRequest), useTls: () => undefined }
  const server = https.createServer({ ...tlsServerOptions(tls), ...options }, onRequest)
  // Before the handshake is done, nobody can be told anything: words of ours would wait for it, and keep the connection.
  server.prependListener('tlsClientError', (_error, socket) => socket.destroy())
  // Workers share the keys of session tickets by default, and a new worker would take those of the first one's start. A
  // client whose authority is no longer named could then come back with an old session, unasked for its certificate.
  if (tls.clientAuthorities !== undefined) server.once('listening', () => server.setTicketKeys(randomBytes(48)))
  return { server, useTls: (next) => server.setSecureContext(changeableOptions(next)) }
}

/** Where a listening server is, as clients write it. */
export function originOf(server: Server, host: string): string {
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const scheme = server instanceof https.Server ? 'https' : 'http'
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`
}
