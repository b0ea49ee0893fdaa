import type { Socket } from 'node:net'

/** A call as HTTP/1.1 words it. */
export interface WordedCall {
  readonly head: string
  readonly body: Buffer
  /** Another call may follow on its connection. */
  readonly mayFollow: boolean
}

export interface CallToWord {
  readonly method: string
  readonly path: string
  /** A flat list of names and values. */
  readonly headers: readonly string[]
  readonly body: Buffer
}

/** Cannot be worded as HTTP. Its message names the header at fault, never its value. */
export class UnwordableCall extends Error {}

/**
 * Words one call (RFC 9112, 3 and 5). What frames it is said here and nowhere else.
 * @param host where to, as `host` says it.
 * @param connection what is to become of the connection.
 * @throws UnwordableCall when a part of it would not be one part of HTTP.
 */
export function wordCall(call: CallToWord, host: string, connection: Connection): WordedCall {
  const { method, path, headers, body } = call
  if (!pathShape.test(path)) throw new UnwordableCall('invalid path')
  const isExpectedToHaveBody = method === 'POST' || method === 'PATCH'
  // A body that no server expects may be taken for the call that follows.
  const mayFollow = connection === 'keep-alive' && (isExpectedToHaveBody || body.length === 0)
  let head = `${method} ${path} HTTP/1.1\r\nhost: ${host}\r\n${connectionLines[connection]}`
  for (let place = 0; place < headers.length; place += 2) {
    const name = headers[place] ?? ''
    const line = `${name}: ${headers[place + 1] ?? ''}\r\n`
    if (!lineShape.test(line))
      throw new UnwordableCall(nameShape.test(name) ? `invalid ${name} header` : 'invalid name of a header')
    head += line
  }
  if (isExpectedToHaveBody || body.length > 0) head += `content-length: ${body.length}\r\n`
  return { head: `${head}\r\n`, body, mayFollow }
}

/** It is kept for another call, ends with the answer, or speaks WebSocket after it. */
export type Connection = 'keep-alive' | 'close' | 'websocket'

const connectionLines = {
  'keep-alive': 'connection: keep-alive\r\n',
  close: 'connection: close\r\n',
  websocket: 'connection: upgrade\r\nupgrade: websocket\r\n',
} as const satisfies Record<Connection, string>

const pathShape = /^\/[\x21-\xff]*$/
const nameShape = /^[!#$%&'*+\-.^_`|~\dA-Za-z]+$/
/** A header, and none that frames the call. */
const lineShape =
  /^(?!(?:host|connection|keep-alive|content-length|transfer-encoding|te|trailer|upgrade|expect):)[!#$%&'*+\-.^_`|~\dA-Z]+: [\t\x20-\x7e\x80-\xff]*\r\n$/i

/** Up to this size head and body are made one buffer: copying costs less than a second buffer does. */
export const mergedBytes = 16 * 1024

/** Writes a call, in one system call where the connection takes it all. */
export function writeCall(socket: Socket, { head, body }: WordedCall): void {
  if (body.length === 0) return void socket.write(head, 'latin1')
  if (body.length <= mergedBytes) {
    const bytes = Buffer.allocUnsafe(head.length + body.length)
    bytes.write(head, 'latin1')
    body.copy(bytes, head.length)
    return void socket.write(bytes)
  }
  socket.cork()
  socket.write(head, 'latin1')
  socket.write(body)
  socket.uncork()
}
