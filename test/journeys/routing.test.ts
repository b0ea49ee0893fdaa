import type { ServerResponse } from 'node:http'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { writeUsd } from '../../src/canonical/money.ts'
import { circuitLimits } from '../../src/routing/circuit.ts'
import { startGateway, type RunningGateway } from '../gateway-fixture.ts'
import { startReplay, type Replayed, type ReplayUpstream } from '../replay-upstream.ts'
import { turnedClock } from '../turned-clock.ts'

/*
 * Routing over real sockets, with the clock turned by hand. The choosing, waiting and hedging of thousands of calls is in
 * `src/gateway/attempt.test.ts`.
 */

const clock = turnedClock()
let first: ReplayUpstream
let second: ReplayUpstream
let weir: RunningGateway
let draws: number[] = []

beforeAll(async () => {
  first = await startReplay()
  second = await startReplay()
  weir = await startGateway({
    clock,
    random: () => draws.shift() ?? 0,
    env: { KEY_ONE: 'first-secret-0001', KEY_TWO: 'second-secret-0002' },
    config: `
providers:
  first: { kind: openai-compatible, baseUrl: "${first.origin}/v1", tags: ["region:us"], credentials: { apiKey: env:KEY_ONE }, prices: { "*": { input: "10", output: "20" } } }
  second: { kind: openai-compatible, baseUrl: "${second.origin}/v1", tags: ["region:eu"], credentials: { apiKey: env:KEY_TWO }, prices: { "*": { input: "1", output: "2" }, unpriced: { input: "0", output: "0" } } }
models:
  smart: { targets: [{ provider: first, model: m1 }, { provider: second, model: m2 }] }
  cheap: { strategy: cheapest, targets: [{ provider: first, model: m1 }, { provider: second, model: m2 }] }
  sticky: { strategy: weighted, sticky: { by: session }, targets: [{ provider: first, model: m1 }, { provider: second, model: m2 }] }
  hedged: { hedge: { afterMs: 400 }, targets: [{ provider: first, model: m1 }, { provider: second, model: m2 }] }
  european: { require: ["region:eu"], targets: [{ provider: first, model: m1 }, { provider: second, model: m2 }] }
  nowhere: { when: "call.inputBytes < 0", targets: [{ provider: first, model: m1 }] }
  golden: { targets: [{ provider: first, model: m1, when: 'has(metadata.tier) && metadata.tier == "gold"' }, { provider: second, model: m2 }] }
  long: { failover: { onContextLength: true }, targets: [{ provider: first, model: m1 }, { provider: second, model: m2 }] }
  alone: { targets: [{ provider: first, model: m1 }] }
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
  draws = []
  // What one test taught of the providers' health is forgotten before the next.
  clock.turn(circuitLimits.forgottenAfterMs + circuitLimits.longestRestMs)
})

describe('fault 18: a circuit breaker', () => {
  it('opens after failures in a row, keeps calls away, and lets one probe try', async () => {
    for (let failure = 0; failure < circuitLimits.failuresInARow; failure += 1) {
      first.answer(refusal(503))
      second.answer(reply('from the second'))
      expect((await ask('smart')).headers.get('x-weir-attempts')).toBe('2')
    }
    const before = first.seen.length
    second.answer(reply('at once'))
    const away = await ask('smart')
    expect([away.status, away.headers.get('x-weir-attempts'), first.seen.length]).toEqual([200, '1', before])
    expect((await records()).at(-1)?.reason).toBe('priority 2 of 2 (first/m1 has failed too often)')
    expect(weir.logged()).toContain('its circuit breaker is open')
    expect(await scraped()).toMatch(/weir_target_state\{target="first\/m1"\} 2/)
    expect(await targetsOf('first')).toMatchObject([{ model: 'm1', state: 'open', dueInMs: circuitLimits.openMs }])

    clock.turn(circuitLimits.openMs)
    first.answer(refusal(503))
    second.answer(reply('the probe failed'))
    expect((await ask('smart')).headers.get('x-weir-attempts')).toBe('2')
    expect(await targetsOf('first')).toMatchObject([{ state: 'open', dueInMs: 2 * circuitLimits.openMs }])

    clock.turn(2 * circuitLimits.openMs)
    first.answer(reply('back'), reply('and stays'))
    expect(await (await ask('smart')).text()).toContain('back')
    expect(await (await ask('smart')).text()).toContain('and stays')
    expect(await scraped()).toMatch(/weir_target_state\{target="first\/m1"\} 0/)
  })

  it('fault 9: opens when streams break off, though each began well, and counts each once', async () => {
    const seen = await countedOf('first')
    const begins = Buffer.from(
      `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: 'half' }, finish_reason: null }] })}\n\n`,
    )
    for (let cut = 0; cut < circuitLimits.failuresInARow; cut += 1) {
      first.answer({ status: 200, headers: { 'content-type': 'text/event-stream' }, body: begins })
      expect(await (await ask('smart', { stream: true })).text()).toContain('upstream_cut')
    }
    expect(await targetsOf('first')).toMatchObject([{ model: 'm1', state: 'open', dueInMs: circuitLimits.openMs }])
    const { successes, failures } = await countedOf('first')
    expect([successes - seen.successes, failures - seen.failures]).toEqual([0, circuitLimits.failuresInARow])
  })

  it('is not opened by idle connections that were closed meanwhile', async () => {
    const { failures } = await countedOf('first')
    const held: ServerResponse[] = []
    const [sent, asks] = [circuitLimits.failuresInARow + 1, () => Array.from({ length: sent }, () => ask('alone'))]
    const allHeld = async () => {
      for (let call = 0; call < sent; call += 1) first.takeOver((_incoming, outgoing) => void held.push(outgoing))
      await until(() => held.length === sent)
      return held.splice(0)
    }
    const answerAll = async () => {
      const { headers, body } = reply('ok')
      for (const outgoing of await allHeld()) outgoing.writeHead(200, headers).end(body)
    }
    await Promise.all([...asks(), answerAll()])
    const again = asks()
    for (const outgoing of await allHeld()) outgoing.destroy()
    await answerAll()
    expect((await Promise.all(again)).map(({ status }) => status)).toEqual(Array.from({ length: sent }, () => 200))
    await weir.ended(asked + 2 * sent)
    expect((await records()).map(({ failureClass }) => failureClass)).toEqual(['stale', undefined])
    expect(await targetsOf('first')).toMatchObject([{ model: 'm1', state: 'closed' }])
    expect((await countedOf('first')).failures).toBe(failures)
  })

  it('tries the last candidate all the same', async () => {
    for (let failure = 0; failure < circuitLimits.failuresInARow; failure += 1) {
      first.answer(refusal(503))
      await ask('alone')
    }
    first.answer(reply('it was well again'))
    expect((await ask('alone')).status).toBe(200)
    expect((await records()).at(-1)?.reason).toBe('the only target (last resort: first/m1 has failed too often)')
  })
})

describe('fault 17: a provider that limits us', () => {
  it.each([
    [429, { 'retry-after': '30' }],
    [503, { 'retry-after': 'Mon, 23 Nov 2026 12:00:30 GMT' }],
    [200, { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '30s' }],
    [200, { 'anthropic-ratelimit-tokens-remaining': '0', 'anthropic-ratelimit-tokens-reset': '2026-11-23T12:00:30Z' }],
  ])('after %i with %j it is left alone for that long', async (status, headers) => {
    clock.setWall(Date.UTC(2026, 10, 23, 12))
    first.answer(status === 200 ? { ...reply('last one'), headers: { ...json, ...headers } } : refusal(status, headers))
    second.answer(reply('one'), reply('two'))
    await ask('smart')
    const before = first.seen.length
    clock.turn(29_000)
    await ask('smart')
    expect(first.seen.length).toBe(before)
    clock.turn(1_000)
    first.answer(reply('again'))
    expect(await (await ask('smart')).text()).toContain('again')
    second.forget()
  })

  it.each([
    [429, { code: 429, message: 'Quota', status: 'RESOURCE_EXHAUSTED', details: [{ retryDelay: '29.2s' }] }],
    [429, { code: 'rate_limit_exceeded', message: 'Limit reached. Please try again in 29.2s. Visit us.' }],
    [503, { code: null, message: 'Busy. Retry after 30 seconds.' }],
  ])('after %i that says %j, and no header, it is left alone for that long too', async (status, error) => {
    first.answer({ status, headers: json, body: Buffer.from(JSON.stringify({ error })) })
    second.answer(reply('one'), reply('two'))
    await ask('smart')
    const before = first.seen.length
    clock.turn(29_000)
    await ask('smart')
    expect(first.seen.length).toBe(before)
    clock.turn(1_000)
    first.answer(reply('again'))
    expect(await (await ask('smart')).text()).toContain('again')
    second.forget()
  })

  it('is left alone for as long as it says, however often it did not say before', async () => {
    for (let refused = 0; refused < 3; refused += 1) {
      first.answer(refusal(429))
      second.answer(reply('one'))
      await ask('smart')
      clock.turn(1_000 * 2 ** refused)
    }
    const error = { code: 'rate_limit_exceeded', message: 'Limit reached. Please try again in 2s.' }
    first.answer({ status: 429, headers: json, body: Buffer.from(JSON.stringify({ error })) }, reply('again'))
    second.answer(reply('one'), reply('two'))
    await ask('smart')
    clock.turn(2_000)
    expect(await (await ask('smart')).text()).toContain('again')
    second.forget()
  })

  it('is not left alone for a call that is larger than its limit: the next one goes there', async () => {
    const error = { message: 'Request too large: Limit 9, Requested 10.', type: 'tokens', code: 'rate_limit_exceeded' }
    first.answer({ status: 429, headers: json, body: Buffer.from(JSON.stringify({ error })) }, reply('a small one'))
    second.answer(reply('has room'))
    expect(await (await ask('smart')).text()).toContain('has room')
    expect(await (await ask('smart')).text()).toContain('a small one')
  })

  it('is asked again itself after a short wait, when nobody else is left', async () => {
    first.answer(refusal(429, { 'retry-after': '1' }))
    const refused = first.seen.length + 1
    const answer = ask('alone')
    await until(() => first.seen.length === refused && clock.pendingTimers > 2)
    first.answer(reply('patience'))
    await turnUntil(() => first.seen.length > refused, 100)
    expect(await (await answer).text()).toContain('patience')
    expect((await records()).map(({ reason }) => reason)).toEqual([
      'the only target',
      'the only target, after upstream_rate_limited (refused), after the wait it asked for',
    ])
  })
})

describe('where a call goes', () => {
  it('cheapest: by the price of this call', async () => {
    second.answer(reply('cheap'))
    expect((await ask('cheap')).headers.get('x-weir-provider')).toBe('second')
    expect((await records())[0]?.reason).toMatch(/^cheapest: about 0\.000\d+ USD$/)
  })

  it('sticky: a session stays at its target, goes elsewhere while that is ill, and comes back', async () => {
    const providerOf = async (run: string) => {
      first.answer(reply('a'))
      second.answer(reply('b'))
      const name = (await ask('sticky', {}, { 'x-weir-run-id': run })).headers.get('x-weir-provider')
      first.forget()
      second.forget()
      return name
    }
    const runs = Array.from({ length: 12 }, (_, run) => `run-${run}`)
    const homes = new Map<string, string | null>()
    for (const run of runs) homes.set(run, await providerOf(run))
    expect(new Set(homes.values())).toEqual(new Set(['first', 'second']))
    for (const run of runs) expect(await providerOf(run)).toBe(homes.get(run))

    for (let failure = 0; failure < circuitLimits.failuresInARow; failure += 1) {
      first.answer(refusal(503))
      await ask('alone')
    }
    for (const run of runs) expect(await providerOf(run)).toBe('second')
    clock.turn(circuitLimits.openMs)
    for (const run of runs) expect(await providerOf(run)).toBe(homes.get(run))
  })

  it('tags: failover stays where the required tag is', async () => {
    const before = first.seen.length
    second.answer(refusal(503))
    expect((await ask('european')).status).toBe(503)
    expect(first.seen.length).toBe(before)
  })

  it('conditions: a target serves the calls for which its condition is true', async () => {
    second.answer(reply('plain'))
    expect((await ask('golden')).headers.get('x-weir-provider')).toBe('second')
    first.answer(reply('gold'))
    const golden = await ask('golden', {}, { 'x-weir-metadata': '{"tier":"gold"}' })
    expect(golden.headers.get('x-weir-provider')).toBe('first')
    const refused = await ask('nowhere')
    expect(refused.status).toBe(403)
    expect(await refused.json()).toMatchObject({
      error: {
        code: 'model_not_allowed',
        message: 'no target of model "nowhere" may serve this call: first/m1 serves only when call.inputBytes < 0',
      },
    })
  })

  it('goes on after a call that is too long for one model, only where the model says so', async () => {
    const tooLong = {
      ...refusal(400),
      body: Buffer.from(
        JSON.stringify({
          error: {
            message: 'too long',
            type: 'invalid_request_error',
            code: 'context_length_exceeded',
            param: 'messages',
          },
        }),
      ),
    }
    first.answer(tooLong)
    second.answer(reply('fits'))
    expect((await ask('long')).headers.get('x-weir-provider')).toBe('second')
    first.answer(tooLong)
    const refused = await ask('smart')
    expect(await refused.json()).toMatchObject({ error: { code: 'context_length_exceeded' } })
    expect((await records()).at(-1)?.decision).toContain('failover.onContextLength is off')
  })
})

describe('hedging', () => {
  it('takes the second when the first is slow, breaks the first off, and records both', async () => {
    const slow = takeOver(first)
    second.answer(reply('quick'))
    const answer = ask('hedged')
    const { closed } = await slow
    await turnUntil(() => second.seen.length > 0 && weir.finished.length > asked, 100)
    expect(await (await answer).text()).toContain('quick')
    await closed
    expect(await records()).toMatchObject([
      { attempt: 1, provider: 'first', status: 'aborted', usageSource: 'worst_case', failureClass: 'unknown' },
      { attempt: 2, provider: 'second', status: 'ok', usageSource: 'provider' },
    ])
    expect(await scraped()).toMatch(/weir_hedges_total\{provider="second"\} 1/)
  })
})

describe('S2: after the first byte', () => {
  it('nothing is hedged, however slow the rest is', async () => {
    const delta = { choices: [{ index: 0, delta: { content: 'begun' }, finish_reason: null }] }
    const begun = new Promise<ServerResponse>((resolve) =>
      first.takeOver((_incoming, outgoing) => {
        outgoing.writeHead(200, { 'content-type': 'text/event-stream' })
        outgoing.write(`data: ${JSON.stringify(delta)}\n\n`)
        resolve(outgoing)
      }),
    )
    const before = second.seen.length
    const answer = await ask('hedged', { stream: true })
    const outgoing = await begun
    clock.turn(2_000)
    outgoing.end('data: [DONE]\n\n')
    expect(await answer.text()).toContain('begun')
    expect(second.seen.length).toBe(before)
    expect(await records()).toHaveLength(1)
  })
})

describe('the decision', () => {
  it('is told to who asks, in a header of the answer, as far as it is known', async () => {
    first.answer(refusal(500))
    second.answer(reply('ok'))
    const answer = await ask('smart', {}, { 'x-weir-explain': 'true' })
    expect(JSON.parse(answer.headers.get('x-weir-decision') ?? '')).toMatchObject({
      strategy: 'priority',
      candidates: [
        { target: 'first/m1', reason: 'priority 1 of 2' },
        { target: 'second/m2', reason: 'priority 2 of 2' },
      ],
      attempts: [
        { target: 'first/m1', outcome: 'failed: upstream_unavailable (refused)', verdict: expect.any(String) },
        { target: 'second/m2', outcome: 'ok' },
      ],
      cost: {
        attempt: 2,
        lines: [
          { component: 'inputUncached', count: 5, usdPerMillion: '1', nanos: '5000' },
          { component: 'outputText', count: 2, usdPerMillion: '2', nanos: '4000' },
        ],
        totalNanos: '9000',
      },
    })
    second.answer(reply('ok'))
    expect((await ask('smart')).headers.get('x-weir-decision')).toBeNull()
  })

  it('tells the cost of the attempt that answered, and in a header that of all, also of one that was broken off', async () => {
    const slow = held(first)
    const beside = held(second)
    const answer = ask('hedged', {}, { 'x-weir-explain': 'true' })
    const [outgoing] = await Promise.all([slow, turnUntilSeen(second).then(() => beside)])
    outgoing.writeHead(200, json)
    outgoing.end(reply('the first after all').body)
    const told = await answer
    expect(JSON.parse(told.headers.get('x-weir-decision') ?? '')).toMatchObject({
      attempts: [{ outcome: 'ok' }, { outcome: 'aborted', verdict: 'another attempt was faster' }],
      cost: { attempt: 1, totalNanos: '90000' },
    })
    const costs = (await records()).map(({ costNanos = 0n }) => costNanos)
    expect(costs).toEqual([90_000n, expect.any(BigInt)])
    expect(told.headers.get('x-weir-cost-usd')).toBe(writeUsd(costs.reduce((sum, cost) => sum + cost)))
  })

  it('tells in a header what a call came to of which a first target made a mess', async () => {
    first.answer({ status: 200, headers: json, body: Buffer.from('{"choices": ') })
    second.answer(reply('ok'))
    const told = await ask('smart')
    const [failed, answered] = (await records()).map(({ costNanos = 0n }) => costNanos)
    expect([told.headers.get('x-weir-attempts'), answered]).toEqual(['2', 9_000n])
    expect(failed).toBeGreaterThan(0n)
    expect(told.headers.get('x-weir-cost-usd')).toBe(writeUsd((failed ?? 0n) + 9_000n))
  })

  it('tells in a header of a problem what came of it all the same', async () => {
    first.answer({ status: 200, headers: json, body: Buffer.from('{"choices": ') })
    const told = await ask('alone')
    const [failed] = (await records()).map(({ costNanos = 0n }) => costNanos)
    expect([told.status, told.headers.get('x-weir-cost-usd')]).toEqual([502, writeUsd(failed ?? 0n)])
    expect(failed).toBeGreaterThan(0n)
  })

  it('tells no cost of an answer that has only begun, whatever the one beside it came to', async () => {
    const slow = held(first)
    const beside = held(second)
    const asking = ask('hedged', { stream: true }, { 'x-weir-explain': 'true' })
    const [outgoing] = await Promise.all([slow, turnUntilSeen(second).then(() => beside)])
    const delta = { choices: [{ index: 0, delta: { content: 'begun' }, finish_reason: null }] }
    outgoing.writeHead(200, { 'content-type': 'text/event-stream' })
    outgoing.write(`data: ${JSON.stringify(delta)}\n\n`)
    const answer = await asking
    outgoing.end('data: [DONE]\n\n')
    await answer.text()
    const decision = JSON.parse(answer.headers.get('x-weir-decision') ?? '') as object
    expect(decision).toMatchObject({ attempts: [{ attempt: 1 }, { outcome: 'aborted' }] })
    expect(decision).not.toHaveProperty('cost')
  })

  it('is told with a refusal too', async () => {
    first.answer(refusal(400))
    const answer = await ask('alone', {}, { 'x-weir-explain': 'true' })
    expect(answer.status).toBe(400)
    expect(JSON.parse(answer.headers.get('x-weir-decision') ?? '')).toMatchObject({
      attempts: [{ outcome: 'failed: upstream_rejected (refused)' }],
    })
  })

  it('of a refusal keeps what the client was told: which level or field, and what was against each target', async () => {
    const made = await weir.admin('/api/keys', {
      method: 'POST',
      body: JSON.stringify({ name: 'few', organisation: 'default', models: ['smart'] }),
    })
    const { key } = (await made.json()) as { key: string }
    const kept = async (model: string, more: object, headers: Readonly<Record<string, string>> = {}) => {
      const id = (await ask(model, more, headers)).headers.get('x-weir-request-id')
      const { decision } = (await (await weir.admin(`/api/exchanges/${id}`)).json()) as { decision: unknown }
      return decision
    }
    expect(await kept('alone', {}, { authorization: `Bearer ${key}` })).toMatchObject({
      problem: { message: 'key few does not allow model "alone"', param: 'model' },
    })
    expect(await kept('alone', { max_tokens: -5 })).toMatchObject({
      problem: { message: expect.stringContaining('max_tokens') as string, param: 'max_tokens' },
    })
    const against = 'serves only when call.inputBytes < 0'
    expect(await kept('nowhere', {})).toMatchObject({
      problem: { message: expect.stringContaining(`first/m1 ${against}`) as string, param: 'model' },
      passedOver: [{ target: 'first/m1', reason: against }],
    })
    // What a provider says may quote the call.
    first.answer(refusal(400))
    expect(await kept('alone', {})).toMatchObject({ problem: null })
  })

  it('is kept, and told whole by the admin API', async () => {
    first.answer(refusal(500))
    second.answer(reply('ok'))
    const id = (await ask('smart')).headers.get('x-weir-request-id')
    const { decision } = (await (await weir.admin(`/api/exchanges/${id}`)).json()) as { decision: unknown }
    expect(decision).toMatchObject({
      strategy: 'priority',
      candidates: [{ target: 'first/m1' }, { target: 'second/m2' }],
      attempts: [
        { attempt: 1, target: 'first/m1', verdict: 'next-target: upstream_unavailable (refused)' },
        { attempt: 2, target: 'second/m2', outcome: 'ok', verdict: null },
      ],
      cost: { attempt: 2, totalUsd: '0.000009000' },
    })
  })
})

const json = { 'content-type': 'application/json' }

function reply(text: string): Replayed {
  return {
    status: 200,
    headers: json,
    body: Buffer.from(
      JSON.stringify({
        id: 'c1',
        object: 'chat.completion',
        model: 'm',
        choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }],
        usage: { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 },
      }),
    ),
  }
}

function refusal(status: number, headers: Readonly<Record<string, string>> = {}): Replayed {
  const error = { message: `status ${status}`, type: 'x', param: null, code: null }
  return { status, headers: { ...json, ...headers }, body: Buffer.from(JSON.stringify({ error })) }
}

function ask(model: string, more: object = {}, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  return fetch(`${weir.gateway.dataOrigin}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${weir.key}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'hello' }], max_tokens: 50, ...more }),
  })
}

