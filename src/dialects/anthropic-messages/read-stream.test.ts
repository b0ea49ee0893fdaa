import { createParser } from 'eventsource-parser'
import { describe, expect, it } from 'vitest'
import { recordings } from '../../../test/corpus.ts'
import { isJsonObject, type JsonObject } from '../../canonical/json.ts'
import type { StreamReader } from '../dialect.ts'
import { bytesOfBlock, bytesOfDelta } from './generated-bytes.ts'
import { readCall } from './read-call.ts'
import { openStream } from './read-stream.ts'

const open = () => openStream(readCall({ model: 'm', messages: [], stream: true }))
const start = {
  type: 'message_start',
  message: { model: 'm-1', usage: { input_tokens: 25, cache_read_input_tokens: 5, output_tokens: 1 } },
}
const blockStart = (block: JsonObject) => ({ type: 'content_block_start', index: 0, content_block: block })
const delta = (members: JsonObject) => ({ type: 'content_block_delta', index: 0, delta: members })
const text = delta({ type: 'text_delta', text: 'Hello' })
const messageDelta = (usage?: JsonObject) => ({
  type: 'message_delta',
  delta: { stop_reason: 'end_turn' },
  ...(usage && { usage }),
})
const stop = { type: 'message_stop' }

function read(reader: StreamReader, said: JsonObject, event = String(said['type'] ?? '')): string {
  return reader.read(event, Buffer.from(JSON.stringify(said)))
}

function readAll(reader: StreamReader, ...frames: readonly JsonObject[]): readonly string[] {
  return frames.map((frame) => read(reader, frame))
}

