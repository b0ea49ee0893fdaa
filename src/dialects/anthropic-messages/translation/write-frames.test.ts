import Anthropic from '@anthropic-ai/sdk'
import { describe, expect, it } from 'vitest'
import type { GatewayError } from '../../../canonical/error.ts'
import type { HeardFrame, ReplyEvent } from '../../../canonical/event.ts'
import { isJsonObject, type Json, type JsonObject } from '../../../canonical/json.ts'
import { Losses } from '../../../canonical/loss.ts'
import { edit } from '../../../canonical/origin.ts'
import { noUsage } from '../../../canonical/usage.ts'
import { SseScanner } from '../../../wire/sse.ts'
import { answerSettings, close, end, more, open, start } from '../../laws/foreign-words.ts'
import { unsignedMark } from '../unsigned-thoughts.ts'
import { translation } from './index.ts'

const words = (block: number, text: string) => more(block, { kind: 'text', text })
const toolUse = (block: number) => start(block, { kind: 'tool-use', id: `c${block}`, name: 'f', signature: undefined })
const args = (block: number, text: string) => more(block, { kind: 'arguments', text })
const counted = (usage: Partial<typeof noUsage>): ReplyEvent => ({
  kind: 'usage',
  usage: { ...noUsage, ...usage },
  providerCostNanos: undefined,
  serviceTier: undefined,
})

/** Each event in a frame of its own, as a provider sends them. */
function streamOf(...events: readonly ReplyEvent[]) {
  const losses = new Losses()
  const writer = translation.openFrames(losses, answerSettings)
  const texts = events.map((event) => writer.write({ events: [event], wire: undefined }))
  const sse = texts.join('') + writer.end()
  return { sse, texts, frames: framesIn(sse), losses: losses.list().map(({ path }) => path) }
}

function framesIn(sse: string): readonly JsonObject[] {
  return [...new SseScanner().push(Buffer.from(sse))].map(({ event, data }) => {
    const value: Json = JSON.parse(data.toString())
    if (!isJsonObject(value) || value['type'] !== event) throw new Error(`the event ${event} is not what its data say`)
    return value
  })
}

const shapeOf = ({ type, index, delta, content_block: block }: JsonObject) =>
  [type, index, isJsonObject(delta) ? (delta['type'] ?? '') : '', isJsonObject(block) ? (block['type'] ?? '') : '']
    .filter((part) => part !== '' && part !== undefined)
    .join(' ')

/** The message as Anthropic's own client puts it together. */
async function asTheSdkReads(sse: string): Promise<Anthropic.Message> {
  const client = new Anthropic({
    apiKey: 'none',
    maxRetries: 0,
    fetch: () => Promise.resolve(new Response(sse, { headers: { 'content-type': 'text/event-stream' } })),
  })
  const params = { model: 'm', max_tokens: 1, messages: [{ role: 'user', content: 'hello' }] } as const
  return client.messages.stream({ ...params, messages: [...params.messages] }).finalMessage()
}

