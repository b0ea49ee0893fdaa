import {
  BedrockRuntimeClient,
  ConverseCommand,
  ConverseStreamCommand,
  type ConverseCommandInput,
  type ConverseStreamOutput,
} from '@aws-sdk/client-bedrock-runtime'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startGateway, type RunningGateway } from '../gateway-fixture.ts'
import { startReplay, type ReplayUpstream } from '../replay-upstream.ts'

/** Amazon's own client at the gateway's door, while the provider speaks another dialect. Over real sockets. */
let upstream: ReplayUpstream
let weir: RunningGateway
let client: BedrockRuntimeClient

beforeAll(async () => {
  upstream = await startReplay()
  weir = await startGateway({
    env: { KEY: 'sk-upstream-key-1' },
    config: `
providers:
  chat: { kind: openai-compatible, baseUrl: "${upstream.origin}/v1", credentials: { apiKey: env:KEY } }
  messages: { kind: anthropic, baseUrl: "${upstream.origin}", credentials: { apiKey: env:KEY } }
models:
  "us.example.gpt-v1:0": { targets: [{ provider: chat, model: gpt-5.2 }], retry: { maxAttempts: 1 } }
  claude: { targets: [{ provider: messages, model: claude-sonnet-4-6 }], retry: { maxAttempts: 1 } }
`,
  })
  client = new BedrockRuntimeClient({
    endpoint: weir.gateway.dataOrigin,
    // By itself it speaks HTTP/2, without asking.
    requestHandler: new NodeHttpHandler(),
    region: 'us-east-1',
    token: { token: weir.key },
    authSchemePreference: ['httpBearerAuth'],
    maxAttempts: 1,
  })
})

afterAll(async () => {
  client.destroy()
  await weir.close()
  await upstream.close()
})

beforeEach(() => upstream.forget())

const hi = { messages: [{ role: 'user', content: [{ text: 'Hi' }] }] } satisfies Partial<ConverseCommandInput>
const tools = {
  toolConfig: { tools: [{ toolSpec: { name: 'weather', inputSchema: { json: { type: 'object' } } } }] },
} satisfies Partial<ConverseCommandInput>

describe('a client of Converse', () => {
  it('is answered by a provider of chat completions', async () => {
    replay(200, 'application/json', {
      id: 'c1',
      object: 'chat.completion',
      created: 1,
      model: 'gpt-5.2',
      choices: [
        {
          index: 0,
          message: {
            role: 'assistant',
            content: 'I look.',
            tool_calls: [{ id: 't1', type: 'function', function: { name: 'weather', arguments: '{"city":"Bonn"}' } }],
          },
          finish_reason: 'tool_calls',
        },
      ],
      usage: {
        prompt_tokens: 30,
        completion_tokens: 7,
        total_tokens: 37,
        prompt_tokens_details: { cached_tokens: 20 },
      },
    })
    const told = await client.send(new ConverseCommand({ modelId: 'us.example.gpt-v1:0', ...hi, ...tools }))
    expect(told.output?.message?.content).toEqual([
      { text: 'I look.' },
      { toolUse: { toolUseId: 't1', name: 'weather', input: { city: 'Bonn' } } },
    ])
    expect([told.stopReason, told.usage]).toEqual([
      'tool_use',
      { inputTokens: 10, outputTokens: 7, totalTokens: 37, cacheReadInputTokens: 20, cacheWriteInputTokens: 0 },
    ])
    expect(JSON.parse(lastBody())).toMatchObject({ model: 'gpt-5.2', messages: [{ role: 'user', content: 'Hi' }] })
    expect(weir.finished.at(-1)?.records[0]).toMatchObject({ requestedModel: 'us.example.gpt-v1:0', status: 'ok' })
  })

  it('gets a stream of Messages as an AWS event stream', async () => {
    replay(200, 'text/event-stream', messageStream)
    const told = await client.send(
      new ConverseStreamCommand({ modelId: 'claude', ...hi, inferenceConfig: { maxTokens: 99 } }),
    )
    const events = await allOf(told.stream)
    expect(events.map((event) => Object.keys(event)[0])).toEqual([
      'messageStart',
      'contentBlockDelta',
      'contentBlockDelta',
      'contentBlockStop',
      'contentBlockDelta',
      'contentBlockStop',
      'contentBlockStart',
      'contentBlockDelta',
      'contentBlockStop',
      'messageStop',
      'metadata',
    ])
    expect(events.map(textIn).join('')).toBe('Grüße 😀')
    expect(events[6]).toMatchObject({ contentBlockStart: { start: { toolUse: { toolUseId: 't1', name: 'weather' } } } })
    expect(events.at(-2)).toEqual({ messageStop: { stopReason: 'tool_use' } })
    expect(events.at(-1)?.metadata?.usage).toMatchObject({ inputTokens: 9, outputTokens: 12, totalTokens: 21 })
    expect(JSON.parse(lastBody())).toMatchObject({ stream: true, max_tokens: 99 })
  })

  it('S1: is told inside a stream that it was cut, as an exception that the client knows', async () => {
    replay(200, 'text/event-stream', messageStream.slice(0, messageStream.indexOf('event: content_block_stop')))
    const told = await client.send(new ConverseStreamCommand({ modelId: 'claude', ...hi }))
    const heard: ConverseStreamOutput[] = []
    const reading = async () => {
      for await (const event of told.stream ?? []) heard.push(event)
    }
    await expect(reading()).rejects.toMatchObject({ name: 'ModelStreamErrorException' })
    expect(heard.some((event) => event.messageStop !== undefined || event.metadata !== undefined)).toBe(false)
  })

  it.each([
    [429, 'ThrottlingException', { error: { type: 'rate_limit_error', message: 'slow down' } }],
    [400, 'ValidationException', { error: { type: 'invalid_request_error', message: 'prompt is too long' } }],
    [529, 'ServiceUnavailableException', { error: { type: 'overloaded_error', message: 'Overloaded' } }],
    [401, 'ModelErrorException', { error: { type: 'authentication_error', message: 'invalid x-api-key' } }],
  ])('is told of a %i as a %s', async (status, name, body) => {
    replay(status, 'application/json', body)
    await expect(client.send(new ConverseCommand({ modelId: 'claude', ...hi }))).rejects.toMatchObject({ name })
  })

  it('is told which model nobody has, and what its own call got wrong', async () => {
    await expect(client.send(new ConverseCommand({ modelId: 'nobody', ...hi }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    })
    const twice = { additionalModelRequestFields: { max_tokens: 100_000 } }
    await expect(client.send(new ConverseCommand({ modelId: 'claude', ...hi, ...twice }))).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining('inferenceConfig.maxTokens'),
    })
  })

  it('hands back thoughts of a provider that signed them, and those that nobody signed are left out', async () => {
    replay(200, 'text/event-stream', messageStream)
    const told = await client.send(new ConverseStreamCommand({ modelId: 'claude', ...hi }))
    const signature = (await allOf(told.stream)).find((event) => signatureIn(event) !== undefined)
    const reasoningText = { text: 'Hm', signature: signature && signatureIn(signature) }
    const turns = [
      ...hi.messages,
      { role: 'assistant', content: [{ reasoningContent: { reasoningText } }, { text: 'Grüße' }] },
      { role: 'user', content: [{ text: 'And?' }] },
    ] satisfies ConverseCommandInput['messages']
    replay(200, 'application/json', wholeMessage)
    await client.send(new ConverseCommand({ modelId: 'claude', messages: turns }))
    expect(JSON.parse(lastBody()).messages[1].content).toEqual([
      { type: 'thinking', thinking: 'Hm', signature: 'c2ln' },
      { type: 'text', text: 'Grüße' },
    ])
  })
})

