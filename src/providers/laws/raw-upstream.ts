import net from 'node:net'
import type { UpstreamFailure, UpstreamHandler } from '../provider.ts'

/** A provider made of bare sockets, for what no HTTP server would do. Use with `await using`. */
export interface RawUpstream extends AsyncDisposable {
  readonly origin: string
  /** Every call that arrived whole, as the bytes of its head and body. */
  readonly calls: readonly string[]
  connections(): number
  /** The sockets that are open now. */
  readonly sockets: ReadonlySet<net.Socket>
}

interface RawScript {
  /** Runs when a connection is made, before any byte. */
  readonly onConnection?: (socket: net.Socket) => void
  /** Runs when a call has arrived whole. `place` is 1 for the first call over all connections. */
  readonly onCall?: (socket: net.Socket, call: string, place: number) => void
}

export async function openRawUpstream({ onConnection, onCall }: RawScript): Promise<RawUpstream> {
  const calls: string[] = []
  const sockets = new Set<net.Socket>()
  let connections = 0
  const server = net.createServer((socket) => {
    connections += 1
    sockets.add(socket)
    // The far side may break a connection at any moment; the tests look at what our side made of it.
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket))
    let buffered = ''
    socket.on('data', (bytes) => {
      buffered += bytes.toString('latin1')
      for (let end = endOfCall(buffered); end !== undefined; end = endOfCall(buffered)) {
        const call = buffered.slice(0, end)
        buffered = buffered.slice(end)
        calls.push(call)
        onCall?.(socket, call, calls.length)
      }
    })
    onConnection?.(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return {
    origin: `http://127.0.0.1:${port}`,
    calls,
    sockets,
    connections: () => connections,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** An answer with a body of known length, which leaves the connection open. */
export function wholeAnswer(body: string, status = '200 OK', headers: readonly string[] = []): string {
  const lines = [`HTTP/1.1 ${status}`, 'content-type: application/json', ...headers, `content-length: ${body.length}`]
  return `${lines.join('\r\n')}\r\n\r\n${body}`
}

function endOfCall(text: string): number | undefined {
  const headEnd = text.indexOf('\r\n\r\n')
  if (headEnd < 0) return undefined
  const length = Number(/^content-length: *(\d+)/im.exec(text.slice(0, headEnd))?.[1] ?? 0)
  const end = headEnd + 4 + length
  return text.length >= end ? end : undefined
}

/** Everything an `UpstreamHandler` heard, in order, and a promise of how it ended. */
export interface Listener extends UpstreamHandler {
  readonly heard: readonly string[]
  readonly chunks: readonly Buffer[]
  readonly over: Promise<UpstreamFailure | 'end'>
  body(): string
  status(): number | undefined
}

export function openListener(): Listener {
  const heard: string[] = []
  const chunks: Buffer[] = []
  const { promise, resolve } = Promise.withResolvers<UpstreamFailure | 'end'>()
  let heardStatus: number | undefined
  return {
    heard,
    chunks,
    over: promise,
    body: () => Buffer.concat(chunks).toString(),
    status: () => heardStatus,
    head: (status) => {
      heardStatus = status
      heard.push('head')
    },
    chunk: (bytes) => {
      chunks.push(bytes)
      heard.push('chunk')
    },
    end: () => {
      heard.push('end')
      resolve('end')
    },
    failure: (failure) => {
      heard.push('failure')
      resolve(failure)
    },
  }
}
