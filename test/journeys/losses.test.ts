import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startGateway, type RunningGateway } from '../gateway-fixture.ts'
import { startReplay, type Replayed, type ReplayUpstream } from '../replay-upstream.ts'

let chat: ReplayUpstream
let messages: ReplayUpstream
let weir: RunningGateway

beforeAll(async () => {
  chat = await startReplay()
  messages = await startReplay()
  weir = await startGateway({
    env: { KEY: 'upstream-key-1' },
    config: `
providers:
  chat: { kind: openai-compatible, baseUrl: "${chat.origin}/v1", credentials: { apiKey: env:KEY } }
  wide: { kind: openai-compatible, baseUrl: "${chat.origin}/v1", takes: [reasoning_details, cache_control, max_tokens, top_k] }
  messages: { kind: anthropic, baseUrl: "${messages.origin}", credentials: { apiKey: env:KEY } }
models:
  both: { targets: [{ provider: messages, model: c1 }, { provider: chat, model: m1 }] }
  claude: { targets: [{ provider: messages, model: c1 }] }
  long: { targets: [{ provider: messages, model: c1, abilities: { outputTokens: 32000 } }] }
  wide: { targets: [{ provider: wide, model: m1 }] }
  gpt: { targets: [{ provider: chat, model: m1 }] }
  seeing: { targets: [{ provider: chat, model: blind, abilities: { images: false } }, { provider: messages, model: c1 }] }
`,
  })
})

afterAll(async () => {
  await weir.close()
  await chat.close()
  await messages.close()
})

const message: Replayed = {
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: Buffer.from(
    JSON.stringify({
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'c1',
      content: [{ type: 'text', text: 'Salut' }],
      stop_reason: 'end_turn',
      stop_sequence: null,
      usage: { input_tokens: 3, output_tokens: 2 },
    }),
  ),
}

