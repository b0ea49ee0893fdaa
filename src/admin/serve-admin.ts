import https from 'node:https'
import { createAdaptorServer, type ServerType } from '@hono/node-server'
import { systemClock, type Clock } from '../canonical/clock.ts'
import { changeableOptions, tlsServerOptions, type ListenerTls } from '../config/listener-tls.ts'

/** How long a client may take, in milliseconds (failures.md N7). */
const patience = { headersMs: 10_000, requestMs: 30_000, keepAliveMs: 65_000 } as const
const maxHeaderBytes = 16 * 1024
/** People, scripts, a scraper: more at once is an attack or a mistake. */
const maxConnections = 256
/** What runs at the end may still be answered for so long. */
const closeMs = 2_000

export interface AdminListener {
  readonly origin: string
  /** New handshakes use this certificate from now on. Without effect where the listener speaks plain HTTP. */
  useTls(tls: ListenerTls): void
  /** Stops accepting, lets running calls be answered for two seconds, then cuts what is left. */
  close(): Promise<void>
}

interface Place {
  readonly host: string
  /** 0: any free one. */
  readonly port: number
  readonly clock?: Clock
  readonly tls?: ListenerTls | undefined
}

/** Opens the admin listener, always on a port of its own. The data listener's speed is not needed here, so a framework serves it. */
export async function serveAdmin(app: { readonly fetch: FetchHandler }, place: Place): Promise<AdminListener> {
  const { host, port, clock = systemClock, tls } = place
  const serverOptions = {
    maxHeaderSize: maxHeaderBytes,
    headersTimeout: patience.headersMs,
    requestTimeout: patience.requestMs,
    keepAliveTimeout: patience.keepAliveMs,
    connectionsCheckingInterval: 5_000,
    requireHostHeader: true,
    insecureHTTPParser: false,
  }
  const server = createAdaptorServer({
    fetch: (incoming) => app.fetch(incoming),
    // The adapter would replace `Request` and `Response` for the whole process; this room has no say in that.
    overrideGlobalObjects: false,
    ...(tls
      ? { createServer: https.createServer, serverOptions: { ...serverOptions, ...tlsServerOptions(tls) } }
      : { serverOptions }),
  })
  server.maxConnections = maxConnections
  await opened(server, host, port)
  return {
    origin: originOf(server, host),
    useTls: (next) => {
      if (server instanceof https.Server) server.setSecureContext(changeableOptions(next))
    },
    close: async () => {
      const { promise: closed, resolve } = Promise.withResolvers<void>()
      server.close(() => resolve())
      // The adapter's type allows for HTTP/2, which has no such verbs.
      if ('closeIdleConnections' in server) server.closeIdleConnections()
      const cut = clock.after(closeMs, () => {
        if ('closeAllConnections' in server) server.closeAllConnections()
      })
      await closed
      cut.cancel()
    },
  }
}

type FetchHandler = (incoming: Request) => Response | Promise<Response>

function opened(server: ServerType, host: string, port: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  server.listen(port, host, () => {
    server.off('error', reject)
    resolve()
  })
  return promise
}

function originOf(server: ServerType, host: string): string {
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return `${server instanceof https.Server ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`
}
