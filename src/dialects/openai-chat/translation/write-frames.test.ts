import OpenAI from 'openai'
import { describe, expect, it } from 'vitest'
import type { HeardFrame, ReplyEvent } from '../../../canonical/event.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { Losses } from '../../../canonical/loss.ts'
import { edit } from '../../../canonical/origin.ts'
import { openEvents } from './read-answer.ts'
import { readChat } from './read-chat.ts'
import { close, delta, end, foreignFrame, open, said, start, used } from '../../laws/sample-nodes.ts'
import { openFrames } from './write-frames.ts'

const settings = { modelName: 'asked', requestId: 'req_1', nowSeconds: 7, wantsStreamUsage: true }
const head = { id: 'msg_1', object: 'chat.completion.chunk', created: 7, model: 'c-1' }

function write(frames: readonly HeardFrame[], wantsStreamUsage = true, losses = new Losses()): string {
  const writer = openFrames(losses, { ...settings, wantsStreamUsage })
  return frames.map((frame) => writer.write(frame)).join('') + writer.end()
}

function chunksIn(text: string): readonly Json[] {
  return text
    .split('\n\n')
    .filter((frame) => frame !== '' && frame !== 'data: [DONE]')
    .map((frame) => JSON.parse(frame.replace(/^data: /, '')))
}

function deltasIn(text: string): readonly Json[] {
  return chunksIn(text).flatMap((chunk) =>
    isJsonObject(chunk) && Array.isArray(chunk['choices']) ? chunk['choices'] : [],
  )
}

/** One event a frame, as a provider of another dialect sends them. */
const streamed = (...events: readonly ReplyEvent[]) => events.map((event) => foreignFrame(event))

const withTools = streamed(
  open,
  start(0, { kind: 'thought' }),
  said(0, 'Two and '),
  said(0, 'two.'),
  delta(0, { kind: 'signature', signature: 'c2ln' }),
  end(0),
  start(1, { kind: 'text' }),
  { kind: 'ping' },
  said(1, 'I look.'),
  end(1),
  start(2, { kind: 'tool-use', id: 't1', name: 'f', signature: undefined }),
  delta(2, { kind: 'arguments', text: '{"a"' }),
  delta(2, { kind: 'arguments', text: ':1}' }),
  end(2),
  start(3, { kind: 'tool-use', id: 't2', name: 'g', signature: undefined }),
  end(3),
  close('tool-use'),
  used,
)

