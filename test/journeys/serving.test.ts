import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startGateway, type RunningGateway } from '../gateway-fixture.ts'
import { startReplay, type ReplayUpstream } from '../replay-upstream.ts'

let upstream: ReplayUpstream
let weir: RunningGateway

beforeAll(async () => {
  upstream = await startReplay()
  weir = await startGateway({
    config: `
providers:
  simulated: { kind: simulated, speed: instant, prices: { "*": { input: "1", output: "4" } } }
  replay: { kind: openai-compatible, baseUrl: "${upstream.origin}/v1" }
  claude: { kind: anthropic, baseUrl: "${upstream.origin}", credentials: { apiKey: env:CLAUDE_KEY } }
models:
  demo: { targets: [{ provider: simulated, model: sim-1 }] }
  replayed: { targets: [{ provider: replay, model: m1 }] }
  claude: { targets: [{ provider: claude, model: c1 }] }
  simulated/*: { targets: [{ provider: simulated, model: "*" }] }
`,
    env: { CLAUDE_KEY: 'claude-secret-1' },
  })
})

afterAll(async () => {
  await weir.close()
  await upstream.close()
})

describe('a client that goes away', () => {
  it('M4 while waiting: the provider is told, and the attempt is recorded as aborted and counted', async () => {
    const before = weir.finished.length
    const closed = new Promise<void>((resolve) =>
      upstream.takeOver((incoming) => incoming.on('close', () => resolve())),
    )
    const socket = await rawCall({ model: 'replayed', messages: [], max_tokens: 9 })
    while (upstream.seen.length === 0) await turn()
    socket.destroy()
    await closed
    await weir.ended(before + 1)
    expect(weir.finished.at(-1)).toMatchObject({
      status: 499,
      records: [{ status: 'aborted', usageSource: 'worst_case', outputText: 9, costNanos: undefined }],
    })
  })

  it('M4 midway: the provider is told, and what was delivered is counted', async () => {
    const before = weir.finished.length
    const closed = new Promise<void>((resolve) =>
      upstream.takeOver((incoming, outgoing) => {
        incoming.on('close', () => resolve())
        outgoing.on('close', () => resolve())
        outgoing.writeHead(200, { 'content-type': 'text/event-stream' })
        for (const word of ['one ', 'two ', 'three ']) outgoing.write(chunk(word))
      }),
    )
    const socket = await rawCall({ model: 'replayed', stream: true, messages: [] })
    await heard(socket, 'three ')
    socket.resetAndDestroy()
    await closed
    await weir.ended(before + 1)
    const [record] = weir.finished.at(-1)?.records ?? []
    expect(record).toMatchObject({ status: 'aborted', usageSource: 'estimated' })
    expect(record?.outputText).toBeGreaterThanOrEqual(3)
  })
})

describe('a slow reader', () => {
  it('N6 holds up its own provider, and loses nothing', async () => {
    const part = chunk('x'.repeat(8_000))
    const parts = 4_000
    let written = 0
    upstream.takeOver((_incoming, outgoing) => {
      outgoing.writeHead(200, { 'content-type': 'text/event-stream' })
      const more = () => {
        while (written < parts) {
          written += 1
          if (!outgoing.write(part)) return void outgoing.once('drain', more)
        }
        outgoing.end('data: [DONE]\n\n')
      }
      more()
    })
    const socket = await rawCall({ model: 'replayed', stream: true, messages: [] })
    await heard(socket, 'xxx')
    socket.pause()
    // The provider's writes stop when every buffer on the way is full: far from 32 MB.
    let last = -1
    while (last !== written) {
      last = written
      for (let place = 0; place < 200; place += 1) await turn()
    }
    expect(written).toBeLessThan(parts)
    let bytes = 0
    let tail = ''
    socket.on('data', (text: string) => {
      bytes += text.length
      tail = (tail + text).slice(-200)
    })
    socket.resume()
    while (!tail.includes('[DONE]')) await turn()
    expect(bytes).toBeGreaterThan((parts - 100) * part.length)
    socket.destroy()
  })
})

