import { createServer, type AddressInfo, type ListenOptions, type Server as NetServer } from 'node:net'
import type { Server } from './tls-server.ts'

/**
 * How many handles a process accepts with. Node takes one connection per handle and turn of its loop (libuv 1.45, pull request
 * 3696). A busy loop turns ten times in a second: with one handle, whoever connects then waits for seconds, unseen by everything
 * that would shed load. Each connection wakes idle workers for all their handles, and one of them takes it: with 32, a connection
 * cost 200 us of CPU instead of 155; with 16, no more than could be told from noise.
 */
export const handlesPerProcess = 16

/**
 * Connections that may wait to be accepted while the event loop is busy; the system may allow fewer. With Node's 511, a client that
 * comes back with 2,000 connections at once waits for seconds: the system drops what does not fit, and the client's tries again.
 */
const waitingConnections = 4_096

/** Where a server accepts. */
export interface AcceptFrom {
  readonly host: string
  readonly port: number
  /** Of a socket that is bound already, once for each handle to accept with; then `port` is not asked for. */
  readonly descriptors?: readonly number[] | undefined
}

/** Further handles that a server accepts from. Their connections are the server's. */
export interface Acceptors {
  /** Takes no further connection. Resolves when every connection that they took is over. */
  close(): Promise<void>
}

/**
 * Has a server accept, several connections in one turn of the event loop instead of one where the system can do that.
 * @param highWaterMark as the server's own connections have it.
 * @throws Error with a `code`, such as EADDRINUSE.
 */
export async function openAcceptors(
  server: Server,
  { host, port, descriptors }: AcceptFrom,
  highWaterMark: number,
): Promise<Acceptors> {
  const places = descriptors ? await openFrom(server, descriptors) : await openAt(server, host, port)
  const acceptors = places.map(() =>
    // As Node's HTTP server makes its own.
    createServer({ allowHalfOpen: true, noDelay: true, highWaterMark }, (socket) => server.emit('connection', socket)),
  )
  await Promise.all(acceptors.map((acceptor, at) => opened(acceptor, places[at] ?? {})))
  for (const acceptor of acceptors) acceptor.on('error', (error) => server.emit('error', error))
  return { close: async () => void (await Promise.all(acceptors.map(closed))) }
}

type AcceptPlace = ListenOptions & { readonly fd?: number }

/** @returns where its further handles accept. */
async function openFrom(server: Server, [own = -1, ...others]: readonly number[]): Promise<readonly AcceptPlace[]> {
  await opened(server, { fd: own })
  return others.map((fd) => ({ fd }))
}

/** The same at an address. None where the system does not share out what connects to one port. */
async function openAt(server: Server, host: string, port: number): Promise<readonly AcceptPlace[]> {
  const mayShare = sharesPorts.has(process.platform)
  // Whoever shares a port is let in beside the others: a gateway that is there already must be in the way of this one.
  const address = mayShare ? await freeAddress(host, port) : host
  await opened(server, { host: address, port, reusePort: mayShare })
  const shared = { host: address, port: addressOf(server).port, reusePort: true }
  return mayShare ? Array.from({ length: handlesPerProcess - 1 }, () => shared) : []
}

/** Those that Node says it of. */
const sharesPorts: ReadonlySet<NodeJS.Platform> = new Set(['linux', 'freebsd'])

/** The address that a name stands for, at which nobody listens. */
async function freeAddress(host: string, port: number): Promise<string> {
  const probe = createServer()
  await opened(probe, { host, port })
  const { address } = addressOf(probe)
  await closed(probe)
  return address
}

function addressOf(server: NetServer): AddressInfo {
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('a server that listens has an address')
  return address
}

function opened(server: NetServer, at: AcceptPlace): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  // Beside a descriptor, Node heeds a `backlog` only here.
  server.listen(at, waitingConnections, () => {
    server.off('error', reject)
    resolve()
  })
  return promise
}

function closed(server: NetServer): Promise<void> {
  return new Promise((then) => void server.close(() => then()))
}
