import { isDeepStrictEqual } from 'node:util'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { message, reply, json } from '../journeys/canaries/answers.ts'
import { startGateway, type RunningGateway } from '../gateway-fixture.ts'
import type { Replayed, Seen } from '../replay-upstream.ts'

/** A gateway with a provider that understands every call, and keeps what it was sent. */
export interface HostileHouse {
  readonly weir: RunningGateway
  /** What the provider was sent, in order. */
  readonly seen: readonly Seen[]
  readonly port: number
  /** Posts these bytes; the provider answers whatever comes. */
  post(door: Door, body: Buffer, headers?: Readonly<Record<string, string>>): Promise<Outcome>
  close(): Promise<void>
}

export interface Outcome {
  readonly status: number
  readonly text: string
  /** The body that the provider got; `undefined`: it was not asked. */
  readonly sent: Buffer | undefined
}

/** A path where clients may send a body, and an honest body up to its last brace. */
export interface Door {
  readonly path: string
  readonly start: string
  readonly answer: Replayed
}

export const doors: readonly Door[] = [
  {
    path: '/v1/chat/completions',
    start: '{"model":"chat","messages":[{"role":"user","content":"hi"}]',
    answer: reply('fine'),
  },
  {
    path: '/v1/messages',
    start: '{"model":"claude","max_tokens":9,"messages":[{"role":"user","content":"hi"}]',
    answer: message('fine'),
  },
  {
    path: '/v1/embeddings',
    start: '{"model":"chat","input":"hi"',
    answer: json(200, {
      object: 'list',
      data: [{ object: 'embedding', index: 0, embedding: [0.5] }],
      usage: { prompt_tokens: 1, total_tokens: 1 },
    }),
  },
]

/** Of the house: room for a string of a megabyte. */
export const maxBodyBytes = 2 * 1024 * 1024

export async function openHostileHouse(): Promise<HostileHouse> {
  const upstream = await startWillingProvider()
  const weir = await startGateway({
    config: `
providers:
  replay: { kind: openai-compatible, baseUrl: "${upstream.origin}/v1" }
  claude: { kind: anthropic, baseUrl: "${upstream.origin}", credentials: { apiKey: env:CLAUDE_KEY } }
models:
  chat: { targets: [{ provider: replay, model: chat }] }
  claude: { targets: [{ provider: claude, model: claude }] }
  any/*: { targets: [{ provider: replay, model: "*" }] }
`,
    env: { CLAUDE_KEY: 'claude-secret' },
    listeners: { server: `maxBodyBytes: ${maxBodyBytes}` },
  })
  return {
    weir,
    seen: upstream.seen,
    port: Number(new URL(weir.gateway.dataOrigin).port),
    post: async (door, body, headers = {}) => {
      const before = upstream.seen.length
      const answer = await fetch(`${weir.gateway.dataOrigin}${door.path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${weir.key}`, 'content-type': 'application/json', ...headers },
        body,
      })
      const text = await answer.text()
      const sent = upstream.seen.slice(before)
      if (sent.length > 1) throw new Error('one call became several')
      return { status: answer.status, text, sent: sent[0]?.body }
    },
    close: async () => {
      await weir.close()
      await upstream.close()
    },
  }
}

/** A provider that answers every call well, by its path. */
async function startWillingProvider() {
  const seen: Seen[] = []
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', () => {
      const { method = '', url: path = '', headers } = incoming
      seen.push({ method, path, headers, body: Buffer.concat(chunks) })
      const answer = doors.find((door) => door.path === path)?.answer ?? json(404, {})
      outgoing.writeHead(answer.status, answer.headers)
      outgoing.end(answer.body)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    seen,
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(resolve))
    },
  }
}

/** The value as JSON says it; `undefined` where it is none. Bytes that are no UTF-8 are none. */
export function valueOf(bytes: Buffer): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)) as unknown }
  } catch (thrown) {
    if (thrown instanceof SyntaxError || thrown instanceof TypeError) return undefined
    throw thrown
  }
}

/** Whether two texts mean the same to whoever parses them, also where JSON has several words for one value. */
export function meansTheSame(one: Buffer, other: Buffer): boolean {
  const [first, second] = [valueOf(one), valueOf(other)]
  return first !== undefined && second !== undefined && isDeepStrictEqual(first.value, second.value)
}
