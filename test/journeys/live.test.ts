import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { GoogleGenAI, type LiveConnectConfig, type LiveServerMessage, type Session } from '@google/genai'
import { WebSocket } from 'undici'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bareClient, handshakeHeaders } from '../carried/bare-client.ts'
import { startRealtime, type RealtimeProvider } from '../carried/realtime-provider.ts'
import { startGateway, type RunningGateway } from '../gateway-fixture.ts'

/** Sessions of Gemini's Live API with Google's real SDK, over real sockets. */
let provider: RealtimeProvider
let weir: RunningGateway

beforeAll(async () => {
  provider = await startRealtime()
  weir = await startGateway({
    config: `
providers:
  google: { kind: gemini, baseUrl: "${provider.origin}", credentials: { apiKey: env:KEY }, reserve: { realtime: { tokens: 60 } } }
  open: { kind: openai, baseUrl: "${provider.origin}/v1", credentials: { apiKey: env:KEY } }
models:
  swift: { targets: [{ provider: google, model: gemini-live }] }
  single: { targets: [{ provider: google, model: gemini-live }], limits: { one: { concurrent: 1, queue: { waitMs: 600000, maxWaiting: 3 } } } }
  voice: { targets: [{ provider: open, model: m }] }
organisations:
  poor: { budgets: { all: { tokens: 150 } } }
  rich: { budgets: { all: { tokens: 1000 } } }
  other: {}
`,
    env: { KEY: 'secret-1' },
  })
})

afterAll(async () => {
  await weir.close()
  await provider.close()
})

