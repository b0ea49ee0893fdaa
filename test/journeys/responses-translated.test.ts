import { createOpenAI } from '@ai-sdk/openai'
import { generateText, jsonSchema, tool } from 'ai'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startGateway, type RunningGateway } from '../gateway-fixture.ts'
import { startReplay, type Replayed, type ReplayUpstream } from '../replay-upstream.ts'

/** The SDKs of Responses, as a program uses them, while the provider speaks another dialect. */
let upstream: ReplayUpstream
let weir: RunningGateway
let client: OpenAI

beforeAll(async () => {
  upstream = await startReplay()
  weir = await startGateway({
    config: `
providers:
  chat: { kind: openai-compatible, baseUrl: "${upstream.origin}/v1", credentials: { apiKey: env:KEY } }
  claude: { kind: anthropic, baseUrl: "${upstream.origin}", credentials: { apiKey: env:KEY } }
models:
  chat: { targets: [{ provider: chat, model: m }] }
  claude: { targets: [{ provider: claude, model: c }] }
`,
    env: { KEY: 'secret-1' },
  })
  client = new OpenAI({ baseURL: `${weir.gateway.dataOrigin}/v1`, apiKey: weir.key, maxRetries: 0 })
})

afterAll(async () => {
  await weir.close()
  await upstream.close()
})

const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } as const
const weather = { type: 'function', name: 'weather', parameters, strict: false } as const
const wanted = [{ type: 'function_call', call_id: 't1', name: 'weather', arguments: '{"city":"Bonn"}' }]

describe.each(['chat', 'claude'] as const)('a client of Responses, a provider of %s', (model) => {
  it('gets a call of a function, and hands its result back', async () => {
    upstream.answer(called[model])
    const asked = await client.responses.create({ model, input: 'Weather in Bonn?', tools: [weather], store: false })
    expect(asked.output).toMatchObject(wanted)
    expect([asked.status, asked.usage?.input_tokens, asked.usage?.output_tokens]).toEqual(['completed', 9, 4])

    upstream.answer(said[model])
    const result = { type: 'function_call_output', call_id: 't1', output: '12 degrees' } as const
    const calls = asked.output.filter((item) => item.type === 'function_call')
    const input = [{ role: 'user', content: 'Weather in Bonn?' } as const, ...calls, result]
    const answered = await client.responses.create({ model, input, tools: [weather], store: false })
    expect(answered.output_text).toBe('It is 12 degrees.')
    const sent = JSON.stringify(JSON.parse(upstream.seen.at(-1)?.body.toString() ?? '{}'))
    expect(sent).toContain('12 degrees')
    expect(sent).toContain('"t1"')
  })

  it('gets the same in a stream, in its whole life', async () => {
    upstream.answer(streamed[model])
    const stream = client.responses.stream({ model, input: 'Weather in Bonn?', tools: [weather], store: false })
    const types: string[] = []
    for await (const event of stream) types.push(event.type)
    expect(types.slice(0, 2)).toEqual(['response.created', 'response.in_progress'])
    expect(types.at(-1)).toBe('response.completed')
    const whole = await stream.finalResponse()
    expect(whole.output).toMatchObject([{ type: 'message' }, ...wanted])
    expect([whole.output_text, whole.usage?.output_tokens]).toEqual(['I look.', 4])
  })

  it('gets a call of a custom tool with plain text, hands its result back, and is told the losses', async () => {
    const tools = [{ type: 'custom', name: 'apply_patch', description: 'Edits files.' } as const]
    const call = { type: 'custom_tool_call', call_id: 't1', name: 'apply_patch', input: patch } as const
    upstream.answer(patched[model])
    const stream = client.responses.stream({ model, input: 'Patch it.', tools, store: false })
    let input = ''
    for await (const event of stream) if (event.type === 'response.custom_tool_call_input.delta') input += event.delta
    const { output } = await stream.finalResponse()
    expect(output).toMatchObject([call])
    expect(input).toBe(patch)

    const result = { type: 'custom_tool_call_output', call_id: 't1', output: 'Done!' } as const
    const next = { model, input: [{ role: 'user', content: 'Patch it.' } as const, call, result], tools, store: false }
    upstream.answer(said[model])
    const { response, data } = await client.responses.create(next).withResponse()
    expect(data.output_text).toBe('It is 12 degrees.')
    expect(response.headers.get('x-weir-losses')).toBe('~input[1].type, ~tools[0].type')
    const sent = upstream.seen.at(-1)?.body.toString() ?? ''
    expect(sent).toContain(model === 'chat' ? JSON.stringify(customArguments) : customArguments)
    const strict = client.responses.create(next, { headers: { 'x-weir-strict': 'true' } })
    await expect(strict).rejects.toThrow('x-weir-strict is set')
  })

  it('is served through the AI SDK too, whose default is Responses', async () => {
    const openai = createOpenAI({ baseURL: `${weir.gateway.dataOrigin}/v1`, apiKey: weir.key })
    upstream.answer(called[model])
    const { toolCalls, finishReason, usage } = await generateText({
      model: openai(model),
      prompt: 'Weather in Bonn?',
      tools: { weather: tool({ inputSchema: jsonSchema<{ city: string }>({ ...parameters, required: ['city'] }) }) },
      maxRetries: 0,
    })
    expect(toolCalls).toMatchObject([{ toolCallId: 't1', toolName: 'weather', input: { city: 'Bonn' } }])
    expect([finishReason, usage.inputTokens, usage.outputTokens]).toEqual(['tool-calls', 9, 4])
  })
})

