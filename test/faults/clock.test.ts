import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startGateway, type RunningGateway } from '../gateway-fixture.ts'
import { startReplay, type ReplayUpstream } from '../replay-upstream.ts'
import { turnedClock } from '../turned-clock.ts'

/*
 * A wall clock that jumps: no deadline, rest or limit may be measured with it. Where a moment counts (a key that expires, a
 * record's time), the wall clock is what people mean.
 */

const hourMs = 3_600_000
const startMs = Date.UTC(2026, 10, 23, 12)
const clock = turnedClock(startMs)
let upstream: ReplayUpstream
let weir: RunningGateway

beforeAll(async () => {
  upstream = await startReplay()
  weir = await startGateway({
    clock,
    config: `
providers: { replay: { kind: openai-compatible, baseUrl: "${upstream.origin}/v1", prices: { "*": { input: "1", output: "4" } } } }
models:
  free: { targets: [{ provider: replay, model: m }] }
  limited: { targets: [{ provider: replay, model: m }], limits: { few: { requests: 2, per: minute } } }
deadlines: { firstByteMs: 5000, idleMs: 3000, totalMs: 20000 }
`,
  })
})

afterAll(async () => {
  await weir.close()
  await upstream.close()
})

const jumps = [
  ['an hour forth', startMs + hourMs],
  ['an hour back', startMs - hourMs],
  ['over a leap second', Date.UTC(2016, 11, 31, 23, 59, 59, 999)],
  ['to the night when summer time ends', Date.UTC(2026, 9, 25, 0, 59, 59, 999)],
  ['to 1970', 0],
  ['before 1970', -86_400_000],
  ['far ahead', Date.UTC(2100, 1, 1)],
] as const

describe('fault 35: a wall clock that jumps', () => {
  it.each(jumps)('%s: a stream that runs goes on, and its record tells the time it took', async (_what, wallMs) => {
    clock.setWall(startMs)
    const before = weir.finished.length
    const { answer, finish } = await openStream()
    clock.setWall(wallMs)
    clock.turn(1_000)
    finish()
    expect(await answer.text()).toContain('[DONE]')
    await weir.ended(before + 1)
    expect(weir.finished.at(-1)?.records).toMatchObject([
      { status: 'ok', usageSource: 'provider', startedAtMs: startMs, durationMs: 1_000 },
    ])
  })

  it.each(jumps)(
    '%s: new calls are served under it, each with an id of its own, and are found again',
    async (_what, wallMs) => {
      clock.setWall(wallMs)
      const ids = new Set<string>()
      for (let place = 0; place < 5; place += 1) {
        upstream.answer(whole)
        const answer = await ask('free')
        expect(answer.status).toBe(200)
        ids.add(answer.headers.get('x-weir-request-id') ?? '')
      }
      expect(ids.size).toBe(5)
      for (const id of ids) expect((await weir.admin(`/api/exchanges/${id}`)).status).toBe(200)
      clock.setWall(startMs)
    },
  )

  it('a slow drift over hours: deadlines are measured in true time', async () => {
    for (let hour = 0; hour < 24; hour += 1) {
      clock.setWall(startMs + hour * hourMs - hour * 500)
      const { answer, finish } = await openStream()
      clock.turn(2_900)
      finish()
      expect(await answer.text()).toContain('[DONE]')
    }
    clock.setWall(startMs)
  })

  it('keys expire when people say they do: no key before its time, and none that has no end', async () => {
    const made = await weir.admin('/api/keys', {
      method: 'POST',
      body: JSON.stringify({
        name: 'two-hours',
        organisation: 'default',
        expiresAt: new Date(startMs + 2 * hourMs).toISOString(),
      }),
    })
    expect(made.status, await made.clone().text()).toBe(201)
    const { key } = (await made.json()) as { key: string }
    const outcomes: number[] = []
    for (const wallMs of [startMs + hourMs, startMs - hourMs, startMs + 3 * hourMs, startMs]) {
      clock.setWall(wallMs)
      for (const asker of [key, weir.key]) {
        upstream.answer(whole)
        outcomes.push((await ask('free', {}, asker)).status)
      }
    }
    upstream.forget()
    expect(outcomes).toEqual([200, 200, 200, 200, 401, 200, 200, 200])
  })

  it('a limit neither forgets nor holds on to what was used', async () => {
    const statuses: number[] = []
    const use = async () => {
      upstream.answer(whole)
      statuses.push((await ask('limited')).status)
    }
    for (const wallMs of [startMs, startMs + hourMs, startMs - hourMs, startMs]) {
      clock.setWall(wallMs)
      await use()
    }
    clock.turn(61_000)
    clock.setWall(startMs - 24 * hourMs)
    await use()
    upstream.forget()
    expect(statuses).toEqual([200, 200, 429, 429, 200])
    clock.setWall(startMs)
  })
})

const whole = {
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: Buffer.from(
    JSON.stringify({
      choices: [{ index: 0, message: { role: 'assistant', content: 'yes' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 },
    }),
  ),
}

/** A stream whose first words are here; `finish` sends the rest. */
async function openStream() {
  const event = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`
  const { promise: begun, resolve } = Promise.withResolvers<() => void>()
  upstream.takeOver((_incoming, outgoing) => {
    outgoing.writeHead(200, { 'content-type': 'text/event-stream' })
    outgoing.write(event({ choices: [{ index: 0, delta: { content: 'begun' }, finish_reason: null }] }))
    resolve(() =>
      outgoing.end(
        event({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }) +
          event({ choices: [], usage: { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 } }) +
          'data: [DONE]\n\n',
      ),
    )
  })
  const answer = await ask('free', { stream: true })
  return { answer, finish: await begun }
}

function ask(model: string, more: object = {}, key = weir.key): Promise<Response> {
  return fetch(`${weir.gateway.dataOrigin}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'hello' }], max_tokens: 50, ...more }),
  })
}
