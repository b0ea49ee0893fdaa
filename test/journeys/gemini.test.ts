import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startGateway, type RunningGateway } from '../gateway-fixture.ts'
import { startReplay, type ReplayUpstream } from '../replay-upstream.ts'

/** Gemini's API at the gateway's door and at its back, over real sockets. */
let upstream: ReplayUpstream
let weir: RunningGateway

beforeAll(async () => {
  upstream = await startReplay()
  weir = await startGateway({
    env: { KEY: 'AIza-upstream-key-1' },
    config: `
providers:
  google: { kind: gemini, baseUrl: "${upstream.origin}", credentials: { apiKey: env:KEY } }
  stable: { kind: gemini, baseUrl: "${upstream.origin}/v1", credentials: { apiKey: env:KEY } }
  chat: { kind: openai-compatible, baseUrl: "${upstream.origin}/v1", credentials: { apiKey: env:KEY } }
  messages: { kind: anthropic, baseUrl: "${upstream.origin}", credentials: { apiKey: env:KEY } }
models:
  "gemini-*": { targets: [{ provider: google, model: "gemini-*" }], retry: { maxAttempts: 1 } }
  fast: { targets: [{ provider: google, model: gemini-2.5-flash }], retry: { maxAttempts: 1 } }
  "openai/gpt": { targets: [{ provider: chat, model: gpt-5.2 }], retry: { maxAttempts: 1 } }
  claude: { targets: [{ provider: messages, model: claude-sonnet-4-6 }], retry: { maxAttempts: 1 } }
  old: { targets: [{ provider: stable, model: tunedModels/mine }], retry: { maxAttempts: 1 } }
`,
  })
})

afterAll(async () => {
  await weir.close()
  await upstream.close()
})

beforeEach(() => upstream.forget())

