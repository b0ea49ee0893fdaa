import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { request, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readUsd, writeUsd } from '../../src/canonical/money.ts'
import type { UsageRecord } from '../../src/canonical/usage-record.ts'
import { drainLimits } from '../../src/gateway/drain.ts'
import { fixtureConfig, startGateway, type RunningGateway } from '../gateway-fixture.ts'
import { seededRandom, startReplay, type Replayed, type ReplayUpstream } from '../replay-upstream.ts'
import { turnedClock } from '../turned-clock.ts'

const clock = turnedClock()
let upstream: ReplayUpstream
let weir: RunningGateway

/** One dollar a million: a token costs a thousand nano-dollars. */
const config = (organisations = '{}') => `
providers:
  replay: { kind: openai-compatible, baseUrl: "${upstream.origin}/v1", prices: { priced: { input: "1", output: "1" }, dear: { input: "100", output: "100" }, free: { input: "0", output: "0" }, small: { input: "0.1", output: "0.1" } } }
  cutting: { kind: openai-compatible, baseUrl: "${upstream.origin}/v1", onAbort: cancel-and-estimate, prices: { priced: { input: "1", output: "1" } } }
  google: { kind: gemini, baseUrl: "${upstream.origin}", credentials: { apiKey: env:KEY }, prices: { drawing: { input: "1", output: "1", inputAudio: "10", outputImage: "30" } } }
  openai: { kind: openai, baseUrl: "${upstream.origin}/v1", credentials: { apiKey: env:KEY }, prices: { priced: { input: "1", output: "1" } } }
  anthropic: { kind: anthropic, baseUrl: "${upstream.origin}", credentials: { apiKey: env:KEY }, prices: { priced: { input: "1", output: "1" } } }
models:
  cut: { targets: [{ provider: cutting, model: priced }], retry: { maxAttempts: 1 } }
  claude: { targets: [{ provider: anthropic, model: priced }] }
  gpt: { targets: [{ provider: openai, model: priced }] }
  listed: { targets: [{ provider: openai, model: gpt-5.4 }] }
  draw: { targets: [{ provider: google, model: drawing }] }
  m: { targets: [{ provider: replay, model: priced }], retry: { maxAttempts: 1 } }
  two: { targets: [{ provider: replay, model: dear }, { provider: replay, model: priced }] }
  unpriced: { targets: [{ provider: replay, model: nobody-knows }] }
  free: { targets: [{ provider: replay, model: free }] }
  bound: { targets: [{ provider: replay, model: priced }], budgets: { all: { calls: 1, per: day } } }
organisations: ${organisations}
`

beforeAll(async () => {
  upstream = await startReplay()
  weir = await startGateway({ config: config(), clock, env: { KEY: 'secret' } })
})

afterAll(async () => {
  await weir.close()
  await upstream.close()
})

