import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startGateway, type RunningGateway } from '../gateway-fixture.ts'
import type { ServerResponse } from 'node:http'
import { startReplay, type Replayed, type ReplayUpstream } from '../replay-upstream.ts'
import { circuitLimits } from '../../src/routing/circuit.ts'
import { turnedClock } from '../turned-clock.ts'

const clock = turnedClock()
let first: ReplayUpstream
let second: ReplayUpstream
let weir: RunningGateway

beforeAll(async () => {
  first = await startReplay()
  second = await startReplay()
  weir = await startGateway({
    clock,
    env: { KEY_ONE: 'first-secret-0001', KEY_TWO: 'second-secret-0002', KEY_THREE: 'third-secret-0003' },
    config: `
providers:
  first: { kind: openai-compatible, baseUrl: "${first.origin}/v1", credentials: { apiKey: env:KEY_ONE }, prices: { "*": { input: "1", output: "2" } } }
  second: { kind: openai-compatible, baseUrl: "${second.origin}/v1", credentials: [{ apiKey: env:KEY_TWO }, { apiKey: env:KEY_THREE }] }
  nowhere: { kind: openai-compatible, baseUrl: "http://127.0.0.1:9/v1", credentials: { apiKey: env:KEY_ONE } }
models:
  smart: { targets: [{ provider: first, model: m1 }, { provider: second, model: m2 }] }
  gone: { targets: [{ provider: nowhere, model: m0 }, { provider: second, model: m2 }] }
  alone: { targets: [{ provider: second, model: m2 }] }
  brave: { targets: [{ provider: first, model: m1 }, { provider: second, model: m2 }], retry: { afterReset: true } }
deadlines: { firstByteMs: 5000, firstByteUnaryMs: 7000, idleMs: 3000, totalMs: 20000 }
`,
  })
})

afterAll(async () => {
  await weir.close()
  await first.close()
  await second.close()
})

let asked = 0
afterEach(() => {
  asked = weir.finished.length
  // What one test taught of the providers' health is forgotten before the next.
  clock.turn(circuitLimits.forgottenAfterMs + circuitLimits.longestRestMs)
})

const reply = (
  text: string,
  usage: object = { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 },
): Replayed => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: Buffer.from(
    JSON.stringify({
      id: 'c1',
      object: 'chat.completion',
      model: 'm',
      choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }],
      usage,
    }),
  ),
})

const refusal = (status: number, headers: Record<string, string> = {}): Replayed => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: Buffer.from(JSON.stringify({ error: { message: `status ${status}`, type: 'x', param: null, code: null } })),
})

