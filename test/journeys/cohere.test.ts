import { CohereClientV2 } from 'cohere-ai'
import OpenAI from 'openai'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startGateway, type RunningGateway } from '../gateway-fixture.ts'
import { startReplay, type ReplayUpstream } from '../replay-upstream.ts'

/** Cohere's API at the gateway's door and at its back, over real sockets. */
let upstream: ReplayUpstream
let weir: RunningGateway

beforeAll(async () => {
  upstream = await startReplay()
  weir = await startGateway({
    env: { KEY: 'co-upstream-key-1' },
    config: `
providers:
  cohere: { kind: cohere, baseUrl: "${upstream.origin}", credentials: { apiKey: env:KEY } }
  chat: { kind: openai-compatible, baseUrl: "${upstream.origin}/v1", credentials: { apiKey: env:KEY } }
models:
  "command-*": { targets: [{ provider: cohere, model: "command-*" }], retry: { maxAttempts: 1 } }
  fast: { targets: [{ provider: cohere, model: command-a-03-2025 }], retry: { maxAttempts: 1 } }
  either:
    targets: [{ provider: cohere, model: command-a-03-2025 }, { provider: chat, model: gpt-5.2 }]
  gpt: { targets: [{ provider: chat, model: gpt-5.2 }], retry: { maxAttempts: 1 } }
`,
  })
})

afterAll(async () => {
  await weir.close()
  await upstream.close()
})

beforeEach(() => upstream.forget())