describe('a budget in dollars', () => {
  it('sets the most a call can cost aside, posts what it came to, and refuses when the rest is too little', async () => {
    const key = await keyOf('acme', { monthly: { usd: '0.002', per: 'month' } })
    upstream.answer(answer(100, 50))
    const first = await call(key, { max_tokens: 500 })
    expect(first.status).toBe(200)
    expect(first.headers.get('x-weir-cost-usd')).toBe('0.000150000')
    expect(await recordOf(first)).toMatchObject({ status: 'ok', costUsd: '0.000150000' })

    const refused = await call(key, { max_tokens: 2_000 })
    expect([refused.status, refused.headers.get('x-should-retry'), refused.headers.get('retry-after')]).toEqual([
      429,
      'false',
      null,
    ])
    const { error } = (await refused.json()) as { error: Refused }
    expect(error).toMatchObject({
      code: 'budget_exceeded',
      type: 'insufficient_quota',
      facts: {
        budget: 'monthly',
        level: 'organisation acme',
        cap: '0.002000000',
        spent: '0.000150000',
        held: '0.000000000',
        left: '0.001850000',
        window: '2026-11',
        resets_at: '2026-12-01T00:00:00.000Z',
        why: 'short',
      },
    })
    expect(error.message).toContain('budget "monthly" of organisation acme has no room: of $0.002, $0.00015 are spent')
    // The bytes of the call, what providers add to one, and the cap.
    expect(Number(readUsd(error.facts['needed'] ?? '')) / 1_000).toBeGreaterThanOrEqual(2_000 + 400)
    upstream.answer(answer(1, 1))
    expect((await call(key, { max_tokens: 500 })).status).toBe(200)
  })

  it('I1: of many calls at once admits as many as there is room for, and not one more', async () => {
    const sample = await call(await keyOf('sample', { b: { usd: '0', per: 'total' } }), { max_tokens: 100 })
    const most = readUsd(((await sample.json()) as { error: Refused }).error.facts['needed'] ?? '') ?? 0n
    const key = await keyOf('burst', {
      b: { usd: `0.${String(most * 7n + most / 2n).padStart(9, '0')}`, per: 'total' },
    })
    const { promise: allAsked, resolve } = Promise.withResolvers<void>()
    const ends: (() => void)[] = []
    for (let count = 0; count < 7; count += 1)
      upstream.takeOver((_incoming, outgoing) => {
        ends.push(() => {
          outgoing.writeHead(200, { 'content-type': 'application/json' })
          outgoing.end(answer(10, 100).body)
        })
        if (ends.length === 7) resolve()
      })
    const { promise: othersRefused, resolve: refused } = Promise.withResolvers<void>()
    let refusals = 0
    const calls = Array.from({ length: 50 }, async () => {
      const { status } = await call(key, { max_tokens: 100 })
      if (status === 429 && ++refusals === 43) refused()
      return status
    })
    await Promise.all([allAsked, othersRefused])
    for (const end of ends) end()
    const statuses = await Promise.all(calls)
    expect(statuses.filter((status) => status === 200)).toHaveLength(7)
    expect(statuses.filter((status) => status === 429)).toHaveLength(43)
  })

  it('of 0 suspends a model that costs nothing, too, whereas one that is spent does not', async () => {
    upstream.answer(answer(1, 1))
    const none = { b: { usd: '0', per: 'day' } }
    const suspended = await call(await keyOf('suspended', none), { model: 'free', max_tokens: 5 })
    expect([suspended.status, await suspended.text()]).toEqual([
      429,
      expect.stringContaining('is 0: such calls are suspended'),
    ])
    const key = await keyOf('exhausted', { b: { usd: '0.000000001', per: 'day' } })
    expect((await call(key, { max_tokens: 5 })).status).toBe(429)
    expect((await call(key, { model: 'free', max_tokens: 5 })).status).toBe(200)
  })

  it('sends a cap upstream where the client set none, and says so', async () => {
    const key = await keyOf('capped', { b: { usd: '10', per: 'day' } })
    upstream.answer(answer(1, 1))
    const capped = await call(key, {})
    expect(capped.headers.get('x-weir-output-cap')).toBe('4096')
    expect(JSON.parse(String(upstream.seen.at(-1)?.body))).toMatchObject({ max_completion_tokens: 4096 })
    expect(await recordOf(capped)).toMatchObject({ cappedBy: 'gateway' })
    upstream.answer(answer(1, 1))
    const free = await call(await keyOf('free', {}), {})
    expect(free.headers.get('x-weir-output-cap')).toBeNull()
    expect(JSON.parse(String(upstream.seen.at(-1)?.body))).not.toHaveProperty('max_completion_tokens')
  })

  it('tries a cheaper target where the first has no room', async () => {
    const key = await keyOf('two', { b: { usd: '0.01', per: 'day' } })
    upstream.answer(answer(1, 1))
    const served = await call(key, { model: 'two', max_tokens: 100 })
    expect([served.status, served.headers.get('x-weir-model')]).toEqual([200, 'priced'])
    const decision = await decisionOf(served)
    expect(JSON.stringify(decision)).toContain('has no room')
  })

  it('M10, I16: a model without a price is refused, or counted at its ceiling', async () => {
    const strict = await call(await keyOf('strict', { b: { usd: '1', per: 'day' } }), { model: 'unpriced' })
    expect([strict.status, ((await strict.json()) as { error: Refused }).error.code]).toEqual([403, 'model_unpriced'])
    const key = await keyOf('ceiling', { b: { usd: '1', per: 'day', unpriced: { ceiling: '0.4' } } })
    upstream.answer(answer(1, 1), answer(1, 1))
    const statuses = [
      (await call(key, { model: 'unpriced' })).status,
      (await call(key, { model: 'unpriced' })).status,
      (await call(key, { model: 'unpriced' })).status,
    ]
    expect(statuses).toEqual([200, 200, 429])
  })

  it('I6: doubt is spend: an answer that breaks off is counted at the most it could cost', async () => {
    const key = await keyOf('doubt', { b: { usd: '0.01', per: 'total' } })
    upstream.takeOver((_incoming, outgoing) => outgoing.destroy())
    const broken = await call(key, { max_tokens: 1_000 })
    expect(broken.status).toBe(502)
    const record = await recordOf(broken)
    expect(record).toMatchObject({ status: 'failed', usageSource: 'worst_case' })
    const refused = (await (await call(key, { max_tokens: 20_000 })).json()) as { error: Refused }
    expect(refused.error.facts['spent']).toBe(record['costUsd'])
  })

  it('I6: doubt stays what it is when it is priced anew by the same book, whatever model the answer began to name', async () => {
    const key = await keyOf('doubt-anew', { b: { usd: '0.01', per: 'total' } })
    upstream.takeOver((_incoming, outgoing) => {
      outgoing.writeHead(200, { 'content-type': 'text/event-stream' })
      outgoing.write(chunk('one ', 'small'), () => outgoing.destroy())
    })
    const ended = weir.finished.length
    await (await call(key, { stream: true, max_tokens: 1_000 })).text()
    await weir.ended(ended + 1)
    const [record] = weir.finished[ended]?.records ?? []
    expect(record).toMatchObject({ usageSource: 'worst_case', responseModel: 'small' })
    const body = JSON.stringify({ from: '2020-01-01', until: '2030-01-01' })
    const rerated = await weir.admin('/api/prices/rerate', { method: 'POST', body })
    expect(await rerated.json()).toMatchObject({ isDryRun: false, adjusted: 0, nextAfter: null })
    expect(await spent(key)).toBe(writeUsd(record?.costNanos ?? 0n))
  })

  it('I6: a time-out before the provider is no refusal of its own: it may be working still', async () => {
    const key = await keyOf('timed-out', { b: { usd: '0.01', per: 'total' } })
    upstream.answer({ status: 504, headers: {}, body: Buffer.from('<html>gateway time-out</html>') })
    const late = await call(key, { max_tokens: 1_000 })
    expect(late.status).toBe(504)
    expect(await recordOf(late)).toMatchObject({ usageSource: 'worst_case' })
    expect(await spent(key)).not.toBe('0.000000000')
  })

  it('C4: what is charged at other rates than those of the list is refused', async () => {
    const key = await keyOf('tiers', { b: { usd: '1', per: 'day' } })
    const refused = await call(key, { max_tokens: 5, service_tier: 'priority' })
    expect([refused.status, await refused.text()]).toEqual([400, expect.stringContaining('service_tier')])
  })

  it.each(['image_generation', 'code_interpreter', 'file_search'])(
    'C4: the tool %s, whose fee nobody counts, is refused however often it may run',
    async (type) => {
      const key = await keyOf('fees', { b: { usd: '1', per: 'day' } })
      const refused = await fetch(`${weir.gateway.dataOrigin}/v1/responses`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'gpt', input: 'hi', max_output_tokens: 5, tools: [{ type }], max_tool_calls: 3 }),
      })
      expect([refused.status, await refused.text()]).toEqual([
        400,
        expect.stringContaining(`\`tool ${type}\` is charged at rates that are not known here: leave it out`),
      ])
    },
  )

  it('I7: what the provider refused, and what never left, is free again', async () => {
    const key = await keyOf('freed', { b: { usd: '0.01', per: 'total' } })
    upstream.answer({ status: 503, headers: {}, body: Buffer.from('{"error":{"message":"busy"}}') })
    expect((await call(key, { max_tokens: 1_000 })).status).toBe(503)
    const refused = (await (await call(key, { max_tokens: 20_000 })).json()) as { error: Refused }
    expect(refused.error.facts).toMatchObject({ spent: '0.000000000', held: '0.000000000' })
  })

  it('I15: begins anew with the calendar of its time zone, and keeps its books over a restart and a changed cap', async () => {
    clock.setWall(Date.UTC(2026, 10, 30, 22, 59))
    const budget = (usd: string) => ({ m: { usd, per: 'month' } })
    const key = await keyOf('berlin', budget('0.001'), 'Europe/Berlin')
    upstream.answer(answer(100, 100), answer(100, 100))
    expect((await call(key, { max_tokens: 100 })).status).toBe(200)
    expect((await call(key, { max_tokens: 1_000 })).status).toBe(429)
    await place('berlin', budget('0.003'), 'Europe/Berlin')
    expect((await call(key, { max_tokens: 1_000 })).status).toBe(200)
    const spent = (await (await call(key, { max_tokens: 9_000 })).json()) as { error: Refused }
    expect(spent.error.facts).toMatchObject({
      spent: '0.000400000',
      window: '2026-11',
      resets_at: '2026-11-30T23:00:00.000Z',
    })
    clock.setWall(Date.UTC(2026, 10, 30, 23, 1))
    const fresh = (await (await call(key, { max_tokens: 9_000 })).json()) as { error: Refused }
    expect(fresh.error.facts).toMatchObject({ spent: '0.000000000', window: '2026-12' })
  })
})