describe('a messages stream', () => {
  it('openings and pings are quiet until something was generated', () => {
    const frames = [
      start,
      { type: 'ping' },
      blockStart({ type: 'text', text: '' }),
      text,
      { type: 'ping' },
      messageDelta({ output_tokens: 3 }),
      stop,
    ]
    expect(readAll(open(), ...frames)).toEqual(['quiet', 'quiet', 'quiet', 'content', 'content', 'content', 'end'])
    expect(open().read('ping', Buffer.alloc(0))).toBe('quiet')
  })

  it('the opening of a tool’s call, or of anything that is not empty, is content', () => {
    expect(readAll(open(), start, blockStart({ type: 'tool_use', id: 't', name: 'f', input: {} }))).toEqual([
      'quiet',
      'content',
    ])
    expect(readAll(open(), start, blockStart({ type: 'redacted_thinking', data: 'AA' }))).toEqual(['quiet', 'content'])
    expect(readAll(open(), start, blockStart({ type: 'thinking', thinking: '', signature: '' }))).toEqual([
      'quiet',
      'quiet',
    ])
  })

  it('S1 a second message before the first has ended is no answer; the same one told again says nothing', () => {
    const named = (id: string) => ({ ...start, message: { ...start.message, id } })
    const reader = open()
    expect(readAll(reader, named('a'), text, named('a'), named('b'))).toEqual(['quiet', 'content', 'content', 'error'])
    expect(reader.facts().problem).toMatchObject({
      kind: 'upstream_invalid',
      message: expect.stringContaining('another message before the first had ended'),
    })
  })

  it.each([
    [
      'at its end',
      [start, { type: 'message_delta', delta: { stop_reason: 'end_turn', container: { id: 'c1' } } }, stop],
    ],
    ['at once', [{ ...start, message: { ...start.message, container: { id: 'c1' } } }, text, stop]],
  ])('tells the container that its tools ran in, %s', (_, frames) => {
    const reader = open()
    readAll(reader, ...frames)
    expect(reader.facts().storedIds).toEqual(['c1'])
  })

  it('tells the files that code has written', () => {
    const reader = open()
    const outputOf = (id: string) => ({ type: 'code_execution_output', file_id: id })
    const blocks = ['file_1', 'file_2'].map((id) =>
      blockStart({
        type: 'code_execution_tool_result',
        tool_use_id: 's',
        content: { type: 'code_execution_result', stdout: '', content: [outputOf(id)] },
      }),
    )
    readAll(reader, start, ...blocks, stop)
    expect(reader.facts().storedFileIds).toEqual(['file_1', 'file_2'])
  })

  it('frames are told by their data where a proxy sends no event names', () => {
    const reader = open()
    const meanings = [
      start,
      blockStart({ type: 'text', text: '' }),
      text,
      messageDelta({ output_tokens: 3 }),
      stop,
    ].map((frame) => read(reader, frame, ''))
    expect(meanings).toEqual(['quiet', 'quiet', 'content', 'content', 'end'])
    expect(reader.facts()).toMatchObject({ isUsageFinal: true, contentFrames: 1, textBytes: 5 })
  })

  it('M8 usage said only at the start, before a cut, is not final', () => {
    const reader = open()
    readAll(reader, start, blockStart({ type: 'text', text: '' }), text)
    expect(reader.facts()).toEqual({
      usage: expect.objectContaining({ inputUncached: 25, cacheRead: 5, outputText: 1 }),
      isUsageFinal: false,
      responseModel: 'm-1',
      providerCostNanos: undefined,
      problem: undefined,
      isComplete: false,
      textBytes: 5,
      contentFrames: 1,
      storedIds: [],
    })
  })

  it('M8 the delta’s usage is final; cache tokens may come with it alone', () => {
    const reader = open()
    readAll(reader, { type: 'message_start', message: { usage: { input_tokens: 25, output_tokens: 1 } } }, text)
    readAll(reader, messageDelta({ cache_read_input_tokens: 7, output_tokens: 42 }), stop)
    expect(reader.facts()).toMatchObject({
      isUsageFinal: true,
      isComplete: true,
      usage: { inputUncached: 25, cacheRead: 7, outputText: 42 },
    })
  })

  it('S1 is complete with its last frame, and not with its stop reason', () => {
    const reader = open()
    readAll(reader, start, text, messageDelta({ output_tokens: 42 }))
    expect(reader.facts()).toMatchObject({ isComplete: false, isUsageFinal: false, usage: { outputText: 42 } })
    readAll(reader, stop)
    expect(reader.facts()).toMatchObject({ isComplete: true, isUsageFinal: true })
  })

  it('M8 a second delta without usage does not clobber the first one’s', () => {
    const reader = open()
    readAll(
      reader,
      start,
      text,
      messageDelta({ output_tokens: 42 }),
      { type: 'message_delta', delta: {} },
      messageDelta({}),
      stop,
    )
    expect(reader.facts()).toMatchObject({ isUsageFinal: true, usage: { inputUncached: 25, outputText: 42 } })
  })

  it('M8 an end without a delta’s usage leaves what the start said, and that is not final', () => {
    const reader = open()
    expect(readAll(reader, start, text, messageDelta(), stop).at(-1)).toBe('end')
    expect(reader.facts()).toMatchObject({ isComplete: true, isUsageFinal: false, usage: { outputText: 1 } })
  })

  it('M13 a hostile usage at the end leaves what the start said, and that is not final', () => {
    for (const usage of [
      { output_tokens: -1 },
      { output_tokens: 1e12 },
      { output_tokens: '42' },
      { output_tokens: 0.5 },
    ]) {
      const reader = open()
      readAll(reader, start, text, messageDelta(usage), stop)
      expect(reader.facts()).toMatchObject({
        isComplete: true,
        isUsageFinal: false,
        usage: { inputUncached: 25, outputText: 1 },
      })
    }
  })

  it('20 an error is told by its event or its type, before content and after', () => {
    const error = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }
    for (const opening of [[], [start, text]]) {
      for (const event of ['error', '']) {
        const reader = open()
        readAll(reader, ...opening)
        expect(read(reader, error, event)).toBe('error')
        expect(reader.facts().problem).toMatchObject({ kind: 'upstream_overloaded', message: 'Overloaded' })
      }
    }
    expect(read(open(), { error: { message: 'a proxy’s own' } }, '')).toBe('error')
  })

  it('S4, 12 a frame that is no JSON is an error before content, and passes after it', () => {
    const reader = open()
    expect(reader.read('message_start', Buffer.from('{"type":'))).toBe('error')
    expect(reader.facts().problem?.kind).toBe('upstream_invalid')
    const later = open()
    readAll(later, start, text)
    expect(later.read('content_block_stop', Buffer.from('{"type":'))).toBe('content')
  })

  it('signatures and citations are content, but no generated text', () => {
    const reader = open()
    const citation = { type: 'citations_delta', citation: { cited_text: 'long' } }
    expect(
      readAll(reader, start, text, delta({ type: 'signature_delta', signature: 'c2ln' }), delta(citation)),
    ).toEqual(['quiet', 'content', 'content', 'content'])
    expect(reader.facts()).toMatchObject({ contentFrames: 1, textBytes: 5 })
  })

  it('text that looks like an event is text', () => {
    const reader = open()
    const lookalike = delta({ type: 'text_delta', text: '{"type":"message_stop"}\n\nevent: error' })
    expect(readAll(reader, start, lookalike, lookalike)).toEqual(['quiet', 'content', 'content'])
    expect(reader.facts()).toMatchObject({ isComplete: false, problem: undefined })
  })

  it('the bytes of text are near to what a parse of every frame finds, in every recorded stream', () => {
    const far = recordings('messages')
      .filter(({ response }) => response.status === 200 && /^(?:data|event|:)/.test(response.body))
      .map(({ id, response }) => {
        const reader = open()
        let exact = 0
        const onEvent = ({ event, data }: { event?: string | undefined; data: string }) => {
          reader.read(event ?? '', Buffer.from(data))
          const said = JSON.parse(data)
          if (isJsonObject(said)) exact += bytesOfDelta(said['delta']) + bytesOfBlock(said['content_block'])
        }
        createParser({ onEvent }).feed(response.body)
        return { id, exact, read: reader.facts().textBytes }
      })
      .filter(({ exact, read: found }) => found < exact || found > exact * 1.5)
    expect(far).toEqual([])
  })
})