describe('a client of Cohere’s API', () => {
  it('M8: has its bytes sent on as they are, with our key, and what Cohere charges is what is counted', async () => {
    const body = '{"model":"command-a-03-2025", "messages":[{"role":"user","content":"Hi\\u0021"}],"unknown_field":1.0}'
    const answer = `{ "id":"a1", "message":{"role":"assistant","content":[{"type":"text","text":"Hello"}]},"finish_reason":"COMPLETE","usage":${usage} }`
    replay(200, 'application/json', answer)
    const told = await post('/v2/chat', body)
    expect(await told.text()).toBe(answer)
    const sent = lastSeen()
    expect([sent.path, sent.body.toString()]).toEqual(['/v2/chat', body])
    expect(sent.headers).toMatchObject({ authorization: 'Bearer co-upstream-key-1' })
    expect(JSON.stringify(sent.headers)).not.toContain(weir.key)
    await ended()
    expect(weir.finished.at(-1)?.records[0]).toMatchObject({
      requestedModel: 'command-a-03-2025',
      usageSource: 'provider',
      status: 'ok',
      inputUncached: 12,
      cacheRead: 0,
      outputText: 7,
      // 12 at 2.50 and 7 at 10.00 dollars a million: the prompt that Cohere adds is not charged.
      costNanos: 100_000n,
    })
  })

  it('may name an alias, whose target’s name the body then bears', async () => {
    replay(200, 'application/json', whole('Hello'))
    await post('/v2/chat', JSON.stringify({ model: 'fast', messages: hi }))
    expect(lastSeen().body.toString()).toBe(JSON.stringify({ model: 'command-a-03-2025', messages: hi }))
  })

  it.each([
    ['with the [DONE] that Cohere sends', `${frames('Hel', 'lo')}data: [DONE]\n\n`],
    ['without it', frames('Hel', 'lo')],
  ])('gets a stream as it came, byte for byte, %s', async (_, text) => {
    replay(200, 'text/event-stream', text)
    const told = await post('/v2/chat', JSON.stringify({ model: 'fast', messages: hi, stream: true }))
    expect(told.headers.get('content-type')).toMatch(/^text\/event-stream/)
    expect(await told.text()).toBe(text)
    await ended()
    expect(weir.finished.at(-1)?.records[0]).toMatchObject({ usageSource: 'provider', status: 'ok', inputUncached: 12 })
  })

  it('S1: is told in band that a stream was cut, by the event that ends one', async () => {
    replay(200, 'text/event-stream', frames('Hel', 'lo').replace(/event: message-end[^]*/, ''))
    const told = await post('/v2/chat', JSON.stringify({ model: 'fast', messages: hi, stream: true }))
    const text = await told.text()
    expect(text).toMatch(/\n\nevent: message-end\ndata: \{.*"finish_reason":"ERROR","error":".*\n\n$/)
    expect(text).toContain('"error_type":"upstream_cut"')
    expect(text).not.toContain('[DONE]')
  })

  it('is told of a generation that failed, or served by another target, where nothing of it was told', async () => {
    const failed = JSON.stringify({ id: 'a1', message: { role: 'assistant', content: [] }, finish_reason: 'ERROR' })
    replay(200, 'application/json', failed)
    const told = await post('/v2/chat', JSON.stringify({ model: 'fast', messages: hi }))
    expect([told.status, await told.json()]).toMatchObject([502, { error_type: 'upstream_unavailable' }])

    replay(200, 'text/event-stream', `${frames().replace('COMPLETE', 'TIMEOUT')}`)
    replay(200, 'text/event-stream', `${chunk({ content: 'Hello' })}${chunk({}, 'stop')}data: [DONE]\n\n`)
    const other = await post('/v2/chat', JSON.stringify({ model: 'either', messages: hi, stream: true }))
    expect(other.status).toBe(200)
    expect(await other.text()).toContain('"text":"Hello"')
    expect(lastSeen().path).toBe('/v1/chat/completions')
  })

  it('M8: is billed for a generation that failed where Cohere says what it charges, in unary and in streams', async () => {
    const message = { role: 'assistant', content: [] }
    const failed = { id: 'a1', message, finish_reason: 'ERROR', usage: JSON.parse(usage) }
    for (const isStream of [false, true]) {
      if (isStream) replay(200, 'text/event-stream', frames().replace('COMPLETE', 'ERROR'))
      else replay(200, 'application/json', JSON.stringify(failed))
      const told = await post('/v2/chat', JSON.stringify({ model: 'fast', messages: hi, stream: isStream }))
      expect(told.status).toBe(502)
      await told.text()
      await ended()
      expect(weir.finished.at(-1)?.records[0]).toMatchObject({
        status: 'failed',
        usageSource: 'provider',
        inputUncached: 12,
        outputText: 7,
        costNanos: 100_000n,
      })
    }
  })

  it.each([
    [401, 'invalid api token', 502, 'upstream_credential'],
    [429, 'You are using a Trial key, which is limited to 20 API calls / minute.', 429, 'upstream_rate_limited'],
    [400, 'too many tokens: size limit exceeded by 25836 tokens.', 400, 'context_length_exceeded'],
    [400, 'invalid request: temperature must be between 0 and 1.0 inclusive.', 400, 'upstream_rejected'],
    [404, "model 'command-z' not found", 404, 'model_not_found'],
  ] as const)('is told of a %i %s by our table, in Cohere’s envelope', async (status, message, toldStatus, kind) => {
    replay(status, 'application/json', JSON.stringify({ id: 'e1', message }))
    const told = await post('/v2/chat', JSON.stringify({ model: 'fast', messages: hi }))
    expect(told.status).toBe(toldStatus)
    expect(await told.json()).toMatchObject({ message: expect.any(String), error_type: kind })
  })

  it('is told in Cohere’s words of a key that is none, of a body that is wrong and of a path that is not there', async () => {
    const nobody = await fetch(`${weir.gateway.dataOrigin}/v2/chat`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    })
    expect([nobody.status, await nobody.json()]).toMatchObject([401, { error_type: 'unauthenticated' }])
    const wrong = await post('/v2/chat', JSON.stringify({ model: 'fast' }))
    expect([wrong.status, await wrong.json()]).toMatchObject([
      400,
      { error_type: 'invalid_request', param: 'messages' },
    ])
    const none = await post('/v2/nothing', '{}')
    expect([none.status, await none.json()]).toMatchObject([404, { error_type: 'endpoint_not_found' }])
  })
})

describe('across dialects', () => {
  it('the openai SDK is served by Cohere: a plan, calls, their way back, and a stream', async () => {
    const client = new OpenAI({ apiKey: weir.key, baseURL: `${weir.gateway.dataOrigin}/v1`, maxRetries: 0 })
    const tools = [
      { type: 'function', function: { name: 'weather', parameters: { type: 'object', properties: {} } } } as const,
    ]
    const question = { role: 'user', content: 'Weather?' } as const
    replay(
      200,
      'application/json',
      JSON.stringify({
        id: 'a1',
        message: { role: 'assistant', tool_plan: 'I look.', tool_calls: [calledWeather] },
        finish_reason: 'TOOL_CALL',
        usage: JSON.parse(usage),
      }),
    )
    const answer = await client.chat.completions.create({
      model: 'fast',
      messages: [{ role: 'developer', content: 'Be brief.' }, question],
      tools,
      max_completion_tokens: 50,
      tool_choice: 'required',
    })
    expect(answer).toMatchObject({
      choices: [{ finish_reason: 'tool_calls', message: { content: 'I look.', tool_calls: [{ id: 'w1' }] } }],
      usage: { prompt_tokens: 12, completion_tokens: 7 },
    })
    expect(lastSeen().path).toBe('/v2/chat')
    expect(JSON.parse(lastSeen().body.toString())).toEqual({
      model: 'command-a-03-2025',
      messages: [{ role: 'system', content: 'Be brief.' }, question],
      tools,
      tool_choice: 'REQUIRED',
      max_tokens: 50,
    })

    const [choice] = answer.choices
    if (!choice) throw new Error('there is no choice')
    replay(200, 'text/event-stream', `${frames('Twelve', '.')}data: [DONE]\n\n`)
    const stream = client.chat.completions.stream({
      model: 'fast',
      messages: [question, choice.message, { role: 'tool', tool_call_id: 'w1', content: '12 degrees' }],
      tools,
      stream_options: { include_usage: true },
    })
    const whole = await stream.finalChatCompletion()
    expect(whole).toMatchObject({
      choices: [{ finish_reason: 'stop', message: { content: 'Twelve.' } }],
      usage: { prompt_tokens: 12, completion_tokens: 7 },
    })
    expect(JSON.parse(lastSeen().body.toString()).messages).toEqual([
      question,
      { role: 'assistant', tool_plan: 'I look.', tool_calls: [calledWeather] },
      { role: 'tool', tool_call_id: 'w1', content: '12 degrees' },
    ])
  })

  it('Cohere’s SDK is served by a provider of chat completions, with documents, in unary and in streams', async () => {
    const client = new CohereClientV2({ environment: weir.gateway.dataOrigin, token: weir.key, maxRetries: 0 })
    replay(
      200,
      'application/json',
      JSON.stringify(completion({ content: null, tool_calls: [calledWeather] }, 'tool_calls')),
    )
    const asked = {
      model: 'gpt',
      messages: [{ role: 'user' as const, content: 'Who lives in the lake?' }],
      documents: [{ id: 'd1', data: { title: 'Fish', text: 'Pike live in the lake.' } }],
      thinking: { type: 'enabled' as const, tokenBudget: 500 },
    }
    const { data, rawResponse } = await client.chat(asked).withRawResponse()
    expect(data).toMatchObject({
      finishReason: 'TOOL_CALL',
      message: { toolCalls: [{ id: 'w1', function: { name: 'weather', arguments: '{"city":"Bonn"}' } }] },
      usage: { billedUnits: { inputTokens: 30, outputTokens: 12 }, tokens: { inputTokens: 30 }, cachedTokens: 16 },
    })
    const losses = rawResponse.headers.get('x-weir-losses')
    expect(losses).toContain('documents[0].id')
    expect(losses).toContain('~thinking.token_budget')
    expect(JSON.parse(lastSeen().body.toString()).messages).toMatchObject([
      { role: 'user', content: 'Pike live in the lake.' },
      { role: 'user', content: 'Who lives in the lake?' },
    ])

    const said = [chunk({ role: 'assistant', content: 'Hel' }), chunk({ content: 'lo' }), chunk({}, 'length')]
    replay(200, 'text/event-stream', `${said.join('')}data: [DONE]\n\n`)
    const before = weir.finished.length
    const events: { type: string }[] = []
    for await (const event of await client.chatStream(asked)) events.push(event)
    expect(events.map(({ type }) => type)).toEqual([
      'message-start',
      'content-start',
      'content-delta',
      'content-delta',
      'content-end',
      'message-end',
    ])
    expect(events.at(-1)).toMatchObject({ delta: { finishReason: 'MAX_TOKENS' } })
    await weir.ended(before + 1)
    expect(weir.finished.at(-1)?.records[0]).toMatchObject({ status: 'ok' })
  })
})

const hi = [{ role: 'user', content: 'Hi' }]
const usage =
  '{"billed_units":{"input_tokens":12,"output_tokens":7},"tokens":{"input_tokens":507,"output_tokens":10},"cached_tokens":448}'
const calledWeather = {
  id: 'w1',
  type: 'function' as const,
  function: { name: 'weather', arguments: '{"city":"Bonn"}' },
}

function whole(text: string): string {
  return JSON.stringify({
    id: 'a1',
    message: { role: 'assistant', content: [{ type: 'text', text }] },
    finish_reason: 'COMPLETE',
    usage: JSON.parse(usage),
  })
}

function completion(message: object, reason: string): object {
  return {
    id: 'c1',
    object: 'chat.completion',
    created: 1,
    model: 'gpt-5.2',
    choices: [{ index: 0, message: { role: 'assistant', ...message }, finish_reason: reason }],
    usage: { prompt_tokens: 30, completion_tokens: 12, prompt_tokens_details: { cached_tokens: 16 } },
  }
}

function chunk(delta: object, reason: string | null = null): string {
  return `data: ${JSON.stringify({ id: 'c1', model: 'gpt-5.2', choices: [{ index: 0, delta, finish_reason: reason }] })}\n\n`
}

/** As Cohere frames an answer, up to its `message-end`. */
function frames(...pieces: readonly string[]): string {
  const event = (type: string, members: object) => `event: ${type}\ndata: ${JSON.stringify({ type, ...members })}\n\n`
  const content = (type: string, inner: object) => event(type, { index: 0, delta: { message: { content: inner } } })
  return [
    event('message-start', { id: 'a1', delta: { message: { role: 'assistant', content: [] } } }),
    ...(pieces.length > 0 ? [content('content-start', { type: 'text', text: '' })] : []),
    ...pieces.map((text) => content('content-delta', { text })),
    ...(pieces.length > 0 ? [event('content-end', { index: 0 })] : []),
    event('message-end', { delta: { finish_reason: 'COMPLETE', usage: JSON.parse(usage) } }),
  ].join('')
}

function replay(status: number, contentType: string, body: string): void {
  upstream.answer({ status, headers: { 'content-type': contentType }, body: Buffer.from(body) })
}

function lastSeen() {
  const seen = upstream.seen.at(-1)
  if (!seen) throw new Error('the provider was not asked')
  return seen
}

let endedBefore = 0

function post(path: string, body: string): Promise<Response> {
  endedBefore = weir.finished.length
  const headers = { authorization: `Bearer ${weir.key}`, 'content-type': 'application/json' }
  return fetch(`${weir.gateway.dataOrigin}${path}`, { method: 'POST', headers, body })
}

/** The last call is in the books. */
async function ended(): Promise<void> {
  await weir.ended(endedBefore + 1)
}