describe('a client of Gemini’s API', () => {
  it('has its bytes sent on as they are, to the path of its model, with our key', async () => {
    const body =
      '{"contents" : [{"parts":[{"text":"Hi\\u0021"}]}], "generationConfig":{"temperature":1.0},"unknown_field":1}'
    const answer =
      '{ "candidates": [{"content":{"parts":[{"text":"Hello"}],"role":"model"},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":2,"totalTokenCount":5} }'
    replay(200, 'application/json; charset=UTF-8', answer)
    const told = await post('/v1beta/models/gemini-2.5-flash:generateContent', body)
    expect(await told.text()).toBe(answer)
    const sent = lastSeen()
    expect([sent.path, sent.body.toString()]).toEqual(['/v1beta/models/gemini-2.5-flash:generateContent', body])
    expect(sent.headers).toMatchObject({ 'x-goog-api-key': 'AIza-upstream-key-1' })
    expect(JSON.stringify(sent.headers)).not.toContain(weir.key)
    await ended()
    expect(weir.finished.at(-1)?.records[0]).toMatchObject({
      requestedModel: 'gemini-2.5-flash',
      usageSource: 'provider',
      status: 'ok',
      inputUncached: 3,
      outputText: 2,
    })
  })

  it.each(['/v1', '/v1beta'])('may name an alias, under %s alike', async (version) => {
    replay(200, 'application/json', whole('Hello'))
    const told = await post(`${version}/models/fast:generateContent`, JSON.stringify({ contents: hi }))
    expect(told.status).toBe(200)
    expect(lastSeen().path).toBe('/v1beta/models/gemini-2.5-flash:generateContent')
    expect(JSON.parse(lastSeen().body.toString())).toEqual({ contents: hi })
  })

  it('may repeat the model in the body, which then bears the target’s name, but not name another there', async () => {
    replay(200, 'application/json', whole('Hello'))
    await post('/v1beta/models/fast:generateContent', JSON.stringify({ model: 'models/fast', contents: hi }))
    expect(JSON.parse(lastSeen().body.toString())).toEqual({ model: 'models/gemini-2.5-flash', contents: hi })
    const seen = upstream.seen.length
    const told = await post(
      '/v1beta/models/fast:generateContent',
      JSON.stringify({ model: 'models/gemini-9', contents: hi }),
    )
    expect(told.status).toBe(400)
    expect(await told.json()).toMatchObject({
      error: {
        code: 400,
        status: 'INVALID_ARGUMENT',
        details: [{ reason: 'invalid_request', metadata: { field: 'model' } }],
      },
    })
    expect(upstream.seen).toHaveLength(seen)
  })

  it('reaches a provider at another version, and a model of another collection', async () => {
    replay(200, 'application/json', whole('Hello'))
    await post('/v1beta/models/old:generateContent', JSON.stringify({ contents: hi }))
    expect(lastSeen().path).toBe('/v1/tunedModels/mine:generateContent')
  })

  it('gets a stream as it came, byte for byte, and its record is safe before the end', async () => {
    const frames = `${frame([{ text: 'Hel' }])}${frame([{ text: 'lo' }], 'STOP')}`
    replay(200, 'text/event-stream', frames)
    const told = await post('/v1beta/models/fast:streamGenerateContent?alt=sse', JSON.stringify({ contents: hi }))
    expect(told.headers.get('content-type')).toMatch(/^text\/event-stream/)
    expect(await told.text()).toBe(frames)
    expect(lastSeen().path).toBe('/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse')
    await ended()
    expect(weir.finished.at(-1)?.records[0]).toMatchObject({ usageSource: 'provider', status: 'ok' })
  })

  it('gets a stream that goes on after it could have ended', async () => {
    const frames = `${frame([{ functionCall: { name: 'f', args: {} } }], 'STOP')}${frame([{ text: 'lo' }], 'STOP')}`
    replay(200, 'text/event-stream', frames)
    const told = await post('/v1beta/models/fast:streamGenerateContent?alt=sse', JSON.stringify({ contents: hi }))
    expect(await told.text()).toBe(frames)
  })

  it('gets a stream as one array where it does not ask for events', async () => {
    replay(200, 'text/event-stream', `${frame([{ text: 'Hel' }])}: a comment\r\n\r\n${frame([{ text: 'lo' }], 'STOP')}`)
    const told = await post('/v1beta/models/fast:streamGenerateContent', JSON.stringify({ contents: hi }))
    expect(told.headers.get('content-type')).toMatch(/^application\/json/)
    expect(await told.json()).toMatchObject([
      { candidates: [{ content: { parts: [{ text: 'Hel' }] } }] },
      { candidates: [{ content: { parts: [{ text: 'lo' }] }, finishReason: 'STOP' }] },
    ])
  })

  it('S1: is told in band that a stream was cut, as an event or as the last element of its array', async () => {
    for (const query of ['?alt=sse', '']) {
      replay(200, 'text/event-stream', frame([{ text: 'Hel' }]))
      const told = await post(`/v1beta/models/fast:streamGenerateContent${query}`, JSON.stringify({ contents: hi }))
      const text = await told.text()
      const pieces: readonly unknown[] = query === '' ? JSON.parse(text) : dataOf(text)
      expect(pieces).toHaveLength(2)
      expect(pieces[1]).toMatchObject({ error: { code: 502, details: [{ reason: 'upstream_cut' }] } })
    }
  })

  it.each([
    [400, 'API_KEY_INVALID', 'INVALID_ARGUMENT', 'API key not valid.', 502, 'upstream_credential'],
    [429, undefined, 'RESOURCE_EXHAUSTED', 'You exceeded your current quota.', 429, 'upstream_rate_limited'],
    [503, undefined, 'UNAVAILABLE', 'The model is overloaded. Please try again later.', 503, 'upstream_overloaded'],
    [404, undefined, 'NOT_FOUND', 'models/x is not found for API version v1beta', 404, 'model_not_found'],
    [400, undefined, 'INVALID_ARGUMENT', 'Invalid JSON payload received.', 400, 'upstream_rejected'],
  ] as const)(
    'is told of a %i %s %s by our table, in Google’s envelope',
    async (code, reason, status, message, toldStatus, kind) => {
      const details =
        reason === undefined ? {} : { details: [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason }] }
      replay(code, 'application/json', JSON.stringify({ error: { code, message, status, ...details } }))
      const told = await post('/v1beta/models/fast:generateContent', JSON.stringify({ contents: hi }))
      expect(told.status).toBe(toldStatus)
      expect(await told.json()).toMatchObject({ error: { code: toldStatus, details: [{ reason: kind }] } })
    },
  )

  it('L1: is told that a key in the URL is refused, and not the key', async () => {
    const told = await fetch(`${weir.gateway.dataOrigin}/v1beta/models/fast:generateContent?key=${weir.key}`, {
      method: 'POST',
      body: '{}',
    })
    expect(told.status).toBe(401)
    const text = await told.text()
    expect(JSON.parse(text)).toMatchObject({ error: { status: 'UNAUTHENTICATED' } })
    expect(text + weir.logged()).not.toContain(weir.key)
  })

  it('lists the models it may use, and is told of paths that are not there, in Google’s words', async () => {
    const headers = { 'x-goog-api-key': weir.key }
    const list = await fetch(`${weir.gateway.dataOrigin}/v1beta/models`, { headers })
    expect(await list.json()).toMatchObject({
      models: expect.arrayContaining([expect.objectContaining({ name: 'models/fast' })]),
    })
    const none = await fetch(`${weir.gateway.dataOrigin}/v1beta/models/fast:predict`, { method: 'POST', headers })
    expect([none.status, await none.json()]).toMatchObject([404, { error: { status: 'NOT_FOUND' } }])
  })
})

