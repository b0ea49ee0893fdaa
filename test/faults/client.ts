import http from 'node:http'

/** One call of a client, and what it saw of the answer. */
export interface ClientCall {
  /** Resolves when the answer has these words in it. */
  saw(words: string): Promise<void>
  /** Resolves when so many bytes of the answer have come; at 0 at once. */
  sawBytes(count: number): Promise<void>
  /** Resolves when the answer is over, in whatever way; never rejects. */
  readonly over: Promise<Told>
  /** The client goes away. */
  leave(how: 'reset' | 'fin'): void
  /** Stops reading, and goes on. */
  pause(): void
  resume(): void
}

/** What a client was told. */
export interface Told {
  /** 0: no head came. */
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly text: string
  /** The HTTP message ended as its head said it would. */
  readonly isWhole: boolean
}

export interface Asking {
  readonly origin: string
  readonly path: string
  readonly key: string
  readonly body: object
  readonly headers?: Readonly<Record<string, string>>
}

/** Makes a call on a connection of its own. */
export function call({ origin, path, key, body, headers }: Asking): ClientCall {
  const { promise: over, resolve } = Promise.withResolvers<Told>()
  const waiting: { isThere(): boolean; then(): void }[] = []
  let incoming: http.IncomingMessage | undefined
  let text = ''
  const outgoing = http.request(`${origin}${path}`, {
    method: 'POST',
    agent: false,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
  })
  outgoing.once('response', (message) => {
    incoming = message
    message.setEncoding('utf8')
    message.on('data', (part: string) => {
      text += part
      for (const { isThere, then } of waiting) if (isThere()) then()
    })
    // What breaks the connection is told by `close`.
    message.once('error', () => outgoing.destroy())
  })
  outgoing.once('error', () => outgoing.destroy())
  const end = () =>
    resolve({
      status: incoming?.statusCode ?? 0,
      headers: incoming?.headers ?? {},
      text,
      isWhole: incoming?.complete ?? false,
    })
  // Node tells only one of the two where the connection is reset while the last bytes are read.
  outgoing.once('close', end)
  outgoing.once('response', (message) => message.once('close', end))
  outgoing.end(JSON.stringify(body))
  const until = (isThere: () => boolean): Promise<void> => {
    const { promise, resolve: then } = Promise.withResolvers<void>()
    if (isThere()) then()
    else waiting.push({ isThere, then })
    return promise
  }
  return {
    over,
    saw: (words) => until(() => text.includes(words)),
    sawBytes: (count) => until(() => text.length >= count),
    leave: (how) => void (how === 'reset' ? outgoing.socket?.resetAndDestroy() : outgoing.destroy()),
    pause: () => void incoming?.pause(),
    resume: () => void incoming?.resume(),
  }
}
