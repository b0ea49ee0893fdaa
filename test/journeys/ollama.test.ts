import { Ollama, type Tool } from 'ollama'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { recordings, reportMissingCorpus } from '../corpus.ts'
import { startGateway, type RunningGateway } from '../gateway-fixture.ts'
import { messagesStream } from './messages-stream.ts'
import { startReplay, type Replayed, type ReplayUpstream } from '../replay-upstream.ts'

/** Ollama's own chat at the gateway's door and at its back, with its real library as the client. */
let upstream: ReplayUpstream
let weir: RunningGateway
let client: Ollama
let endedBefore = 0

beforeAll(async () => {
  upstream = await startReplay()
  weir = await startGateway({
    env: { KEY: 'sk-upstream' },
    config: `
providers:
  here: { kind: ollama, baseUrl: "${upstream.origin}" }
  own: { kind: ollama, baseUrl: "${upstream.origin}", dialects: [ollama-chat] }
  chat: { kind: openai-compatible, baseUrl: "${upstream.origin}/v1" }
  claude: { kind: anthropic, baseUrl: "${upstream.origin}", credentials: { apiKey: env:KEY } }
models:
  "qwen3.6*": { targets: [{ provider: here, model: "qwen3.6*" }], retry: { maxAttempts: 1 } }
  "llama*": { targets: [{ provider: here, model: "llama*" }], retry: { maxAttempts: 1 } }
  local: { targets: [{ provider: here, model: "qwen3:8b" }], retry: { maxAttempts: 1 } }
  own: { targets: [{ provider: own, model: "qwen3:8b" }], retry: { maxAttempts: 1 } }
  chat: { targets: [{ provider: chat, model: chat-7b }], retry: { maxAttempts: 1 } }
  claude: { targets: [{ provider: claude, model: claude-sonnet-4-6 }], retry: { maxAttempts: 1 } }
`,
  })
  client = new Ollama({ host: weir.gateway.dataOrigin, headers: { authorization: `Bearer ${weir.key}` } })
})

afterAll(async () => {
  await weir.close()
  await upstream.close()
})

beforeEach(() => {
  upstream.forget()
  endedBefore = weir.finished.length
})