const event = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`
const delta = (content: string) =>
  event({ id: 'c1', object: 'chat.completion.chunk', choices: [{ index: 0, delta: { content }, finish_reason: null }] })
const stream = (...parts: readonly string[]): Replayed => ({
  status: 200,
  headers: { 'content-type': 'text/event-stream' },
  body: Buffer.from(parts.join('')),
})

describe('failover before the first byte', () => {
  it.each([
    [429, 'upstream_rate_limited'],
    [500, 'upstream_unavailable'],
    [503, 'upstream_overloaded'],
    [529, 'upstream_overloaded'],
  ])('goes on after %i, and records both attempts with their reasons', async (status, kind) => {
    first.answer(refusal(status))
    second.answer(reply('from the second'))
    const answer = await ask('smart')
    expect(answer.status).toBe(200)
    expect(await answer.json()).toMatchObject({ choices: [{ message: { content: 'from the second' } }] })
    expect(answer.headers.get('x-weir-provider')).toBe('second')
    expect(answer.headers.get('x-weir-attempts')).toBe('2')
    expect(await records()).toMatchObject([
      {
        attempt: 1,
        provider: 'first',
        status: 'failed',
        errorKind: kind,
        failureClass: 'refused',
        costNanos: 0n,
        reason: 'priority 1 of 2',
      },
      {
        attempt: 2,
        provider: 'second',
        status: 'ok',
        usageSource: 'provider',
        reason: `priority 2 of 2, after ${kind} (refused)`,
      },
    ])
  })

  it('S5 sends each provider its own credential and nothing of the client', async () => {
    first.answer(refusal(500))
    second.answer(reply('ok'))
    await ask(
      'smart',
      {},
      { cookie: 'session=canary-cookie', 'x-forwarded-for': '10.9.8.7', 'x-weir-metadata': '{"a":"canary-meta"}' },
    )
    const [one, two] = [first.seen.at(-1), second.seen.at(-1)]
    expect(one?.headers['authorization']).toBe('Bearer first-secret-0001')
    expect(two?.headers['authorization']).toMatch(/^Bearer (second-secret-0002|third-secret-0003)$/)
    for (const seen of [one, two]) {
      const text = JSON.stringify(seen?.headers)
      for (const canary of [weir.key, 'canary-cookie', '10.9.8.7', 'canary-meta']) expect(text).not.toContain(canary)
    }
  })

  it('goes on after a connection that is refused, at no cost', async () => {
    second.answer(reply('ok'))
    expect((await ask('gone')).status).toBe(200)
    expect(await records()).toMatchObject([
      { failureClass: 'not-sent', costNanos: undefined, inputUncached: 0 },
      { status: 'ok' },
    ])
  })

  it('fault 6 goes on after an error inside a 200 stream, before any content', async () => {
    first.answer(stream(event({ error: { message: 'overloaded', type: 'server_error', code: 503 } })))
    second.answer(
      stream(delta('second'), event({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }), 'data: [DONE]\n\n'),
    )
    const text = await (await ask('smart', { stream: true })).text()
    expect(text).toContain('second')
    expect(text).not.toContain('overloaded')
  })

  it('fault 13 goes on after a body that is no JSON', async () => {
    first.answer({ status: 200, headers: { 'content-type': 'application/json' }, body: Buffer.from('{"choices": [{') })
    second.answer(reply('ok'))
    expect((await ask('smart')).status).toBe(200)
    expect(await records()).toMatchObject([
      { errorKind: 'upstream_invalid', usageSource: 'worst_case' },
      { status: 'ok' },
    ])
  })

  it('fault 21 follows no redirect', async () => {
    first.answer({ status: 302, headers: { location: `${second.origin}/v1/chat/completions` }, body: Buffer.alloc(0) })
    second.answer(reply('by plan, not by redirect'))
    expect((await ask('smart')).headers.get('x-weir-attempts')).toBe('2')
  })

  it('gives up at once on what would be the same elsewhere', async () => {
    const before = second.seen.length
    first.answer(refusal(422))
    const answer = await ask('smart')
    expect(answer.status).toBe(400)
    expect(answer.headers.get('x-should-retry')).toBe('false')
    expect(await answer.json()).toMatchObject({ error: { code: 'upstream_rejected', message: 'status 422' } })
    expect(second.seen.length).toBe(before)
  })

  it('fault 17 tells the client the wait, when every target is limited', async () => {
    first.answer(refusal(429, { 'retry-after': '30' }))
    const limited = refusal(429, { 'retry-after': '7' })
    second.answer(limited, limited)
    const answer = await ask('smart')
    expect(answer.status).toBe(429)
    expect(answer.headers.get('retry-after')).toBe('7')
    expect(answer.headers.get('x-should-retry')).toBeNull()
    expect(await answer.json()).toMatchObject({ error: { type: 'rate_limit_error', code: 'upstream_rate_limited' } })
  })

  it('fault 19 rests a refused credential, uses the other, and never tells the client 401', async () => {
    second.answer(refusal(401), reply('with the other key'))
    const answer = await ask('alone')
    expect(answer.status).toBe(200)
    const used = second.seen.slice(-2).map((seen) => seen.headers['authorization'])
    expect(new Set(used).size).toBe(2)
    second.answer(refusal(401))
    expect((await ask('alone')).status).toBe(502)
    expect(weir.logged()).toContain('a provider refused this credential')
  })
})

describe('deadlines', () => {
  it('S4 goes on when the first byte of a stream does not come', async () => {
    const stalled = stall(first)
    second.answer(stream(delta('late but here'), 'data: [DONE]\n\n'))
    const answer = ask('smart', { stream: true })
    await stalled
    clock.turn(5_000)
    expect(await (await answer).text()).toContain('late but here')
    expect(await records()).toMatchObject([
      { errorKind: 'upstream_timeout', failureClass: 'unknown', usageSource: 'worst_case' },
      { status: 'ok' },
    ])
  })

  it('S4 an opening frame is not a first byte: silence after it goes on too', async () => {
    const opened = takeOver(first, (outgoing) => {
      outgoing.writeHead(200, { 'content-type': 'text/event-stream' })
      outgoing.write(': keep-alive\n\n')
    })
    second.answer(stream(delta('second'), 'data: [DONE]\n\n'))
    const answer = ask('smart', { stream: true })
    await opened
    clock.turn(5_000)
    expect(await (await answer).text()).toContain('second')
  })

  it('fault 9 ends a stream that falls silent midway, in band, and never with an ordinary ending', async () => {
    const begun = takeOver(first, (outgoing) => {
      outgoing.writeHead(200, { 'content-type': 'text/event-stream' })
      outgoing.write(delta('half an ans'))
    })
    const answer = await ask('smart', { stream: true })
    await begun
    const reader = answer.body?.getReader()
    const begin = Buffer.from((await reader?.read())?.value ?? []).toString()
    expect(begin).toContain('half an ans')
    clock.turn(3_000)
    let rest = ''
    for (;;) {
      const part = await reader?.read()
      if (!part || part.done) break
      rest += Buffer.from(part.value).toString()
    }
    expect(rest).toContain('upstream_timeout')
    expect(rest).not.toContain('[DONE]')
    expect(await records()).toMatchObject([
      { status: 'truncated', errorKind: 'upstream_timeout', usageSource: 'estimated' },
    ])
  })

  it('a unary call has its own first-byte deadline', async () => {
    const stalled = stall(first)
    second.answer(reply('ok'))
    const answer = ask('smart')
    await stalled
    clock.turn(5_000)
    clock.turn(2_000)
    expect((await answer).status).toBe(200)
  })

  it('the whole exchange has one deadline over all attempts', async () => {
    const stalledFirst = stall(first)
    const stalledSecond = stall(second)
    const answer = ask('smart')
    await stalledFirst
    clock.turn(7_000)
    await stalledSecond
    clock.turn(7_000)
    expect((await answer).status).toBe(504)
  })
})

describe('after the first byte nothing is tried again', () => {
  it('S1 S2 a cut stream ends with an error in band, is recorded, and is not replayed', async () => {
    const before = second.seen.length
    const cut = takeOver(first, (outgoing) => {
      outgoing.writeHead(200, { 'content-type': 'text/event-stream' })
      outgoing.write(delta('one ') + delta('two '))
      setImmediate(() => outgoing.socket?.resetAndDestroy())
    })
    const text = await (await ask('smart', { stream: true })).text()
    await cut
    expect(text).toContain('one ')
    expect(text).toContain('"code":"upstream_cut"')
    expect(text).not.toContain('[DONE]')
    expect(text).not.toContain('"finish_reason":"stop"')
    expect(second.seen.length).toBe(before)
    expect(await records()).toMatchObject([
      { status: 'truncated', errorKind: 'upstream_cut', failureClass: 'partial', usageSource: 'estimated' },
    ])
  })

  it('S1 a finish reason that says that the generation failed is no ending, and is recorded as a failure', async () => {
    const failed = event({ id: 'c1', choices: [{ index: 0, delta: { content: '' }, finish_reason: 'error' }] })
    first.answer(stream(delta('one '), failed, 'data: [DONE]\n\n'))
    const text = await (await ask('smart', { stream: true })).text()
    expect(text).toContain('one ')
    expect(text).toContain('"code":"upstream_unavailable"')
    expect(text).not.toContain('[DONE]')
    expect(await records()).toMatchObject([{ status: 'truncated', errorKind: 'upstream_unavailable' }])
  })

  it('S1 fault 8 a stream that just ends, without its last frame, is a cut', async () => {
    first.answer(stream(delta('one ')))
    const text = await (await ask('smart', { stream: true })).text()
    expect(text).toContain('"code":"upstream_cut"')
  })

  it('fault 5 S3 a connection that breaks after the call was sent is not tried again by default', async () => {
    first.answer(reply('ok'))
    expect((await ask('smart')).status).toBe(200)
    await records()
    asked += 1
    const before = second.seen.length
    // The first break is on a connection that has served before, and may be a stale one: it is tried once more, anew.
    breakOff(first)
    breakOff(first)
    const answer = await ask('smart')
    expect(answer.status).toBe(502)
    expect(second.seen.length).toBe(before)
    const [stale, unknown] = await records()
    expect(stale).toMatchObject({ failureClass: 'stale', usageSource: 'worst_case', status: 'failed' })
    expect(unknown).toMatchObject({ failureClass: 'unknown', usageSource: 'worst_case', status: 'failed' })
    expect(unknown?.costNanos).toBeGreaterThan(0n)
  })

  it('and is tried elsewhere where the model says so', async () => {
    breakOff(first)
    breakOff(first)
    second.answer(reply('ok'))
    expect((await ask('brave')).status).toBe(200)
    expect((await records()).at(-1)?.provider).toBe('second')
  })
})

function ask(model: string, more: object = {}, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${weir.gateway.dataOrigin}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${weir.key}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'hello' }], max_tokens: 50, ...more }),
  })
}

/** The records of the exchange of this test, once it has ended. */
async function records() {
  await weir.ended(asked + 1)
  return weir.finished.at(-1)?.records ?? []
}

function breakOff(upstream: ReplayUpstream): void {
  upstream.takeOver((_incoming, outgoing) => outgoing.socket?.resetAndDestroy())
}

/** Resolves when the next call has arrived; it is never answered. */
function stall(upstream: ReplayUpstream): Promise<void> {
  return takeOver(upstream, () => undefined)
}

function takeOver(upstream: ReplayUpstream, then: (outgoing: ServerResponse) => void): Promise<void> {
  return new Promise((resolve) =>
    upstream.takeOver((_incoming, outgoing) => {
      then(outgoing)
      resolve()
    }),
  )
}
