import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { z } from 'zod'

/** One question to the guard, as it came over the wire. */
export interface GuardAsked {
  readonly path: string
  readonly authorization: string | undefined
  readonly text: string
  readonly stage: string
}

/** What it answers: a body, or something else. */
export type GuardReply =
  | {
      readonly kind: 'json'
      readonly body: unknown
      readonly status?: number
      readonly headers?: Record<string, string>
    }
  | { readonly kind: 'raw'; readonly body: Buffer }
  /** Nothing, ever. */
  | { readonly kind: 'silence' }
  /** The connection is cut. */
  | { readonly kind: 'cut' }

export interface GuardServer {
  readonly origin: string
  readonly asked: readonly GuardAsked[]
  /** Of questions that are not answered yet. */
  readonly open: number
  /** What it says from now on. */
  judge(reply: (asked: GuardAsked) => GuardReply | Promise<GuardReply>): void
  /** Resolves when so many questions are open at once. */
  openAtOnce(count: number): Promise<void>
  /** Resolves when whoever asked has broken off one that was open. */
  brokenOff(): Promise<void>
  forget(): void
  close(): Promise<void>
}

const question = z.object({ text: z.string(), context: z.object({ stage: z.string() }) })

/** A guard that judges elsewhere, by the contract of behaviour.md E11: real HTTP on loopback. */
export async function startGuard(): Promise<GuardServer> {
  const asked: GuardAsked[] = []
  const open = new Set<ServerResponse>()
  let reply: Parameters<GuardServer['judge']>[0] = () => allow
  let waiting: { readonly until: () => boolean; readonly then: () => void }[] = []
  let breaks = 0
  const look = () => {
    for (const { until, then } of waiting) if (until()) then()
    waiting = waiting.filter(({ until }) => !until())
  }
  const when = (until: () => boolean) =>
    new Promise<void>((then) => {
      waiting.push({ until, then })
      look()
    })
  const answer = async (incoming: IncomingMessage, outgoing: ServerResponse, body: Buffer) => {
    const { text, context } = question.parse(JSON.parse(body.toString()))
    const one = { path: incoming.url ?? '', authorization: incoming.headers.authorization, text, stage: context.stage }
    asked.push(one)
    open.add(outgoing)
    outgoing.once('close', () => {
      if (!outgoing.writableFinished) breaks += 1
      open.delete(outgoing)
      look()
    })
    look()
    const said = await reply(one)
    switch (said.kind) {
      case 'json':
        outgoing.writeHead(said.status ?? 200, { 'content-type': 'application/json', ...said.headers })
        return outgoing.end(JSON.stringify(said.body))
      case 'raw':
        return outgoing.end(said.body)
      case 'cut':
        return incoming.socket.destroy()
      case 'silence':
        return
    }
  }
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', () => void answer(incoming, outgoing, Buffer.concat(chunks)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    origin: `http://127.0.0.1:${port}`,
    asked,
    get open() {
      return open.size
    },
    judge: (next) => void (reply = next),
    openAtOnce: (count) => when(() => open.size >= count),
    brokenOff: () => {
      const before = breaks
      return when(() => breaks > before)
    },
    forget: () => void asked.splice(0),
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

export const allow: GuardReply = { kind: 'json', body: { action: 'allow' } }

/** Everywhere that some words stand, in code points. */
export function finds(word: string, type = 'NAME'): (asked: GuardAsked) => GuardReply {
  return ({ text }) => {
    const findings = [...text.matchAll(new RegExp(word, 'g'))].map(({ index, 0: found }) => {
      const start = Array.from(text.slice(0, index)).length
      return { type, start, end: start + Array.from(found).length, score: 0.9 }
    })
    return { kind: 'json', body: { action: findings.length === 0 ? 'allow' : 'modify', findings } }
  }
}
