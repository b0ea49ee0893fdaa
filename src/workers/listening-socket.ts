import { BoundSocket } from 'node:net'

/** The socket that all workers accept from. The primary holds it, and never accepts itself. */
export interface ListeningSocket {
  readonly port: number
  /** What a worker inherits: the same socket, once for each of its handles. */
  readonly descriptors: readonly number[]
  /** The primary lets go: it is closed once no worker has it any more, and what comes then is refused. Twice is once. */
  close(): void
}

/**
 * Binds the address. Nothing is accepted before a worker listens; from then on, a connection that comes while no worker is
 * alive waits for the next one.
 * @param address a numeric one.
 * @param handles that each worker accepts with.
 * @throws Error with a `code`, such as EADDRINUSE.
 */
export function bindListeningSocket(address: string, port: number, handles: number): ListeningSocket {
  const socket = new BoundSocket({ host: address, port })
  let isOpen = true
  return {
    port: socket.address().port,
    descriptors: Array<number>(handles).fill(socket.fd()),
    close: () => {
      if (isOpen) socket.close()
      isOpen = false
    },
  }
}
