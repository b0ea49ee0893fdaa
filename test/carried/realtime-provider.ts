import { createServer, type IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { acceptOf, closeFrame, opcodes, SocketReader, textFrame } from '../../src/wire/websocket.ts'

/** A provider of realtime sessions, on loopback: it says what the test has it say. */
export interface RealtimeProvider {
  readonly origin: string
  /** The requests for sessions, in order. */
  readonly asked: readonly IncomingMessage[]
  /** What clients said in all sessions. */
  readonly heard: readonly string[]
  /** Resolves when so many messages have been heard. */
  hears(count: number): Promise<void>
  /** Says something in the last session. */
  say(event: object): void
  /** The same in a binary message, as Google does. */
  sayBinary(event: object): void
  /** Breaks the last session off. */
  breakOff(): void
  /** Refuses the next one with this status. */
  refuseNext(status: number): void
  close(): Promise<void>
}

export async function startRealtime(): Promise<RealtimeProvider> {
  const asked: IncomingMessage[] = []
  const heard: string[] = []
  const sockets: Duplex[] = []
  let waiting: { readonly count: number; readonly resolve: () => void }[] = []
  let refusal: number | undefined
  const server = createServer((_incoming, outgoing) => outgoing.writeHead(404).end())
  server.on('upgrade', (incoming, socket) => {
    asked.push(incoming)
    socket.on('error', () => socket.destroy())
    if (refusal !== undefined) {
      socket.end(`HTTP/1.1 ${refusal} No\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`)
      refusal = undefined
      return
    }
    sockets.push(socket)
    const accept = acceptOf(incoming.headers['sec-websocket-key'] ?? '')
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: ${accept}\r\n\r\n`,
    )
    const reader = new SocketReader(true)
    socket.on('data', (bytes: Buffer) => {
      for (const { kind, payload } of reader.take(bytes)) {
        if (kind === 'text') heard.push(payload.toString())
        if (kind === 'close') socket.end(closeFrame(1000, ''))
      }
      for (const { count, resolve } of waiting) if (heard.length >= count) resolve()
      waiting = waiting.filter(({ count }) => heard.length < count)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    origin: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
    asked,
    heard,
    hears: (count) => {
      const { promise, resolve } = Promise.withResolvers<void>()
      if (heard.length >= count) resolve()
      else waiting.push({ count, resolve })
      return promise
    },
    say: (event) => void sockets.at(-1)?.write(textFrame(JSON.stringify(event))),
    sayBinary: (event) => {
      const frame = textFrame(JSON.stringify(event))
      frame[0] = 0x80 | opcodes.binary
      sockets.at(-1)?.write(frame)
    },
    breakOff: () => void sockets.at(-1)?.destroy(),
    refuseNext: (status) => void (refusal = status),
    close: () => {
      for (const socket of sockets) socket.destroy()
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}