describe('budgets of other units', () => {
  it('in tokens count input and output', async () => {
    const key = await keyOf('tokens', { b: { tokens: 2_000, per: 'day' } })
    upstream.answer(answer(300, 700))
    expect((await call(key, { max_tokens: 700 })).status).toBe(200)
    const refused = (await (await call(key, { max_tokens: 700 })).json()) as { error: Refused }
    expect(refused.error.facts).toMatchObject({ unit: 'tokens', spent: '1000', cap: '2000' })
  })

  it('of a run count its calls and its time', async () => {
    const key = await keyOf('runs', {
      calls: { calls: 2, per: 'total', by: 'run', missing: 'refuse' },
      time: { seconds: 60, per: 'total', by: 'run', missing: 'refuse' },
    })
    const run = (id: string) => call(key, { max_tokens: 5 }, { 'x-weir-run-id': id })
    const none = await call(key, { max_tokens: 5 })
    expect([none.status, await none.text()]).toEqual([400, expect.stringContaining('send the header x-weir-run-id')])
    upstream.answer(answer(1, 1), answer(1, 1), answer(1, 1))
    expect([
      (await run('a')).status,
      (await run('a')).status,
      (await run('a')).status,
      (await run('b')).status,
    ]).toEqual([200, 200, 429, 200])
    const spent = (await (await run('a')).json()) as { error: Refused }
    expect(spent.error.message).toContain('has no room: of 2 calls, 2 calls are spent; it never begins anew:')
    clock.turn(60_000)
    const late = (await (await run('b')).json()) as { error: Refused }
    expect(late.error.message).toContain('it lasts 60 seconds from its first call')
  })

  it('of a model hold for whoever asks for it', async () => {
    upstream.answer(answer(1, 1))
    const statuses = [
      (await call(await keyOf('one', {}), { model: 'bound' })).status,
      (await call(await keyOf('other', {}), { model: 'bound' })).status,
    ]
    expect(statuses).toEqual([200, 429])
  })
})

