import type { IncomingMessage } from 'node:http'
import type { Clock } from '../canonical/clock.ts'

/** How much of a body that nobody wants is read, and for how long, before the connection is closed. */
export const discardLimits = { bytes: 1024 * 1024, ms: 2_000 } as const

/**
 * Throws away the rest of a body, within bounds. A connection that is closed while the client still sends is reset, and a client
 * that is reset may lose the answer that tells it why.
 * @param then when the rest has come, the bounds are reached, or the client has gone. Called once.
 */
export function discardRest(incoming: IncomingMessage, clock: Clock, then: () => void): void {
  let leftBytes: number = discardLimits.bytes
  let isOver = false
  const over = () => {
    if (isOver) return
    isOver = true
    timer.cancel()
    then()
  }
  const timer = clock.after(discardLimits.ms, over)
  incoming.on('data', (chunk: Buffer) => {
    leftBytes -= chunk.length
    if (leftBytes < 0) over()
  })
  incoming.on('end', over)
  incoming.on('close', over)
  incoming.resume()
}
