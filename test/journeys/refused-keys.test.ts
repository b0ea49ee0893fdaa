import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startGateway, type RunningGateway } from '../gateway-fixture.ts'
import { startReplay, type ReplayUpstream } from '../replay-upstream.ts'

/** Mistral refuses a whole call for one key that it does not know: what OpenAI's clients say by habit must not reach it. */
let upstream: ReplayUpstream
let weir: RunningGateway
let asked = 0

beforeAll(async () => {
  upstream = await startReplay()
  weir = await startGateway({
    env: { KEY: 'key-of-ours' },
    config: `
providers:
  mistral: { kind: mistral, baseUrl: "${upstream.origin}/v1", credentials: { apiKey: env:KEY } }
models:
  small: { targets: [{ provider: mistral, model: mistral-small-latest }], retry: { maxAttempts: 1 } }
  embed: { targets: [{ provider: mistral, model: mistral-embed }], retry: { maxAttempts: 1 } }
`,
  })
})

afterAll(async () => {
  await weir.close()
  await upstream.close()
})

beforeEach(() => upstream.forget())

const messages = [{ role: 'user', content: 'Hi' }]

describe('a provider that refuses keys of OpenAI’s', () => {
  it('is never asked for the usage of a stream, which it tells unasked', async () => {
    streams()
    const told = await post('/v1/chat/completions', { model: 'small', stream: true, messages })
    expect(told.headers.get('x-weir-losses')).toBeNull()
    expect(await told.text()).toBe(stream)
    expect(lastSent()).toEqual({ model: 'mistral-small-latest', stream: true, messages })
    expect((await record())?.inputUncached).toBe(22)
  })

  it('hears of OpenAI’s client what it can hear: the rest is named as lost, and nothing else is touched', async () => {
    streams()
    const body = `{ "model":"small", "seed": 7,"temperature": 1.0, "stream_options":{"include_usage":true},
      "max_completion_tokens":64, "stream":true, "messages":[{"role":"user","content":"H\\u0069"}], "user":"u" }`
    const told = await post('/v1/chat/completions', body)
    expect(told.headers.get('x-weir-losses')).toBe('seed, user')
    expect(await told.text()).toBe(stream)
    expect(upstream.seen.at(-1)?.body.toString()).toBe(
      '{ "model":"mistral-small-latest","temperature": 1.0, "stream":true, "messages":[{"role":"user","content":"H\\u0069"}] ,"max_tokens":64}',
    )
    expect((await record())?.losses).toBe('seed, user')
  })

  it('keeps a cap that the client gave by the older name', async () => {
    streams()
    await post('/v1/chat/completions', { model: 'small', stream: true, max_tokens: 9, seed: 1, messages })
    expect(lastSent()).toEqual({ model: 'mistral-small-latest', stream: true, max_tokens: 9, messages })
  })

  it('is no target for a call that says such a key and wants all of it heard', async () => {
    const seen = upstream.seen.length
    const told = await post('/v1/chat/completions', { model: 'small', seed: 7, messages }, { 'x-weir-strict': 'true' })
    expect(told.status).toBe(400)
    expect(await told.json()).toMatchObject({ error: { code: 'lossy_refused' } })
    expect(upstream.seen).toHaveLength(seen)
  })

  it('hears nothing of the kind in a translated call either', async () => {
    streams()
    const said = { model: 'small', stream: true, max_tokens: 64, metadata: { user_id: 'u' }, messages }
    const told = await post('/v1/messages', said)
    expect(told.status).toBe(200)
    expect(told.headers.get('x-weir-losses')).toContain('metadata.user_id')
    await told.text()
    expect(lastSent()).toEqual({ model: 'mistral-small-latest', stream: true, max_tokens: 64, messages })
  })

  it.each(['/v1/chat/completions', '/v1/messages'])(
    'goes on with a conversation that began elsewhere (%s)',
    async (path) => {
      streams()
      const input = { city: 'Rome' }
      const ofChat = [
        ...messages,
        {
          role: 'assistant',
          content: null,
          tool_calls: [
            { id: 'call_long_1', type: 'function', function: { name: 'f', arguments: JSON.stringify(input) } },
          ],
        },
        { role: 'tool', tool_call_id: 'call_long_1', content: 'sunny' },
      ]
      const ofMessages = [
        ...messages,
        { role: 'assistant', content: [{ type: 'tool_use', id: 'call_long_1', name: 'f', input }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'call_long_1', content: 'sunny' }] },
      ]
      const told = await post(path, {
        model: 'small',
        stream: true,
        max_tokens: 9,
        messages: path.endsWith('messages') ? ofMessages : ofChat,
      })
      expect(told.status).toBe(200)
      await told.text()
      const sent = JSON.stringify(lastSent())
      const ids = sent.match(/(?<="(?:id|tool_call_id)":")[^"]*/g) ?? []
      expect(ids).toEqual([expect.stringMatching(/^[a-z0-9]{9}$/), ids[0]])
      expect(sent).not.toContain('call_long_1')
    },
  )

  it('hears nothing of the kind in an embedding that another dialect asks for', async () => {
    upstream.answer(
      json('{"object":"list","data":[{"index":0,"embedding":[0.5]}],"usage":{"prompt_tokens":4,"total_tokens":4}}'),
    )
    const said = { content: { parts: [{ text: 'Hi' }] }, outputDimensionality: 8 }
    const told = await post('/v1beta/models/embed:embedContent', said)
    expect([told.status, told.headers.get('x-weir-losses')]).toEqual([200, 'dimensions'])
    expect(lastSent()).toEqual({ model: 'mistral-embed', input: 'Hi' })
  })

  it('is not told who asks for an embedding', async () => {
    upstream.answer(
      json(
        '{"object":"list","data":[{"index":0,"embedding":[0.5]}],"model":"mistral-embed","usage":{"prompt_tokens":4,"total_tokens":4}}',
      ),
    )
    const told = await post('/v1/embeddings', { model: 'embed', input: 'Hi', user: 'u' })
    expect([told.status, told.headers.get('x-weir-losses')]).toEqual([200, 'user'])
    expect(lastSent()).toEqual({ model: 'mistral-embed', input: 'Hi' })
  })
})

const stream = [
  'data: {"id":"f","object":"chat.completion.chunk","created":1787150060,"model":"mistral-small-latest","choices":[{"index":0,"delta":{"role":"assistant","content":"1"},"finish_reason":null}]}\n\n',
  'data: {"id":"f","object":"chat.completion.chunk","created":1787150060,"model":"mistral-small-latest","choices":[{"index":0,"delta":{"content":""},"finish_reason":"stop"}],"usage":{"prompt_tokens":22,"total_tokens":30,"completion_tokens":8}}\n\n',
  'data: [DONE]\n\n',
].join('')

function streams(): void {
  upstream.answer({ status: 200, headers: { 'content-type': 'text/event-stream' }, body: Buffer.from(stream) })
}

function json(body: string) {
  return { status: 200, headers: { 'content-type': 'application/json' }, body: Buffer.from(body) }
}

function post(path: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  asked += 1
  return fetch(`${weir.gateway.dataOrigin}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${weir.key}`, 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
}

function lastSent(): unknown {
  return JSON.parse(upstream.seen.at(-1)?.body.toString() ?? 'null')
}

async function record() {
  await weir.ended(asked)
  return weir.finished.at(-1)?.records[0]
}
