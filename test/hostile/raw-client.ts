import { connect } from 'node:net'

export interface RawAnswer {
  /** Everything that came back, until the connection was closed. */
  readonly text: string
  /** Status lines in it, in order. */
  readonly statuses: readonly number[]
}

/**
 * Sends bytes on a connection of its own and listens until the gateway closes it.
 * @param end whether the client says that it sends no more.
 */
export function sendBytes(port: number, bytes: Buffer, end = false): Promise<RawAnswer> {
  const { promise, resolve } = Promise.withResolvers<RawAnswer>()
  const socket = connect(port, '127.0.0.1')
  socket.setEncoding('latin1')
  let text = ''
  socket.on('data', (part: string) => (text += part))
  // A reset is an end too; what came before it counts.
  socket.on('error', () => socket.destroy())
  socket.on('close', () => resolve({ text, statuses: statusesOf(text) }))
  if (end) socket.end(bytes)
  else socket.write(bytes)
  return promise
}

function statusesOf(text: string): readonly number[] {
  return [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((line) => Number(line[1]))
}