describe('GET /v1/budget', () => {
  it('tells a key what is left in every budget above it, and of those for each of some values its own', async () => {
    const key = await keyOf('own', {
      monthly: { usd: '1', per: 'month' },
      each: { tokens: 1_000, per: 'day', by: 'key' },
    })
    const other = await keyFor('own')
    upstream.answer(answer(100, 50))
    expect((await call(key, { max_tokens: 50 })).status).toBe(200)
    const told = await ownBudget(key)
    expect(told.status).toBe(200)
    expect(await told.json()).toMatchObject({
      data: [
        {
          budget: 'monthly',
          level: 'organisation own',
          spent: '0.000150000',
          held: '0.000000000',
          left: '0.999850000',
        },
        { budget: 'each', unit: 'tokens', spent: '150', cap: '1000' },
        { budget: 'all', level: 'model bound', cap: '1' },
      ],
    })
    // An account that its key has not drawn on yet has its cap all the same.
    expect(await (await ownBudget(other)).json()).toMatchObject({
      data: [
        { budget: 'monthly', spent: '0.000150000' },
        { budget: 'each', spent: '0', cap: '1000', left: '1000' },
        { budget: 'all' },
      ],
    })
    expect((await ownBudget('weir_nobody')).status).toBe(401)
  })

  it('tells those of the models that it may use, and the account that calls without a value share', async () => {
    await place('shared', { people: { calls: 5, per: 'day', by: 'user', missing: 'share' } })
    const [narrow, wide] = [await keyFor('shared', ['m']), await keyFor('shared', ['m', 'bou*'])]
    upstream.answer(answer(1, 1))
    expect((await call(narrow, {})).status).toBe(200)
    const people = { budget: 'people', user: null, spent: '1', left: '4' }
    expect(await (await ownBudget(narrow)).json()).toMatchObject({ data: [people] })
    expect(await (await ownBudget(wide)).json()).toMatchObject({ data: [people, { budget: 'all', unit: 'calls' }] })
  })

  it('tells an account before its first call in a window too, but none where calls without a value are refused', async () => {
    const share = { calls: 5, per: 'hour', by: 'user', missing: 'share' }
    const key = await keyOf('fresh', { people: share, named: { ...share, missing: 'refuse' } })
    const people = { budget: 'people', user: null, cap: '5', spent: '0', left: '5' }
    expect(await (await ownBudget(key)).json()).toMatchObject({ data: [people, { budget: 'all' }] })
    // What every model of many keeps for itself is told of those that were asked for.
    await place('many', { models: { calls: 5, per: 'day', by: 'model' } })
    const asking = await keyFor('many')
    upstream.answer(answer(1, 1))
    expect((await call(asking, {})).status).toBe(200)
    const models = { budget: 'models', model: 'm', spent: '1', left: '4' }
    expect(await (await ownBudget(asking)).json()).toMatchObject({ data: [models, { budget: 'all' }] })
  })
})

