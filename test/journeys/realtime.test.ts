import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { request, type IncomingMessage } from 'node:http'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'undici'
import { keyText } from '../../src/canonical/key-form.ts'
import { inputTokensOf, outputTokensOf } from '../../src/canonical/usage.ts'
import { bareClient, handshakeHeaders } from '../carried/bare-client.ts'
import { startRealtime, type RealtimeProvider } from '../carried/realtime-provider.ts'
import { startGateway, type RunningGateway } from '../gateway-fixture.ts'
import { turnedClock } from '../turned-clock.ts'

/** Realtime sessions with undici's client, over real sockets. */
let provider: RealtimeProvider
let weir: RunningGateway

beforeAll(async () => {
  provider = await startRealtime()
  weir = await startGateway({ config: configOf(provider.origin), env: { KEY: 'secret-1' } })
})

afterAll(async () => {
  await weir.close()
  await provider.close()
})

describe('a realtime session', () => {
  it('carries messages both ways, and is counted as its responses tell', async () => {
    const ended = weir.finished.length
    const heard = provider.heard.length
    const { socket, next } = await open()
    const asked = provider.asked.at(-1)
    expect([asked?.url, asked?.headers.authorization]).toEqual(['/v1/realtime?model=m', 'Bearer secret-1'])
    socket.send('{"type":"response.create"}')
    await provider.hears(heard + 1)
    expect(provider.heard.at(-1)).toBe('{"type":"response.create"}')
    provider.say({ type: 'response.created' })
    provider.say(doneEvent)
    expect([await next(), await next()]).toMatchObject([{ type: 'response.created' }, { type: 'response.done' }])
    socket.close()
    await weir.ended(ended + 1)
    const [record] = weir.finished[ended]?.records ?? []
    expect(record).toMatchObject({
      status: 'ok',
      httpStatus: 101,
      requestedModel: 'voice',
      usageSource: 'provider',
      inputUncached: 9,
      inputAudio: 12,
      inputImage: 3,
      cacheRead: 2,
      cacheReadAudio: 3,
      cacheReadImage: 1,
      outputText: 5,
      outputAudio: 20,
    })
  })

  it.each([
    ['without a key', '?model=voice', '', 401],
    ['for a model that is not there', '?model=none', undefined, 404],
    ['for a model of a provider that has none', '?model=plain', undefined, 400],
    ['without a model', '', undefined, 400],
    ['L1: for a model that is a key', `?model=${keyText('0123456789', 'x'.repeat(32))}`, undefined, 400],
    ['with a key in the path', '?model=voice&key=x', undefined, 401],
    ['B4: to join a call, which may be another’s', '?model=voice&call_id=rtc_1', undefined, 400],
    ['B4: to join a call, in other letters', '?model=voice&%63all_id=rtc_1', undefined, 400],
  ])('is refused before it is accepted %s', async (_, query, key, status) => {
    const before = provider.asked.length
    expect(await refusedWith(query, key)).toBe(status)
    expect(provider.asked.length).toBe(before)
  })

  it('asks its provider with the model alone, whatever else the query says', async () => {
    const ended = weir.finished.length
    const { socket } = await open(weir.key, weir, '?model=voice&model=dear&intent=transcription&session=sess_1')
    expect(provider.asked.at(-1)?.url).toBe('/v1/realtime?model=m')
    socket.close()
    await weir.ended(ended + 1)
  })

  it('is refused where the provider refuses it, and nothing is counted', async () => {
    const ended = weir.finished.length
    provider.refuseNext(403)
    expect(await refusedWith('?model=voice')).toBe(502)
    await weir.ended(ended + 1)
    expect(weir.finished[ended]?.records[0]).toMatchObject({
      status: 'failed',
      errorKind: 'upstream_credential',
      costNanos: 0n,
    })
  })

  it.each([
    ['another one', '{"type":"session.update","session":{"model":"gpt-realtime-dear"}}', 1008],
    ['one that is spelled with escapes', String.raw`{"type":"session\u002eupdate","session":{"model":"dear"}}`, 1008],
    ['two at once', '{"type":"session.update","session":{"model":"m","model":"dear"}}', 1002],
  ])('stays with its model: a message with %s is not sent on', async (_, message, code) => {
    const { socket, closed } = await open()
    const heard = provider.heard.length
    socket.send(message)
    expect([(await closed).code, provider.heard.length]).toEqual([code, heard])
  })

  it('tells the provider of its model by the name that it has there', async () => {
    const { socket } = await open()
    const heard = provider.heard.length
    const update = { type: 'session.update', session: { type: 'realtime', model: 'voice' } }
    socket.send(JSON.stringify(update))
    await provider.hears(heard + 1)
    expect(JSON.parse(provider.heard.at(-1) ?? '')).toEqual({ ...update, session: { ...update.session, model: 'm' } })
    socket.close()
  })

  it('is cut when its key is revoked', async () => {
    const made = await weir.admin('/api/keys', {
      method: 'POST',
      body: JSON.stringify({ name: 'short', organisation: 'default' }),
    })
    const { key, id } = (await made.json()) as { key: string; id: string }
    const { closed } = await open(key)
    expect((await weir.admin(`/api/keys/${id}/revoke`, { method: 'POST' })).status).toBe(200)
    expect(await closed).toMatchObject({ code: 1008, reason: expect.stringContaining('revoked') })
  })

  it('is cut when a budget of time is over', async () => {
    const clock = turnedClock()
    const own = await startGateway({ config: configOf(provider.origin), env: { KEY: 'secret-1' }, clock })
    const made = await own.admin('/api/keys', {
      method: 'POST',
      body: JSON.stringify({ name: 'k', organisation: 'brief' }),
    })
    const { key } = (await made.json()) as { key: string }
    const { closed } = await open(key, own)
    clock.turn(1_000)
    await nextTurn()
    clock.turn(1_000)
    expect(await closed).toMatchObject({ code: 1008, reason: expect.stringContaining('it lasts 2 seconds') })
    await own.ended(1)
    await own.close()
  })

  it('is cut when its model leaves the config', async () => {
    const clock = turnedClock()
    const own = await startGateway({ config: configOf(provider.origin), env: { KEY: 'secret-1' }, clock })
    const { closed } = await open(own.key, own)
    writeFileSync(own.configFile, readFileSync(own.configFile, 'utf8').replace('voice:', 'other:'))
    expect(await own.gateway.reload()).toMatchObject({ isTaken: true })
    clock.turn(1_000)
    expect(await closed).toMatchObject({ code: 1008, reason: expect.stringContaining('not in the catalog') })
    await own.ended(1)
    await own.close()
  })

  it('sets more aside as it goes on, and is cut when a budget is reached', async () => {
    const made = await weir.admin('/api/keys', {
      method: 'POST',
      body: JSON.stringify({ name: 'k', organisation: 'poor' }),
    })
    const { key } = (await made.json()) as { key: string }
    const ended = weir.finished.length
    // A response costs 55 tokens; 60 are set aside each time, and 150 are there.
    const { closed, next } = await open(key)
    for (const _ of [1, 2, 3]) {
      provider.say({ type: 'response.created' })
      provider.say(doneEvent)
    }
    await next()
    expect(await closed).toMatchObject({ code: 1008, reason: expect.stringContaining('budget') })
    await weir.ended(ended + 1)
    const records = weir.finished[ended]?.records ?? []
    const total = records.reduce((sum, record) => sum + inputTokensOf(record) + outputTokensOf(record), 0)
    expect([records.length > 1, total]).toEqual([true, 165])
    expect(await refusedWith('?model=voice', key)).toBe(429)
  })

  it('is held up by a limit of tokens that the ones before it have filled', async () => {
    const made = await weir.admin('/api/keys', {
      method: 'POST',
      body: JSON.stringify({ name: 'k', organisation: 'slow' }),
    })
    const { key } = (await made.json()) as { key: string }
    const ended = weir.finished.length
    const { socket, next } = await open(key)
    provider.say({ type: 'response.created' })
    provider.say(doneEvent)
    for (const _ of [1, 2]) await next()
    socket.close()
    await weir.ended(ended + 1)
    expect(await refusedWith('?model=voice', key)).toBe(429)
  })

  it('that breaks off while a response is under way counts what was set aside for it', async () => {
    const made = await weir.admin('/api/keys', {
      method: 'POST',
      body: JSON.stringify({ name: 'k2', organisation: 'rich' }),
    })
    const { key } = (await made.json()) as { key: string }
    const ended = weir.finished.length
    const { closed, next } = await open(key)
    provider.say({ type: 'response.created' })
    await next()
    provider.breakOff()
    await closed
    await weir.ended(ended + 1)
    expect(weir.finished[ended]?.records[0]).toMatchObject({
      status: 'truncated',
      usageSource: 'worst_case',
      inputUncached: 60,
    })
  })

  it('is over when its client leaves without a goodbye', async () => {
    const ended = weir.finished.length
    const client = bare('voice')
    await client.accepted
    client.leave()
    await weir.ended(ended + 1)
    expect(weir.finished[ended]?.records[0]).toMatchObject({ status: 'aborted', httpStatus: 101 })
  })

  it('waits in line for a limit with what its client says meanwhile, and not for one that has left', async () => {
    const first = bare('single')
    await first.accepted
    const [asked, heard, ended] = [provider.asked.length, provider.heard.length, weir.finished.length]
    const leaves = bare('single')
    await waiting(1)
    leaves.say({ type: 'never' })
    leaves.leave()
    await weir.ended(ended + 1)
    const stays = bare('single')
    await waiting(1)
    stays.say({ type: 'response.create' })
    first.leave()
    await stays.accepted
    await provider.hears(heard + 1)
    stays.leave()
    await weir.ended(ended + 3)
    expect([provider.heard.at(-1), provider.asked.length]).toEqual(['{"type":"response.create"}', asked + 1])
  })

  it('that ends while another response is under way counts no less than was told, in tokens and in dollars', async () => {
    const made = await weir.admin('/api/keys', {
      method: 'POST',
      body: JSON.stringify({ name: 'k3', organisation: 'priced' }),
    })
    const { key } = (await made.json()) as { key: string }
    const ended = weir.finished.length
    const { closed } = await open(key, weir, '?model=loud')
    provider.say({ type: 'response.created' })
    provider.say(longEvent)
    provider.say({ type: 'response.created' })
    // There is no room for another slice.
    expect(await closed).toMatchObject({ code: 1008 })
    await weir.ended(ended + 1)
    const [record] = weir.finished[ended]?.records ?? []
    // 500 tokens at 1,000 dollars a million, where 60 and a cent were set aside.
    expect(record).toMatchObject({
      status: 'truncated',
      usageSource: 'worst_case',
      inputUncached: 300,
      outputText: 200,
      costNanos: 500_000_000n,
    })
    expect(record?.postings).toMatch(/^\[\["[^"]*tokens[^"]*","500"\],\["[^"]*usd[^"]*","500000000"\]\]$/)
  })

  it('is told that the gateway goes when it drains', async () => {
    const own = await startGateway({
      config: configOf(provider.origin),
      env: { KEY: 'secret-1' },
    })
    const { closed } = await open(own.key, own)
    const [close] = await Promise.all([closed, own.close()])
    expect(close.code).toBe(1001)
  })
})

