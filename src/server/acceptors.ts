import { createServer, type Server as NetServer } from 'node:net'
import type { Server } from './tls-server.ts'

/** Further handles of the socket that a server accepts from. Their connections are the server's. */
export interface Acceptors {
  /** Takes no further connection. Resolves when every connection that they took is over. */
  close(): Promise<void>
}

/**
 * Has a server accept several connections in one turn of the event loop instead of one.
 * @param descriptors of its socket, other than the one that it listens with itself.
 * @param highWaterMark as the server's own connections have it.
 */
export async function openAcceptors(
  server: Server,
  descriptors: readonly number[],
  { backlog, highWaterMark }: { readonly backlog: number; readonly highWaterMark: number },
): Promise<Acceptors> {
  const acceptors = descriptors.map(() =>
    // As Node's HTTP server makes its own.
    createServer({ allowHalfOpen: true, noDelay: true, highWaterMark }, (socket) => server.emit('connection', socket)),
  )
  await Promise.all(acceptors.map((acceptor, place) => opened(acceptor, descriptors[place] ?? -1, backlog)))
  for (const acceptor of acceptors) acceptor.on('error', (error) => server.emit('error', error))
  return {
    close: async () =>
      void (await Promise.all(acceptors.map((acceptor) => new Promise<void>((then) => acceptor.close(() => then()))))),
  }
}

function opened(acceptor: NetServer, descriptor: number, backlog: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  acceptor.once('error', reject)
  // Beside a descriptor, Node heeds a `backlog` only here.
  acceptor.listen({ fd: descriptor }, backlog, () => {
    acceptor.off('error', reject)
    resolve()
  })
  return promise
}