describe('POST /v1/quote', () => {
  it('tells what a call is likely to cost and can cost at each target, and whether it would be admitted', async () => {
    const key = await keyOf('quoted', { b: { usd: '0.01', per: 'day' } })
    const quoted = await quote(key, { model: 'two', max_tokens: 100 })
    expect(quoted.status).toBe(200)
    const { targets, budgets } = (await quoted.json()) as {
      targets: readonly { worst: { usd: string; output_tokens: number } }[]
      budgets: unknown
    }
    expect(targets).toMatchObject([
      { target: 'replay/dear', admitted: false, refusal: { code: 'budget_exceeded', facts: { why: 'short' } } },
      { target: 'replay/priced', admitted: true, refusal: null, output_cap: 100, output_cap_by: 'caller' },
    ])
    expect(targets[1]?.worst.output_tokens).toBe(100)
    expect(budgets).toMatchObject([{ budget: 'b', held: '0.000000000', spent: '0.000000000' }])
    // What was quoted is what is set aside.
    const refused = (await (
      await call(await keyOf('zero', { b: { usd: '0', per: 'day' } }), { max_tokens: 100 })
    ).json()) as {
      error: Refused
    }
    const same = (await (await quote(key, { max_tokens: 100 })).json()) as {
      targets: readonly { worst: { usd: string } }[]
    }
    expect(same.targets[0]?.worst.usd).toBe(refused.error.facts['needed'])
  })

  it('S11 is answered by the config that was in force as it began, though another comes while its body does', async () => {
    const key = await keyOf('quoted-slowly', { b: { usd: '1', per: 'day' } })
    const config = readFileSync(weir.configFile, 'utf8')
    const asking = request(`${weir.gateway.dataOrigin}/v1/quote`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, expect: '100-continue' },
    })
    asking.flushHeaders()
    await once(asking, 'continue')
    writeFileSync(weir.configFile, config.replace(/^  m:.*$/m, ''))
    expect(await weir.gateway.reload()).toMatchObject({ isTaken: true })
    asking.end(JSON.stringify({ model: 'm', messages: [] }))
    const [answered] = (await once(asking, 'response')) as [IncomingMessage]
    answered.resume()
    expect(answered.statusCode).toBe(200)
    expect((await quote(key, {})).status).toBe(404)
    writeFileSync(weir.configFile, config)
    expect(await weir.gateway.reload()).toMatchObject({ isTaken: true })
  })

  const drawing = '/v1beta/models/draw:generateContent'
  const drawn = (config: string) =>
    `{"contents": [{"parts": [{"text": "a cat"}]}], "generationConfig": {"maxOutputTokens": 1000${config}}}`
  const chat = (fields: string) =>
    `{"model": "draw", "max_tokens": 1000, "messages": [{"role": "user", "content": "a cat"}]${fields}}`
  it.each([
    ['does not say in what', drawing, drawn(''), true],
    ['allows pictures, in whatever case', drawing, drawn(', "responseModalities": ["Text", "Image"]'), true],
    ['allows pictures, in escapes', drawing, drawn(', "responseModalities": ["TEXT", "\\u0049MAGE"]'), true],
    ['allows text only', drawing, drawn(', "responseModalities": ["TEXT"]'), false],
    ['comes in another dialect', '/v1/chat/completions', chat(''), true],
    ['allows text only, which is not said on', '/v1/chat/completions', chat(', "modalities": ["text"]'), true],
  ])('I3: counts the answer of a model that draws as pictures where the call %s', async (_, path, body, isDrawn) => {
    const key = await keyOf('drawn', {})
    const told = (await (await quoteRaw(key, path, body)).json()) as { targets: [{ worst: { usd: string } }] }
    expect(Number(told.targets[0].worst.usd) >= 0.03).toBe(isDrawn)
  })

  it('I3: counts what the call holds as sound, however its words are spelt', async () => {
    const key = await keyOf('heard', {})
    const part = '{"inlineData": {"mimeType": "audio/wav", "data": "UklGRg=="}}'
    const usdOf = async (said: string) => {
      const body = `{"contents": [{"parts": [${said}]}], "generationConfig": {"maxOutputTokens": 1, "responseModalities": ["TEXT"]}}`
      const told = (await (await quoteRaw(key, drawing, body)).json()) as { targets: [{ worst: { usd: string } }] }
      return Number(told.targets[0].worst.usd)
    }
    const plainUsd = await usdOf('{"text": "hello hello hello hello hello hello hello hello hello"}')
    for (const said of [part, part.replace('audio', 'Audio'), part.replace('audio', 'a\\u0075dio')])
      expect(await usdOf(said)).toBeGreaterThan(5 * plainUsd)
  })

  it('takes the body of any endpoint, and is refused as the call would be', async () => {
    const key = await keyOf('free-of-budgets', {})
    const told = (await (await quote(key, { model: 'claude', max_tokens: 9 }, '?path=/v1/messages')).json()) as object
    expect(told).toMatchObject({ targets: [{ target: 'anthropic/priced', admitted: true }], budgets: [] })
    expect((await quote(key, { model: 'nope' })).status).toBe(404)
    expect((await quote(key, {}, '?path=/v1/nope')).status).toBe(400)
    expect(await (await quote(key, { model: 'unpriced' })).json()).toMatchObject({
      targets: [{ worst: { usd: null } }],
    })
  })
})

describe('a server tool without a bound', () => {
  it('is refused under a budget, with what to do', async () => {
    const key = await keyOf('tools', { b: { usd: '1', per: 'day' } })
    const refused = await call(key, { max_tokens: 10, plugins: [{ id: 'web' }] })
    expect([refused.status, await refused.text()]).toEqual([
      400,
      expect.stringContaining('plugins runs at the provider as often as it likes: leave it out'),
    ])
    const search = await fetch(`${weir.gateway.dataOrigin}/v1/responses`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'gpt', input: 'hi', tools: [{ type: 'web_search', max_uses: 2 }] }),
    })
    expect([search.status, await search.text()]).toEqual([
      400,
      expect.stringContaining('declare `max_tool_calls` or leave it out'),
    ])
  })
})

