import { describe, expect, it } from 'vitest'
import type { ReplyEvent } from '../../../canonical/event.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import { noUsage } from '../../../canonical/usage.ts'
import { foldEvents } from '../../laws/fold-events.ts'
import { translation } from './index.ts'

const frame = (type: string, members: JsonObject = {}): JsonObject => ({ type, ...members })
const opened = (index: number, block: JsonObject) => frame('content_block_start', { index, content_block: block })
const delta = (index: number, words: JsonObject) => frame('content_block_delta', { index, delta: words })
const stopped = (index: number) => frame('content_block_stop', { index })
const begun = frame('message_start', {
  message: {
    id: 'm',
    model: 'm-1',
    content: [],
    usage: { input_tokens: 4, cache_read_input_tokens: 2, output_tokens: 1, service_tier: 'standard' },
  },
})
const finished = (reason: string, usage?: JsonObject) =>
  frame('message_delta', { delta: { stop_reason: reason, stop_sequence: null }, ...(usage && { usage }) })

function eventsOf(...frames: readonly JsonObject[]): readonly ReplyEvent[] {
  const reader = translation.openEvents()
  const events = frames.flatMap((one) => reader.read(String(one['type']), Buffer.from(JSON.stringify(one))).events)
  return [...events, ...reader.end()]
}
const folded = (...frames: readonly JsonObject[]) => {
  const { choices, faults, usage } = foldEvents(eventsOf(...frames))
  expect(faults).toEqual([])
  return { blocks: choices[0]?.blocks ?? [], close: choices[0]?.close, usage }
}

describe('reading a stream', () => {
  it('finds text with citations, and thoughts with their signature', () => {
    const { blocks, close } = folded(
      begun,
      opened(0, { type: 'thinking', thinking: '', signature: '' }),
      delta(0, { type: 'thinking_delta', thinking: 'hm' }),
      delta(0, { type: 'signature_delta', signature: 'sig' }),
      stopped(0),
      opened(1, { type: 'text', text: 'Gr', citations: [] }),
      delta(1, { type: 'text_delta', text: 'üße' }),
      delta(1, { type: 'citations_delta', citation: { type: 'page_location' } }),
      stopped(1),
      opened(2, { type: 'redacted_thinking', data: 'enc' }),
      stopped(2),
      finished('end_turn'),
      frame('message_stop'),
    )
    expect(blocks).toMatchObject([
      { opening: { kind: 'thought' }, text: 'hm', signature: 'sig' },
      { opening: { kind: 'text' }, text: 'Grüße', citations: [{ type: 'page_location' }] },
      { opening: { kind: 'redacted-thought', data: 'enc' } },
    ])
    expect(close).toMatchObject({ reason: 'end', nativeReason: undefined })
  })

  it.each<readonly [string, JsonObject, readonly string[], string]>([
    ['come in pieces', {}, ['', '{"a"', ':1}'], '{"a":1}'],
    ['come with the start', { a: 1 }, [], '{"a":1}'],
    ['come with the start and again in pieces', { a: 1 }, ['{"a":1}'], '{"a":1}'],
    ['never come', {}, [''], '{}'],
  ])('arguments that %s are told once', (_name, input, pieces, expected) => {
    const { blocks } = folded(
      begun,
      opened(0, { type: 'tool_use', id: 't', name: 'f', input }),
      ...pieces.map((piece) => delta(0, { type: 'input_json_delta', partial_json: piece })),
      stopped(0),
      finished('tool_use'),
    )
    expect(blocks).toMatchObject([{ opening: { kind: 'tool-use', id: 't', name: 'f' }, argumentsText: expected }])
  })

  it('tells a block that only this dialect knows whole, when it has ended', () => {
    const { blocks } = folded(
      begun,
      opened(0, { type: 'server_tool_use', id: 's', name: 'web_search', input: {} }),
      delta(0, { type: 'input_json_delta', partial_json: '{"query":' }),
      delta(0, { type: 'input_json_delta', partial_json: '"a"}' }),
      delta(0, { type: 'delta_of_tomorrow', x: 1 }),
      stopped(0),
      finished('pause_turn'),
    )
    expect(blocks).toMatchObject([
      {
        opening: { kind: 'opaque', type: 'server_tool_use', wire: { input: { query: 'a' } } },
        opaque: [{ type: 'delta_of_tomorrow', x: 1 }],
      },
    ])
  })

  it('usage is a total: later numbers replace earlier ones, and what is not told again stays', () => {
    const { usage } = folded(
      begun,
      finished('end_turn', { output_tokens: 9, cache_creation_input_tokens: 3 }),
      frame('message_delta', { delta: {} }),
    )
    expect(usage).toMatchObject({
      usage: { ...noUsage, inputUncached: 4, cacheRead: 2, cacheWriteOther: 3, outputText: 9 },
      serviceTier: 'standard',
    })
  })

  it('a message that begins with content, as when tools were called by code, is told from its first frame on', () => {
    const message = { id: 'm', content: [{ type: 'text', text: 'a' }], stop_reason: 'tool_use' }
    const { blocks, close } = folded(frame('message_start', { message }), frame('message_stop'))
    expect(blocks).toMatchObject([{ text: 'a' }])
    expect(close).toMatchObject({ reason: 'tool-use' })
  })

  it.each<readonly [string, readonly JsonObject[]]>([
    [
      'leaves out its first frame',
      [
        opened(0, { type: 'text', text: '' }),
        delta(0, { type: 'text_delta', text: 'a' }),
        stopped(0),
        finished('end_turn'),
      ],
    ],
    [
      'leaves out the start of a block',
      [begun, delta(0, { type: 'text_delta', text: 'a' }), stopped(0), finished('end_turn')],
    ],
    ['leaves out the end of a block', [begun, opened(0, { type: 'text', text: 'a' }), finished('end_turn')]],
    ['never says why it ended', [begun, opened(0, { type: 'text', text: 'a' }), frame('message_stop')]],
    ['tells its start twice', [begun, begun, opened(0, { type: 'text', text: 'a' }), stopped(0), finished('end_turn')]],
  ])('a stream that %s is still one answer', (_name, frames) => {
    const { blocks, close } = folded(...frames)
    expect(blocks).toMatchObject([{ opening: { kind: 'text' }, text: 'a' }])
    expect(close).toMatchObject({ reason: 'end' })
  })

  it('says nothing for errors and for what is no JSON, and passes pings', () => {
    const reader = translation.openEvents()
    expect(reader.read('ping', Buffer.from('{"type":"ping"}')).events).toEqual([{ kind: 'ping' }])
    expect(reader.read('error', Buffer.from('{"type":"error","error":{}}')).events).toEqual([])
    expect(reader.read('message', Buffer.from('oops')).events).toEqual([])
    expect(reader.end()).toEqual([])
  })
})
