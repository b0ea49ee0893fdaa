import { describe, expect, it } from 'vitest'
import type { HeardFrame, ReplyEvent } from '../../../canonical/event.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import { Losses } from '../../../canonical/loss.ts'
import { edit } from '../../../canonical/origin.ts'
import { readAnswer } from './read-answer.ts'
import { readChat } from './read-chat.ts'
import { close, delta, end, foreign, foreignFrame, open, said, start, used } from '../../laws/sample-nodes.ts'
import { writeAnswer } from './write-answer.ts'

const settings = { modelName: 'asked', requestId: 'req_1', nowSeconds: 7, wantsStreamUsage: true }

function write(frame: HeardFrame): { readonly body: JsonObject; readonly lost: readonly string[] } {
  const losses = new Losses()
  const body = writeAnswer(frame, losses, settings)
  return { body, lost: losses.list().map(({ path, kind }) => `${kind === 'approximated' ? '~' : ''}${path}`) }
}

const message = (...events: readonly ReplyEvent[]) => {
  const { choices } = write(foreignFrame(open, ...events)).body
  return Array.isArray(choices) ? choices[0]?.message : undefined
}

describe('writing an answer of another dialect', () => {
  it('a thought after the text, and a text after a call, are told before and named', () => {
    const frame = foreignFrame(
      open,
      start(0, { kind: 'text' }),
      said(0, 'I look. '),
      end(0),
      start(1, { kind: 'thought' }),
      said(1, 'Hm.'),
      end(1),
      start(2, { kind: 'tool-use', id: 't1', name: 'f', signature: undefined }),
      end(2),
      start(3, { kind: 'text' }),
      said(3, 'Wait.'),
      end(3),
      close('tool-use'),
    )
    const { body, lost } = write(frame)
    expect(body).toMatchObject({ choices: [{ message: { content: 'I look. Wait.', reasoning_content: 'Hm.' } }] })
    expect(lost).toEqual(['~choices[0].blocks[1]', '~choices[0].blocks[3]'])
  })

  it('text, thoughts with what hands them back, calls, usage and why it ended', () => {
    const frame = foreignFrame(
      open,
      start(0, { kind: 'thought' }),
      said(0, 'Two and '),
      said(0, 'two.'),
      delta(0, { kind: 'signature', signature: 'c2ln' }),
      end(0),
      start(1, { kind: 'redacted-thought', data: 'b3Bh' }),
      end(1),
      start(2, { kind: 'text' }),
      said(2, 'I '),
      said(2, 'look.'),
      end(2),
      start(3, { kind: 'tool-use', id: 't1', name: 'f', signature: undefined }),
      delta(3, { kind: 'arguments', text: '{"a"' }),
      delta(3, { kind: 'arguments', text: ':1}' }),
      end(3),
      start(4, { kind: 'tool-use', id: 't2', name: 'g', signature: undefined }),
      end(4),
      close('tool-use'),
      used,
    )
    expect(write(frame)).toEqual({
      lost: [],
      body: {
        id: 'msg_1',
        object: 'chat.completion',
        created: 7,
        model: 'c-1',
        choices: [
          {
            index: 0,
            message: {
              role: 'assistant',
              content: 'I look.',
              refusal: null,
              reasoning_content: 'Two and two.',
              reasoning_details: [
                { type: 'reasoning.text', index: 0, text: 'Two and two.', signature: 'c2ln' },
                { type: 'reasoning.encrypted', index: 1, data: 'b3Bh' },
              ],
              tool_calls: [
                { id: 't1', type: 'function', function: { name: 'f', arguments: '{"a":1}' } },
                { id: 't2', type: 'function', function: { name: 'g', arguments: '{}' } },
              ],
            },
            logprobs: null,
            finish_reason: 'tool_calls',
          },
        ],
        usage: {
          prompt_tokens: 17,
          completion_tokens: 7,
          total_tokens: 24,
          prompt_tokens_details: { cached_tokens: 4, cache_write_tokens: 3, audio_tokens: 0 },
          completion_tokens_details: { reasoning_tokens: 2, audio_tokens: 0 },
        },
        service_tier: 'default',
      },
    })
  })

  it('a client that hands the message back hands the signatures back', () => {
    const told = message(
      start(0, { kind: 'thought' }),
      said(0, 'Hm.'),
      delta(0, { kind: 'signature', signature: 'c2ln' }),
      end(0),
      start(1, { kind: 'redacted-thought', data: 'b3Bh' }),
      end(1),
      start(2, { kind: 'text' }),
      said(2, 'Four.'),
      end(2),
      close('end'),
    )
    expect(readChat({ model: 'm', messages: [told] }).messages[0]?.blocks).toMatchObject([
      { kind: 'thought', text: 'Hm.', signature: 'c2ln', redactedData: undefined },
      { kind: 'thought', text: '', signature: undefined, redactedData: 'b3Bh' },
      { kind: 'text', text: 'Four.' },
    ])
  })

  it('a thought that nobody signed is a text only', () => {
    expect(message(start(0, { kind: 'thought' }), said(0, 'Hm.'), end(0), close('end'))).toEqual({
      role: 'assistant',
      content: null,
      refusal: null,
      reasoning_content: 'Hm.',
    })
  })

  it('refusals, pictures and sound', () => {
    expect(message(start(0, { kind: 'refusal' }), said(0, 'No.'), end(0), close('content-filter'))).toMatchObject({
      content: null,
      refusal: 'No.',
    })
    expect(message(start(0, { kind: 'image', url: 'data:x' }), end(0), close('end'))).toMatchObject({
      images: [{ type: 'image_url', image_url: { url: 'data:x' } }],
    })
    const sound = [start(0, { kind: 'audio' }), delta(0, { kind: 'audio', base64: 'AA' }), said(0, 'beep'), end(0)]
    expect(message(...sound, close('end'))).toMatchObject({ audio: { data: 'AA', transcript: 'beep' } })
  })

  it.each([
    ['end', 'stop'],
    ['length', 'length'],
    ['tool-use', 'tool_calls'],
    ['content-filter', 'content_filter'],
  ] as const)('the reason %s is %s', (reason, word) => {
    const { body, lost } = write(foreignFrame(open, close(reason)))
    expect(body['choices']).toMatchObject([{ finish_reason: word }])
    expect(body['choices']).not.toMatchObject([{ native_finish_reason: expect.anything() }])
    expect(lost).toEqual([])
  })

  it('a stop sequence that nobody named is told as the end, roughly', () => {
    const { body, lost } = write(foreignFrame(open, close('stop-sequence')))
    expect(body['choices']).toMatchObject([{ finish_reason: 'stop' }])
    expect(lost).toEqual(['~reason'])
  })

  it('a reason that has no word here is told beside the nearest one', () => {
    const closing = foreign(close('pause', 'pause_turn'), '', { reason: 'stop_reason' })
    const { body, lost } = write(foreignFrame(open, closing))
    expect(body['choices']).toMatchObject([{ finish_reason: 'stop', native_finish_reason: 'pause_turn' }])
    expect(lost).toEqual(['~stop_reason'])
    const stopped: ReplyEvent = {
      kind: 'close',
      choice: 0,
      reason: 'stop-sequence',
      nativeReason: undefined,
      stopSequence: 'END',
    }
    expect(write(foreignFrame(open, stopped)).body['choices']).toMatchObject([
      { finish_reason: 'stop', stop_reason: 'END' },
    ])
  })

  it('several choices, in order', () => {
    const frame = foreignFrame(
      open,
      start(0, { kind: 'text' }, 1),
      said(0, 'Two', 1),
      end(0, 1),
      close('length', undefined, 1),
      start(0, { kind: 'text' }),
      said(0, 'One'),
      end(0),
      close('end'),
    )
    expect(write(frame).body['choices']).toMatchObject([
      { index: 0, message: { content: 'One' }, finish_reason: 'stop' },
      { index: 1, message: { content: 'Two' }, finish_reason: 'length' },
    ])
  })

  it('what only another dialect has a word for is a loss, and its cost is not told', () => {
    const opaque = foreign(start(0, { kind: 'opaque', type: 'server_tool_use', wire: {} }), 'content[0]', {})
    const { body, lost } = write(
      foreignFrame(
        open,
        opaque,
        end(0),
        start(1, { kind: 'text' }),
        delta(1, { kind: 'citation', citation: {} }),
        end(1),
        close('end'),
        used,
      ),
    )
    expect(lost).toEqual(['content[0]', 'choices[0].blocks[1]'])
    expect(JSON.stringify(body)).not.toContain('cost')
  })

  it('an answer without an id, a model or a time gets ours', () => {
    expect(write(foreignFrame(close('end'))).body).toMatchObject({ id: 'req_1', created: 7, model: 'asked' })
  })
})

