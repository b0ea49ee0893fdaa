import OpenAI from 'openai'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startGateway, type RunningGateway } from '../gateway-fixture.ts'
import { messagesStream } from './messages-stream.ts'
import { startReplay, type Replayed, type ReplayUpstream } from '../replay-upstream.ts'

/** OpenAI's older Completions, with its real SDK as the client: passed through, and answered by models of chat. */
let upstream: ReplayUpstream
let weir: RunningGateway
let client: OpenAI
let endedBefore = 0

beforeAll(async () => {
  upstream = await startReplay()
  weir = await startGateway({
    env: { KEY: 'sk-upstream' },
    config: `
providers:
  openai: { kind: openai, baseUrl: "${upstream.origin}/v1", credentials: { apiKey: env:KEY } }
  vllm: { kind: openai-compatible, baseUrl: "${upstream.origin}/vllm", completions: true }
  chat: { kind: openai-compatible, baseUrl: "${upstream.origin}/v1" }
  claude: { kind: anthropic, baseUrl: "${upstream.origin}", credentials: { apiKey: env:KEY } }
models:
  "openai/*": { targets: [{ provider: openai, model: "*" }], retry: { maxAttempts: 1 } }
  base: { targets: [{ provider: vllm, model: base-7b }], retry: { maxAttempts: 1 } }
  chat: { targets: [{ provider: chat, model: chat-7b }], retry: { maxAttempts: 1 } }
  claude: { targets: [{ provider: claude, model: claude-sonnet-4-6 }], retry: { maxAttempts: 1 } }
`,
  })
  client = new OpenAI({
    apiKey: weir.key,
    baseURL: `${weir.gateway.dataOrigin}/v1`,
    maxRetries: 0,
  })
})

afterAll(async () => {
  await weir.close()
  await upstream.close()
})

beforeEach(() => {
  upstream.forget()
  endedBefore = weir.finished.length
})