describe('what is refused', () => {
  it.each([
    [
      'no key',
      '/v1/chat/completions',
      {},
      '{}',
      401,
      { error: { type: 'authentication_error', code: 'unauthenticated' } },
    ],
    ['no key, Anthropic', '/v1/messages', {}, '{}', 401, { type: 'error', error: { type: 'authentication_error' } }],
    [
      'an unknown model',
      '/v1/chat/completions',
      { key: true },
      '{"model":"dmo","messages":[]}',
      404,
      { error: { code: 'model_not_found', message: expect.stringContaining('did you mean "demo"') } },
    ],
    [
      'an unknown model, Anthropic',
      '/v1/messages',
      { key: true },
      '{"model":"x","messages":[]}',
      404,
      { type: 'error', error: { type: 'not_found_error' } },
    ],
    [
      'a body that is no JSON',
      '/v1/chat/completions',
      { key: true },
      '{"model":',
      400,
      { error: { code: 'invalid_request' } },
    ],
    [
      'a repeated key',
      '/v1/chat/completions',
      { key: true },
      '{"model":"demo","model":"claude","messages":[]}',
      400,
      { error: { code: 'invalid_request', message: expect.stringContaining('model') } },
    ],
    [
      'an operation that no target serves',
      '/v1/embeddings',
      { key: true },
      '{"model":"claude","input":"x"}',
      400,
      { error: { type: 'invalid_request_error' } },
    ],
    [
      'M13 an impossible cap',
      '/v1/chat/completions',
      { key: true },
      '{"model":"demo","messages":[],"max_tokens":-1}',
      400,
      { error: { code: 'invalid_request', param: 'max_tokens' } },
    ],
    [
      'M13 a cap beyond all counting, Anthropic',
      '/v1/messages',
      { key: true },
      '{"model":"demo","messages":[],"max_tokens":9007199254740991}',
      400,
      { type: 'error', error: { type: 'invalid_request_error', message: expect.stringContaining('max_tokens') } },
    ],
    ['an unknown path', '/v1/nothing', { key: true }, '{}', 404, { error: { code: 'endpoint_not_found' } }],
    ['a key in the URL', '/v1/chat/completions?key=weir_x', {}, '{}', 401, { error: { code: 'unauthenticated' } }],
    [
      'a key of a provider',
      '/v1/chat/completions',
      { key: true, 'x-weir-provider-key': 'sk-mine' },
      '{"model":"demo","messages":[]}',
      400,
      { error: { code: 'unsupported', param: 'x-weir-provider-key' } },
    ],
    [
      'a verb where an id would stand',
      '/v1/responses/compact',
      { key: true },
      '{}',
      404,
      { error: { code: 'endpoint_not_found' } },
    ],
    [
      'N2 a compressed body',
      '/v1/chat/completions',
      { key: true, 'content-encoding': 'gzip' },
      'x',
      415,
      { error: { code: 'unsupported_media_type' } },
    ],
    [
      'a form',
      '/v1/chat/completions',
      { key: true, 'content-type': 'multipart/form-data; boundary=x' },
      'x',
      415,
      { error: { code: 'unsupported_media_type' } },
    ],
  ])('%s', async (_what, path, { key, ...headers }: Record<string, string | boolean>, body, status, shape) => {
    const answer = await fetch(`${weir.gateway.dataOrigin}${path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(key ? { authorization: `Bearer ${weir.key}` } : {}),
        ...(headers as Record<string, string>),
      },
      body,
    })
    expect(answer.status).toBe(status)
    expect(answer.headers.get('x-should-retry')).toBe('false')
    expect(answer.headers.get('x-weir-request-id')).toMatch(/^req_[0-9a-f]{32}$/)
    expect(await answer.json()).toMatchObject(shape)
  })

  it.each(['/v1/models', '/v1/models/demo', '/v1beta/models', '/v1/budget', '/healthz', '/readyz'])(
    'L1: a key in the URL is refused at %s too, also beside one in a header',
    async (path) => {
      const ask = (query: string) =>
        fetch(`${weir.gateway.dataOrigin}${path}${query}`, { headers: { authorization: `Bearer ${weir.key}` } })
      expect((await ask('')).status).toBe(200)
      const refused = await ask('?key=weir_x')
      expect(refused.status).toBe(401)
      const told = await refused.text()
      expect(told).toContain('keys in the URL are refused')
      expect(told).not.toContain('weir_x')
    },
  )

  it('M13 by its provider where it is: the largest cap there is, for as many choices as there may be', async () => {
    const call = { model: 'demo', messages: [{ role: 'user', content: 'Hi' }], max_tokens: 2 ** 31, n: 128 }
    const answer = await fetch(`${weir.gateway.dataOrigin}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${weir.key}`, 'content-type': 'application/json' },
      body: JSON.stringify(call),
    })
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ error: { code: 'upstream_rejected', param: 'max_tokens' } })
  })

  it('a wrong method, with the right one', async () => {
    const answer = await fetch(`${weir.gateway.dataOrigin}/v1/chat/completions`)
    expect(answer.status).toBe(405)
    expect(await answer.text()).toContain('POST')
  })

  it('an unknown key, before a byte of its body is read', async () => {
    const socket = connect(port(), '127.0.0.1')
    socket.setEncoding('utf8')
    socket.write(
      'POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer nonsense\r\ncontent-type: application/json\r\ncontent-length: 1000000\r\n\r\n',
    )
    expect(await heard(socket, '\r\n\r\n')).toMatch(/^HTTP\/1.1 401 /)
    socket.destroy()
  })

  it('too many headers: 431, and none is dropped in silence', async () => {
    const headers = Object.fromEntries(Array.from({ length: 120 }, (_, place) => [`x-h${place}`, 'v']))
    const answer = await fetch(`${weir.gateway.dataOrigin}/v1/chat/completions`, {
      method: 'POST',
      headers,
      body: '{}',
    })
    expect(answer.status).toBe(431)
  })

  it('a body beyond the limit: 413', async () => {
    const answer = await fetch(`${weir.gateway.dataOrigin}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${weir.key}`, 'content-type': 'application/json' },
      body: Buffer.alloc(32 * 1024 * 1024 + 1, 32),
    }).catch((thrown: unknown) => thrown)
    // The gateway answers and closes; a client that is still sending may see the close first.
    if (answer instanceof Response) expect(answer.status).toBe(413)
    else expect(answer).toBeInstanceOf(TypeError)
  })
})

describe('models', () => {
  it('are listed in the dialect of the caller', async () => {
    const openai = await fetch(`${weir.gateway.dataOrigin}/v1/models`, {
      headers: { authorization: `Bearer ${weir.key}` },
    })
    expect(await openai.json()).toMatchObject({
      object: 'list',
      data: [{ id: 'demo' }, { id: 'replayed' }, { id: 'claude' }],
    })
    const anthropic = await fetch(`${weir.gateway.dataOrigin}/v1/models`, {
      headers: { 'x-api-key': weir.key, 'anthropic-version': '2023-06-01' },
    })
    expect(await anthropic.json()).toMatchObject({ data: [{ type: 'model', id: 'demo' }, {}, {}], has_more: false })
    expect((await fetch(`${weir.gateway.dataOrigin}/v1/models`)).status).toBe(401)
  })
})

describe('a key', () => {
  it('A8 that is revoked is refused from the next call on, and the API says who may use what', async () => {
    const made = await weir.admin('/api/keys', {
      method: 'POST',
      body: JSON.stringify({ name: 'short-lived', organisation: 'default', models: ['demo'] }),
    })
    expect(made.status).toBe(201)
    const { id, key } = (await made.json()) as { id: string; key: string }
    const call = (model: string) =>
      fetch(`${weir.gateway.dataOrigin}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify({ model, messages: [{ role: 'user', content: 'hi' }] }),
      })
    expect((await call('demo')).status).toBe(200)
    const refused = await call('simulated/sim-1')
    expect(refused.status).toBe(403)
    expect(await refused.json()).toMatchObject({ error: { type: 'permission_error', code: 'model_not_allowed' } })
    expect((await weir.admin(`/api/keys/${id}/revoke`, { method: 'POST' })).status).toBe(200)
    expect((await call('demo')).status).toBe(401)
    expect(await (await weir.admin('/api/audit/verify')).json()).toMatchObject({ isIntact: true })
  })
})

