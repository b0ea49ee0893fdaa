import { writeFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LimitBody } from '../../src/admin/contract/limit.ts'
import type { LimitsSettings } from '../../src/config/limit-settings.ts'
import { fixtureConfig, startGateway, type RunningGateway } from '../gateway-fixture.ts'
import { startReplay, type ReplayUpstream } from '../replay-upstream.ts'
import { turnedClock } from '../turned-clock.ts'

const clock = turnedClock()
let upstream: ReplayUpstream
let weir: RunningGateway

const config = (configured: string) => `
providers:
  simulated: { kind: simulated, speed: instant, prices: { "*": { input: "1", output: "4" } } }
  replay: { kind: openai-compatible, baseUrl: "${upstream.origin}/v1" }
  off: { kind: openai, when: env:NOT_SET, credentials: { apiKey: env:NOT_SET } }
models:
  demo: { targets: [{ provider: simulated, model: sim-1 }] }
  any/*: { targets: [{ provider: simulated, model: sim-1 }] }
  replayed: { targets: [{ provider: replay, model: m1 }], retry: { maxAttempts: 1 } }
  nowhere: { targets: [{ provider: off, model: m1 }] }
  scarce: { targets: [{ provider: simulated, model: sim-1 }], limits: { each: { requests: 2, per: minute, by: organisation } } }
organisations:
  configured: { limits: { burst: { requests: ${configured}, per: minute } } }
guardrails:
  never: { terms: [blocked], action: block }
`

beforeAll(async () => {
  upstream = await startReplay()
  weir = await startGateway({
    config: config('10'),
    clock,
  })
})

afterAll(async () => {
  await weir.close()
  await upstream.close()
})

