import type Anthropic from '@anthropic-ai/sdk'
import { describe, expect, it } from 'vitest'
import type { ReplyEvent, StopReason } from '../../../canonical/event.ts'
import { isJsonObject, type JsonObject } from '../../../canonical/json.ts'
import { Losses } from '../../../canonical/loss.ts'
import { edit, hear } from '../../../canonical/origin.ts'
import { noUsage } from '../../../canonical/usage.ts'
import { answerSettings, close, end, more, open, start } from '../../laws/foreign-words.ts'
import { unsignedMark } from '../unsigned-thoughts.ts'
import { translation } from './index.ts'

const { readAnswer, writeAnswer } = translation

const told = (...events: readonly ReplyEvent[]) => {
  const losses = new Losses()
  const body = writeAnswer({ events, wire: undefined }, losses, answerSettings)
  return { body, content: body['content'], losses: losses.list().map(({ path }) => path) }
}
const words = (block: number, text: string) => more(block, { kind: 'text', text })
const toolUse = (block: number, id = `c${block}`) =>
  start(block, { kind: 'tool-use', id, name: 'f', signature: undefined })
const args = (block: number, text: string) => more(block, { kind: 'arguments', text })
const wholeText = [start(0, { kind: 'text' }), words(0, 'Grü'), words(0, 'ße'), end(0)] as const

/** The SDK's type demands `citations`, of which Anthropic's recorded answers have a list or nothing. */
type RecordedBlock = Exclude<Anthropic.ContentBlock, Anthropic.TextBlock> | Omit<Anthropic.TextBlock, 'citations'>

describe('an answer of another dialect', () => {
  it('has every member that the SDK’s types demand', () => {
    const usage = {
      ...noUsage,
      inputUncached: 10,
      inputAudio: 1,
      cacheRead: 4,
      cacheWrite5m: 3,
      cacheWrite1h: 2,
      cacheWriteOther: 1,
      outputText: 7,
      outputReasoning: 5,
      webSearches: 2,
    }
    const { body } = told(open, ...wholeText, toolUse(1), args(1, '{"a":'), args(1, '1}'), end(1), close('tool-use'), {
      kind: 'usage',
      usage,
      providerCostNanos: undefined,
      serviceTier: 'default',
    })
    const message = {
      id: 'id_1',
      type: 'message',
      role: 'assistant',
      model: 'm-1',
      content: [
        { type: 'text', text: 'Grüße' },
        { type: 'tool_use', id: 'c1', name: 'f', input: { a: 1 }, caller: { type: 'direct' } },
      ],
      stop_reason: 'tool_use',
      stop_sequence: null,
      stop_details: null,
      container: null,
      diagnostics: null,
      usage: {
        input_tokens: 11,
        cache_read_input_tokens: 4,
        cache_creation_input_tokens: 6,
        cache_creation: { ephemeral_5m_input_tokens: 3, ephemeral_1h_input_tokens: 2 },
        output_tokens: 12,
        output_tokens_details: { thinking_tokens: 5 },
        server_tool_use: { web_search_requests: 2, web_fetch_requests: 0 },
        service_tier: 'standard',
        inference_geo: null,
        speed: null,
      },
    } satisfies Omit<Anthropic.Message, 'content'> & { readonly content: readonly RecordedBlock[] }
    expect(body).toEqual(message)
  })

  it('without id, model and usage has ours, and counts of nothing', () => {
    const { body } = told()
    expect(body).toMatchObject({ id: 'req_1', model: 'asked', content: [], stop_reason: 'end_turn' })
    expect(body['usage']).toMatchObject({ input_tokens: 0, output_tokens: 0, output_tokens_details: null })
  })

  it('tells thoughts with their signature, or with a mark that nobody signed them', () => {
    const { content } = told(
      start(0, { kind: 'thought' }),
      words(0, 'hm'),
      more(0, { kind: 'signature', signature: 'sig' }),
      end(0),
      start(1, { kind: 'thought' }),
      words(1, 'so'),
      end(1),
      start(2, { kind: 'redacted-thought', data: 'enc' }),
      end(2),
      start(3, { kind: 'thought' }),
      end(3),
    )
    expect(content).toEqual([
      { type: 'thinking', thinking: 'hm', signature: 'sig' },
      { type: 'thinking', thinking: 'so', signature: unsignedMark },
      { type: 'redacted_thinking', data: 'enc' },
    ] satisfies Anthropic.ContentBlock[])
  })

  it('names all that it cannot tell, and tells the rest', () => {
    const { content, losses } = told(
      start(0, { kind: 'refusal' }),
      words(0, 'no'),
      end(0),
      start(1, { kind: 'image', url: 'data:' }),
      end(1),
      start(2, { kind: 'opaque', type: 'x', wire: { type: 'x' } }),
      more(2, { kind: 'opaque', wire: {} }),
      end(2),
      start(3, { kind: 'text' }),
      words(3, 'yes'),
      more(3, { kind: 'citation', citation: {} }),
      more(3, { kind: 'logprobs', logprobs: [] }),
      end(3),
      start(4, { kind: 'audio' }),
      words(4, 'spoken'),
      more(4, { kind: 'audio', base64: 'AA' }),
      end(4),
      start(5, { kind: 'tool-use', id: '', name: 'f', signature: 's' }),
      args(5, 'no JSON'),
      more(5, { kind: 'signature', signature: 's' }),
      end(5),
      start(0, { kind: 'text' }, 1),
      more(0, { kind: 'text', text: 'other' }, 1),
      end(0, 1),
      close('end', undefined, 1),
    )
    expect(content).toEqual([
      { type: 'text', text: 'no' },
      { type: 'text', text: 'yes' },
      { type: 'text', text: 'spoken' },
      {
        type: 'tool_use',
        id: 'toolu_req_1_5',
        name: 'f',
        input: { INVALID_JSON: 'no JSON' },
        caller: { type: 'direct' },
      },
    ])
    expect(losses).toEqual([
      'choices[0].blocks[0]',
      'choices[0].blocks[1]',
      'choices[0].blocks[2]',
      'choices[0].blocks[3]',
      'choices[0].blocks[4]',
      'choices[0].blocks[5]',
      'choices[1]',
    ])
  })

  it('tells parallel calls that came mixed, each whole', () => {
    const { content } = told(
      toolUse(0),
      toolUse(1),
      args(0, '{"a'),
      args(1, '{"b'),
      args(0, '":1}'),
      args(1, '":2}'),
      end(1),
      end(0),
    )
    expect(content).toMatchObject([
      { id: 'c0', input: { a: 1 } },
      { id: 'c1', input: { b: 2 } },
    ])
  })

  it('gives places in the provider’s answer, where the events know them', () => {
    const heard = hear<ReplyEvent>(
      { kind: 'block-start', choice: 0, block: 0, content: { kind: 'image', url: 'u' } },
      { dialect: 'foreign', wire: {}, path: 'choices[0].message.images[0]', heard: {}, unheard: ['detail'] },
    )
    expect(told(heard).losses).toEqual(['choices[0].message.images[0].detail', 'choices[0].message.images[0]'])
  })

  it.each<readonly [StopReason, string | undefined, string, boolean]>([
    ['end', 'stop', 'end_turn', false],
    ['stop-sequence', undefined, 'stop_sequence', false],
    ['length', undefined, 'max_tokens', false],
    ['tool-use', undefined, 'tool_use', false],
    ['content-filter', undefined, 'refusal', false],
    ['pause', undefined, 'pause_turn', false],
    ['other', 'error', 'end_turn', true],
  ])('ends with %s (%s) as %s', (reason, native, expected, isLoss) => {
    const { body, losses } = told(close(reason, native))
    expect(body['stop_reason']).toBe(expected)
    expect(losses.length > 0).toBe(isLoss)
  })

  it('ends with tool_use where it holds calls, whatever the provider calls that', () => {
    expect(told(toolUse(0), end(0), close('end')).body['stop_reason']).toBe('tool_use')
  })
})