describe('writing an answer of this dialect that was edited', () => {
  const body: JsonObject = {
    id: 'c1',
    object: 'chat.completion',
    created: 1,
    model: 'm',
    system_fingerprint: 'fp',
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: 'Secret.',
          refusal: null,
          reasoning: 'Hm.',
          reasoning_details: [{ type: 'reasoning.text', text: 'Hm.', format: 'unknown', index: 0 }],
          tool_calls: [{ id: 'a', type: 'function', index: 0, function: { name: 'f', arguments: '' } }],
          x: 1,
        },
        logprobs: null,
        finish_reason: 'tool_calls',
        native_finish_reason: 'tool_use',
        y: 2,
      },
    ],
    usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2, cost: 0.5, z: 3 },
  }
  const read = readAnswer(body)
  const masked = (from: string) => {
    const events = read.events.map((event): ReplyEvent =>
      event.kind === 'block-delta' && event.delta.kind === 'text' && event.delta.text === from
        ? { ...event, delta: { kind: 'text', text: '***' } }
        : event,
    )
    return write(edit(read, { events })).body
  }
  const withMessage = (members: JsonObject, ...gone: readonly string[]) => {
    const choices = Array.isArray(body['choices']) ? body['choices'] : []
    const rest = Object.entries({ ...choices[0]?.message, ...members }).filter(([key]) => !gone.includes(key))
    return { ...body, choices: [{ ...choices[0], message: Object.fromEntries(rest) }] }
  }

  it('a text differs, and nothing else', () => {
    expect(masked('Secret.')).toEqual(withMessage({ content: '***' }))
  })

  it('a thought is told anew in one spelling, and none of the old ones is left', () => {
    expect(masked('Hm.')).toEqual(withMessage({ reasoning_content: '***' }, 'reasoning', 'reasoning_details'))
  })

  it('parts of a content that hold thoughts are told anew with it', () => {
    const parts = [
      { type: 'thinking', thinking: [{ type: 'text', text: 'Hm.' }] },
      { type: 'text', text: 'Secret.' },
    ]
    const mistral = readAnswer({
      id: 'c',
      choices: [{ index: 0, message: { role: 'assistant', content: parts, x: 1 } }],
    })
    const events = mistral.events.map((event): ReplyEvent =>
      event.kind === 'block-delta' && event.delta.kind === 'text' && event.delta.text === 'Secret.'
        ? { ...event, delta: { kind: 'text', text: '***' } }
        : event,
    )
    expect(write(edit(mistral, { events })).body['choices']).toEqual([
      { index: 0, message: { role: 'assistant', content: '***', reasoning_content: 'Hm.', x: 1 } },
    ])
  })
})
