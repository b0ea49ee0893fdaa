import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { maskedTextFrame } from '../../src/wire/websocket.ts'

/** What asks for a WebSocket. */
export const handshakeHeaders = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
} as const

/** A client of sessions that speaks before its turn, and leaves as a process does that ends: without a close frame. */
export interface BareClient {
  /** Resolves when the session is accepted. */
  readonly accepted: Promise<void>
  say(event: object): void
  leave(): void
}

export function bareClient(origin: string, path: string, headers: Readonly<Record<string, string>>): BareClient {
  const { hostname, port } = new URL(origin)
  const socket = connect(Number(port), hostname)
  const all = Object.entries({ host: 'x', ...handshakeHeaders, ...headers })
  socket.write(`GET ${path} HTTP/1.1\r\n${all.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`)
  return {
    accepted: acceptedOn(socket),
    say: (event) => void socket.write(maskedTextFrame(JSON.stringify(event), Buffer.from([1, 2, 3, 4]))),
    leave: () => void socket.end(),
  }
}

async function acceptedOn(socket: Socket): Promise<void> {
  const [bytes] = (await once(socket, 'data')) as [Buffer]
  // What comes after that is not looked at.
  socket.resume()
  if (!bytes.toString().startsWith('HTTP/1.1 101 ')) throw new Error(`not accepted: ${bytes.toString()}`)
}
