import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ReplyEvent } from '../../../canonical/event.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import { originOf } from '../../../canonical/origin.ts'
import { noUsage } from '../../../canonical/usage.ts'
import { hostileFrame, hostileObject } from '../../laws/hostile-values.ts'
import { openEvents, readAnswer } from './read-answer.ts'

const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 }

/** Events of the pieces of choice 0, without `open`. */
function events(...deltas: readonly JsonObject[]): readonly ReplyEvent[] {
  return chunks(...deltas.map((delta) => ({ choices: [{ index: 0, delta, finish_reason: null }] })))
}

function chunks(...all: readonly JsonObject[]): readonly ReplyEvent[] {
  const reader = openEvents()
  const read = all.flatMap((chunk) => reader.read('', Buffer.from(JSON.stringify({ id: 'c1', ...chunk }))).events)
  return [...read, ...reader.end()].filter(({ kind }) => kind !== 'open')
}

/** As short words, which is how sequences are best compared. */
function words(list: readonly ReplyEvent[]): readonly string[] {
  return list.map((event) => {
    switch (event.kind) {
      case 'block-start': {
        const { content } = event
        const more = content.kind === 'tool-use' ? ` ${content.id} ${content.name}` : ''
        return `${event.choice}.${event.block} ${content.kind}${more}`
      }
      case 'block-delta':
        return `${event.choice}.${event.block} +${event.delta.kind}${'text' in event.delta ? ` ${event.delta.text}` : ''}`
      case 'block-end':
        return `${event.choice}.${event.block} end`
      case 'close':
        return `${event.choice} ${event.reason}`
      default:
        return event.kind
    }
  })
}

const call = (members: JsonObject) => ({ tool_calls: [members] })