describe('across dialects', () => {
  it('a Gemini client is served by a provider of chat completions, in unary and in streams', async () => {
    replay(
      200,
      'application/json',
      JSON.stringify({
        id: 'c1',
        model: 'gpt-5.2',
        choices: [{ index: 0, message: { role: 'assistant', content: 'Hello' }, finish_reason: 'length' }],
        usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
      }),
    )
    const told = await post(
      '/v1beta/models/openai/gpt:generateContent',
      JSON.stringify({ contents: hi, systemInstruction: { parts: [{ text: 'Be brief.' }] } }),
    )
    expect(await told.json()).toMatchObject({
      candidates: [{ content: { role: 'model', parts: [{ text: 'Hello' }] }, finishReason: 'MAX_TOKENS' }],
      usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 2, totalTokenCount: 5 },
    })
    expect(lastSeen().path).toBe('/v1/chat/completions')
    expect(JSON.parse(lastSeen().body.toString())).toMatchObject({
      model: 'gpt-5.2',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Hi' },
      ],
    })

    const chunk = (delta: object, reason: string | null = null) =>
      `data: ${JSON.stringify({ id: 'c1', model: 'gpt-5.2', choices: [{ index: 0, delta, finish_reason: reason }] })}\n\n`
    replay(
      200,
      'text/event-stream',
      `${chunk({ role: 'assistant', content: 'Hel' })}${chunk({ content: 'lo' })}${chunk({}, 'stop')}data: [DONE]\n\n`,
    )
    const streamed = await post(
      '/v1beta/models/openai/gpt:streamGenerateContent?alt=sse',
      JSON.stringify({ contents: hi }),
    )
    const pieces = dataOf(await streamed.text())
    expect(pieces.map(textIn)).toEqual(['Hel', 'lo', ''])
    expect(pieces.at(-1)).toMatchObject({ candidates: [{ finishReason: 'STOP' }] })
    expect(JSON.parse(lastSeen().body.toString())).toMatchObject({ stream: true })
  })

  it('a client of chat completions is served by Google: calls, signatures and their way back', async () => {
    replay(
      200,
      'application/json',
      JSON.stringify({
        candidates: [
          {
            content: {
              role: 'model',
              parts: [{ functionCall: { name: 'weather', args: { city: 'Bonn' } }, thoughtSignature: 'c2ln' }],
            },
            finishReason: 'STOP',
            index: 0,
          },
        ],
        usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 2, thoughtsTokenCount: 4, totalTokenCount: 9 },
        responseId: 'r1',
        modelVersion: 'gemini-3-pro',
      }),
    )
    const tools = [
      {
        type: 'function',
        function: { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } },
      },
    ]
    const question = { role: 'user', content: 'Weather?' }
    const told = await post(
      '/v1/chat/completions',
      JSON.stringify({ model: 'gemini-3-pro-preview', messages: [question], tools, max_tokens: 50 }),
    )
    const answer = (await told.json()) as {
      choices: { message: object & { tool_calls: { id: string }[] }; finish_reason: string }[]
    }
    expect(answer).toMatchObject({
      choices: [
        {
          finish_reason: 'tool_calls',
          message: {
            tool_calls: [{ function: { name: 'weather' }, extra_content: { google: { thought_signature: 'c2ln' } } }],
          },
        },
      ],
      usage: { prompt_tokens: 3, completion_tokens: 6, completion_tokens_details: { reasoning_tokens: 4 } },
    })
    expect(lastSeen().path).toBe('/v1beta/models/gemini-3-pro-preview:generateContent')
    const sent = JSON.parse(lastSeen().body.toString())
    expect(sent).toMatchObject({
      tools: [{ functionDeclarations: [{ name: 'weather' }] }],
      generationConfig: { maxOutputTokens: 50 },
    })
    expect(Object.keys(sent)).not.toContain('model')

    const message = answer.choices[0]?.message
    replay(200, 'text/event-stream', frame([{ text: 'Twelve.' }], 'STOP'))
    const result = { role: 'tool', tool_call_id: message?.tool_calls[0]?.id, content: '12 degrees' }
    const streamed = await post(
      '/v1/chat/completions',
      JSON.stringify({ model: 'gemini-3-pro-preview', messages: [question, message, result], tools, stream: true }),
    )
    expect(await streamed.text()).toMatch(/"content":"Twelve."[\s\S]*"finish_reason":"stop"[\s\S]*data: \[DONE\]\n\n$/)
    expect(lastSeen().path).toBe('/v1beta/models/gemini-3-pro-preview:streamGenerateContent?alt=sse')
    expect(JSON.parse(lastSeen().body.toString()).contents).toMatchObject([
      { role: 'user', parts: [{ text: 'Weather?' }] },
      {
        role: 'model',
        parts: [{ functionCall: { name: 'weather', args: { city: 'Bonn' } }, thoughtSignature: 'c2ln' }],
      },
      { role: 'user', parts: [{ functionResponse: { name: 'weather', response: { output: '12 degrees' } } }] },
    ])
  })

  it('a client of Messages is served by Google, and a blocked prompt is a refusal to it', async () => {
    replay(
      200,
      'application/json',
      JSON.stringify({
        promptFeedback: { blockReason: 'PROHIBITED_CONTENT' },
        usageMetadata: { promptTokenCount: 3, totalTokenCount: 3 },
      }),
    )
    const told = await post(
      '/v1/messages',
      JSON.stringify({ model: 'fast', max_tokens: 50, messages: [{ role: 'user', content: 'Hi' }] }),
    )
    expect(await told.json()).toMatchObject({ type: 'message', stop_reason: 'refusal', content: [] })
  })
})