describe('a client of Ollama’s', () => {
  it('has its bytes sent on as they are, with no key where there is none', async () => {
    const answer = `{"model":"qwen3:8b", "created_at":"2026-08-07T06:08:46Z","message":{"role":"assistant","content":"Hello."},"done":true,"done_reason":"stop","total_duration":5,"prompt_eval_count":26,"eval_count":14}`
    upstream.answer({ status: 200, headers: { 'content-type': 'application/json' }, body: Buffer.from(answer) })
    const body = '{"model" : "local","messages":[{"role":"user","content":"Hi\\u0021"}],"stream":false,"unknown":1.0}'
    const told = await post(body)
    expect(await told.text()).toBe(answer)
    const seen = upstream.seen.at(-1)
    expect([seen?.path, seen?.body.toString()]).toEqual(['/api/chat', body.replace('"local"', '"qwen3:8b"')])
    expect(seen?.headers['authorization']).toBeUndefined()
    expect(await lastRecord()).toMatchObject({
      status: 'ok',
      usageSource: 'provider',
      inputUncached: 26,
      outputText: 14,
    })
  })

  it('M8 gets every recorded answer byte for byte, for the recorded call, and its usage is counted', async () => {
    const recorded = recordings('ollama-chat').filter(({ response }) => response.status === 200)
    if (recorded.length === 0) reportMissingCorpus('recorded exchanges with Ollama')
    for (const { id, request, response } of recorded) {
      endedBefore = weir.finished.length
      const [body, type] = [JSON.stringify(request?.body), response.headers['content-type'] ?? 'application/json']
      upstream.answer({ status: 200, headers: { 'content-type': type }, body: Buffer.from(response.body) })
      const told = await post(body)
      expect(await told.text(), id).toBe(response.body)
      expect([upstream.seen.at(-1)?.path, upstream.seen.at(-1)?.body.toString()], id).toEqual([request?.path, body])
      const counts = /"prompt_eval_count":(?<read>\d+)/.exec(response.body)?.groups
      const written = /"eval_count":(?<written>\d+)/.exec(response.body.replaceAll('prompt_eval_count', ''))?.groups
      expect(await lastRecord(), id).toMatchObject({
        status: 'ok',
        usageSource: 'provider',
        inputUncached: Number(counts?.['read'] ?? 0),
        outputText: Number(written?.['written'] ?? 0),
      })
    }
    console.log(`${recorded.length} recorded exchanges with Ollama, played through the gateway`)
  })

  it('gets a stream of lines, which comes unasked, byte for byte', async () => {
    const text = lines([{ thinking: 'Hm.' }, { content: 'Hel' }, { content: 'lo.' }])
    upstream.answer(streamed(text))
    const told = await post(JSON.stringify({ model: 'local', messages: [{ role: 'user', content: 'Hi' }] }))
    expect(told.headers.get('content-type')).toBe('application/x-ndjson')
    expect(await told.text()).toBe(text)
    expect(await lastRecord()).toMatchObject({
      status: 'ok',
      usageSource: 'provider',
      inputUncached: 26,
      outputText: 14,
    })
  })

  it('reads text, thoughts and calls from a stream, cut anywhere', async () => {
    const text = lines([
      { thinking: 'I must look.' },
      {
        content: '',
        tool_calls: [{ id: 'call_1', function: { index: 0, name: 'weather', arguments: { city: 'Bonn' } } }],
      },
    ])
    upstream.answer({ ...streamed(text), cuts: [1, 40, 41, 90, text.length - 2] })
    const parts = await allOf(
      await client.chat({ model: 'local', messages, stream: true, think: true, tools: [weather] }),
    )
    expect(parts.map(({ message }) => message.thinking ?? '').join('')).toBe('I must look.')
    expect(parts.flatMap(({ message }) => message.tool_calls ?? [])).toMatchObject([
      { function: { name: 'weather', arguments: { city: 'Bonn' } } },
    ])
    expect(parts.at(-1)).toMatchObject({ done: true, prompt_eval_count: 26, eval_count: 14 })
  })

  it('S1 is told of a stream that breaks off, by an error and no line that is done', async () => {
    upstream.takeOver((_, outgoing) => {
      outgoing.writeHead(200, { 'content-type': 'application/x-ndjson' })
      outgoing.write(line({ content: 'Hel' }), () => outgoing.destroy())
    })
    const heard: string[] = []
    const reading = (async () => {
      for await (const part of await client.chat({ model: 'local', messages, stream: true }))
        heard.push(part.message.content)
    })()
    await expect(reading).rejects.toThrow(/broke off/)
    expect(heard).toEqual(['Hel'])
    expect(await lastRecord()).toMatchObject({ status: 'truncated' })
  })

  it('reads an error as its library tells one', async () => {
    const failure = await client.chat({ model: 'nobody', messages }).catch((thrown: unknown) => thrown)
    expect(failure).toMatchObject({ status_code: 404, error: expect.stringContaining('"nobody"') })
  })
})

describe('a client of Ollama’s, answered by others', () => {
  it('is understood by a model of Chat Completions', async () => {
    const message = {
      role: 'assistant',
      content: null,
      tool_calls: [{ id: 'c1', type: 'function', function: { name: 'weather', arguments: '{"city":"Bonn"}' } }],
    }
    upstream.answer(
      json({
        id: 'chatcmpl-1',
        created: 7,
        model: 'chat-7b',
        choices: [{ index: 0, message, finish_reason: 'tool_calls' }],
        usage: { prompt_tokens: 9, completion_tokens: 2, total_tokens: 11 },
      }),
    )
    const told = await client.chat({
      model: 'chat',
      messages: [
        { role: 'user', content: 'Weather?' },
        { role: 'assistant', content: '', tool_calls: [{ function: { name: 'weather', arguments: { city: 'Ulm' } } }] },
        { role: 'tool', content: '12', tool_name: 'weather' },
      ],
      tools: [weather],
      options: { num_predict: 9, num_ctx: 4096 },
      format: { type: 'object' },
    })
    expect(told).toMatchObject({
      model: 'chat-7b',
      message: {
        role: 'assistant',
        content: '',
        tool_calls: [{ id: 'c1', function: { arguments: { city: 'Bonn' } } }],
      },
      done: true,
      done_reason: 'stop',
      prompt_eval_count: 9,
      eval_count: 2,
    })
    expect(lastSeen()).toMatchObject([
      '/v1/chat/completions',
      {
        model: 'chat-7b',
        messages: [
          { role: 'user' },
          { role: 'assistant', tool_calls: [{ id: 'call_0', function: { arguments: '{"city":"Ulm"}' } }] },
          { role: 'tool', tool_call_id: 'call_0', content: '12' },
        ],
        max_completion_tokens: 9,
        response_format: { type: 'json_schema' },
      },
    ])
  })

  it('reads the stream of a model of Messages', async () => {
    const text = messagesStream.map((one) => `event: ${one.type}\ndata: ${JSON.stringify(one)}\n\n`).join('')
    upstream.answer({ status: 200, headers: { 'content-type': 'text/event-stream' }, body: Buffer.from(text) })
    const parts = await allOf(await client.chat({ model: 'claude', messages, stream: true }))
    expect(parts.map(({ message }) => message.content).join('')).toBe('Hello.')
    expect(parts.map(({ done }) => done)).toEqual(parts.map((_, place) => place === parts.length - 1))
    expect(parts.at(-1)).toMatchObject({ done_reason: 'length', prompt_eval_count: 4, eval_count: 16 })
  })
})