describe('a limit', () => {
  it('lets exactly n of 1,000 clients at once pass, in each window', async () => {
    const key = await keyOf('burst', { limits: { burst: { requests: 100, per: 'minute' } } })
    for (let window = 0; window < 2; window += 1) {
      const statuses = await Promise.all(Array.from({ length: 1000 }, async () => (await call(key)).status))
      expect(statuses.filter((status) => status === 200)).toHaveLength(100)
      expect(statuses.filter((status) => status === 429)).toHaveLength(900)
      clock.turn(120_000)
    }
  })

  it('leaves what it refuses with the entry of the config that was asked', async () => {
    const key = await keyOf('none', { limits: { none: { requests: 0, per: 'minute' } } })
    const ended = weir.finished.length
    expect((await call(key, { model: 'any/model' })).status).toBe(429)
    await weir.ended(ended + 1)
    expect(weir.finished.at(-1)?.records).toMatchObject([{ requestedModel: 'any/model', catalogModel: 'any/*' }])
  })

  it('is told in the headers of OpenAI clients, on answers and on refusals', async () => {
    const key = await keyOf('told', {
      limits: {
        burst: { requests: 2, per: 'minute' },
        daily: { requests: 1000, per: 'day' },
        volume: { tokens: 100_000, per: 'hour' },
      },
    })
    const answer = await call(key, { max_tokens: 100 })
    expect(limitHeaders(answer)).toEqual({
      'x-ratelimit-limit-requests': '2',
      'x-ratelimit-remaining-requests': '1',
      'x-ratelimit-reset-requests': '1m1s',
      'x-ratelimit-limit-tokens': '100000',
      'x-ratelimit-remaining-tokens': String(100_000 - 100 - Math.ceil(bodyOf({ max_tokens: 100 }).length / 4)),
      'x-ratelimit-reset-tokens': '1h1m0s',
    })
    await call(key)
    const refused = await call(key)
    expect(refused.status).toBe(429)
    expect(limitHeaders(refused)).toMatchObject({
      'x-ratelimit-remaining-requests': '0',
      'retry-after': '61',
      'x-should-retry': 'false',
    })
    expect(await refused.json()).toMatchObject({
      error: {
        code: 'rate_limited',
        type: 'rate_limit_error',
        message: 'limit "burst" of organisation told is reached: 2 requests per minute, 0 left; try again in 61 s',
      },
    })
  })

  it('is told in the headers of Anthropic clients, moments in RFC 3339', async () => {
    const key = await keyOf('anthropic', {
      limits: {
        burst: { requests: 1, per: 'minute' },
        read: { inputTokens: 5000, per: 'minute' },
        write: { outputTokens: 900, per: 'minute' },
      },
    })
    clock.setWall(Date.UTC(2026, 10, 23, 12))
    const answer = await messages(key)
    expect(answer.status).toBe(200)
    const refused = await messages(key)
    expect(limitHeaders(refused)).toMatchObject({
      'anthropic-ratelimit-requests-limit': '1',
      'anthropic-ratelimit-requests-remaining': '0',
      'anthropic-ratelimit-requests-reset': '2026-11-23T12:01:01Z',
      'anthropic-ratelimit-input-tokens-limit': '5000',
      'anthropic-ratelimit-output-tokens-limit': '900',
      'anthropic-ratelimit-output-tokens-reset': '2026-11-23T12:01:01Z',
    })
    expect(await refused.json()).toMatchObject({ type: 'error', error: { type: 'rate_limit_error' } })
  })

  it("never tells the provider's own", async () => {
    upstream.answer({
      status: 200,
      headers: { 'content-type': 'application/json', 'x-ratelimit-remaining-requests': '7', 'retry-after': '3' },
      body: Buffer.from(JSON.stringify({ choices: [], usage: { prompt_tokens: 1, completion_tokens: 1 } })),
    })
    expect(limitHeaders(await call(await keyOf('unlimited', {}), { model: 'replayed' }))).toEqual({})
  })

  it('charges every level or none: what a key is refused costs its organisation nothing', async () => {
    const limits = { wide: { requests: 5, per: 'minute' } } as const
    const narrow = await keyOf('levels', { limits }, { narrow: { requests: 1, per: 'minute' } })
    const other = await keyFor('levels')
    for (let count = 0; count < 9; count += 1) await call(narrow)
    const statuses: number[] = []
    for (let count = 0; count < 5; count += 1) statuses.push((await call(other)).status)
    expect(statuses).toEqual([200, 200, 200, 200, 429])
  })

  it('gives back what a guard blocks, and what is refused before anything leaves', async () => {
    const key = await keyOf('blocked', {
      limits: { burst: { requests: 1, per: 'minute' }, parallel: { concurrent: 1 } },
    })
    for (let count = 0; count < 3; count += 1) {
      expect((await call(key, { user: 'blocked' })).status).toBe(403)
      expect((await call(key, { model: 'nowhere' })).status).toBe(502)
    }
    expect(await used('organisation blocked')).toEqual({ burst: 0, parallel: 0 })
    expect((await call(key)).status).toBe(200)
  })

  it('counts tokens as the provider told them, once the answer has ended', async () => {
    const key = await keyOf('tokens', { limits: { volume: { tokens: 1000, per: 'minute' } } })
    const answer = await call(key, { max_tokens: 900 })
    const { usage } = (await answer.json()) as { usage: { total_tokens: number } }
    expect(await used('organisation tokens')).toEqual({ volume: usage.total_tokens })
    expect((await call(key, { max_tokens: 900 })).status).toBe(200)
  })

  it('says at once when a call can never pass, and that trying again is no use', async () => {
    const key = await keyOf('never', { limits: { volume: { tokens: 1000, per: 'minute' } } })
    const refused = await call(key, { max_tokens: 2000 })
    expect(refused.status).toBe(429)
    expect(limitHeaders(refused)).toMatchObject({ 'x-should-retry': 'false' })
    expect(refused.headers.get('retry-after')).toBeNull()
    expect(await refused.text()).toContain('waiting does not help')
    const suspended = await call(await keyOf('suspended', { limits: { off: { requests: 0, per: 'day' } } }))
    expect(await suspended.text()).toContain('limit \\"off\\" of organisation suspended is 0')
  })

  it('of a model counts each organisation by itself, where it says so', async () => {
    const [one, other] = [await keyOf('one', {}), await keyOf('other', {})]
    const statuses: number[] = []
    for (const key of [one, one, one, other]) statuses.push((await call(key, { model: 'scarce' })).status)
    expect(statuses).toEqual([200, 200, 429, 200])
    expect((await call(one)).status).toBe(200)
  })

  it('A10: end-user ids and metadata that a client makes up gain it nothing under the limit of its own key', async () => {
    const key = await keyOf(
      'rotating',
      { limits: { each: { requests: 2, per: 'minute', by: 'endUser', missing: 'share' } } },
      { all: { requests: 5, per: 'minute' } },
    )
    const statuses: number[] = []
    for (let count = 0; count < 20; count += 1) statuses.push((await call(key, { user: `made-up-${count}` })).status)
    expect(statuses.filter((status) => status === 200)).toHaveLength(5)
  })

  it('by metadata refuses calls that have none, where it says so', async () => {
    const key = await keyOf('labelled', {
      limits: { each: { requests: 1, per: 'minute', by: 'metadata.customer', missing: 'refuse' } },
    })
    const refused = await call(key)
    expect(refused.status).toBe(400)
    expect(await refused.text()).toContain('counts by metadata.customer')
    const labelled = (customer: string) => call(key, {}, { 'x-weir-metadata': JSON.stringify({ customer }) })
    expect([(await labelled('a')).status, (await labelled('a')).status, (await labelled('b')).status]).toEqual([
      200, 429, 200,
    ])
  })

  it('keeps its counts when a reload lowers it', async () => {
    const key = await keyFor('configured')
    for (let count = 0; count < 4; count += 1) expect((await call(key)).status).toBe(200)
    writeFileSync(weir.configFile, fixtureConfig(config('4'), weir.dir))
    expect((await weir.gateway.reload()).isTaken).toBe(true)
    expect((await call(key)).status).toBe(429)
    expect(await used('organisation configured')).toEqual({ burst: 4 })
  })

  it('is seen in the metrics and by the admin API', async () => {
    await call(await keyOf('seen', { limits: { burst: { requests: 0, per: 'minute' } } }))
    const metrics = await (await weir.admin('/metrics')).text()
    expect(metrics).toMatch(/weir_limit_refusals_total\{limit="burst",level="organisation",unit="requests"\} \d+/)
    expect(metrics).toContain('weir_limit_waiting 0')
    const [seen] = await limitsOf('organisation seen')
    expect(seen).toMatchObject({ name: 'burst', most: 0, accounts: [] })
  })
})

