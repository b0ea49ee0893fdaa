import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'

/** What the fake provider was asked, as it came over the wire. */
export interface Seen {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: Buffer
}

export interface Replayed {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  /** Where the body is cut into writes; none: one write. Offsets in ascending order. */
  readonly cuts?: readonly number[]
}

export interface ReplayUpstream {
  readonly origin: string
  readonly seen: readonly Seen[]
  /** The next answers, first in first out; when there is none the answer is 500. */
  answer(...answers: readonly Replayed[]): void
  /** Answers that nobody came for are dropped. */
  forget(): void
  /** Takes over the connection entirely for the next call. */
  takeOver(then: (incoming: IncomingMessage, outgoing: ServerResponse) => void): void
  close(): Promise<void>
}

type Next =
  | { readonly kind: 'replay'; readonly replayed: Replayed }
  | { readonly kind: 'take-over'; readonly then: (incoming: IncomingMessage, outgoing: ServerResponse) => void }

/** A provider that answers with the bytes it is given, cut where it is told: real HTTP on loopback. */
export async function startReplay(): Promise<ReplayUpstream> {
  const seen: Seen[] = []
  const queue: Next[] = []
  const server: Server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', () => {
      seen.push({
        method: incoming.method ?? '',
        path: incoming.url ?? '',
        headers: incoming.headers,
        body: Buffer.concat(chunks),
      })
      const next = queue.shift()
      if (next?.kind === 'take-over') return next.then(incoming, outgoing)
      void play(
        outgoing,
        next?.replayed ?? { status: 500, headers: {}, body: Buffer.from('{"error":{"message":"nothing to replay"}}') },
      )
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    origin: `http://127.0.0.1:${port}`,
    seen,
    answer: (...answers) => void queue.push(...answers.map((replayed): Next => ({ kind: 'replay', replayed }))),
    forget: () => void queue.splice(0),
    takeOver: (then) => void queue.push({ kind: 'take-over', then }),
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

async function play(outgoing: ServerResponse, { status, headers, body, cuts = [] }: Replayed): Promise<void> {
  outgoing.writeHead(status, headers)
  let from = 0
  for (const cut of [...cuts, body.length]) {
    if (cut <= from) continue
    outgoing.write(body.subarray(from, cut))
    from = cut
    // One turn of the event loop between writes, so that each is a read of its own at the other end.
    await new Promise((resolve) => setImmediate(resolve))
  }
  outgoing.end()
}

/** A small seeded generator, so that a failing cut can be repeated. Source: mulberry32, public domain. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

export function randomCuts(sizeBytes: number, count: number, random: () => number): readonly number[] {
  return Array.from({ length: count }, () => 1 + Math.floor(random() * Math.max(sizeBytes - 1, 1))).toSorted(
    (one, other) => one - other,
  )
}