describe('a live session', () => {
  it('is opened by the first message, carried both ways, and counted as its turns tell', async () => {
    const ended = weir.finished.length
    const { session, next } = await open({ config: { systemInstruction: 'Be brief.' } })
    expect(provider.asked.at(-1)).toMatchObject({ url: livePath, headers: { 'x-goog-api-key': 'secret-1' } })
    expect(provider.asked.at(-1)?.headers['authorization']).toBeUndefined()
    expect(lastHeard()).toMatchObject({
      setup: { model: 'models/gemini-live', systemInstruction: { parts: [{ text: 'Be brief.' }] } },
    })
    const heard = provider.heard.length
    session.sendClientContent({ turns: 'My "setup" is \u00e9 \u{1f600}', turnComplete: true })
    await provider.hears(heard + 1)
    provider.say(sound)
    provider.sayBinary(turnEnd)
    expect([await next(), await next()]).toMatchObject([
      { serverContent: { modelTurn: { parts: [{ inlineData: { data: 'AAAA' } }] } } },
      { serverContent: { turnComplete: true } },
    ])
    provider.say(turnEnd)
    await next()
    session.close()
    await weir.ended(ended + 1)
    expect(weir.finished[ended]?.records[0]).toMatchObject({
      status: 'ok',
      httpStatus: 101,
      requestedModel: 'swift',
      targetModel: 'gemini-live',
      usageSource: 'provider',
      inputUncached: 18,
      inputAudio: 6,
      cacheRead: 2,
      cacheReadAudio: 4,
      outputAudio: 20,
      outputText: 2,
      outputReasoning: 8,
    })
  })

  it('is closed with the reason where the model is not there, not permitted, or has no such sessions', async () => {
    const before = provider.asked.length
    await expect(open({ model: 'none' })).rejects.toThrow(/code 1008\): model "none" is not in the catalog/)
    await expect(open({ model: 'voice' })).rejects.toThrow('has realtime sessions')
    const key = await keyOf('other', { models: ['voice'] })
    await expect(open({ key })).rejects.toThrow('1008')
    expect(provider.asked.length).toBe(before)
  })

  it('waits in line for a limit with what its client says meanwhile, and not for one that has left', async () => {
    const { session } = await open({ model: 'single' })
    const [asked, heard, ended] = [provider.asked.length, provider.heard.length, weir.finished.length]
    const leaves = bare()
    await leaves.accepted
    leaves.say({ setup: { model: 'models/single' } })
    await waiting(1)
    leaves.say({ realtimeInput: { text: 'never' } })
    leaves.leave()
    await weir.ended(ended + 1)
    const stays = bare()
    await stays.accepted
    stays.say({ setup: { model: 'models/single' } })
    await waiting(1)
    stays.say({ realtimeInput: { text: 'early' } })
    session.close()
    await provider.hears(heard + 2)
    stays.leave()
    await weir.ended(ended + 3)
    expect([lastHeard(), provider.asked.length]).toEqual([{ realtimeInput: { text: 'early' } }, asked + 1])
  })

  it('whose client says goodbye before anything else is answered so', async () => {
    const socket = new WebSocket(`${weir.gateway.dataOrigin.replace('http', 'ws')}${livePath}`, {
      headers: { 'x-goog-api-key': weir.key },
    })
    await once(socket, 'open')
    const closed = new Promise<number>((resolve) => socket.addEventListener('close', ({ code }) => resolve(code)))
    socket.close()
    expect(await closed).toBe(1000)
  })

  it('is closed with the reason where the provider refuses it, and nothing is counted', async () => {
    const ended = weir.finished.length
    provider.refuseNext(403)
    await expect(open()).rejects.toThrow('1008')
    await weir.ended(ended + 1)
    expect(weir.finished[ended]?.records[0]).toMatchObject({ status: 'failed', errorKind: 'upstream_credential' })
  })

  it.each([
    ['L1: with a key in the URL', '?key=weir_abc', undefined, 401],
    ['L1: with a token in the URL', '?access_token=x', undefined, 401],
    ['L1: with a key in the URL, in other letters', '?%6bey=weir_abc', undefined, 401],
    ['without a key', '?key=header', '', 401],
  ])('is refused before it is accepted %s', async (_, query, key, status) => {
    const refused = await refusedWith(query, key)
    expect([refused.status, refused.text]).toEqual([status, expect.stringContaining('"error"')])
  })

  it.each([
    ['a second setup', { setup: { model: 'models/dear' } }, 'stays as it was set up'],
    [
      'a file that was sent before',
      { clientContent: { turns: [{ parts: [{ fileData: { fileUri: 'files/abc' } }] }] } },
      'cannot be named in a session',
    ],
  ])('ends at %s', async (_, message, reason) => {
    const { session, closed } = await open()
    const heard = provider.heard.length
    session.conn.send(
      JSON.stringify(message)
        .replace('setup', String.raw`s\u0065tup`)
        .replace('fileUri', 'file_uri'),
    )
    expect(await closed).toMatchObject({ code: expect.any(Number), reason: expect.stringContaining(reason) })
    expect(provider.heard.length).toBe(heard)
  })

  it('goes on with another one for its own organisation alone', async () => {
    const { session, next } = await open({ config: { sessionResumption: {} } })
    provider.say({ sessionResumptionUpdate: { newHandle: 'handle-1', resumable: true } })
    await next()
    session.close()
    const config = { sessionResumption: { handle: 'handle-1' } }
    const resumed = await open({ config })
    expect(lastHeard()).toMatchObject({ setup: { sessionResumption: { handle: 'handle-1' } } })
    resumed.session.close()
    const before = provider.asked.length
    await expect(open({ key: await keyOf('other'), config })).rejects.toThrow('nothing is known here of the session')
    expect(provider.asked.length).toBe(before)
  })

  it('is cut when a budget is reached', async () => {
    const key = await keyOf('poor')
    const ended = weir.finished.length
    // A turn comes to 30 tokens; 60 are set aside each time, and 150 are there.
    const { closed } = await open({ key })
    for (const _ of [1, 2, 3, 4, 5, 6]) provider.say(turnEnd)
    expect(await closed).toMatchObject({ code: 1008, reason: expect.stringContaining('budget') })
    await weir.ended(ended + 1)
    expect(weir.finished[ended]?.records.length).toBeGreaterThan(1)
    await expect(open({ key })).rejects.toThrow('budget')
  })

  it('that breaks off in a turn that has not told what it used counts what was set aside for it', async () => {
    const ended = weir.finished.length
    const { closed, next } = await open({ key: await keyOf('rich') })
    provider.say(sound)
    await next()
    provider.breakOff()
    await closed
    await weir.ended(ended + 1)
    expect(weir.finished[ended]?.records[0]).toMatchObject({ status: 'truncated', usageSource: 'worst_case' })
  })
})

