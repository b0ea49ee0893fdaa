import type { ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'

/**
 * Answers what is no request with one plain refusal, and closes the connection: where the next request begins is anyone's
 * guess (failures.md N1).
 * @param underWay the last answer on this connection: a refusal must not land in the middle of it.
 */
export function refuseBytes(
  error: Error & { code?: string },
  socket: Duplex,
  underWay: ServerResponse | undefined,
): void {
  if (underWay?.headersSent === true && !underWay.writableFinished) return void socket.destroy()
  const status =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? '431 Request Header Fields Too Large'
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? '408 Request Timeout'
        : '400 Bad Request'
  endWith(socket, status)
}

/** A gateway opens no tunnels. */
export function refuseTunnel(_incoming: unknown, socket: Duplex): void {
  endWith(socket, '405 Method Not Allowed\r\nallow: GET, HEAD, POST')
}

function endWith(socket: Duplex, status: string): void {
  // The client may be gone already; without a listener that error would end the process.
  socket.on('error', () => socket.destroy())
  if (!socket.writable) return void socket.destroy()
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`, () => socket.destroy())
}