describe('another model beside the one that was asked', () => {
  const ask = (key: string, fields: object) =>
    fetch(`${weir.gateway.dataOrigin}/v1/messages`, {
      method: 'POST',
      headers: { 'x-api-key': key, 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
      body: JSON.stringify({ model: 'claude', max_tokens: 50, messages: [{ role: 'user', content: 'hi' }], ...fields }),
    })

  it('is not asked where nobody permitted it, budget or none', async () => {
    const advisor = { type: 'advisor_20260301', name: 'advisor', model: 'dear' }
    const refused = await ask(await keyOf('advised', {}), { tools: [advisor] })
    expect([refused.status, await refused.text()]).toEqual([
      400,
      expect.stringContaining('the tool advisor_20260301 would ask other models than the one in `model`'),
    ])
  })

  it('M10: where an answer tells it all the same, its tokens count, and the cost is not known', async () => {
    const iterations = [
      { type: 'message', input_tokens: 5, output_tokens: 3 },
      { type: 'advisor_message', model: 'dear', input_tokens: 100_000, output_tokens: 20_000 },
    ]
    const usage = { input_tokens: 5, output_tokens: 3, iterations }
    const message = { id: 'm', type: 'message', role: 'assistant', content: [], model: 'priced', usage }
    upstream.answer({
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: Buffer.from(JSON.stringify(message)),
    })
    const told = await ask(await keyOf('told-of-another', {}), {})
    expect([told.status, told.headers.get('x-weir-cost-usd')]).toEqual([200, null])
    expect(await recordOf(told)).toMatchObject({
      inputUncached: 100_005,
      outputText: 20_003,
      costUsd: null,
      priceVersion: 'mixed',
    })
  })
})

describe('an answer that was served otherwise than it was asked for', () => {
  const servedAs = (tier: string): Replayed => {
    const { body, ...head } = answer(100, 50)
    const value = JSON.parse(String(body)) as object
    return { ...head, body: Buffer.from(JSON.stringify({ ...value, service_tier: tier })) }
  }

  it('costs what the provider publishes for it', async () => {
    const key = await keyOf('served-dearer', { b: { usd: '1', per: 'total' } })
    for (const [tier, usd, version] of [
      ['default', '0.001000000', 'gpt-5.4'],
      ['priority', '0.002000000', 'gpt-5.4+100%, served as priority'],
      ['flex', '0.000500000', 'gpt-5.4-50%, served as flex'],
    ] as const) {
      upstream.answer(servedAs(tier))
      const told = await call(key, { model: 'listed', max_tokens: 500 })
      expect(told.headers.get('x-weir-cost-usd')).toBe(usd)
      const { priceVersion } = (await recordOf(told)) as { priceVersion: string }
      expect(priceVersion.endsWith(`/openai/${version}`)).toBe(true)
    }
    expect(await spent(key)).toBe('0.003500000')
  })

  it('M10: has no cost where nobody publishes one, and keeps all that was set aside for it', async () => {
    const key = await keyOf('served-unknown', {
      b: { usd: '1', per: 'total', unpriced: { ceiling: '0.000000001' } },
    })
    upstream.answer(servedAs('scale'))
    const told = await call(key, { model: 'listed', max_tokens: 500 })
    expect([told.status, told.headers.get('x-weir-cost-usd')]).toEqual([200, null])
    expect(await recordOf(told)).toMatchObject({
      inputUncached: 100,
      costUsd: null,
      priceVersion: 'unpriced, served as scale',
    })
    // 15 dollars a million, of which 500 may have been written.
    expect(Number(readUsd((await spent(key)) ?? ''))).toBeGreaterThan(500 * 15_000)
  })

  it('is priced anew as it was served, and not at all where several models are in it', async () => {
    const order = { from: '2020-01-01', until: '2100-01-01', isDryRun: true }
    const rerated = await weir.admin('/api/prices/rerate', { method: 'POST', body: JSON.stringify(order) })
    const { models } = (await rerated.json()) as { models: readonly { model: string; provider: string }[] }
    expect(models.filter(({ model, provider }) => model === 'gpt-5.4' || provider === 'anthropic')).toEqual([])
  })
})

describe('M4: a client that goes away', () => {
  it('has its answer listened to, and pays what it came to', async () => {
    const key = await keyOf('drained', { b: { usd: '0.01', per: 'total' } })
    const streams = streamed(['one ', 'two ', 'three'])
    const record = await leaveAfter(key, 'one ', { stream: true, max_tokens: 1_000 }, streams, (stream) =>
      stream.rest(),
    )
    expect(record).toMatchObject({ status: 'aborted', usageSource: 'provider', costNanos: 13_000n })
    expect(await spent(key)).toBe('0.000013000')
  })

  it('pays a whole answer too that came after it had gone', async () => {
    const key = await keyOf('drained-whole', { b: { usd: '0.01', per: 'total' } })
    const { promise: asked, resolve } = Promise.withResolvers<ServerResponse>()
    upstream.takeOver((_incoming, outgoing) => resolve(outgoing))
    const leaving = new AbortController()
    const gone = call(key, { max_tokens: 1_000 }, {}, leaving.signal).catch(() => undefined)
    const ended = weir.finished.length
    const outgoing = await asked
    leaving.abort()
    await gone
    for (let turns = 0; turns < 50; turns += 1) await turn()
    expect(outgoing.destroyed).toBe(false)
    outgoing.writeHead(200, { 'content-type': 'application/json' }).end(answer(10, 20).body)
    await weir.ended(ended + 1)
    expect(weir.finished.at(-1)?.records).toMatchObject([
      { status: 'aborted', usageSource: 'provider', costNanos: 30_000n },
    ])
  })

  it('pays the most it can come to where the rest does not come in time', async () => {
    const key = await keyOf('undrained', { b: { usd: '0.01', per: 'total' } })
    const record = await leaveAfter(key, 'one ', { stream: true, max_tokens: 1_000 }, streamed(['one ', 'two ']), () =>
      clock.turn(drainLimits.ms),
    )
    expect(record).toMatchObject({ status: 'aborted', usageSource: 'worst_case', outputText: 1_000 })
    expect(await spent(key)).toBe(writeUsd(record?.costNanos ?? 0n))
  })

  it('is broken off at once where the provider bills no further, and pays what was seen', async () => {
    const key = await keyOf('cut', { b: { usd: '0.01', per: 'total' } })
    const record = await leaveAfter(
      key,
      'one ',
      { model: 'cut', stream: true, max_tokens: 1_000 },
      streamed(['one ', 'two ']),
      () => undefined,
    )
    expect(record).toMatchObject({ status: 'aborted', usageSource: 'estimated' })
    expect(Number(record?.costNanos)).toBeLessThan(100_000)
  })

  it.each([
    ['bills to the end', true],
    ['bills what it sent', false],
  ])(
    '1,000 times at random bytes: one record each, nothing held, and no less posted than a provider that %s bills',
    async (_, billsToTheEnd) => {
      const organisation = billsToTheEnd ? 'to-the-end' : 'what-was-sent'
      const key = await keyOf(organisation, { b: { usd: '100', per: 'total' } })
      const random = seededRandom(billsToTheEnd ? 1 : 2)
      const words = Array.from({ length: 20 }, (_, place) => `word${place} `)
      const before = weir.finished.length
      let billed = 0
      const rounds = Number(process.env['WEIR_ABORTS'] ?? 1_000)
      for (let round = 0; round < rounds; round += 1) {
        upstream.takeOver((_incoming, outgoing) => {
          outgoing.writeHead(200, { 'content-type': 'text/event-stream' })
          let sent = 0
          outgoing.on('close', () => (billed += 10 + (billsToTheEnd ? words.length : sent)))
          const next = () => {
            const word = words[sent]
            if (outgoing.destroyed) return
            if (word === undefined) return void outgoing.end(lastFrames(10, words.length))
            sent += 1
            outgoing.write(chunk(word), () => setImmediate(next))
          }
          next()
        })
        await readSome(key, Math.floor(random() * 3_500))
      }
      await weir.ended(before + rounds)
      const records = weir.finished.slice(before).flatMap(({ records: some }) => some)
      expect(records).toHaveLength(rounds)
      // Each was listened to: none takes the place of the next.
      expect(records.filter(({ usageSource }) => usageSource !== 'provider')).toEqual([])
      const posted = records.reduce((sum, { costNanos = 0n }) => sum + costNanos, 0n)
      expect(await spent(key)).toBe(writeUsd(posted))
      expect((await factsOf(key))['held']).toBe('0.000000000')
      expect(Number(posted) / 1_000).toBeGreaterThanOrEqual(billed)
    },
  )
})

describe('a stream that tells its input at the start', () => {
  it('sets less aside from then on', async () => {
    const key = await keyOf('narrow', { b: { usd: '0.01', per: 'total' } })
    const begun = Promise.withResolvers<ServerResponse>()
    upstream.takeOver((_incoming, outgoing) => {
      outgoing.writeHead(200, { 'content-type': 'text/event-stream' })
      const usage = { input_tokens: 7, output_tokens: 1 }
      const message = { id: 'm', type: 'message', role: 'assistant', content: [], model: 'priced', usage }
      outgoing.write(event({ type: 'message_start', message }))
      outgoing.write(event({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }))
      outgoing.write(event({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'one' } }))
      begun.resolve(outgoing)
    })
    const streaming = await fetch(`${weir.gateway.dataOrigin}/v1/messages`, {
      method: 'POST',
      headers: { 'x-api-key': key, 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
      body: JSON.stringify({
        model: 'claude',
        stream: true,
        max_tokens: 50,
        messages: [{ role: 'user', content: 'hi' }],
      }),
    })
    const outgoing = await begun.promise
    expect(streaming.status).toBe(200)
    while ((await factsOf(key))['held'] !== '0.000057000') await turn()
    outgoing.end()
    await streaming.text()
  })
})

// --- helpers --------------------------------------------------------------------------------------------------------

interface Refused {
  readonly code: string
  readonly message: string
  readonly facts: Readonly<Record<string, string>>
}

function answer(promptTokens: number, completionTokens: number): Replayed {
  const usage = {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
  }
  const choices = [{ index: 0, message: { role: 'assistant', content: 'hello' }, finish_reason: 'stop' }]
  return {
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify({ choices, usage })),
  }
}