const doneEvent = {
  type: 'response.done',
  response: {
    usage: {
      input_tokens: 30,
      output_tokens: 25,
      input_token_details: {
        text_tokens: 11,
        audio_tokens: 15,
        image_tokens: 4,
        cached_tokens: 6,
        cached_tokens_details: { text_tokens: 2, audio_tokens: 3, image_tokens: 1 },
      },
      output_token_details: { text_tokens: 5, audio_tokens: 20 },
    },
  },
}

const longEvent = {
  type: 'response.done',
  response: {
    usage: {
      input_tokens: 300,
      output_tokens: 200,
      input_token_details: { text_tokens: 300 },
      output_token_details: { text_tokens: 200 },
    },
  },
}

function configOf(origin: string): string {
  return `
providers:
  open: { kind: openai, baseUrl: "${origin}/v1", credentials: { apiKey: env:KEY }, reserve: { realtime: { tokens: 60 } } }
  dear: { kind: openai, baseUrl: "${origin}/v1", credentials: { apiKey: env:KEY }, reserve: { realtime: { tokens: 60, usd: "0.01" } },
    prices: { m: { input: "1000", output: "1000" } } }
  local: { kind: openai-compatible, baseUrl: "${origin}/v1" }
models:
  voice: { targets: [{ provider: open, model: m }] }
  single: { targets: [{ provider: open, model: m }], limits: { one: { concurrent: 1, queue: { waitMs: 600000, maxWaiting: 3 } } } }
  loud: { targets: [{ provider: dear, model: m }] }
  plain: { targets: [{ provider: local, model: m }] }
organisations:
  brief: { budgets: { time: { seconds: 2, maxOpenPerKey: 1 } } }
  poor: { budgets: { all: { tokens: 150 } } }
  priced: { budgets: { all: { tokens: 100 }, dollars: { usd: "1" } } }
  rich: { budgets: { all: { tokens: 1000 } } }
  slow: { limits: { all: { tokens: 40, per: hour } } }
`
}