describe('an answer of our own', () => {
  const wire = {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'm-1',
    x: 1,
    content: [
      { type: 'text', text: 'secret', citations: [{ type: 'char_location', x: 2 }], x: 3 },
      { type: 'tool_use', id: 't', name: 'f', input: {}, caller: { type: 'code_execution_20260120', tool_id: 's' } },
      { type: 'server_tool_use', id: 's', name: 'code_execution', input: { code: '1' } },
    ],
    stop_reason: 'pause_turn',
    stop_sequence: null,
    usage: { input_tokens: 5, output_tokens: 3, service_tier: 'batch', x: 4 },
  } satisfies JsonObject

  it('is read block by block', () => {
    expect(readAnswer(wire).events).toMatchObject([
      { kind: 'open', id: 'msg_1', responseModel: 'm-1' },
      start(0, { kind: 'text' }),
      words(0, 'secret'),
      more(0, { kind: 'citation', citation: { type: 'char_location', x: 2 } }),
      end(0),
      start(1, { kind: 'tool-use', id: 't', name: 'f', signature: undefined }),
      args(1, '{}'),
      end(1),
      start(2, { kind: 'opaque', type: 'server_tool_use', wire: wire.content[2] ?? {} }),
      end(2),
      { kind: 'usage', usage: { ...noUsage, inputUncached: 5, outputText: 3 }, serviceTier: 'batch' },
      close('pause'),
    ])
  })

  it('with one text changed differs in that text only', () => {
    const answer = readAnswer(wire)
    const events = answer.events.map((event) =>
      event.kind === 'block-delta' && event.delta.kind === 'text'
        ? { ...event, delta: { ...event.delta, text: '***' } }
        : event,
    )
    const losses = new Losses()
    const [first, ...others] = wire.content
    expect(writeAnswer(edit(answer, { events }), losses, answerSettings)).toEqual({
      ...wire,
      content: [{ ...first, text: '***' }, ...others],
    })
    expect(losses.list()).toEqual([])
  })

  it('copied by hand is written anew, so that nothing that was masked can come back', () => {
    const copy = { ...readAnswer(wire), events: [] }
    expect(JSON.stringify(writeAnswer(copy, new Losses(), answerSettings))).not.toContain('secret')
  })

  it.each([
    ['model_context_window_exceeded', 'length'],
    ['refusal', 'content-filter'],
    ['a_reason_of_tomorrow', 'other'],
  ])('that ended with %s goes back with its own word', (reason, canonical) => {
    const answer = readAnswer({ ...wire, stop_reason: reason })
    expect(answer.events.find(({ kind }) => kind === 'close')).toMatchObject({ reason: canonical })
    const anew = writeAnswer({ events: answer.events, wire: undefined }, new Losses(), answerSettings)
    expect(isJsonObject(anew) && anew['stop_reason']).toBe(reason)
  })

  it('restores the names of tools that we wrote with legal characters', () => {
    const answer = readAnswer({ ...wire, content: [{ type: 'tool_use', id: 't', name: 'a_0x2e_b', input: {} }] })
    expect(answer.events[1]).toMatchObject({ content: { name: 'a.b' } })
  })
})