/** The records of the newest exchange, once one of this test has ended. */
async function records() {
  await weir.ended(asked + 1)
  return weir.finished.at(-1)?.records ?? []
}

async function scraped(): Promise<string> {
  return await (await weir.admin('/metrics')).text()
}

async function targetsOf(provider: string): Promise<unknown> {
  return (await shownProvider(provider))?.targets
}

async function countedOf(provider: string): Promise<Counted> {
  return (await shownProvider(provider))?.health ?? { successes: 0, failures: 0 }
}

interface Counted {
  readonly successes: number
  readonly failures: number
}

async function shownProvider(provider: string) {
  const { items } = (await (await weir.admin('/api/providers')).json()) as {
    items: { name: string; targets: unknown; health: Counted }[]
  }
  return items.find(({ name }) => name === provider)
}

/** The next call is held until its connection is broken. */
function takeOver(upstream: ReplayUpstream): Promise<{ readonly closed: Promise<void> }> {
  return new Promise((resolve) =>
    upstream.takeOver((_incoming, outgoing) =>
      resolve({ closed: new Promise((done) => outgoing.once('close', () => done())) }),
    ),
  )
}

/** The next call is held until the test answers it. */
function held(upstream: ReplayUpstream): Promise<ServerResponse> {
  return new Promise((resolve) => upstream.takeOver((_incoming, outgoing) => resolve(outgoing)))
}

async function turnUntilSeen(upstream: ReplayUpstream): Promise<void> {
  const before = upstream.seen.length
  await turnUntil(() => upstream.seen.length > before, 100)
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve))
}

/** Turns the clock step by step, and lets the sockets work in between, until something is so. */
async function turnUntil(isSo: () => boolean, stepMs: number): Promise<void> {
  for (let turns = 0; !isSo(); turns += 1) {
    if (turns < 30) clock.turn(stepMs)
    for (let wait = 0; wait < 20; wait += 1) await new Promise((resolve) => setImmediate(resolve))
  }
}