describe('writing a stream of another dialect', () => {
  it('says the role once, arguments as they come, empty ones as `{}`, and usage last', () => {
    const choice = (members: JsonObject, reason: string | null = null) => ({
      ...head,
      choices: [{ index: 0, delta: members, finish_reason: reason }],
    })
    const call = (members: JsonObject) => choice({ tool_calls: [members] })
    const thought = (members: JsonObject) => ({ type: 'reasoning.text', index: 0, ...members })
    const text = write(withTools)
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true)
    expect(chunksIn(text)).toEqual([
      choice({ role: 'assistant', reasoning_content: 'Two and ', reasoning_details: [thought({ text: 'Two and ' })] }),
      choice({ reasoning_content: 'two.', reasoning_details: [thought({ text: 'two.' })] }),
      choice({ reasoning_details: [thought({ signature: 'c2ln' })] }),
      choice({}),
      choice({ content: 'I look.' }),
      call({ index: 0, id: 't1', type: 'function', function: { name: 'f', arguments: '' } }),
      call({ index: 0, function: { arguments: '{"a"' } }),
      call({ index: 0, function: { arguments: ':1}' } }),
      call({ index: 1, id: 't2', type: 'function', function: { name: 'g', arguments: '' } }),
      call({ index: 1, function: { arguments: '{}' } }),
      choice({}, 'tool_calls'),
      {
        ...head,
        choices: [],
        usage: {
          prompt_tokens: 17,
          completion_tokens: 7,
          total_tokens: 24,
          prompt_tokens_details: { cached_tokens: 4, cache_write_tokens: 3, audio_tokens: 0 },
          completion_tokens_details: { reasoning_tokens: 2, audio_tokens: 0 },
        },
        service_tier: 'default',
      },
    ])
  })

  it('tells usage to nobody who did not ask', () => {
    expect(write(withTools, false)).not.toContain('usage')
    expect(write(withTools, false).endsWith('data: [DONE]\n\n')).toBe(true)
  })

  it('S1 writes no ending before it is told to', () => {
    const writer = openFrames(new Losses(), settings)
    const told = withTools.map((frame) => writer.write(frame)).join('')
    expect(told).not.toContain('[DONE]')
    expect(told).not.toContain('"finish_reason":"')
    expect(deltasIn(writer.end())).toEqual([{ index: 0, delta: {}, finish_reason: 'tool_calls' }])
  })

  it('a ping before anything is said does not take the role’s place', () => {
    const [first, second] = deltasIn(write(streamed({ kind: 'ping' }, open, start(0, { kind: 'text' }), said(0, 'a'))))
    expect(first).toEqual({ index: 0, delta: {}, finish_reason: null })
    expect(second).toMatchObject({ delta: { role: 'assistant', content: 'a' } })
  })

  it('a frame that says everything at once is one chunk, and one for the ending', () => {
    const events = [open, start(0, { kind: 'text' }), said(0, 'a'), said(0, 'b'), end(0), close('end'), used] as const
    expect(deltasIn(write([foreignFrame(...events)]))).toEqual([
      { index: 0, delta: { role: 'assistant', content: 'ab' }, finish_reason: null },
      { index: 0, delta: {}, finish_reason: 'stop' },
    ])
  })

  it('choices side by side keep their places', () => {
    const events = [
      open,
      start(0, { kind: 'text' }),
      start(0, { kind: 'text' }, 1),
      said(0, 'a'),
      said(0, 'b', 1),
      close('end'),
      close('length', undefined, 1),
    ] as const
    expect(deltasIn(write(streamed(...events)))).toEqual([
      { index: 0, delta: { role: 'assistant', content: 'a' }, finish_reason: null },
      { index: 1, delta: { role: 'assistant', content: 'b' }, finish_reason: null },
      { index: 0, delta: {}, finish_reason: 'stop' },
      { index: 1, delta: {}, finish_reason: 'length' },
    ])
  })

  it('what has no word here is a loss, once', () => {
    const losses = new Losses()
    const opaque: ReplyEvent = start(0, { kind: 'opaque', type: 'server_tool_use', wire: {} })
    expect(write(streamed(open, opaque, end(0), close('pause', 'pause_turn')), true, losses)).toContain(
      '"native_finish_reason":"pause_turn"',
    )
    expect(losses.list().map(({ path }) => path)).toEqual(['choices[0].blocks[0]', 'reason'])
  })

  it('N5 a text with any character is one frame', () => {
    const text = write(streamed(open, start(0, { kind: 'text' }), said(0, 'a\r\n\n\u2028data: [DONE]\n\n😀')))
    expect(deltasIn(text)).toMatchObject([{ delta: { content: 'a\r\n\n\u2028data: [DONE]\n\n😀' } }])
  })

  it('the OpenAI SDK puts it together', async () => {
    const answer = () =>
      Promise.resolve(new Response(write(withTools), { headers: { 'content-type': 'text/event-stream' } }))
    const client = new OpenAI({ apiKey: 'k', maxRetries: 0, fetch: answer })
    const stream = client.chat.completions.stream({ model: 'm', messages: [] })
    const whole = await stream.finalChatCompletion()
    expect(whole).toMatchObject({
      id: 'msg_1',
      choices: [
        {
          finish_reason: 'tool_calls',
          message: {
            role: 'assistant',
            content: 'I look.',
            tool_calls: [
              { id: 't1', type: 'function', function: { name: 'f', arguments: '{"a":1}' } },
              { id: 't2', function: { name: 'g', arguments: '{}' } },
            ],
          },
        },
      ],
      usage: { prompt_tokens: 17, completion_tokens: 7 },
    })
  })

  it('a client that collects the entries of thoughts as they come can hand them back', () => {
    const entries = deltasIn(write(withTools)).flatMap((choice) => {
      const piece = isJsonObject(choice) && isJsonObject(choice['delta']) ? choice['delta'] : {}
      return Array.isArray(piece['reasoning_details']) ? piece['reasoning_details'] : []
    })
    const told = { role: 'assistant', content: 'I look.', reasoning_details: entries }
    expect(readChat({ model: 'm', messages: [told] }).messages[0]?.blocks[0]).toMatchObject({
      kind: 'thought',
      text: 'Two and two.',
      signature: 'c2ln',
    })
  })
})

