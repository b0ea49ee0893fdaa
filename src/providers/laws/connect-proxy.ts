import net from 'node:net'

/** What a proxy does with a wish for a tunnel. `open`: what a good one does. */
export type ProxyManner =
  | { readonly kind: 'open' }
  /** Says these bytes and nothing else; closes when told to. */
  | { readonly kind: 'say'; readonly bytes: string; readonly thenClose: boolean }
  | { readonly kind: 'stall' }
  | { readonly kind: 'reset' }
  /** Opens the tunnel, and breaks both ends when the client has sent so many bytes through it. */
  | { readonly kind: 'cut'; readonly afterBytes: number }

/** A CONNECT proxy of bare sockets, that keeps all it sees. Use with `await using`. */
export interface ConnectProxy extends AsyncDisposable {
  readonly url: string
  /** The heads it was sent, whole. */
  readonly heads: readonly string[]
  /** Every byte that clients sent through its tunnels. */
  carried(): string
  /** Resolves when the next head is here. */
  asked(): Promise<void>
}

/** @param routes where names lead, as `host:port` to a loopback port; others are refused with 502. */
export async function openConnectProxy(
  manner: ProxyManner = { kind: 'open' },
  routes: ReadonlyMap<string, number> = new Map(),
): Promise<ConnectProxy> {
  const heads: string[] = []
  const carried: Buffer[] = []
  const sockets = new Set<net.Socket>()
  let waiting: (() => void)[] = []

  const server = net.createServer((client) => {
    keep(client)
    let head = ''
    client.on('data', function read(bytes) {
      head += bytes.toString('latin1')
      if (!head.includes('\r\n\r\n')) return
      client.off('data', read)
      heads.push(head)
      for (const resolve of waiting) resolve()
      waiting = []
      serve(client, /^CONNECT (\S+) /.exec(head)?.[1] ?? '')
    })
  })

  function serve(client: net.Socket, authority: string): void {
    if (manner.kind === 'stall') return
    if (manner.kind === 'reset') return void client.resetAndDestroy()
    if (manner.kind === 'say') return void (manner.thenClose ? client.end(manner.bytes) : client.write(manner.bytes))
    const port = routes.get(authority) ?? /^127\.0\.0\.1:(\d+)$/.exec(authority)?.[1] ?? ''
    if (port === '') return void client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n')
    const far = keep(net.connect(Number(port), '127.0.0.1'))
    let carriedBytes = 0
    client.on('data', (bytes: Buffer) => {
      carried.push(bytes)
      carriedBytes += bytes.length
      if (manner.kind !== 'cut' || carriedBytes < manner.afterBytes) return void far.write(bytes)
      client.resetAndDestroy()
      far.destroy()
    })
    far.on('data', (bytes) => client.write(bytes))
    client.on('close', () => far.destroy())
    far.on('close', () => client.end())
    client.write('HTTP/1.1 200 Connection established\r\nx-proxy: it\r\n\r\n')
  }

  function keep(socket: net.Socket): net.Socket {
    sockets.add(socket)
    // Either side may break off at any moment; the tests look at what our side made of it.
    return socket.on('error', () => undefined).on('close', () => sockets.delete(socket))
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`,
    heads,
    carried: () => Buffer.concat(carried).toString('latin1'),
    asked: () => new Promise((resolve) => waiting.push(resolve)),
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
