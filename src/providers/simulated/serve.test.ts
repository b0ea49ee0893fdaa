import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../canonical/clock.ts'
import { at, post } from './laws/post.ts'
import { keptEntries, nothingBilled, openSimulatedLog, type SimulatedEntry } from './log.ts'
import { startSimulated, type SimulatedServer } from './serve.ts'

let simulated: SimulatedServer
let openai: OpenAI

beforeAll(async () => {
  simulated = await startSimulated({ clock: systemClock, speed: 'instant' })
  openai = new OpenAI({ baseURL: `${simulated.origin}/v1`, apiKey: 'none', maxRetries: 0 })
})

afterAll(async () => {
  await simulated.close()
})

const user = [{ role: 'user' as const, content: 'How much water is there?' }]

describe('embeddings and models', () => {
  it('gives normalised vectors, the same for the same text, of the dimensions asked for', async () => {
    const asked = { model: 'sim-embed', input: ['a heron', 'a heron', 'an otter'], dimensions: 8 }
    const floats = await openai.embeddings.create({ ...asked, encoding_format: 'float' })
    const [one, same, other] = floats.data.map(({ embedding }) => embedding)
    expect(one).toHaveLength(8)
    expect(Math.hypot(...(one ?? []))).toBeCloseTo(1, 5)
    expect(same).toEqual(one)
    expect(other).not.toEqual(one)
    expect(floats.usage).toEqual({ prompt_tokens: 6, total_tokens: 6 })
    // The SDK asks for base64 by itself and decodes it.
    const decoded = await openai.embeddings.create(asked)
    expect(decoded.data.map(({ embedding }) => [...embedding])).toEqual(floats.data.map(({ embedding }) => embedding))
    const { json } = await post(simulated.origin, '/v1/embeddings', { ...asked, encoding_format: 'base64' })
    expect(Buffer.from(String(at(json, 'data', 0, 'embedding')), 'base64')).toHaveLength(32)
  })

  it('counts token ids as they are', async () => {
    const answer = await openai.embeddings.create({ model: 'sim-embed', input: [[1, 2, 3], [4]] })
    expect([answer.usage.prompt_tokens, answer.data.length]).toEqual([4, 2])
  })

  it('lists its models', async () => {
    expect((await openai.models.list()).data.map(({ id }) => id)).toContain('sim-1')
  })
})

describe('refusals', () => {
  it.each([
    ['an unknown parameter', '/v1/chat/completions', { model: 'sim-1?stauts=500', messages: user }, 400, /stauts/],
    ['no messages', '/v1/chat/completions', { model: 'sim-1', messages: [] }, 400, /messages/],
    ['no max_tokens', '/v1/messages', { model: 'sim-1', messages: user }, 400, /max_tokens/],
    ['n of 0', '/v1/chat/completions', { model: 'sim-1', messages: user, n: 0 }, 400, /"n"/],
    ['an empty input', '/v1/embeddings', { model: 'sim-1', input: '' }, 400, /input/],
    ['another path', '/v1/unknown', {}, 404, /no POST/],
  ])('%s', async (_, path, body, status, message) => {
    const answer = await post(simulated.origin, path, body)
    expect(answer.status).toBe(status)
    expect(at(answer.json, 'error', 'message')).toMatch(message)
  })

  it('a body that is no JSON', async () => {
    const answer = await fetch(`${simulated.origin}/v1/messages`, { method: 'POST', body: '{' })
    expect([answer.status, at(await answer.json(), 'error', 'type')]).toEqual([400, 'invalid_request_error'])
  })

  it('a wrong API key, when one is set', async () => {
    const locked = await startSimulated({ clock: systemClock, speed: 'instant', apiKey: 'right' })
    const statusWith = async (headers: Record<string, string>): Promise<number> =>
      (await fetch(`${locked.origin}/v1/models`, { headers })).status
    expect([
      await statusWith({}),
      await statusWith({ authorization: 'Bearer wrong' }),
      await statusWith({ authorization: 'Bearer right' }),
      await statusWith({ 'x-api-key': 'right' }),
    ]).toEqual([401, 401, 200, 200])
    await locked.close()
  })
})

describe('its speed', () => {
  it('is realistic by default, and instant on the path that says so', async () => {
    const waits: number[] = []
    const clock = {
      ...systemClock,
      after: (delayMs: number, run: () => void) => systemClock.after((waits.push(delayMs), 0), run),
    }
    const slow = await startSimulated({ clock })
    const ask = (prefix: string) =>
      fetch(`${slow.origin}${prefix}/v1/chat/completions`, {
        method: 'POST',
        body: JSON.stringify({ model: 'sim-1?tokens=5', messages: user, stream: true }),
      }).then((answer) => answer.text())
    await ask('/instant')
    expect(waits).toEqual([])
    await ask('')
    expect(waits).toHaveLength(5)
    expect(waits[0]).toBe(200)
    for (const waitMs of waits.slice(1)) expect(waitMs).toBeGreaterThanOrEqual(10)
    for (const waitMs of waits.slice(1)) expect(waitMs).toBeLessThanOrEqual(30)
    await slow.close()
  })
})

describe('its log', () => {
  it('keeps the newest entries and counts all', () => {
    const log = openSimulatedLog(undefined)
    const billed = { ...nothingBilled, outputText: 1 }
    const count = keptEntries * 2 + 5
    const entry = { ...someEntry, billed }
    for (let place = 0; place < count; place++) log.add({ ...entry, id: `e${place}` })
    expect(log.entries()).toHaveLength(keptEntries)
    expect(log.entries().at(-1)?.id).toBe(`e${count - 1}`)
    expect(log.totals()).toMatchObject({ exchanges: count, outputText: count })
  })

  it('has every exchange when the server has closed, also those that were cut off by it', async () => {
    const other = await startSimulated({ clock: systemClock })
    const running = fetch(`${other.origin}/v1/chat/completions`, {
      method: 'POST',
      body: JSON.stringify({ model: 'sim-1?stall_after=0', messages: user, stream: true }),
    })
    await running
    await other.close()
    expect(other.log.entries().map(({ ended }) => ended)).toEqual(['stalled'])
  })
})

const someEntry: SimulatedEntry = {
  id: 'e',
  atMs: 0,
  requestId: undefined,
  attempt: undefined,
  path: '/v1/messages',
  modelName: 'sim-1',
  isStream: false,
  status: 200,
  outputTokens: 1,
  bytes: 1,
  billed: nothingBilled,
  ended: 'whole',
}