describe('writing a stream of this dialect', () => {
  const chunk = (members: JsonObject, more: JsonObject = {}) => ({
    ...head,
    system_fingerprint: 'fp',
    choices: [{ index: 0, delta: members, logprobs: null, finish_reason: null, x: 1 }],
    ...more,
  })
  const usageChunk = { ...head, choices: [], usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2, z: 1 } }
  const wires = [chunk({ role: 'assistant', content: '' }), chunk({ content: 'Secret.', y: 2 }), usageChunk]
  const read = () => {
    const reader = openEvents()
    return [...wires.map((wire) => JSON.stringify(wire)), '[DONE]'].map((data) => reader.read('', Buffer.from(data)))
  }

  it('gives every frame back as it came, but for a usage nobody asked for', () => {
    expect(chunksIn(write(read()))).toEqual(wires)
    expect(chunksIn(write(read(), false))).toEqual(wires.slice(0, 2))
  })

  it('puts an edit into the frame it belongs to, and frames that come after it are as they were', () => {
    const [first, second, ...rest] = read()
    if (!first || !second) throw new Error('there are frames')
    const events = second.events.map((event): ReplyEvent =>
      event.kind === 'block-delta' ? { ...event, delta: { kind: 'text', text: '***' } } : event,
    )
    const edited = edit(second, { events })
    expect(chunksIn(write([first, edited, ...rest]))).toEqual([wires[0], chunk({ content: '***', y: 2 }), usageChunk])
  })

  it('an edit that takes all of a frame away leaves no frame', () => {
    const [first, second, ...rest] = read()
    if (!first || !second) throw new Error('there are frames')
    expect(chunksIn(write([first, edit(second, { events: [] }), ...rest]))).toEqual([wires[0], usageChunk])
  })

  const framesOf = (...deltas: readonly JsonObject[]) => {
    const reader = openEvents()
    return deltas.map((members) => reader.read('', Buffer.from(JSON.stringify(chunk(members)))))
  }

  it('an edited piece of a call keeps the index of its call, beside one of a custom tool', () => {
    const custom = { index: 0, id: 'a', type: 'custom', custom: { name: 'p', input: 'hi' } }
    const called = { index: 3, id: 'b', type: 'function', function: { name: 'f', arguments: '' } }
    const frames = framesOf(
      { tool_calls: [custom] },
      { tool_calls: [called] },
      { tool_calls: [{ index: 3, function: { arguments: '{"a":"Secret"}' } }] },
    )
    const edited = frames.map((frame, place) => {
      const events = frame.events.map((event): ReplyEvent =>
        event.kind === 'block-delta' ? { ...event, delta: { kind: 'arguments', text: '{"a":"***"}' } } : event,
      )
      return place === 2 ? edit(frame, { events }) : frame
    })
    expect(deltasIn(write(edited))[2]).toMatchObject({
      delta: { tool_calls: [{ index: 3, function: { arguments: '{"a":"***"}' } }] },
    })
  })

  it('sound keeps its id where its first piece is held back', () => {
    const [first, second] = framesOf(
      { role: 'assistant', audio: { id: 'au', transcript: 'Sec' } },
      { audio: { data: 'AAAA' } },
    )
    if (!first || !second) throw new Error('there are frames')
    const held = edit(first, { events: first.events.filter(({ kind }) => kind !== 'block-delta') })
    expect(deltasIn(write([held, second])).slice(0, 2)).toMatchObject([
      { delta: { role: 'assistant', audio: { id: 'au' } } },
      { delta: { audio: { data: 'AAAA' } } },
    ])
  })
})
