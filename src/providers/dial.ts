import net from 'node:net'
import type { Clock } from '../canonical/clock.ts'
import { familiesInTurn } from './address.ts'
import { whenAborted } from './when-aborted.ts'

/** How long an address may take before the next one is tried beside it (RFC 8305, connection attempt delay). */
export const staggerMs = 250

/** A name may have any number of addresses; where these do not answer, its others are not waited for. */
export const dialedAddresses = 8

/** Bytes leave at once (Nagle's algorithm would hold back small calls); dead peers are noticed by the kernel. */
const tcpProbeMs = 60_000

export interface Dialing {
  /** Literal addresses, at least one, in the order in which they are to be tried. */
  readonly addresses: readonly string[]
  readonly port: number
  readonly clock: Clock
  /** Ends the dialing, with its reason as the problem. */
  readonly signal: AbortSignal
}

/**
 * Opens a TCP connection to the first address that takes one: in order, families in turn, the next when one fails or is
 * slow. The first to be there wins and the others are dropped. No more than `dialedAddresses` are tried.
 * @throws Error the problem of the last address that failed, with its system code.
 */
export function dial({ addresses, port, clock, signal }: Dialing): Promise<net.Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<net.Socket>()
  const waiting = familiesInTurn(addresses).slice(0, dialedAddresses)
  const trying = new Set<net.Socket>()
  let isOver = false
  const stagger = clock.after(staggerMs, tryNext)

  function finish(winner: net.Socket | undefined): void {
    isOver = true
    stagger.cancel()
    for (const socket of trying) if (socket !== winner) socket.destroy()
  }

  function tryNext(): void {
    const host = waiting.shift()
    if (isOver || host === undefined) return
    const socket = net.connect({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: tcpProbeMs })
    trying.add(socket)
    stagger.restart()
    socket.once('connect', () => {
      if (isOver) return
      finish(socket)
      resolve(socket)
    })
    // Stays for the connection's life: a socket error without a listener would end the process.
    socket.on('error', (error) => {
      trying.delete(socket)
      if (isOver) return
      if (waiting.length > 0) return tryNext()
      if (trying.size > 0) return
      finish(undefined)
      reject(error)
    })
  }

  tryNext()
  whenAborted(signal, () => {
    if (isOver) return
    finish(undefined)
    reject(signal.reason)
  })
  return promise
}
