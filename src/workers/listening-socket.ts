import { BoundSocket } from 'node:net'

/**
 * How many handles each worker accepts with. Node takes one connection per handle and turn of its loop (libuv 1.45, pull request
 * 3696). A busy loop turns ten times in a second: with one handle, whoever connects then waits for seconds, unseen by everything
 * that would shed load. Each connection wakes idle workers for all their handles, and one of them takes it: with 32, a connection
 * cost 200 us of CPU instead of 155; with 16, no more than could be told from noise.
 */
const handlesPerWorker = 16

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
 * @throws Error with a `code`, such as EADDRINUSE.
 */
export function bindListeningSocket(address: string, port: number): ListeningSocket {
  const socket = new BoundSocket({ host: address, port })
  let isOpen = true
  return {
    port: socket.address().port,
    descriptors: Array<number>(handlesPerWorker).fill(socket.fd()),
    close: () => {
      if (isOpen) socket.close()
      isOpen = false
    },
  }
}