const livePath = '/ws/google.ai.generativelanguage.v1.GenerativeService.BidiGenerateContent'
const sound = { serverContent: { modelTurn: { parts: [{ inlineData: { mimeType: 'audio/pcm', data: 'AAAA' } }] } } }
/** Two such turns are what the first session came to. */
const turnEnd = {
  serverContent: { turnComplete: true },
  usageMetadata: {
    promptTokenCount: 15,
    cachedContentTokenCount: 3,
    responseTokenCount: 11,
    thoughtsTokenCount: 4,
    totalTokenCount: 30,
    promptTokensDetails: [
      { modality: 'TEXT', tokenCount: 10 },
      { modality: 'AUDIO', tokenCount: 5 },
    ],
    cacheTokensDetails: [
      { modality: 'TEXT', tokenCount: 1 },
      { modality: 'AUDIO', tokenCount: 2 },
    ],
    responseTokensDetails: [
      { modality: 'AUDIO', tokenCount: 10 },
      { modality: 'TEXT', tokenCount: 1 },
    ],
  },
}

const bare = () => bareClient(weir.gateway.dataOrigin, livePath, { 'x-goog-api-key': weir.key })

/** Resolves when so many calls wait in line for a limit. */
async function waiting(count: number): Promise<void> {
  const metrics = await (await weir.admin('/metrics')).text()
  if (!metrics.includes(`\nweir_limit_waiting ${count}\n`)) await waiting(count)
}

interface Asked {
  readonly key?: string
  readonly model?: string
  readonly config?: LiveConnectConfig
}

/** As docs/carried-paths.md says it: the key stands in a header, and not in the URL. */
async function open({ key = weir.key, model = 'swift', config = {} }: Asked = {}) {
  const heard = provider.heard.length
  const google = new GoogleGenAI({
    apiKey: 'header',
    httpOptions: { baseUrl: weir.gateway.dataOrigin, headers: { 'x-goog-api-key': key } },
  })
  const messages: LiveServerMessage[] = []
  const waiting: ((message: LiveServerMessage) => void)[] = []
  const closing = Promise.withResolvers<{ readonly code: number; readonly reason: string }>()
  const connecting: Promise<Session> = google.live.connect({
    model,
    config,
    callbacks: {
      onmessage: (message) => {
        const then = waiting.shift()
        if (then) then(message)
        else messages.push(message)
      },
      onclose: ({ code, reason }) => closing.resolve({ code, reason }),
    },
  })
  // The provider says that it is ready once it has heard the setup; a session that is refused never gets there.
  void provider.hears(heard + 1).then(() => provider.say({ setupComplete: {} }))
  const session = await connecting
  const next = () =>
    new Promise<LiveServerMessage>((resolve) => {
      const message = messages.shift()
      if (message) resolve(message)
      else waiting.push(resolve)
    })
  // The SDK hands `setupComplete` on as well.
  expect(await next()).toMatchObject({ setupComplete: {} })
  return { session, next, closed: closing.promise }
}

function lastHeard(): unknown {
  return JSON.parse(provider.heard.at(-1) ?? '')
}

async function keyOf(organisation: string, more: object = {}): Promise<string> {
  const body = JSON.stringify({ name: `k${Math.random()}`, organisation, ...more })
  const made = await weir.admin('/api/keys', { method: 'POST', body })
  return ((await made.json()) as { key: string }).key
}

async function refusedWith(query: string, key = weir.key): Promise<{ readonly status: number; readonly text: string }> {
  const headers = { ...handshakeHeaders, ...(key !== '' && { 'x-goog-api-key': key }) }
  const asking = request(`${weir.gateway.dataOrigin}${livePath}${query}`, { headers })
  asking.end()
  const [answer] = (await once(asking, 'response')) as [IncomingMessage]
  let text = ''
  for await (const chunk of answer) text += String(chunk)
  return { status: answer.statusCode ?? 0, text }
}