const chatCall = { id: 't1', type: 'function', function: { name: 'weather', arguments: '{"city":"Bonn"}' } }
const chatUsage = { prompt_tokens: 9, completion_tokens: 4, total_tokens: 13 }
const claudeCall = { type: 'tool_use', id: 't1', name: 'weather', input: { city: 'Bonn' } }
const claudeUsage = { input_tokens: 9, output_tokens: 4 }

const patch = '*** Begin Patch\n+say "hi"\n*** End Patch'
const customArguments = JSON.stringify({ input: patch })

const called = {
  chat: whole(chatAnswer({ role: 'assistant', content: null, tool_calls: [chatCall] }, 'tool_calls')),
  claude: whole(claudeAnswer([claudeCall], 'tool_use')),
}
const said = {
  chat: whole(chatAnswer({ role: 'assistant', content: 'It is 12 degrees.' }, 'stop')),
  claude: whole(claudeAnswer([{ type: 'text', text: 'It is 12 degrees.' }], 'end_turn')),
}
const streamed = {
  chat: stream([
    chunk({ role: 'assistant', content: 'I ' }),
    chunk({ content: 'look.' }),
    chunk({ tool_calls: [{ index: 0, ...chatCall }] }),
    chunk({}, 'tool_calls'),
    `data: ${JSON.stringify({ id: 'c', model: 'm', choices: [], usage: chatUsage })}\n\n`,
    'data: [DONE]\n\n',
  ]),
  claude: stream([
    event('message_start', { message: { ...claudeAnswer([], null), usage: { input_tokens: 9, output_tokens: 1 } } }),
    event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
    event('content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'I look.' } }),
    event('content_block_stop', { index: 0 }),
    event('content_block_start', { index: 1, content_block: { ...claudeCall, input: {} } }),
    event('content_block_delta', {
      index: 1,
      delta: { type: 'input_json_delta', partial_json: '{"city":"Bonn"}' },
    }),
    event('content_block_stop', { index: 1 }),
    event('message_delta', { delta: { stop_reason: 'tool_use' }, usage: claudeUsage }),
    event('message_stop', {}),
  ]),
}

/** The arguments come in two pieces, cut in an escape. */
const [half, otherHalf] = [customArguments.slice(0, 27), customArguments.slice(27)]
const patched = {
  chat: stream([
    chunk({
      tool_calls: [{ index: 0, id: 't1', type: 'function', function: { name: 'apply_patch', arguments: half } }],
    }),
    chunk({ tool_calls: [{ index: 0, function: { arguments: otherHalf } }] }),
    chunk({}, 'tool_calls'),
    'data: [DONE]\n\n',
  ]),
  claude: stream([
    event('message_start', { message: { ...claudeAnswer([], null), usage: { input_tokens: 9, output_tokens: 1 } } }),
    event('content_block_start', {
      index: 0,
      content_block: { type: 'tool_use', id: 't1', name: 'apply_patch', input: {} },
    }),
    ...[half, otherHalf].map((partial_json) =>
      event('content_block_delta', { index: 0, delta: { type: 'input_json_delta', partial_json } }),
    ),
    event('content_block_stop', { index: 0 }),
    event('message_delta', { delta: { stop_reason: 'tool_use' }, usage: claudeUsage }),
    event('message_stop', {}),
  ]),
}

function whole(body: object): Replayed {
  return { status: 200, headers: { 'content-type': 'application/json' }, body: Buffer.from(JSON.stringify(body)) }
}

function stream(frames: readonly string[]): Replayed {
  return { status: 200, headers: { 'content-type': 'text/event-stream' }, body: Buffer.from(frames.join('')) }
}

function chatAnswer(message: object, reason: string): object {
  const choices = [{ index: 0, message, finish_reason: reason }]
  return { id: 'c', object: 'chat.completion', created: 1, model: 'm', choices, usage: chatUsage }
}

function claudeAnswer(content: readonly object[], reason: string | null): object {
  return { id: 'm', type: 'message', role: 'assistant', model: 'c', content, stop_reason: reason, usage: claudeUsage }
}

function chunk(delta: object, reason: string | null = null): string {
  const choices = [{ index: 0, delta, finish_reason: reason }]
  return `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices })}\n\n`
}

function event(type: string, members: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...members })}\n\n`
}