describe('reading a stream', () => {
  it('opens once, when an id or a choice has come (Azure’s first chunk is about the prompt)', () => {
    const reader = openEvents()
    const read = (chunk: JsonObject) => reader.read('', Buffer.from(JSON.stringify(chunk))).events
    expect(read({ id: '', model: '', choices: [], prompt_filter_results: [{}] })).toEqual([])
    const head = { id: 'c1', model: 'm-1', created: 7 }
    expect(read({ ...head, choices: [] })).toEqual([
      { kind: 'open', id: 'c1', responseModel: 'm-1', createdAtSeconds: 7 },
    ])
    expect(read({ ...head, choices: [] })).toEqual([])
  })

  it('text, and what begins ends what was open', () => {
    expect(
      words(
        events(
          { role: 'assistant', content: '' },
          { reasoning_content: 'Hm.' },
          { content: 'A' },
          { content: 'B' },
          call({ index: 0, id: 't', type: 'function', function: { name: 'f', arguments: '' } }),
          { content: 'C' },
          { refusal: 'No.' },
        ),
      ),
    ).toEqual([
      '0.0 thought',
      '0.0 +text Hm.',
      '0.0 end',
      '0.1 text',
      '0.1 +text A',
      '0.1 +text B',
      '0.1 end',
      '0.2 tool-use t f',
      '0.2 end',
      '0.3 text',
      '0.3 +text C',
      '0.3 end',
      '0.4 refusal',
      '0.4 +text No.',
      '0.4 end',
      '0 other',
    ])
  })

  it.each<[string, readonly JsonObject[]]>([
    [
      'by index',
      [
        call({ index: 0, id: 'a', function: { name: 'f', arguments: '' } }),
        call({ index: 0, function: { arguments: '{}' } }),
        call({ index: 1, id: 'b', function: { name: 'g', arguments: '' } }),
        call({ index: 1, function: { arguments: '{}' } }),
      ],
    ],
    [
      'with id and name in every piece (Baseten)',
      [
        call({ index: 0, id: 'a', function: { name: 'f', arguments: '{' } }),
        call({ index: 0, id: 'a', function: { name: 'f', arguments: '}' } }),
        call({ index: 1, id: 'b', function: { name: 'g', arguments: '{}' } }),
      ],
    ],
    [
      'whole and without an index (Mistral)',
      [
        {
          tool_calls: [
            { id: 'a', function: { name: 'f', arguments: '{}' } },
            { id: 'b', function: { name: 'g', arguments: '{}' } },
          ],
        },
      ],
    ],
    [
      'all with the index 0, told apart by their ids',
      [
        call({ index: 0, id: 'a', function: { name: 'f', arguments: '{}' } }),
        call({ index: 0, id: 'b', function: { name: 'g', arguments: '{}' } }),
      ],
    ],
    [
      'with the name in a piece of its own',
      [
        call({ index: 0, id: 'a' }),
        call({ index: 0, function: { arguments: '{' } }),
        call({ index: 0, function: { name: 'f', arguments: '}' } }),
        call({ index: 1, id: 'b', function: { name: 'g', arguments: '{}' } }),
      ],
    ],
  ])('calls %s', (_how, deltas) => {
    const read = events(...deltas)
    const starts = words(read).filter((word) => word.includes('tool-use'))
    expect(starts).toEqual(['0.0 tool-use a f', '0.1 tool-use b g'])
    for (const block of [0, 1]) {
      const texts = read.map((event) =>
        event.kind === 'block-delta' && event.block === block && event.delta.kind === 'arguments'
          ? event.delta.text
          : '',
      )
      expect(texts.join('')).toBe('{}')
    }
  })

  it('pieces of calls that come mixed each stay with their call', () => {
    const read = events(
      call({ index: 0, id: 'a', function: { name: 'f', arguments: '' } }),
      call({ index: 1, id: 'b', function: { name: 'g', arguments: '' } }),
      call({ index: 2, id: 'c', type: 'custom', custom: { name: 'h', input: 'x' } }),
      call({ index: 0, function: { arguments: '{"a":' } }),
      call({ index: 1, function: { arguments: '{}' } }),
      call({ index: 2, custom: { input: 'y' } }),
      call({ index: 0, function: { arguments: '1}' } }),
    )
    expect(words(read)).toEqual([
      '0.0 tool-use a f',
      '0.1 tool-use b g',
      '0.2 opaque',
      '0.0 +arguments {"a":',
      '0.1 +arguments {}',
      '0.2 +opaque',
      '0.0 +arguments 1}',
      '0.0 end',
      '0.1 end',
      '0.2 end',
      '0 other',
    ])
  })

  it('a call whose arguments are whole ends when the next one begins', () => {
    const read = events(
      call({ index: 0, id: 'a', function: { name: 'f', arguments: '{"a":1}' } }),
      call({ index: 1, id: 'b', function: { name: 'g', arguments: '{}' } }),
      call({ index: 0, function: { arguments: '\n' } }),
    )
    expect(words(read).slice(0, 4)).toEqual([
      '0.0 tool-use a f',
      '0.0 +arguments {"a":1}',
      '0.0 end',
      '0.1 tool-use b g',
    ])
  })

  it('more of a call that has ended is refused', () => {
    expect(() =>
      events(
        call({ index: 0, id: 'a', function: { name: 'f', arguments: '{"a":' } }),
        { content: 'So.' },
        call({ index: 0, function: { arguments: '1}' } }),
      ),
    ).toThrow(expect.objectContaining({ kind: 'upstream_invalid' }))
  })

  it('a call without an id gets one from its answer, and one of a function before tools too', () => {
    expect(words(events(call({ index: 0, function: { name: 'f' } })))[0]).toBe('0.0 tool-use c1_0_0 f')
    const older = events({ function_call: { name: 'f', arguments: '{' } }, { function_call: { arguments: '}' } })
    expect(words(older)).toEqual([
      '0.0 tool-use c1_0_0 f',
      '0.0 +arguments {',
      '0.0 +arguments }',
      '0.0 end',
      '0 other',
    ])
  })

  it('a call of a custom tool is opaque, with all its pieces', () => {
    const first = { index: 0, id: 'a', type: 'custom', custom: { name: 'shell', input: 'l' } }
    const read = events(call(first), call({ index: 0, custom: { input: 's' } }))
    expect(read[0]).toMatchObject({ content: { kind: 'opaque', type: 'custom', wire: first } })
    expect(words(read)).toEqual(['0.0 opaque', '0.0 +opaque', '0.0 end', '0 other'])
  })

  it('choices side by side', () => {
    const read = chunks(
      {
        choices: [
          { index: 0, delta: { content: 'a' } },
          { index: 1, delta: { content: 'b' } },
        ],
      },
      { choices: [{ index: 1, delta: {}, finish_reason: 'length' }] },
      { choices: [{ index: 0, delta: { content: 'c' }, finish_reason: 'stop' }] },
    )
    expect(words(read)).toEqual([
      '0.0 text',
      '0.0 +text a',
      '1.0 text',
      '1.0 +text b',
      '1.0 end',
      '1 length',
      '0.0 +text c',
      '0.0 end',
      '0 end',
    ])
  })

  it('OpenRouter’s thoughts, their copy, their signature and what is encrypted; a second ending is none', () => {
    const detail = (members: JsonObject) => ({
      type: 'reasoning.text',
      format: 'anthropic-claude-v1',
      index: 0,
      ...members,
    })
    const read = chunks(
      { choices: [{ index: 0, delta: { content: '', reasoning: 'A', reasoning_details: [detail({ text: 'A' })] } }] },
      { choices: [{ index: 0, delta: { reasoning_details: [detail({ signature: 'c2ln' })] } }] },
      { choices: [{ index: 0, delta: { reasoning: 'B', reasoning_details: [detail({ text: 'B', index: 1 })] } }] },
      { choices: [{ index: 0, delta: { reasoning_details: [{ type: 'reasoning.encrypted', data: 'x' }] } }] },
      { choices: [{ index: 0, delta: {}, finish_reason: 'stop', native_finish_reason: 'end_turn' }] },
      {
        choices: [{ index: 0, delta: { content: '' }, finish_reason: 'stop', native_finish_reason: 'end_turn' }],
        usage,
      },
    )
    expect(words(read)).toEqual([
      '0.0 thought',
      '0.0 +text A',
      '0.0 +signature',
      '0.0 end',
      '0.1 thought',
      '0.1 +text B',
      '0.1 end',
      '0.2 redacted-thought',
      '0.2 end',
      '0 end',
      'usage',
    ])
    expect(read.find(({ kind }) => kind === 'close')).toMatchObject({ nativeReason: 'end_turn' })
  })

  it('Mistral’s content: thoughts and text in parts', () => {
    const thinking = (text: string) => ({ content: [{ type: 'thinking', thinking: [{ type: 'text', text }] }] })
    expect(
      words(events(thinking('A'), thinking('B'), { content: [{ type: 'text', text: 'C' }] }, { content: 'D' })),
    ).toEqual([
      '0.0 thought',
      '0.0 +text A',
      '0.0 +text B',
      '0.0 end',
      '0.1 text',
      '0.1 +text C',
      '0.1 +text D',
      '0.1 end',
      '0 other',
    ])
  })

  it('citations, odds, sound and pictures', () => {
    const logprobs = { content: [{ token: 'A', logprob: -1, bytes: null, top_logprobs: [] }], refusal: null }
    const citation = { type: 'url_citation', url_citation: { url: 'u' } }
    expect(
      words(
        chunks(
          { choices: [{ index: 0, delta: { content: 'A' }, logprobs }] },
          { choices: [{ index: 0, delta: { annotations: [citation] }, logprobs: { content: [], refusal: null } }] },
          { choices: [{ index: 0, delta: { audio: { id: 'a', data: 'AA', transcript: 'x' } } }] },
          { choices: [{ index: 0, delta: { images: [{ type: 'image_url', image_url: { url: 'u' } }] } }] },
          { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
        ),
      ),
    ).toEqual([
      '0.0 text',
      '0.0 +text A',
      '0.0 +logprobs',
      '0.0 +citation',
      '0.0 end',
      '0.1 audio',
      '0.1 +audio',
      '0.1 +text x',
      '0.1 end',
      '0.2 image',
      '0.2 end',
      '0 end',
    ])
  })

  it('M8 usage wherever a chunk has it, with or without choices, and in Groq’s own member', () => {
    const told = { kind: 'usage', usage: { ...noUsage, inputUncached: 3, outputText: 2 } }
    expect(chunks({ choices: [], usage, service_tier: 'flex' })).toMatchObject([{ ...told, serviceTier: 'flex' }])
    expect(chunks({ choices: [], x_groq: { usage } })).toMatchObject([told])
    expect(chunks({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], usage })).toMatchObject([
      { kind: 'close' },
      told,
    ])
  })

  it('names what no event carries, where the choice closes', () => {
    const [closed] = chunks(
      { choices: [{ index: 0, delta: { executed_tools: [{}], channel: 'analysis' }, content_filter_results: {} }] },
      { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
    )
    expect(closed && originOf(closed)).toMatchObject({
      path: 'choices[0]',
      unheard: ['message.executed_tools', 'content_filter_results'],
    })
  })

  it('what is no chunk says nothing', () => {
    const reader = openEvents()
    for (const data of ['[DONE]', '', 'null', '[1]', '{'])
      expect(reader.read('', Buffer.from(data))).toEqual({ events: [], wire: data })
    expect(reader.end()).toEqual([])
  })

  it('no bytes make it throw, and its events keep their grammar', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(hostileFrame, hostileChunk)), (frames) => {
        const reader = openEvents()
        const read = frames.flatMap((data) => reader.read('', Buffer.from(data)).events)
        expect(openBlocks([...read, ...reader.end()])).toBe(0)
      }),
      { seed: 7, numRuns: 500 },
    )
  })
})