const chunk = (content: string, model?: string) =>
  `data: ${JSON.stringify({ model, choices: [{ index: 0, delta: { content } }] })}\n\n`
const event = (data: { readonly type: string; readonly [field: string]: unknown }) =>
  `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`

function lastFrames(promptTokens: number, completionTokens: number): string {
  const usage = { prompt_tokens: promptTokens, completion_tokens: completionTokens }
  const end = JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] })
  return `data: ${end}\n\ndata: ${JSON.stringify({ choices: [], usage })}\n\ndata: [DONE]\n\n`
}

interface Stream {
  /** Sends what is left, and ends. */
  rest(): void
}

/** A provider that sends these words, and the rest when it is told to. */
function streamed(words: readonly string[]): Promise<Stream> {
  return new Promise((resolve) =>
    upstream.takeOver((_incoming, outgoing) => {
      outgoing.writeHead(200, { 'content-type': 'text/event-stream' })
      for (const word of words) outgoing.write(chunk(word))
      resolve({ rest: () => void outgoing.end(lastFrames(10, words.length)) })
    }),
  )
}

/** Calls, leaves as soon as this text is heard, and lets the provider go on. @returns the record. */
async function leaveAfter(
  key: string,
  text: string,
  fields: object,
  stream: Promise<Stream>,
  then: (stream: Stream) => void,
): Promise<UsageRecord | undefined> {
  const ended = weir.finished.length
  const leaving = new AbortController()
  const answered = await call(key, fields, {}, leaving.signal)
  const reader = answered.body?.getReader()
  let heard = ''
  while (!heard.includes(text)) heard += Buffer.from((await reader?.read())?.value ?? []).toString()
  leaving.abort()
  for (let turns = 0; turns < 50; turns += 1) await turn()
  then(await stream)
  await weir.ended(ended + 1)
  return weir.finished.at(-1)?.records.at(-1)
}

