import type { ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Clock } from '../canonical/clock.ts'

/**
 * Answers what is no request with one plain refusal, and closes the connection: where the next request begins is anyone's
 * guess (failures.md N1).
 * @param underWay the last answer on this connection: a refusal must not land in the middle of it.
 */
export function refuseBytes(
  error: Error & { code?: string },
  socket: Duplex,
  underWay: ServerResponse | undefined,
  clock: Clock,
): void {
  if (underWay?.headersSent === true && !underWay.writableFinished) return void socket.destroy()
  const status =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? '431 Request Header Fields Too Large'
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? '408 Request Timeout'
        : '400 Bad Request'
  endWith(socket, status, clock)
}

/** A gateway opens no tunnels. */
export function refuseTunnel(socket: Duplex, clock: Clock): void {
  endWith(socket, '405 Method Not Allowed\r\nallow: GET, HEAD, POST', clock)
}

/** How long a client may take to take the refusal. */
export const refusalMs = 2_000

function endWith(socket: Duplex, status: string, clock: Clock): void {
  // The client may be gone already; without a listener that error would end the process.
  socket.on('error', () => socket.destroy())
  if (!socket.writable) return void socket.destroy()
  const timer = clock.after(refusalMs, () => socket.destroy())
  socket.once('close', () => timer.cancel())
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`, () => socket.destroy())
}