describe('reading an answer', () => {
  it('is the stream that arrived at once', () => {
    const body = {
      id: 'c1',
      model: 'm-1',
      created: 7,
      choices: [
        {
          index: 0,
          message: {
            role: 'assistant',
            content: 'I look.',
            reasoning_content: 'Hm.',
            annotations: [{ type: 'url_citation' }],
            tool_calls: [
              { id: 'a', type: 'function', function: { name: 'f', arguments: '' } },
              { id: 'a', type: 'function', function: { name: 'g', arguments: '{}' } },
            ],
          },
          finish_reason: 'tool_calls',
        },
        { index: 1, message: { role: 'assistant', refusal: 'No.', content: null }, finish_reason: 'content_filter' },
      ],
      usage,
    }
    expect(words(readAnswer(body).events)).toEqual([
      'open',
      '0.0 thought',
      '0.0 +text Hm.',
      '0.0 end',
      '0.1 text',
      '0.1 +text I look.',
      '0.1 +citation',
      '0.1 end',
      '0.2 tool-use a f',
      '0.2 end',
      '0.3 tool-use a g',
      '0.3 +arguments {}',
      '0.3 end',
      '0 tool-use',
      '1.0 refusal',
      '1.0 +text No.',
      '1.0 end',
      '1 content-filter',
      'usage',
    ])
  })

  it.each<[JsonObject, string, string | undefined, string | undefined]>([
    [{ finish_reason: 'stop' }, 'end', undefined, undefined],
    [{ finish_reason: 'stop', stop_reason: 'END' }, 'stop-sequence', undefined, 'END'],
    [{ finish_reason: 'stop', stop_reason: 128_009 }, 'end', undefined, undefined],
    [{ finish_reason: 'length' }, 'length', undefined, undefined],
    [{ finish_reason: 'model_length' }, 'length', 'model_length', undefined],
    [{ finish_reason: 'function_call' }, 'tool-use', 'function_call', undefined],
    [{ finish_reason: 'stop', native_finish_reason: 'pause_turn' }, 'end', 'pause_turn', undefined],
    [{ finish_reason: 'bored' }, 'other', 'bored', undefined],
    [{}, 'other', undefined, undefined],
  ])('why it ended: %j', (choice, reason, nativeReason, stopSequence) => {
    const { events: read } = readAnswer({ choices: [{ index: 0, message: {}, ...choice }] })
    expect(read.at(-1)).toEqual({ kind: 'close', choice: 0, reason, nativeReason, stopSequence })
  })

  it('no JSON makes it throw', () => {
    fc.assert(
      fc.property(hostileObject, fc.array(hostileObject), (body, choices) => {
        expect(openBlocks(readAnswer(body).events)).toBe(0)
        const messages = choices.map((message, index) => ({ index, message, ...message }))
        expect(openBlocks(readAnswer({ choices: messages }).events)).toBe(0)
      }),
      { seed: 7, numRuns: 500 },
    )
  })
})

const hostileChunk = hostileObject.map((delta) =>
  JSON.stringify({ choices: [{ ...delta, delta, finish_reason: delta['x'] }] }),
)

/** How many blocks are open at the end; more than one of a choice at once throws. */
function openBlocks(list: readonly ReplyEvent[]): number {
  const open = new Map<number, number>()
  for (const event of list) {
    if (event.kind === 'block-start') {
      expect(open.has(event.choice)).toBe(false)
      open.set(event.choice, event.block)
    }
    if (event.kind === 'block-end') {
      expect(open.get(event.choice)).toBe(event.block)
      open.delete(event.choice)
    }
  }
  return open.size
}