describe('a stream of another dialect', () => {
  const mixed = [
    open,
    start(0, { kind: 'thought' }),
    words(0, 'hm'),
    end(0),
    start(1, { kind: 'text' }),
    words(1, ''),
    words(1, 'Grü'),
    { kind: 'ping' },
    words(1, 'ße\r\n\ndata: [DONE]\u2028'),
    end(1),
    toolUse(2),
    toolUse(3),
    args(2, '{"a'),
    args(3, '{"b":'),
    args(2, '":1}'),
    args(3, '2}'),
    end(2),
    end(3),
    close('tool-use', 'tool_calls'),
    counted({ inputUncached: 9, cacheRead: 3, cacheWrite1h: 2, outputText: 5, outputReasoning: 4 }),
  ] as const

  it('is told strictly block after block, what came mixed in its turn', () => {
    expect(streamOf(...mixed).frames.map(shapeOf)).toEqual([
      'message_start',
      'content_block_start 0 thinking',
      'content_block_delta 0 thinking_delta',
      'content_block_delta 0 signature_delta',
      'content_block_stop 0',
      'content_block_start 1 text',
      'content_block_delta 1 text_delta',
      'ping',
      'content_block_delta 1 text_delta',
      'content_block_stop 1',
      'content_block_start 2 tool_use',
      'content_block_delta 2 input_json_delta',
      'content_block_delta 2 input_json_delta',
      'content_block_stop 2',
      'content_block_start 3 tool_use',
      'content_block_delta 3 input_json_delta',
      'content_block_delta 3 input_json_delta',
      'content_block_stop 3',
      'message_delta',
      'message_stop',
    ])
  })

  it('names a loss where more of a block comes after its end', () => {
    const losses = new Losses()
    const writer = translation.openFrames(losses, answerSettings)
    writer.write({ events: [open, toolUse(0), end(0), args(0, '{}')], wire: undefined })
    expect(losses.list()).toContainEqual(expect.objectContaining({ kind: 'lost', path: 'choices[0].blocks[0]' }))
  })

  it('is what the SDK expects, and means to it what a body would', async () => {
    const { sse } = streamOf(...mixed)
    const { usage, ...message } = await asTheSdkReads(sse)
    const { usage: _, ...body } = translation.writeAnswer(
      { events: mixed, wire: undefined },
      new Losses(),
      answerSettings,
    )
    expect(message).toMatchObject({
      ...body,
      content: [{ signature: unsignedMark }, {}, { input: { a: 1 } }, { input: { b: 2 } }],
    })
    expect(message.content).toEqual(body['content'])
    expect(usage).toMatchObject({
      input_tokens: 9,
      cache_read_input_tokens: 3,
      cache_creation_input_tokens: 2,
      output_tokens: 9,
      output_tokens_details: { thinking_tokens: 4 },
    })
  })

  it('has frames with every member that the SDK’s types demand', () => {
    const { frames } = streamOf(...mixed)
    const finish = {
      type: 'message_delta',
      delta: { stop_reason: 'tool_use', stop_sequence: null, stop_details: null, container: null },
      usage: {
        input_tokens: 9,
        cache_read_input_tokens: 3,
        cache_creation_input_tokens: 2,
        output_tokens: 9,
        output_tokens_details: { thinking_tokens: 4 },
        server_tool_use: null,
      },
    } satisfies Anthropic.RawMessageDeltaEvent
    expect(frames.at(-2)).toMatchObject(finish)
    expect(frames[0]).toMatchObject({
      type: 'message_start',
      message: { id: 'id_1', model: 'm-1', content: [], stop_reason: null },
    })
  })

  it('tells the lifetimes of what was cached, though they come last', () => {
    const { frames } = streamOf(...mixed)
    expect(frames.at(-2)).toMatchObject({ usage: { cache_creation: { ephemeral_1h_input_tokens: 2 } } })
  })

  it('S1 ends only when told to', () => {
    const { texts } = streamOf(...mixed)
    expect(texts.join('')).not.toContain('message_delta')
    expect(texts.join('')).not.toContain('message_stop')
  })

  it('N5 text that looks like frames makes none', () => {
    const text = 'a\n\nevent: message_stop\ndata: {}\n\n\r\rdata: [DONE]'
    const { frames } = streamOf(start(0, { kind: 'text' }), words(0, text), end(0))
    expect(frames.map(shapeOf)).toEqual([
      'message_start',
      'content_block_start 0 text',
      'content_block_delta 0 text_delta',
      'content_block_stop 0',
      'message_delta',
      'message_stop',
    ])
    expect(frames[2]).toMatchObject({ delta: { text } })
  })

  it('leaves out blocks that say nothing, so that indexes have no gap', () => {
    const { frames } = streamOf(
      start(0, { kind: 'text' }),
      words(0, ''),
      end(0),
      start(1, { kind: 'image', url: 'u' }),
      end(1),
      start(2, { kind: 'text' }),
      words(2, 'yes'),
      end(2),
    )
    expect(frames.map(shapeOf).slice(1, 4)).toEqual([
      'content_block_start 0 text',
      'content_block_delta 0 text_delta',
      'content_block_stop 0',
    ])
  })

  it('tells the first choice, and that there were others', () => {
    const { frames, losses } = streamOf(
      open,
      start(0, { kind: 'text' }),
      start(0, { kind: 'text' }, 1),
      words(0, 'one'),
      more(0, { kind: 'text', text: 'two' }, 1),
      end(0),
      end(0, 1),
      close('end'),
      close('length', undefined, 1),
    )
    expect(JSON.stringify(frames)).not.toContain('two')
    expect(frames.at(-2)).toMatchObject({ delta: { stop_reason: 'end_turn' } })
    expect(losses).toEqual(['choices[1]'])
  })

  it('ends blocks that were left open, and begins when it is already over', () => {
    expect(streamOf(toolUse(0)).frames.map(shapeOf)).toEqual([
      'message_start',
      'content_block_start 0 tool_use',
      'content_block_stop 0',
      'message_delta',
      'message_stop',
    ])
    expect(streamOf().frames.map(shapeOf)).toEqual(['message_start', 'message_delta', 'message_stop'])
  })

  it('N6 refuses an answer whose parts are mixed without end', () => {
    const piece = 'x'.repeat(1024 * 1024)
    const writer = translation.openFrames(new Losses(), answerSettings)
    const write = (event: ReplyEvent) => writer.write({ events: [event], wire: undefined })
    write(toolUse(0))
    write(toolUse(1))
    expect(() => {
      for (let count = 0; count < 20; count++) write(args(1, piece))
    }).toThrow(expect.objectContaining({ kind: 'upstream_invalid' } satisfies Partial<GatewayError>))
  })
})

