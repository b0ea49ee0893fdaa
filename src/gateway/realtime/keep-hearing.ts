import type { Duplex } from 'node:stream'

/** What is kept of a client that speaks before its turn. One that says more is heard again when its turn comes. */
export const mostKeptBytes = 64 * 1024

/**
 * Reads what a client says while nobody can answer it yet, so that its leaving is seen: on a connection that nobody reads, no
 * end is ever told.
 * @param early what has been read of it already.
 * @returns ends that: what was kept comes again, first, to whoever listens in the same turn.
 */
export function keepHearing(socket: Duplex, early?: Buffer): () => void {
  const kept: Buffer[] = []
  let keptBytes = 0
  const keep = (bytes: Buffer) => {
    kept.push(bytes)
    keptBytes += bytes.length
    if (keptBytes >= mostKeptBytes) socket.pause()
  }
  socket.on('data', keep)
  if (early) keep(early)
  return () => {
    socket.off('data', keep)
    socket.pause()
    if (keptBytes > 0) socket.unshift(Buffer.concat(kept))
    socket.resume()
  }
}
