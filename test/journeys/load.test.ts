import { writeFileSync } from 'node:fs'
import { Agent, createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Probes } from '../../src/server/probes.ts'
import { fixtureConfig, startGateway, type RunningGateway } from '../gateway-fixture.ts'

/** Readings that the tests turn. */
const knobs = { memoryShare: 0.1, usualMs: 0, longestMs: 0 }
const probes: Probes = {
  memoryShare: () => knobs.memoryShare,
  loopDelay: () => ({ usualMs: knobs.usualMs, longestMs: knobs.longestMs }),
  openFiles: () => undefined,
  fileLimit: undefined,
  close: () => undefined,
}

const liveStreams = 2000
let weir: RunningGateway
let provider: Awaited<ReturnType<typeof startPatientProvider>>
const agent = new Agent({ keepAlive: true, maxSockets: Infinity })
/** A key of an organisation of its own each. */
let greedy = ''
let modest = ''

beforeAll(async () => {
  provider = await startPatientProvider()
  weir = await startGateway({
    probes,
    listeners: { server: `maxExchanges: ${liveStreams}, shed: {}` },
    config: config(),
  })
  greedy = await keyOf('greedy')
  modest = await keyOf('modest')
})

const config = () => `
providers:
  patient: { kind: openai-compatible, baseUrl: "${provider.origin}/v1", network: { maxConnections: ${liveStreams} } }
models: { m: { targets: [{ provider: patient, model: m }] } }
organisations: { default: {}, greedy: {}, modest: {} }
`

afterAll(async () => {
  agent.destroy()
  await weir.close()
  await provider.close()
})

describe('many streams', () => {
  it('2,000 live at once each get every event, in order, and the gateway counts them', async () => {
    const streams = Array.from({ length: liveStreams }, () => call(weir.key))
    await provider.open(liveStreams)
    await Promise.all(streams.map(async (stream) => (await stream).has('data: {"n":1')))
    expect(await metric('weir_load', 'of="exchanges"')).toBe(liveStreams)
    // There is no room for one more, and it is told so before it sends its body.
    expect((await call(weir.key)).status).toBe(503)
    provider.finish()
    const texts = await Promise.all(streams.map(async (stream) => (await stream).text()))
    expect(new Set(texts).size).toBe(1)
    expect(texts[0]).toMatch(/^data: \{"n":1[\s\S]*data: \{"n":2[\s\S]*data: \[DONE\]\n\n$/)
    expect(await metric('weir_shed_total', 'reason="exchanges"')).toBe(1)
  })
})

describe('under pressure', () => {
  it('fault 42 with memory at 90 % new calls are shed, and the stream that runs goes on to its end', async () => {
    const running = call(weir.key)
    await provider.open(1)
    await (await running).has('data: {"n":1')
    await turnKnobs({ memoryShare: 0.9 }, async () => (await metric('weir_load', 'of="memory_share"')) === 0.9)
    const shed = await call(weir.key)
    expect(shed.status).toBe(503)
    expect(shed.headers['retry-after']).toMatch(/^[123]$/)
    expect(shed.headers['connection']).toBe('close')
    expect(await shed.text()).toContain('short of memory')
    provider.finish()
    expect(await (await running).text()).toMatch(/\[DONE\]\n\n$/)
    await turnKnobs({ memoryShare: 0.1 }, async () => (await metric('weir_load', 'of="memory_share"')) === 0.1)
    expect((await whole(weir.key)).status).toBe(200)
  })

  it('fault 41 a stall of the event loop of 2 s is in the metrics and in the log, and refuses nobody', async () => {
    const before = await metric('weir_event_loop_stalls_total')
    await turnKnobs({ longestMs: 2_000 }, async () => (await metric('weir_event_loop_stalls_total')) > before)
    knobs.longestMs = 0
    expect(weir.logged()).toContain('"longestMs":2000')
    expect((await whole(weir.key)).status).toBe(200)
  })

  it('an event loop that is twice as late as it may be refuses all new calls, and takes them again when it is not', async () => {
    await turnKnobs({ usualMs: 300 }, async () => (await metric('weir_load', 'of="loop_delay_ms"')) === 300)
    expect((await whole(weir.key)).status).toBe(503)
    await turnKnobs({ usualMs: 0 }, async () => (await metric('weir_load', 'of="loop_delay_ms"')) === 0)
    expect((await whole(weir.key)).status).toBe(200)
  })
})

describe('fairness', () => {
  it('one organisation that takes all it can get leaves room for the calls of another', async () => {
    const places = 100
    writeFileSync(weir.configFile, fixtureConfig(config(), weir.dir, { server: `maxExchanges: ${places}, shed: {}` }))
    expect(await weir.gateway.reload()).toMatchObject({ isTaken: true })
    // The other was here a moment ago, so it has a share.
    expect((await whole(modest)).status).toBe(200)
    const flood = Array.from({ length: places }, () => call(greedy))
    await provider.open(places * 0.8)
    const statuses = await Promise.all(flood.map(async (stream) => (await stream).status))
    const taken = statuses.filter((status) => status === 200).length
    expect(taken).toBeGreaterThanOrEqual(places * 0.8)
    expect(taken).toBeLessThan(places)
    for (let round = 0; round < 10; round += 1) {
      const others = await Promise.all(Array.from({ length: 5 }, () => whole(modest)))
      expect(others.map(({ status }) => status)).toEqual(Array.from({ length: 5 }, () => 200))
    }
    expect(await metric('weir_shed_total', 'reason="organisation"')).toBe(places - taken)
    provider.finish()
    await Promise.all(flood.map(async (stream) => (await stream).text()))
  })
})

interface Heard {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  /** Waits until this text has come. */
  has(text: string): Promise<void>
  /** Everything, when it has ended. */
  text(): Promise<string>
}

/** A streaming call. Resolves with the head of the answer. */
function call(key: string, isStream = true): Promise<Heard> {
  const { promise, resolve, reject } = Promise.withResolvers<Heard>()
  const body = JSON.stringify({ model: 'm', stream: isStream, messages: [{ role: 'user', content: 'hi' }] })
  const outgoing = request(`${weir.gateway.dataOrigin}/v1/chat/completions`, {
    agent,
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'content-length': body.length },
  })
  outgoing.on('error', reject)
  outgoing.on('response', (incoming) => {
    let all = ''
    let onText: (() => void)[] = []
    incoming.setEncoding('utf8')
    incoming.on('data', (part: string) => {
      all += part
      for (const then of onText.splice(0)) then()
    })
    const ended = new Promise<string>((end) => incoming.on('end', () => end(all)))
    const has = async (text: string) => {
      while (!all.includes(text)) await new Promise<void>((then) => (onText = [...onText, then]))
    }
    resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, has, text: () => ended })
  })
  outgoing.end(body)
  return promise
}