describe('a model of Ollama’s', () => {
  it('is spoken to in OpenAI’s words by a client of those, under /v1, its cap by the name that it knows', async () => {
    upstream.answer(
      json({ choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }] }),
    )
    await fetch(`${weir.gateway.dataOrigin}/v1/messages`, {
      method: 'POST',
      headers: { authorization: `Bearer ${weir.key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'local', max_tokens: 9, messages: [{ role: 'user', content: 'Hi' }] }),
    })
    expect(lastSeen()).toMatchObject(['/v1/chat/completions', { model: 'qwen3:8b', max_tokens: 9 }])
  })

  it('is spoken to in its own words by every client, where the config names no other dialect', async () => {
    upstream.answer(streamed(lines([{ content: 'Hel' }, { content: 'lo.' }])))
    const told = await fetch(`${weir.gateway.dataOrigin}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${weir.key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'own', stream: true, max_tokens: 9, messages: [{ role: 'user', content: 'Hi' }] }),
    })
    const pieces = [...(await told.text()).matchAll(/"content":"([^"]*)"/g)].map(([, piece]) => piece)
    expect(pieces.join('')).toBe('Hello.')
    expect(lastSeen()).toMatchObject(['/api/chat', { model: 'qwen3:8b', options: { num_predict: 9 } }])
  })

  it('cannot be spoken to in a dialect that Ollama does not have: the start says so', async () => {
    const config = `
providers:
  own: { kind: ollama, dialects: [ollama-chat, cohere-chat] }
models:
  own: { targets: [{ provider: own, model: "qwen3:8b" }] }
`
    await expect(startGateway({ config })).rejects.toThrow(
      /providers\.own\.dialects\[1\].*is not spoken by a provider of kind ollama/s,
    )
  })
})

const messages = [{ role: 'user', content: 'Say hello.' }]
const weather: Tool = {
  type: 'function',
  function: { name: 'weather', description: 'The weather.', parameters: { type: 'object', properties: {} } },
}

function line(message: object, more: object = {}): string {
  const head = { model: 'qwen3:8b', created_at: '2026-08-07T06:08:46.460387Z' }
  return `${JSON.stringify({ ...head, message: { role: 'assistant', ...message }, done: false, ...more })}\n`
}

function lines(pieces: readonly object[]): string {
  const ending = { done: true, done_reason: 'stop', total_duration: 5, prompt_eval_count: 26, eval_count: 14 }
  return [...pieces.map((one) => line(one)), line({ content: '' }, ending)].join('')
}

function streamed(text: string): Replayed {
  return { status: 200, headers: { 'content-type': 'application/x-ndjson' }, body: Buffer.from(text) }
}

function json(body: object): Replayed {
  return { status: 200, headers: { 'content-type': 'application/json' }, body: Buffer.from(JSON.stringify(body)) }
}

function post(body: string): Promise<Response> {
  const headers = { authorization: `Bearer ${weir.key}`, 'content-type': 'application/json' }
  return fetch(`${weir.gateway.dataOrigin}/api/chat`, { method: 'POST', headers, body })
}

function lastSeen(): readonly [string | undefined, unknown] {
  const seen = upstream.seen.at(-1)
  return [seen?.path, JSON.parse(seen?.body.toString() ?? 'null')]
}

async function lastRecord(): Promise<unknown> {
  await weir.ended(endedBefore + 1)
  return weir.finished.at(-1)?.records[0]
}

async function allOf<T>(stream: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = []
  for await (const one of stream) all.push(one)
  return all
}
