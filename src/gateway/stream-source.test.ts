import { describe, expect, it } from 'vitest'
import { GatewayError } from '../canonical/error.ts'
import type { JsonObject } from '../canonical/json.ts'
import { dialects } from '../dialects/all.ts'
import type { ChatDialectName, Dialect, DialectName } from '../dialects/dialect.ts'
import { writeAwsEvent } from '../wire/aws-event-stream.ts'
import type { Framing } from '../wire/framing.ts'
import { writeSse } from '../wire/sse.ts'
import { StreamSource } from './stream-source.ts'
import { translatorFor } from './translate-answer.ts'

const aws = (event: string, members: object) => writeAwsEvent(event, Buffer.from(JSON.stringify(members)))
const sse = (event: string, members: object) => Buffer.from(writeSse(event, JSON.stringify(members)))

const converse = [
  aws('messageStart', { role: 'assistant' }),
  aws('contentBlockDelta', { delta: { text: 'Grüße' }, contentBlockIndex: 0 }),
  aws('contentBlockStop', { contentBlockIndex: 0 }),
  aws('messageStop', { stopReason: 'end_turn' }),
  aws('metadata', { usage: { inputTokens: 3, outputTokens: 2, totalTokens: 5 }, metrics: { latencyMs: 1 } }),
]

const inner = [
  { type: 'message_start', message: { id: 'm', role: 'assistant', content: [], usage: { input_tokens: 3 } } },
  { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Grüße' } },
  { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 2 } },
  { type: 'message_stop' },
]

describe('a stream of AWS events', () => {
  it('passes as it came where the client is given such a stream, its end held back', () => {
    const { passed, ending } = relay('bedrock-converse', 'bedrock-converse', Buffer.concat(converse))
    expect(passed.equals(Buffer.concat(converse.slice(0, -1)))).toBe(true)
    expect(converse.at(-1)).toEqual(ending)
  })

  it('is told as server-sent events to a client of another dialect', () => {
    const { passed, ending } = relay('bedrock-converse', 'anthropic-messages', Buffer.concat(converse))
    expect(passed.toString()).toContain('event: content_block_delta\ndata: {"type":"content_block_delta"')
    expect(ending?.toString()).toContain('event: message_stop')
  })

  it('that wraps the events of a model’s own API is unwrapped for a client of that', () => {
    const wrapped = inner.map((event) =>
      aws('chunk', { bytes: Buffer.from(JSON.stringify(event)).toString('base64'), p: 'abc' }),
    )
    const { passed, ending } = relay('anthropic-messages', 'anthropic-messages', Buffer.concat(wrapped))
    const expected = inner.map((event) => sse(event.type, event))
    expect(passed.equals(Buffer.concat(expected.slice(0, -1)))).toBe(true)
    expect(ending?.equals(expected.at(-1) ?? Buffer.alloc(0))).toBe(true)
  })

  it('S6: however it is cut, the client is told the same', () => {
    const bytes = Buffer.concat(converse)
    const whole = relay('bedrock-converse', 'openai-chat', bytes)
    for (let size = 1; size < bytes.length; size += 7)
      expect(relay('bedrock-converse', 'openai-chat', bytes, size)).toEqual(whole)
  })

  it('an exception within it is a problem, and is not passed on', () => {
    const source = sourceFor('bedrock-converse', 'bedrock-converse', 'aws-event-stream')
    const bytes = [...converse.slice(0, 2), aws('throttlingException', { message: 'Too many tokens' })]
    const { hasProblem, pass } = source.take(Buffer.concat(bytes))
    expect(hasProblem).toBe(true)
    expect(Buffer.concat(pass).equals(Buffer.concat(converse.slice(0, 2)))).toBe(true)
    expect(source.facts().problem).toMatchObject({
      kind: 'upstream_rate_limited',
      message: 'Too many tokens',
      providerCode: 'ThrottlingException',
    })
  })

  it('S1: that ends in the middle of an event was cut, also after the answer has told why it ended', () => {
    const source = sourceFor('bedrock-converse', 'openai-chat', 'aws-event-stream')
    source.take(Buffer.concat(converse).subarray(0, -3))
    expect(source.facts().isComplete).toBe(true)
    expect(kindOf(() => source.takeRest())).toBe('upstream_cut')
  })

  it('whose checksum is wrong is lost', () => {
    const bytes = Buffer.concat(converse)
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
    const source = sourceFor('bedrock-converse', 'openai-chat', 'aws-event-stream')
    expect(kindOf(() => source.take(bytes))).toBe('upstream_invalid')
  })
})

describe('a stream of server-sent events', () => {
  it('is framed as AWS events for a client of Converse, which hears of comments nothing', () => {
    const events = inner.map((event) => sse(event.type, event))
    const bytes = Buffer.concat([Buffer.from(': a comment\n\n'), ...events])
    const { passed, ending } = relay('anthropic-messages', 'bedrock-converse', bytes, bytes.length, 'sse')
    expect(passed.equals(Buffer.concat(converse.slice(0, 3)))).toBe(true)
    expect(ending?.toString('latin1')).toContain('"stopReason":"end_turn"')
    expect(ending?.toString('latin1')).toContain('"totalTokens":5')
  })
})