/** A call without a stream, which the provider answers at once. */
async function whole(key: string): Promise<Heard> {
  const heard = await call(key, false)
  await heard.text()
  return heard
}

async function keyOf(organisation: string): Promise<string> {
  const made = await weir.admin('/api/keys', { method: 'POST', body: JSON.stringify({ name: 'k', organisation }) })
  return ((await made.json()) as { key: string }).key
}

async function metric(name: string, labels = ''): Promise<number> {
  const text = await (await weir.admin('/metrics')).text()
  const line = text.split('\n').find((one) => one.startsWith(labels === '' ? `${name} ` : `${name}{${labels}}`))
  return Number(line?.split(' ').at(-1))
}

/** Readings are taken anew a moment after the last ones. */
async function turnKnobs(turned: Partial<typeof knobs>, isSeen: () => Promise<boolean>): Promise<void> {
  Object.assign(knobs, turned)
  while (!(await isSeen())) continue
}

/** Begins every stream, and ends none before it is told to. Calls without a stream are answered at once. */
async function startPatientProvider() {
  const held = new Set<ServerResponse>()
  let onOpen: (() => void)[] = []
  const server = createServer((incoming, outgoing) => {
    let body = ''
    incoming.on('data', (part) => (body += String(part)))
    incoming.on('end', () => {
      if (!body.includes('"stream":true')) {
        outgoing.writeHead(200, { 'content-type': 'application/json' })
        outgoing.end('{"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1}}')
        return
      }
      outgoing.writeHead(200, { 'content-type': 'text/event-stream' })
      outgoing.write('data: {"n":1,"choices":[{"index":0,"delta":{"content":"a"}}]}\n\n')
      held.add(outgoing)
      outgoing.on('close', () => held.delete(outgoing))
      for (const then of onOpen.splice(0)) then()
    })
  })
  await new Promise<void>((resolve) => server.listen({ port: 0, host: '127.0.0.1', backlog: 2_048 }, resolve))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Resolves when so many streams are open. */
    open: async (count: number) => {
      while (held.size < count) await new Promise<void>((then) => (onOpen = [...onOpen, then]))
    },
    finish: () => {
      for (const outgoing of held)
        outgoing.end('data: {"n":2,"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n')
    },
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(resolve))
    },
  }
}