describe('a client of completions', () => {
  it('has its bytes sent on to a model of completions, and is told the provider’s own', async () => {
    replay(completion('Hello.', { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 }))
    const asked = { model: 'openai/gpt-3.5-turbo-instruct', prompt: ['a', [1, 2]], n: 2, best_of: 3 }
    const told = await fetch(`${client.baseURL}/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${weir.key}`, 'content-type': 'application/json' },
      body: JSON.stringify(asked),
    })
    expect(await told.json()).toMatchObject({ choices: [{ text: 'Hello.' }] })
    expect(lastSeen()).toEqual(['/v1/completions', { ...asked, model: 'gpt-3.5-turbo-instruct' }])
    expect(await lastRecord()).toMatchObject({
      usageSource: 'provider',
      status: 'ok',
      inputUncached: 3,
      outputText: 2,
    })
  })

  it('M8 reads a stream, whose usage is counted though it did not ask', async () => {
    upstream.answer(
      events([
        chunk({ text: 'Hel' }),
        chunk({ text: 'lo.', finish_reason: 'length' }),
        { ...head, choices: [], usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 } },
      ]),
    )
    const stream = await client.completions.create({ model: 'base', prompt: 'Say hello.', stream: true })
    const chunks = await allOf(stream)
    expect(chunks.map(({ choices }) => choices[0]?.text)).toEqual(['Hel', 'lo.'])
    expect(lastSeen()).toMatchObject(['/vllm/completions', { stream_options: { include_usage: true } }])
    expect(await lastRecord()).toMatchObject({ usageSource: 'provider', inputUncached: 3, outputText: 2 })
  })

  it('is answered by a model of chat, its prompt a turn of the user', async () => {
    replay({
      id: 'chatcmpl-1',
      object: 'chat.completion',
      created: 7,
      model: 'chat-7b',
      choices: [{ index: 0, message: { role: 'assistant', content: 'Hello.' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 9, completion_tokens: 2, total_tokens: 11 },
    })
    const { data, response } = await client.completions
      .create({ model: 'chat', prompt: 'Say hello.', max_tokens: 50, echo: true, best_of: 2, stop: '\n' })
      .withResponse()
    expect(data).toMatchObject({
      object: 'text_completion',
      choices: [{ text: 'Hello.', index: 0, finish_reason: 'stop', logprobs: null }],
      usage: { prompt_tokens: 9, completion_tokens: 2, total_tokens: 11 },
    })
    expect(response.headers.get('x-weir-losses')?.split(', ').toSorted()).toEqual(['best_of', 'echo'])
    expect(lastSeen()).toEqual([
      '/v1/chat/completions',
      {
        model: 'chat-7b',
        messages: [{ role: 'user', content: 'Say hello.' }],
        max_completion_tokens: 50,
        stop: ['\n'],
      },
    ])
  })

  it('reads the stream of a model of Messages, with the usage it asked for', async () => {
    upstream.answer({
      status: 200,
      headers: { 'content-type': 'text/event-stream' },
      body: Buffer.from(messagesStream.map((one) => `event: ${one.type}\ndata: ${JSON.stringify(one)}\n\n`).join('')),
    })
    const stream = await client.completions.create({
      model: 'claude',
      prompt: 'Say hello.',
      stream: true,
      stream_options: { include_usage: true },
    })
    const chunks = await allOf(stream)
    expect(chunks.map(({ choices }) => choices[0]?.text ?? '').join('')).toBe('Hello.')
    expect(chunks.flatMap(({ choices }) => choices[0]?.finish_reason ?? [])).toEqual(['length'])
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens: 4, completion_tokens: 16 } })
    // What the published default lets it write.
    expect(lastSeen()).toMatchObject(['/v1/messages', { max_tokens: 16 }])
  })

  it.each([
    [{ prompt: ['a', 'b'] }, 'several prompts'],
    [{ prompt: [1, 2] }, 'a prompt of token numbers'],
    [{ prompt: 'a', suffix: 'b' }, 'suffix'],
  ])('is refused by name what no model of chat has a word for: %j', async (asked, named) => {
    const seen = upstream.seen.length
    const failure = await failureOf(client.completions.create({ model: 'claude', ...asked }))
    expect([failure.status, failure.code]).toEqual([400, 'unsupported'])
    expect(failure.message).toContain(named)
    expect(upstream.seen).toHaveLength(seen)
  })

  it('and a client of chat is refused a model that takes no conversations', async () => {
    const messages = [{ role: 'user' as const, content: 'Hi' }]
    const failure = await failureOf(client.chat.completions.create({ model: 'openai/davinci-002', messages }))
    expect([failure.status, failure.code]).toEqual([400, 'unsupported'])
  })
})

const head = { id: 'cmpl-1', object: 'text_completion', created: 7, model: 'm-1' }

function completion(text: string, usage: object): object {
  return { ...head, choices: [{ text, index: 0, logprobs: null, finish_reason: 'stop' }], usage }
}

function chunk(said: object): object {
  return { ...head, choices: [{ text: '', index: 0, logprobs: null, finish_reason: null, ...said }] }
}

async function allOf<T>(stream: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = []
  for await (const one of stream) all.push(one)
  return all
}

function replay(body: object): void {
  const bytes = Buffer.from(JSON.stringify(body))
  upstream.answer({ status: 200, headers: { 'content-type': 'application/json' }, body: bytes })
}

function events(frames: readonly object[]): Replayed {
  const text = [...frames.map((one) => JSON.stringify(one)), '[DONE]'].map((one) => `data: ${one}\n\n`).join('')
  return { status: 200, headers: { 'content-type': 'text/event-stream' }, body: Buffer.from(text) }
}

function lastSeen(): readonly [string | undefined, unknown] {
  const seen = upstream.seen.at(-1)
  return [seen?.path, JSON.parse(seen?.body.toString() ?? 'null')]
}

async function lastRecord(): Promise<unknown> {
  await weir.ended(endedBefore + 1)
  return weir.finished.at(-1)?.records[0]
}

async function failureOf(call: PromiseLike<unknown>): Promise<InstanceType<typeof OpenAI.APIError>> {
  const failure = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (failure instanceof OpenAI.APIError) return failure
  throw new Error('the call was not refused')
}