describe('usage', () => {
  it('is in the records, the API, the metrics and the answer, and all say the same', async () => {
    const answer = await fetch(`${weir.gateway.dataOrigin}/v1/chat/completions`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${weir.key}`,
        'content-type': 'application/json',
        'x-weir-metadata': '{"ticket":"W-7"}',
      },
      body: JSON.stringify({ model: 'demo', messages: [{ role: 'user', content: 'count me' }] }),
    })
    const body = (await answer.json()) as { usage: { prompt_tokens: number; completion_tokens: number } }
    const id = answer.headers.get('x-weir-request-id') ?? ''
    const costNanos = body.usage.prompt_tokens * 1_000 + body.usage.completion_tokens * 4_000
    expect(answer.headers.get('x-weir-cost-usd')).toBe(`0.${String(costNanos).padStart(9, '0')}`)
    const record = JSON.stringify(await (await weir.admin(`/api/exchanges/${id}`)).json())
    expect(record).toContain('"ticket":"W-7"')
    expect(record).toContain(`"inputUncached":${body.usage.prompt_tokens}`)
    const metrics = await (await weir.admin('/metrics')).text()
    expect(metrics).toContain('gen_ai_client_token_usage_bucket')
    expect(metrics).toContain('weir_exchanges_total')
    const usage = await (await weir.admin('/api/usage?by=model&since=1d')).json()
    expect(JSON.stringify(usage)).toContain('"demo"')
  })
})

function chunk(content: string): string {
  return `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', choices: [{ index: 0, delta: { content }, finish_reason: null }] })}\n\n`
}

async function rawCall(body: object): Promise<Socket> {
  const text = JSON.stringify(body)
  const socket = connect(port(), '127.0.0.1')
  socket.setEncoding('utf8')
  socket.write(
    `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${weir.key}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
  )
  return socket
}

/** Reads until the text has come. */
function heard(socket: Socket, text: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  let all = ''
  const listen = (part: string) => {
    all += part
    if (!all.includes(text)) return
    socket.off('data', listen)
    resolve(all)
  }
  socket.on('data', listen)
  socket.on('error', reject)
  return promise
}

function port(): number {
  return Number(new URL(weir.gateway.dataOrigin).port)
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