async function open(key = weir.key, at: RunningGateway = weir, query = '?model=voice') {
  const socket = new WebSocket(`${at.gateway.dataOrigin.replace('http', 'ws')}/v1/realtime${query}`, {
    headers: { authorization: `Bearer ${key}` },
  })
  const messages: unknown[] = []
  const waiting: ((message: unknown) => void)[] = []
  socket.addEventListener('message', ({ data }) => {
    const message: unknown = JSON.parse(String(data))
    const then = waiting.shift()
    if (then) then(message)
    else messages.push(message)
  })
  const closed = new Promise<{ readonly code: number; readonly reason: string }>((resolve) =>
    socket.addEventListener('close', ({ code, reason }) => resolve({ code, reason })),
  )
  await once(socket, 'open')
  const next = () =>
    messages.length > 0 ? Promise.resolve(messages.shift()) : new Promise((resolve) => void waiting.push(resolve))
  return { socket, closed, next }
}

const bare = (model: string) =>
  bareClient(weir.gateway.dataOrigin, `/v1/realtime?model=${model}`, { authorization: `Bearer ${weir.key}` })

/** Resolves when so many calls wait in line for a limit. */
async function waiting(count: number): Promise<void> {
  const metrics = await (await weir.admin('/metrics')).text()
  if (!metrics.includes(`\nweir_limit_waiting ${count}\n`)) await waiting(count)
}

/** The status of the answer to a handshake. */
async function refusedWith(query: string, key = weir.key): Promise<number> {
  const headers = { ...handshakeHeaders, ...(key !== '' && { authorization: `Bearer ${key}` }) }
  const asking = request(`${weir.gateway.dataOrigin}/v1/realtime${query}`, { headers })
  asking.end()
  const [answer] = (await once(asking, 'response')) as [IncomingMessage]
  answer.resume()
  return answer.statusCode ?? 0
}