describe('fault 39: a client that goes away gives back what it held at once, once', () => {
  it.each([
    'while the body comes',
    'while the provider is silent',
    'midway in the answer',
    'after the answer',
    'in line',
  ] as const)('%s', async (phase) => {
    const organisation = `gone-${phase.replaceAll(' ', '-')}`
    const queue = { waitMs: 60_000, maxWaiting: 10 }
    const key = await keyOf(organisation, { limits: { parallel: { concurrent: 1, queue } } })
    const before = weir.finished.length
    await goAway(key, phase)
    await weir.ended(before + (phase === 'in line' ? 2 : 1))
    expect(await used(`organisation ${organisation}`)).toEqual({ parallel: 0 })
    expect(await waiting(`organisation ${organisation}`)).toBe(0)
    const statuses = await Promise.all([call(key), call(key), call(key)].map(async (answer) => (await answer).status))
    expect(statuses).toEqual([200, 200, 200])
  })

  async function goAway(key: string, phase: string): Promise<void> {
    switch (phase) {
      case 'while the body comes': {
        const socket = connect(port(), '127.0.0.1')
        socket.write(headOf(key, 5_000) + '{"model":')
        while (!/^weir_exchanges_running 1$/m.test(await (await weir.admin('/metrics')).text())) await turn()
        return void socket.destroy()
      }
      case 'while the provider is silent': {
        const asked = new Promise<void>((resolve) => upstream.takeOver(() => resolve()))
        const socket = raw(key, { model: 'replayed' })
        await asked
        return void socket.destroy()
      }
      case 'midway in the answer': {
        upstream.takeOver((_incoming, outgoing) => {
          outgoing.writeHead(200, { 'content-type': 'text/event-stream' })
          outgoing.write(chunk('one '))
        })
        const socket = raw(key, { model: 'replayed', stream: true })
        await heard(socket, 'one ')
        return void socket.resetAndDestroy()
      }
      case 'after the answer': {
        const socket = raw(key, {})
        await heard(socket, '"usage"')
        return void socket.destroy()
      }
      case 'in line': {
        const { promise: first, resolve } = Promise.withResolvers<() => void>()
        upstream.takeOver((_incoming, outgoing) => resolve(() => outgoing.destroy()))
        const holds = call(key, { model: 'replayed' })
        const end = await first
        const socket = raw(key, {})
        while ((await waiting('organisation gone-in-line')) === 0) await turn()
        socket.destroy()
        while ((await waiting('organisation gone-in-line')) > 0) await turn()
        end()
        await holds
      }
    }
  }
})

