import type { ListenerTls } from '../config/listener-tls.ts'
import { openAcceptors, type AcceptFrom } from './acceptors.ts'
import { openAdmission, type LoadView } from './admission.ts'
import { answerRequest } from './answer-request.ts'
import { boundConnections, type ConnectionView } from './connections.ts'
import { drainListener, type DrainOrders } from './drain-listener.ts'
import { isForRealtime } from './endpoints.ts'
import { hearServer } from './hear-server.ts'
import { waitingBytes } from './http-client.ts'
import { ClientConnections } from './client-connections.ts'
import { standardPatience, type DataListenerParts, type ListenerPatience } from './listener-parts.ts'
import type { Listening } from './listening.ts'
import { Running } from './running.ts'
import { openServer, originOf, type OpenedServer } from './tls-server.ts'

/** Where to listen, and how many may come. */
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
  drain(orders: DrainOrders): Promise<number>
  /** Exchanges under way. */
  readonly running: number
  /** Requests that have come so far, whatever they are. */
  readonly requests: number
  /** For the metrics. */
  load(): ListenerLoad
}

/** How near a listener is to its limits, and what it has refused. */
export interface ListenerLoad extends LoadView {
  readonly connections: ConnectionView
}

/** Opens the data listener. Strict HTTP/1.1 by `node:http`; nothing here knows what an exchange means. */
export async function listen(parts: DataListenerParts, place: DataListenerPlace): Promise<DataListener> {
  const listening: Listening = {
    parts,
    patience: parts.patience ?? standardPatience,
    admission: openAdmission(parts),
    clients: new ClientConnections(parts.random),
    running: new Running(),
    state: 'serving',
    isReady: true,
    requests: 0,
  }
  const { admission, clients, running } = listening
  const { server, useTls } = strictServer(listening, place.tls)
  hearServer(server, listening)
  const acceptors = await openAcceptors(server, place, waitingBytes)
  const connections = boundConnections(server, {
    maxConnections: place.maxConnections,
    maxPerAddress: () => parts.limits().maxConnectionsPerAddress,
    isShortOfFiles: () => admission.connected() === 'files',
    onAcceptFailure: parts.onAcceptFailure,
  })
  return {
    origin: originOf(server, place.host),
    useTls,
    spreadClients: (share) => clients.spread(share),
    drain: (orders) => drainListener(listening, { server, acceptors, connections }, orders),
    get running() {
      return running.size
    },
    get requests() {
      return listening.requests
    },
    load: () => ({ ...admission.view(), connections: connections.view() }),
  }
}

const maxHeaderBytes = 16 * 1024

/** A server that takes nothing that two readers of HTTP could understand differently, and waits for nobody for long. */
function strictServer(listening: Listening, tls: ListenerTls | undefined): OpenedServer {
  const { patience, clients } = listening
  const made = openServer(
    {
      ...timesOf(patience),
      maxHeaderSize: maxHeaderBytes,
      highWaterMark: waitingBytes,
      requireHostHeader: true,
      insecureHTTPParser: false,
      noDelay: true,
      // Every other wish for an upgrade is passed over: the request is answered as it is (RFC 9110, 7.8), in its turn.
      shouldUpgradeCallback: (incoming) => isForRealtime(incoming) && !clients.isAnswering(incoming.socket),
    },
    tls,
    (incoming, outgoing) => void answerRequest(incoming, outgoing, listening),
  )
  // More headers than this are refused by `checkFraming`; Node's own cap would drop the surplus in silence.
  made.server.maxHeadersCount = 0
  return made
}

/** In Node's words. */
function timesOf({ handshakeMs, headersMs, requestMs, keepAliveMs, checkMs }: ListenerPatience) {
  return {
    handshakeTimeout: handshakeMs,
    headersTimeout: headersMs,
    requestTimeout: requestMs,
    keepAliveTimeout: keepAliveMs,
    connectionsCheckingInterval: checkMs,
  }
}