const event = (type: string, members: object) => `event: ${type}\ndata: ${JSON.stringify({ type, ...members })}\n\n`
const block = (index: number, opening: object, ...deltas: readonly object[]) =>
  [
    event('content_block_start', { index, content_block: opening }),
    ...deltas.map((delta) => event('content_block_delta', { index, delta })),
    event('content_block_stop', { index }),
  ].join('')

const messageStream = [
  event('message_start', {
    message: {
      id: 'm1',
      type: 'message',
      role: 'assistant',
      model: 'c',
      content: [],
      usage: { input_tokens: 9, output_tokens: 1 },
    },
  }),
  block(
    0,
    { type: 'thinking', thinking: '', signature: '' },
    { type: 'thinking_delta', thinking: 'Hm' },
    { type: 'signature_delta', signature: 'c2ln' },
  ),
  block(1, { type: 'text', text: '' }, { type: 'text_delta', text: 'Grüße 😀' }),
  block(
    2,
    { type: 'tool_use', id: 't1', name: 'weather', input: {} },
    { type: 'input_json_delta', partial_json: '{}' },
  ),
  event('message_delta', { delta: { stop_reason: 'tool_use' }, usage: { output_tokens: 12 } }),
  event('message_stop', {}),
].join('')

const wholeMessage = {
  id: 'm1',
  type: 'message',
  role: 'assistant',
  model: 'c',
  content: [{ type: 'text', text: 'Well.' }],
  stop_reason: 'end_turn',
  usage: { input_tokens: 9, output_tokens: 1 },
}

function replay(status: number, type: string, body: string | object): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  upstream.answer({ status, headers: { 'content-type': type }, body: Buffer.from(text) })
}

function lastBody(): string {
  return upstream.seen.at(-1)?.body.toString() ?? ''
}

async function allOf(
  stream: AsyncIterable<ConverseStreamOutput> | undefined,
): Promise<readonly ConverseStreamOutput[]> {
  const events: ConverseStreamOutput[] = []
  for await (const one of stream ?? []) events.push(one)
  return events
}

function textIn({ contentBlockDelta }: ConverseStreamOutput): string {
  return contentBlockDelta?.delta?.text ?? ''
}

function signatureIn({ contentBlockDelta }: ConverseStreamOutput): string | undefined {
  return contentBlockDelta?.delta?.reasoningContent?.signature
}