const hi = [{ role: 'user', parts: [{ text: 'Hi' }] }]

function whole(text: string): string {
  return JSON.stringify({ candidates: [{ content: { role: 'model', parts: [{ text }] }, finishReason: 'STOP' }] })
}

/** As Google frames a chunk. */
function frame(parts: readonly object[], finishReason?: string): string {
  const usageMetadata = { promptTokenCount: 3, candidatesTokenCount: 2, totalTokenCount: 5 }
  const candidates = [
    { content: { parts, role: 'model' }, ...(finishReason !== undefined && { finishReason }), index: 0 },
  ]
  return `data: ${JSON.stringify({ candidates, usageMetadata, modelVersion: 'gemini-2.5-flash', responseId: 'r1' })}\r\n\r\n`
}

function dataOf(text: string): readonly unknown[] {
  return text
    .split(/\r?\n/)
    .filter((line) => line.startsWith('data:'))
    .map((line): unknown => JSON.parse(line.slice(5)))
}

function textIn(chunk: unknown): unknown {
  return (chunk as { candidates: { content: { parts: { text: string }[] } }[] }).candidates[0]?.content.parts[0]?.text
}

function replay(status: number, type: string, body: string): void {
  upstream.answer({ status, headers: { 'content-type': type }, body: Buffer.from(body), cuts: [7] })
}

let endedBefore = 0

function post(path: string, body: string): Promise<Response> {
  endedBefore = weir.finished.length
  const headers = { 'x-goog-api-key': weir.key, 'content-type': 'application/json' }
  return fetch(`${weir.gateway.dataOrigin}${path}`, { method: 'POST', headers, body })
}

function lastSeen() {
  const seen = upstream.seen.at(-1)
  if (!seen) throw new Error('nothing was sent')
  return seen
}

/** The last call is in the books. */
async function ended(): Promise<void> {
  await weir.ended(endedBefore + 1)
}