const frame = (type: string, members: JsonObject): readonly [string, string] => [
  type,
  JSON.stringify({ type, ...members, x: 1 }),
]

const mask = (event: ReplyEvent): ReplyEvent =>
  event.kind === 'block-delta' && event.delta.kind === 'text' && event.delta.text === 'secret'
    ? { ...event, delta: { kind: 'text', text: '***' } }
    : event

describe('a stream of our own', () => {
  const frames = [
    frame('message_start', {
      message: { id: 'msg_1', model: 'm-1', content: [], usage: { input_tokens: 1, output_tokens: 1 } },
    }),
    frame('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
    frame('content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'secret' } }),
    frame('content_block_delta', { index: 0, delta: { type: 'text_delta', text: ' words' } }),
    frame('content_block_stop', { index: 0 }),
    frame('message_delta', { delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 3 } }),
    frame('message_stop', {}),
  ]

  function retold(change: (frame: HeardFrame) => HeardFrame): readonly JsonObject[] {
    const reader = translation.openEvents()
    const writer = translation.openFrames(new Losses(), answerSettings)
    const texts = frames.map(([event, data]) => writer.write(change(reader.read(event, Buffer.from(data)))))
    expect(texts.join('')).not.toContain('message_stop')
    return framesIn(texts.join('') + writer.end())
  }

  it('goes out word for word, its last frame with the ending', () => {
    expect(retold((heard) => heard)).toEqual(frames.map(([, data]) => JSON.parse(data)))
  })

  it('with one frame changed goes on from there', () => {
    const told = retold((heard) =>
      JSON.stringify(heard.wire).includes('secret') ? edit(heard, { events: heard.events.map(mask) }) : heard,
    )
    expect(told.map(shapeOf)).toEqual(frames.map(([, data]) => shapeOf(JSON.parse(data))))
    expect(told[2]).toEqual({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: '***' } })
    expect(JSON.stringify(told)).not.toContain('secret')
  })
})
