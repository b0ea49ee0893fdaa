import type { IncomingMessage, ServerResponse } from 'node:http'
import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startGateway, type RunningGateway } from '../gateway-fixture.ts'
import { startReplay, type ReplayUpstream } from '../replay-upstream.ts'

let upstream: ReplayUpstream
let weir: RunningGateway

beforeAll(async () => {
  upstream = await startReplay()
  weir = await startGateway({
    config: `
providers: { replay: { kind: openai-compatible, baseUrl: "${upstream.origin}/v1" } }
models: { m: { targets: [{ provider: replay, model: m }, { provider: replay, model: other }] } }
`,
  })
})

afterAll(async () => {
  await weir.close()
  await upstream.close()
})

/** How far a call has come when its client goes. */
interface Phase {
  readonly name: string
  /** Bytes of the call that are sent: all, or up to a place before the end of the headers or of the body. */
  readonly sent: 'half the headers' | 'half the body' | 'all'
  readonly isStream: boolean
  /** What the provider does before it waits. */
  readonly provider: (outgoing: ServerResponse) => void
  /** What the client has heard by then; `undefined`: nothing. */
  readonly heard: string | undefined
  /** What must be recorded: one attempt of this status, a refusal, or nothing, since nobody was known yet. */
  readonly record: 'aborted' | 'ok' | undefined
  readonly attempts: 0 | 1
}

const sse = { 'content-type': 'text/event-stream' }
const chunk = (content: string) => `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\n`
const silent = () => undefined

const phases: readonly Phase[] = [
  {
    name: 'accept',
    sent: 'half the headers',
    isStream: true,
    provider: silent,
    heard: undefined,
    record: undefined,
    attempts: 0,
  },
  {
    name: 'the body',
    sent: 'half the body',
    isStream: true,
    provider: silent,
    heard: undefined,
    record: 'aborted',
    attempts: 0,
  },
  {
    name: 'the dispatch, a whole answer',
    sent: 'all',
    isStream: false,
    provider: silent,
    heard: undefined,
    record: 'aborted',
    attempts: 1,
  },
  {
    name: 'the dispatch, a stream',
    sent: 'all',
    isStream: true,
    provider: silent,
    heard: undefined,
    record: 'aborted',
    attempts: 1,
  },
  {
    name: 'the head of the answer',
    sent: 'all',
    isStream: true,
    provider: (outgoing) => outgoing.writeHead(200, sse).flushHeaders(),
    heard: undefined,
    record: 'aborted',
    attempts: 1,
  },
  {
    name: 'half of a whole answer',
    sent: 'all',
    isStream: false,
    provider: (outgoing) => outgoing.writeHead(200, { 'content-type': 'application/json' }).write('{"choices":['),
    heard: undefined,
    record: 'aborted',
    attempts: 1,
  },
  {
    name: 'the first token',
    sent: 'all',
    isStream: true,
    provider: (outgoing) => outgoing.writeHead(200, sse).write(chunk('one')),
    heard: 'one',
    record: 'aborted',
    attempts: 1,
  },
  {
    name: 'the middle',
    sent: 'all',
    isStream: true,
    provider: (outgoing) => {
      outgoing.writeHead(200, sse)
      for (const word of ['one', 'two', 'three']) outgoing.write(chunk(word))
    },
    heard: 'three',
    record: 'aborted',
    attempts: 1,
  },
  {
    name: 'the last byte',
    sent: 'all',
    isStream: true,
    provider: (outgoing) => outgoing.writeHead(200, sse).end(`${chunk('one')}data: [DONE]\n\n`),
    heard: '[DONE]',
    record: 'ok',
    attempts: 1,
  },
]

const ways = [
  ['FIN', (socket: Socket) => void socket.end()],
  ['RST', (socket: Socket) => void socket.resetAndDestroy()],
] as const

describe.each(ways)('fault 39 N8 a client that goes by %s has exactly one terminal', (_way, leave) => {
  it.each(phases)('during $name', async (phase) => {
    const ended = weir.finished.length
    const dispatched = Promise.withResolvers<void>()
    if (phase.attempts === 1)
      upstream.takeOver((_incoming: IncomingMessage, outgoing) => {
        phase.provider(outgoing)
        dispatched.resolve()
      })
    const socket = connect(Number(new URL(weir.gateway.dataOrigin).port), '127.0.0.1')
    socket.setEncoding('utf8')
    // The gateway may answer before it sees that the client has gone; that is nobody's fault.
    socket.on('error', () => socket.destroy())
    let text = ''
    socket.on('data', (part: string) => (text += part))
    const { isHead, bytes } = bytesOf(phase)
    socket.write(bytes)
    if (phase.attempts === 1) await dispatched.promise
    else await until(() => isHead || running() === 1)
    await until(() => phase.heard === undefined || text.includes(phase.heard))
    leave(socket)

    if (phase.record === undefined) {
      await until(() => socket.destroyed)
      expect(weir.finished).toHaveLength(ended)
      return
    }
    await weir.ended(ended + 1)
    await until(() => running() === 0)
    socket.destroy()
    const [finished, ...more] = weir.finished.slice(ended)
    expect(more).toEqual([])
    expect(finished?.records).toHaveLength(1)
    expect(finished?.records[0]).toMatchObject({ attempt: phase.attempts, status: phase.record })
    expect(finished?.status).toBe(phase.record === 'ok' ? 200 : 499)
    expect(finished?.bug).toBeUndefined()
    const stored = (await (await weir.admin(`/api/exchanges/${finished?.id}`)).json()) as { attempts: unknown[] }
    expect(JSON.stringify(stored)).toContain(`"status":"${phase.record}"`)
  })
})

it('N8 no callback after a reset was a bug', () => {
  expect(weir.logged()).not.toContain('"msg":"bug"')
  expect(running()).toBe(0)
})

function bytesOf({ sent, isStream }: Phase): { readonly isHead: boolean; readonly bytes: string } {
  const body = JSON.stringify({ model: 'm', stream: isStream, messages: [{ role: 'user', content: 'hi' }] })
  const head = `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${weir.key}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`
  switch (sent) {
    case 'half the headers':
      return { isHead: true, bytes: head.slice(0, 60) }
    case 'half the body':
      return { isHead: false, bytes: head + body.slice(0, 20) }
    case 'all':
      return { isHead: false, bytes: head + body }
  }
}

function running(): number {
  return weir.gateway.running
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve))
}