const completion: Replayed = {
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: Buffer.from(
    JSON.stringify({
      id: 'c1',
      object: 'chat.completion',
      created: 1,
      model: 'm1',
      choices: [{ index: 0, message: { role: 'assistant', content: 'Hallo' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
    }),
  ),
}

describe('a call in one dialect, served in another', () => {
  it('says what the provider will not hear, in the answer and in the record', async () => {
    messages.answer(message)
    const answer = await ask('/v1/chat/completions', {
      model: 'claude',
      messages: [{ role: 'user', content: 'hi', name: 'ada' }],
      seed: 7,
      temperature: 1.5,
    })
    expect(answer.status).toBe(200)
    expect(await answer.json()).toMatchObject({
      object: 'chat.completion',
      choices: [{ message: { content: 'Salut' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 3, completion_tokens: 2 },
    })
    const losses = (answer.headers.get('x-weir-losses') ?? '').split(', ')
    expect(losses.toSorted()).toEqual(['messages[0].name', 'seed', '~temperature'])
    expect(weir.finished.at(-1)?.records[0]?.losses?.split(', ').toSorted()).toEqual(losses.toSorted())
    expect(JSON.parse(messages.seen.at(-1)?.body.toString() ?? '')).toMatchObject({ model: 'c1', temperature: 1 })
  })

  it('is told in the words that the provider is said to take', async () => {
    const thoughts = [
      { type: 'thinking', thinking: 'Hm.', signature: 'c2ln' },
      { type: 'redacted_thinking', data: 'b3Bh' },
    ]
    const call = {
      max_tokens: 5,
      top_k: 40,
      system: [{ type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral' } }],
      messages: [
        { role: 'user', content: 'hi' },
        { role: 'assistant', content: [...thoughts, { type: 'text', text: 'Hallo' }] },
        { role: 'user', content: 'and?' },
      ],
    }
    chat.answer(completion, completion)
    const wide = await ask('/v1/messages', { ...call, model: 'wide' })
    expect(wide.headers.get('x-weir-losses')).toBe('created')
    expect(JSON.parse(chat.seen.at(-1)?.body.toString() ?? '')).toEqual({
      model: 'm1',
      max_tokens: 5,
      top_k: 40,
      messages: [
        { role: 'system', content: [{ type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral' } }] },
        { role: 'user', content: 'hi' },
        {
          role: 'assistant',
          content: 'Hallo',
          reasoning_details: [
            { type: 'reasoning.text', text: 'Hm.', signature: 'c2ln', format: 'anthropic-claude-v1', index: 0 },
            { type: 'reasoning.encrypted', data: 'b3Bh', format: 'anthropic-claude-v1', index: 1 },
          ],
        },
        { role: 'user', content: 'and?' },
      ],
    })
    const plain = await ask('/v1/messages', { ...call, model: 'gpt' })
    expect(plain.headers.get('x-weir-losses')?.split(', ').toSorted()).toEqual([
      'created',
      'messages[1].content[0]',
      'messages[1].content[1]',
      'system[0].cache_control',
      'top_k',
    ])
    expect(JSON.parse(chat.seen.at(-1)?.body.toString() ?? '')).toMatchObject({ max_completion_tokens: 5 })
  })

  it('names the output cap that the gateway had to set', async () => {
    messages.answer(message)
    const answer = await ask('/v1/chat/completions', { model: 'claude', messages: [{ role: 'user', content: 'hi' }] })
    expect(answer.headers.get('x-weir-output-cap')).toBe('4096')
    expect(JSON.parse(messages.seen.at(-1)?.body.toString() ?? '')).toMatchObject({ max_tokens: 4096 })
    messages.answer(message)
    const known = await ask('/v1/chat/completions', { model: 'long', messages: [{ role: 'user', content: 'hi' }] })
    expect(known.headers.get('x-weir-output-cap')).toBe('32000')
    expect(JSON.parse(messages.seen.at(-1)?.body.toString() ?? '')).toMatchObject({ max_tokens: 32_000 })
  })

  it('names a frame of a stream that is no JSON, in the record', async () => {
    const chunk = (delta: object, reason: string | null = null) =>
      JSON.stringify({ id: 'c1', choices: [{ index: 0, delta, finish_reason: reason }] })
    const frames = [chunk({ content: 'Hal' }), '{"choices":[{"delta"', chunk({ content: 'lo' }, 'stop'), '[DONE]']
    chat.answer({
      status: 200,
      headers: { 'content-type': 'text/event-stream' },
      body: Buffer.from(frames.map((data) => `data: ${data}\n\n`).join('')),
    })
    const call = { model: 'gpt', max_tokens: 5, stream: true, messages: [{ role: 'user', content: 'hi' }] }
    const text = await (await ask('/v1/messages', call)).text()
    expect(text).toMatch(/"Hal"[^]*"lo"[^]*message_stop/)
    expect(weir.finished.at(-1)?.records[0]?.losses?.split(', ')).toContain('frame')
  })

  it('has no losses in its own dialect', async () => {
    chat.answer(completion)
    const answer = await ask('/v1/chat/completions', {
      model: 'gpt',
      messages: [{ role: 'user', content: 'hi' }],
      seed: 7,
      unheard_of: true,
    })
    expect(answer.headers.get('x-weir-losses')).toBeNull()
    expect(chat.seen.at(-1)?.body.toString()).toContain('"unheard_of":true')
  })

  it('names each beta that the client asks for in a header, where the provider speaks another dialect', async () => {
    const betas = { 'anthropic-beta': 'context-1m-2025-08-07, interleaved-thinking-2025-05-14' }
    const call = { max_tokens: 5, messages: [{ role: 'user', content: 'hi' }] }
    chat.answer(completion)
    const translated = await ask('/v1/messages', { ...call, model: 'gpt' }, betas)
    expect(translated.headers.get('x-weir-losses')).toBe(
      'anthropic-beta=context-1m-2025-08-07, anthropic-beta=interleaved-thinking-2025-05-14, created',
    )
    messages.answer(message, message)
    const own = await ask('/v1/messages', { ...call, model: 'claude' }, betas)
    expect(own.headers.get('x-weir-losses')).toBeNull()
    expect(messages.seen.at(-1)?.headers['anthropic-beta']).toBe(betas['anthropic-beta'])
    const other = await ask('/v1/chat/completions', { ...call, model: 'claude' }, { 'openai-beta': 'b1' })
    expect(other.headers.get('x-weir-losses')).toBe('openai-beta=b1')
    const refused = await ask('/v1/messages', { ...call, model: 'gpt' }, { ...betas, 'x-weir-strict': 'true' })
    expect(refused.status).toBe(400)
  })

  it.each([
    [
      '/v1/messages',
      (isStream: boolean) => ({ max_tokens: 5, stream: isStream, messages: [{ role: 'user', content: 'hi' }] }),
    ],
    ['/model/gpt/converse', () => ({ messages: [{ role: 'user', content: [{ text: 'hi' }] }] })],
  ])('tells a client of %s the estimate of the record where the provider told no usage', async (path, callOf) => {
    const told = (said: string): unknown => {
      const [, input, output] = /"input(?:_t|T)okens":(\d+).*?"output(?:_t|T)okens":(\d+)/.exec(said) ?? []
      return [Number(input), Number(output)]
    }
    const recorded = () => {
      const { usageSource, inputUncached, outputText } = weir.finished.at(-1)?.records[0] ?? {}
      expect(usageSource).toBe('estimated')
      expect(outputText).toBeGreaterThan(0)
      return [inputUncached, outputText]
    }
    const { usage: _, ...silent } = JSON.parse(completion.body.toString())
    chat.answer({ ...completion, body: Buffer.from(JSON.stringify(silent)) })
    const whole = await ask(path, { model: 'gpt', ...callOf(false) })
    expect(whole.headers.get('x-weir-losses')?.split(', ')).toContain('~usage')
    const body = await whole.text()
    expect(told(body)).toEqual(recorded())

    const chunk = (delta: object, reason: string | null) =>
      `data: ${JSON.stringify({ id: 'c', model: 'm1', choices: [{ index: 0, delta, finish_reason: reason }] })}\n\n`
    chat.answer({
      status: 200,
      headers: { 'content-type': 'text/event-stream' },
      body: Buffer.from(`${chunk({ content: 'Hallo' }, null)}${chunk({}, 'stop')}data: [DONE]\n\n`),
    })
    const stream = await ask(path.replace(/converse$/, 'converse-stream'), { model: 'gpt', ...callOf(true) })
    const events = await stream.text()
    expect(told(events.slice(events.lastIndexOf('"usage"')))).toEqual(recorded())
  })

  it('x-weir-strict goes to the target that hears everything, and refuses where there is none', async () => {
    const strict = { 'x-weir-strict': 'true', 'x-weir-explain': 'true' }
    chat.answer(completion)
    const heard = await ask(
      '/v1/chat/completions',
      { model: 'both', messages: [{ role: 'user', content: 'hi' }], seed: 7 },
      strict,
    )
    expect(heard.headers.get('x-weir-provider')).toBe('chat')
    expect(JSON.parse(heard.headers.get('x-weir-decision') ?? '')).toMatchObject({
      candidates: [{ target: 'chat/m1' }],
      passedOver: [{ target: 'messages/c1', reason: 'x-weir-strict: would not hear seed' }],
    })
    const before = messages.seen.length
    const refused = await ask(
      '/v1/chat/completions',
      { model: 'claude', messages: [{ role: 'user', content: 'hi' }], max_tokens: 5, seed: 7 },
      strict,
    )
    expect(refused.status).toBe(400)
    expect(await refused.json()).toMatchObject({
      error: { code: 'lossy_refused', message: expect.stringContaining('seed') },
    })
    expect(messages.seen.length).toBe(before)
  })

  it('x-weir-strict refuses a failed result of a tool where the failure has no word', async () => {
    const before = chat.seen.length
    const call = {
      model: 'gpt',
      max_tokens: 5,
      messages: [
        { role: 'user', content: 'go' },
        { role: 'assistant', content: [{ type: 'tool_use', id: 't', name: 'go', input: {} }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't', content: 'it broke', is_error: true }] },
      ],
    }
    const refused = await ask('/v1/messages', call, { 'x-weir-strict': 'true' })
    expect(await refused.json()).toMatchObject({
      error: { code: 'lossy_refused', message: expect.stringContaining('messages[2].content[0].is_error') },
    })
    expect(chat.seen.length).toBe(before)
  })

  it('is not sent to a target that lacks what it needs', async () => {
    messages.answer(message)
    const image = { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } }
    const answer = await ask('/v1/chat/completions', {
      model: 'seeing',
      max_tokens: 5,
      messages: [{ role: 'user', content: [image] }],
    })
    expect(answer.headers.get('x-weir-provider')).toBe('messages')
    expect(JSON.parse(messages.seen.at(-1)?.body.toString() ?? '').messages[0].content[0]).toMatchObject({
      type: 'image',
      source: { type: 'base64', media_type: 'image/png' },
    })
  })
})

describe('errors and cuts', () => {
  it('a provider’s refusal is told in the client’s own dialect', async () => {
    chat.answer({
      status: 400,
      headers: { 'content-type': 'application/json' },
      body: Buffer.from(
        '{"error":{"message":"maximum context length is 8 tokens","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}',
      ),
    })
    const answer = await ask('/v1/messages', {
      model: 'gpt',
      max_tokens: 5,
      messages: [{ role: 'user', content: 'hi' }],
    })
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({
      type: 'error',
      error: { type: 'invalid_request_error', message: expect.stringContaining('maximum context length') },
    })
  })

  it('N3 an answer nested too deep to be looked into is none, and breaks nothing', async () => {
    const input = `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`
    const said = JSON.parse(message.body.toString())
    const body = JSON.stringify({ ...said, content: [{ type: 'tool_use', id: 't', name: 'f', input: 0 }] })
    messages.answer({ ...message, body: Buffer.from(body.replace('"input":0', `"input":${input}`)) })
    const call = { model: 'claude', max_tokens: 5, messages: [{ role: 'user', content: 'hi' }] }
    const answer = await ask('/v1/chat/completions', call)
    expect(answer.status).toBe(502)
    expect(await answer.json()).toMatchObject({ error: { code: 'upstream_invalid' } })
    messages.answer(message)
    expect((await ask('/v1/chat/completions', call)).status).toBe(200)
  })

  it('S1 a cut stream of one dialect never ends well in another', async () => {
    const body = `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm1', choices: [{ index: 0, delta: { role: 'assistant', content: 'half' }, finish_reason: null }] })}\n\n`
    chat.answer({ status: 200, headers: { 'content-type': 'text/event-stream' }, body: Buffer.from(body) })
    const text = await (
      await ask('/v1/messages', {
        model: 'gpt',
        max_tokens: 5,
        stream: true,
        messages: [{ role: 'user', content: 'hi' }],
      })
    ).text()
    expect(text).toContain('half')
    expect(text).toContain('event: error')
    expect(text).not.toContain('message_stop')
    expect(text).not.toContain('end_turn')
  })

  it.each([
    ['/v1/chat/completions', { messages: [{ role: 'user', content: 'hi' }] }],
    ['/v1/completions', { prompt: 'hi' }],
  ])('S1 a client of %s is told no reason to stop by a stream that breaks after it', async (path, call) => {
    const start = { ...JSON.parse(message.body.toString()), content: [], stop_reason: null }
    const events = [
      { type: 'message_start', message: start },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Salut' } },
      { type: 'content_block_stop', index: 0 },
      { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 2 } },
      { type: 'message_stop' },
    ].map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
    const head = { status: 200, headers: { 'content-type': 'text/event-stream' } }
    const told = async (frames: readonly string[]) => {
      messages.answer({ ...head, body: Buffer.from(frames.join('')) })
      return await (await ask(path, { model: 'claude', max_tokens: 5, stream: true, ...call })).text()
    }
    expect(await told(events)).toMatch(/Salut[^]*"finish_reason":"stop"[^]*\[DONE\]/)
    const broken = await told(events.slice(0, -1))
    expect(broken).toMatch(/Salut[^]*"error":/)
    expect(broken).not.toContain('"stop"')
    expect(broken).not.toContain('[DONE]')
  })

  it('an error inside a stream is told in the client’s dialect', async () => {
    const events = [
      [
        'message_start',
        {
          type: 'message_start',
          message: {
            id: 'm',
            type: 'message',
            role: 'assistant',
            model: 'c1',
            content: [],
            stop_reason: null,
            stop_sequence: null,
            usage: { input_tokens: 3, output_tokens: 1 },
          },
        },
      ],
      ['content_block_start', { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }],
      ['content_block_delta', { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'begun' } }],
      ['error', { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }],
    ] as const
    const body = events.map(([name, value]) => `event: ${name}\ndata: ${JSON.stringify(value)}\n\n`).join('')
    messages.answer({ status: 200, headers: { 'content-type': 'text/event-stream' }, body: Buffer.from(body) })
    const text = await (
      await ask('/v1/chat/completions', { model: 'claude', stream: true, messages: [{ role: 'user', content: 'hi' }] })
    ).text()
    expect(text).toContain('begun')
    expect(text).toContain('"code":"upstream_overloaded"')
    expect(text).not.toContain('[DONE]')
    expect(text).not.toContain('"finish_reason":"stop"')
  })
})

function ask(path: string, body: object, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${weir.gateway.dataOrigin}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${weir.key}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
}