/** Reads so many bytes of a stream, and resets the connection. */
function readSome(key: string, bytes: number): Promise<void> {
  const body = JSON.stringify({
    model: 'm',
    stream: true,
    max_tokens: 100,
    messages: [{ role: 'user', content: 'hi' }],
  })
  const socket = connect(Number(new URL(weir.gateway.dataOrigin).port), '127.0.0.1')
  socket.write(
    `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${key}\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  )
  return new Promise((resolve) => {
    let heard = 0
    socket.on('data', (part) => {
      heard += part.length
      if (heard >= bytes) socket.resetAndDestroy()
    })
    socket.on('error', () => socket.destroy())
    socket.on('close', () => resolve())
  })
}

function ownBudget(key: string): Promise<Response> {
  return fetch(`${weir.gateway.dataOrigin}/v1/budget`, { headers: { 'x-api-key': key } })
}

function quote(key: string, fields: object, query = ''): Promise<Response> {
  return fetch(`${weir.gateway.dataOrigin}/v1/quote${query}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'hello' }], ...fields }),
  })
}

function quoteRaw(key: string, path: string, body: string): Promise<Response> {
  return fetch(`${weir.gateway.dataOrigin}/v1/quote?path=${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body,
  })
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

/** What a refusal tells of the budget: a call for more than there can be is refused, and costs nothing. */
async function factsOf(key: string): Promise<Readonly<Record<string, string>>> {
  const refused = (await (await call(key, { max_tokens: 1_000_000_000 })).json()) as { error: Refused }
  return refused.error.facts
}

async function spent(key: string): Promise<string | undefined> {
  return (await factsOf(key))['spent']
}

function call(
  key: string,
  fields: object,
  headers: Readonly<Record<string, string>> = {},
  signal?: AbortSignal,
): Promise<Response> {
  return fetch(`${weir.gateway.dataOrigin}/v1/chat/completions`, {
    ...(signal ? { signal } : {}),
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'hello' }], ...fields }),
  })
}

async function exchangeOf(answered: Response) {
  const id = answered.headers.get('x-weir-request-id') ?? ''
  return (await (await weir.admin(`/api/exchanges/${id}`)).json()) as {
    readonly records: readonly Readonly<Record<string, unknown>>[]
    readonly decision: unknown
  }
}

async function recordOf(answered: Response): Promise<Readonly<Record<string, unknown>>> {
  return (await exchangeOf(answered)).records.at(-1) ?? {}
}

async function decisionOf(answered: Response): Promise<unknown> {
  return (await exchangeOf(answered)).decision
}

/** Of the config, as it stands. */
const organisations: Record<string, { readonly timezone?: string; readonly budgets: Budgets }> = {}
type Budgets = Readonly<Record<string, object>>

async function keyOf(organisation: string, budgets: Budgets, timezone?: string): Promise<string> {
  await place(organisation, budgets, timezone)
  return keyFor(organisation)
}

async function keyFor(organisation: string, models?: readonly string[]): Promise<string> {
  const made = await weir.admin('/api/keys', {
    method: 'POST',
    body: JSON.stringify({ name: 'k', organisation, models }),
  })
  return ((await made.json()) as { key: string }).key
}

/** Gives an organisation these budgets from now on. */
async function place(organisation: string, budgets: Budgets, timezone?: string): Promise<void> {
  organisations[organisation] = { ...(timezone === undefined ? {} : { timezone }), budgets }
  writeFileSync(weir.configFile, fixtureConfig(config(JSON.stringify(organisations)), weir.dir))
  expect(await weir.gateway.reload()).toMatchObject({ isTaken: true })
}
