import { Server as NetServer } from 'node:net'
import { GatewayError } from '../canonical/error.ts'
import type { Acceptors } from './acceptors.ts'
import type { Connections } from './connections.ts'
import type { Listening } from './listening.ts'
import type { Server } from './tls-server.ts'

export interface DrainOrders {
  readonly drainMs: number
  /** Other processes serve on in this one's place. */
  readonly isReplaced: boolean
}

/** What of a listener is to be closed. */
export interface Opened {
  readonly server: Server
  readonly acceptors: Acceptors
  readonly connections: Connections
}

/** Closes a listener: see `DataListener.drain`. */
export async function drainListener(
  listening: Listening,
  { server, acceptors, connections }: Opened,
  { drainMs, isReplaced }: DrainOrders,
): Promise<number> {
  const { running } = listening
  const { clock } = listening.parts
  const after = (delayMs: number) => new Promise<void>((resolve) => void clock.after(delayMs, resolve))
  listening.isReady = isReplaced
  listening.state = 'closing'
  const graceMs = Math.min(drainMs, isReplaced ? keepAliveGraceMs.replaced : keepAliveGraceMs.leaving)
  const startedMs = clock.monotonicMs()
  // Not the verb of `node:http`: it would cut idle connections at once, and with them the calls that are on their way.
  const ownClosed = new Promise<void>((then) => NetServer.prototype.close.call(server, () => then()))
  const closed = Promise.all([ownClosed, acceptors.close()])
  if (graceMs > 0) await Promise.race([closed, after(graceMs)])
  // Where others serve on, nobody who still comes on an open connection is sent away.
  if (!isReplaced) listening.state = 'closed'
  server.closeIdleConnections()
  const leftMs = () => drainMs - (clock.monotonicMs() - startedMs)
  while (running.size > 0 && leftMs() > 0) {
    await running.idleWithin(leftMs(), clock)
    // Its connection was not told to close when its answer began: who calls on it right now is served.
    if (isReplaced && leftMs() > 0) await Promise.race([closed, after(Math.min(leftMs(), lingerMs))])
  }
  const left = running.size
  running.stop(new GatewayError('draining', 'the gateway is shutting down'))
  if (running.size > 0) await running.idleWithin(lastWordMs, clock)
  // Not the verb of `node:http`: it knows only the connections on which HTTP is spoken.
  connections.cut()
  await closed
  // Only for what else it ends: the check of connections that take too long.
  server.close()
  return left
}

/**
 * How long open connections are served after no new ones are accepted. A client that calls within this time is told to
 * connect anew; the connection of one that does not is closed while it is idle. Long where other processes serve on and
 * nobody waits for the end, and past the few seconds for which most clients keep an idle connection.
 */
const keepAliveGraceMs = { leaving: 1_000, replaced: 10_000 } as const

/** How long a connection stays open after the last exchange that ran on it when the drain began. */
const lingerMs = 1_000

/** How long an exchange that is ended from our side may take to say so. */
const lastWordMs = 2_000