describe('names of tools that a provider was told otherwise', () => {
  it('are in the answer as the client wrote them', () => {
    const name = `${'a.very.long.name.'.repeat(5)}end`
    const body = { model: 'm', messages: [], tools: [{ type: 'function', function: { name } }] }
    const chat = dialects['openai-chat'].translation.readChat(body)
    const names = dialects['bedrock-converse'].translation.toolNames?.(chat)
    const [told] = [...(names ?? [])].map(([legal]) => legal)
    expect(told).toMatch(/^[a-zA-Z0-9_-]{64}$/)
    const content = [{ toolUse: { toolUseId: 't1', name: told ?? '', input: {} } }]
    const answer = { output: { message: { role: 'assistant', content } }, stopReason: 'tool_use', usage: {} }
    const translator = translatorFor(dialects['bedrock-converse'], dialects['openai-chat'], body, settings, {
      toolNames: names,
    })
    expect(translator?.whole(answer, said).toString()).toContain(JSON.stringify(name))
    const start = { start: { toolUse: { toolUseId: 't1', name: told } }, contentBlockIndex: 0 }
    expect(translator?.frame('contentBlockStart', Buffer.from(JSON.stringify(start)))?.toString()).toContain(
      JSON.stringify(name),
    )
  })

  const called = (name: string) => ({ name, arguments: '{}' })
  it.each<[ChatDialectName, string, (name: string) => JsonObject, (name: string) => JsonObject]>([
    [
      'openai-chat',
      '',
      (name) => {
        const call = { id: 't1', type: 'function', function: called(name) }
        return {
          choices: [{ index: 0, message: { role: 'assistant', tool_calls: [call] }, finish_reason: 'tool_calls' }],
        }
      },
      (name) => ({
        choices: [
          { index: 0, delta: { tool_calls: [{ index: 0, id: 't1', type: 'function', function: called(name) }] } },
        ],
      }),
    ],
    [
      'openai-responses',
      'response.output_item.added',
      (name) => ({ status: 'completed', output: [{ type: 'function_call', id: 'i', call_id: 't1', ...called(name) }] }),
      (name) => ({
        type: 'response.output_item.added',
        output_index: 0,
        item: { type: 'function_call', id: 'i', call_id: 't1', ...called(name), arguments: '' },
      }),
    ],
  ])('are so in an answer of %s, whole and streamed', (provider, event, answerOf, frameOf) => {
    const name = 'long.name.'.repeat(20)
    const body = { model: 'm', max_tokens: 5, messages: [], tools: [{ name, input_schema: { type: 'object' } }] }
    const chat = dialects['anthropic-messages'].translation.readChat(body)
    const toolNames = dialects[provider].translation.toolNames?.(chat)
    const [told = ''] = [...(toolNames ?? [])].map(([legal]) => legal)
    const translator = translatorFor(dialects[provider], dialects['anthropic-messages'], body, settings, { toolNames })
    expect(translator?.whole(answerOf(told), said).toString()).toContain(`"name":"${name}"`)
    const frame = translator?.frame(event, Buffer.from(JSON.stringify(frameOf(told))))
    expect(frame?.toString()).toContain(`"name":"${name}"`)
  })
})

const said = { usage: undefined, textBytes: 0, contentFrames: 0 }
const settings = { modelName: 'm', requestId: 'req_1', nowSeconds: 1, wantsStreamUsage: true }

function sourceFor(provider: DialectName, client: DialectName, provided: Framing): StreamSource {
  const [from, to]: readonly [Dialect, Dialect] = [dialects[provider], dialects[client]]
  const call = from.readCall({ model: 'm', messages: [], stream: true, max_tokens: 5 })
  return new StreamSource(from.openStream(call), translatorFor(from, to, {}, settings), provided, to.framing ?? 'sse')
}

function relay(
  provider: DialectName,
  client: DialectName,
  bytes: Buffer,
  size = bytes.length,
  provided: Framing = 'aws-event-stream',
): { readonly passed: Buffer; readonly ending: Buffer | undefined } {
  const source = sourceFor(provider, client, provided)
  const passed: Buffer[] = []
  let ending: Buffer | undefined
  for (let start = 0; start < bytes.length; start += size) {
    const piece = source.take(bytes.subarray(start, start + size))
    passed.push(...piece.pass)
    ending ??= piece.ending
  }
  ending ??= source.takeRest().ending
  return { passed: Buffer.concat(passed), ending }
}

function kindOf(act: () => unknown): string | undefined {
  try {
    act()
    return undefined
  } catch (thrown) {
    if (thrown instanceof GatewayError) return thrown.kind
    throw thrown
  }
}
