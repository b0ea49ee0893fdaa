import type { Socket } from 'node:net'

/** The next bytes that are there, or `undefined`. */
export function bytesOf(socket: Socket): Buffer | undefined {
  const part: unknown = socket.read()
  return Buffer.isBuffer(part) ? part : undefined
}