describe('a line instead of a refusal', () => {
  it('lets calls pass one after the other, and refuses those whose time is up', async () => {
    const key = await keyOf('line', {
      limits: { parallel: { concurrent: 1, queue: { waitMs: 3_000, maxWaiting: 10 } } },
    })
    const { promise: first, resolve } = Promise.withResolvers<() => void>()
    const answered = () =>
      new Promise<() => void>((free) => upstream.takeOver((_incoming, outgoing) => free(() => end(outgoing))))
    upstream.takeOver((_incoming, outgoing) => resolve(() => end(outgoing)))
    const holds = call(key, { model: 'replayed' })
    const endFirst = await first
    const next = call(key)
    while ((await waiting('organisation line')) < 1) await turn()
    endFirst()
    expect((await holds).status).toBe(200)
    expect((await next).status).toBe(200)

    const second = answered()
    const holdsAgain = call(key, { model: 'replayed' })
    const endSecond = await second
    const late = call(key)
    while ((await waiting('organisation line')) < 1) await turn()
    clock.turn(3_000)
    const refused = await late
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1'])
    expect(await refused.json()).toMatchObject({
      error: {
        code: 'concurrency_limited',
        message:
          'limit "parallel" of organisation line is reached: 1 request at once, after waiting 3 s in line; try again when one has ended',
      },
    })
    endSecond()
    expect((await holdsAgain).status).toBe(200)
  })
})

// --- helpers --------------------------------------------------------------------------------------------------------

const question = { model: 'demo', messages: [{ role: 'user', content: 'Hello' }] }

function bodyOf(fields: object): string {
  return JSON.stringify({ ...question, ...fields })
}

function call(key: string, fields: object = {}, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  return fetch(`${weir.gateway.dataOrigin}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
    body: bodyOf(fields),
  })
}

function messages(key: string): Promise<Response> {
  return fetch(`${weir.gateway.dataOrigin}/v1/messages`, {
    method: 'POST',
    headers: { 'x-api-key': key, 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
    body: JSON.stringify({ ...question, max_tokens: 64 }),
  })
}

/** Makes an organisation and a key of it. */
async function keyOf(
  organisation: string,
  fields: { readonly limits?: LimitsSettings },
  limits?: LimitsSettings,
): Promise<string> {
  const made = await weir.admin('/api/organisations', {
    method: 'POST',
    body: JSON.stringify({ name: organisation, ...fields }),
  })
  expect(made.status).toBe(201)
  return keyFor(organisation, limits)
}

async function keyFor(organisation: string, limits?: LimitsSettings): Promise<string> {
  const body = JSON.stringify({ name: 'k', organisation, limits })
  const made = await weir.admin('/api/keys', { method: 'POST', body })
  return ((await made.json()) as { key: string }).key
}

async function limitsOf(level: string): Promise<readonly LimitBody[]> {
  const answer = await weir.admin(`/api/limits?level=${encodeURIComponent(level)}`)
  return ((await answer.json()) as { items: readonly LimitBody[] }).items
}

async function used(level: string): Promise<Readonly<Record<string, number>>> {
  const limits = await limitsOf(level)
  return Object.fromEntries(limits.map(({ name, accounts }) => [name, accounts[0]?.used ?? 0]))
}

async function waiting(level: string): Promise<number> {
  return (await limitsOf(level)).reduce((sum, { accounts }) => sum + (accounts[0]?.waiting ?? 0), 0)
}

function limitHeaders(answer: Response): Readonly<Record<string, string>> {
  return Object.fromEntries([...answer.headers].filter(([name]) => /ratelimit|retry/.test(name)))
}

function end(outgoing: ServerResponse): void {
  outgoing.writeHead(200, { 'content-type': 'application/json' })
  outgoing.end(JSON.stringify({ choices: [], usage: { prompt_tokens: 1, completion_tokens: 1 } }))
}

function chunk(content: string): string {
  return `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', choices: [{ index: 0, delta: { content }, finish_reason: null }] })}\n\n`
}

function headOf(key: string, sizeBytes: number): string {
  return `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${key}\r\ncontent-type: application/json\r\ncontent-length: ${sizeBytes}\r\n\r\n`
}

function raw(key: string, fields: object): Socket {
  const body = bodyOf(fields)
  const socket = connect(port(), '127.0.0.1')
  socket.setEncoding('utf8')
  socket.write(headOf(key, Buffer.byteLength(body)) + body)
  return socket
}

/** Reads until the text has come. */
function heard(socket: Socket, text: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  let all = ''
  socket.on('data', (part: string) => {
    all += part
    if (all.includes(text)) resolve()
  })
  socket.on('error', reject)
  return promise
}

function port(): number {
  return Number(new URL(weir.gateway.dataOrigin).port)
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
