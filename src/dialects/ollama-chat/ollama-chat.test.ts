import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../canonical/json.ts'
import { GatewayError } from '../../canonical/error.ts'
import { noUsage } from '../../canonical/usage.ts'
import { dialectLaws } from '../laws/dialect-laws.ts'
import { refusedParam } from '../laws/refused-param.ts'
import { ollamaChat } from './index.ts'

const { readCall, readExtent, readReply, outputCapEdits, upstreamEdits, openStream, isFreeForm } = ollamaChat

const line = (said: JsonObject): string =>
  `data: ${JSON.stringify({ model: 'm-1', created_at: '2026-08-07T06:08:46.460387Z', ...said })}\n\n`
const piece = (message: JsonObject): string => line({ message: { role: 'assistant', ...message }, done: false })
const counts = { prompt_eval_count: 26, eval_count: 14 }

dialectLaws(ollamaChat, {
  apis: ['ollama-chat'],
  providers: undefined,
  leftOut: [],
  body: { model: 'm', messages: [] },
  reply: {
    model: 'm-1',
    created_at: '2026-08-07T06:08:46.460387Z',
    message: { role: 'assistant', content: 'Grüße' },
    done: true,
    done_reason: 'stop',
    total_duration: 1,
    ...counts,
  },
  usage: { ...noUsage, inputUncached: 26, outputText: 14 },
  stream: [
    ': ping\n\n',
    piece({ content: '' }),
    piece({ content: '', thinking: 'Hm "done":true' }),
    piece({ content: 'Grü' }),
    piece({ content: 'ße \\ "error" 😀' }),
    piece({ content: '', tool_calls: [{ function: { name: 'go', arguments: { fast: true } } }] }),
    line({ message: { role: 'assistant', content: '' }, done: true, done_reason: 'stop', ...counts }),
  ].join(''),
})

describe('a call of Ollama’s', () => {
  const call = (body: JsonObject = {}) => readCall({ model: 'm', messages: [], ...body })

  it('wants a stream unless it says no', () => {
    expect([{}, { stream: null }, { stream: true }, { stream: false }].map((body) => call(body).isStream)).toEqual([
      true,
      true,
      true,
      false,
    ])
    expect(call()).toMatchObject({ wantsStreamUsage: true, choiceCount: 1, outputCapTokens: undefined })
  })

  it.each<[JsonObject | null, number | undefined]>([
    [{ num_predict: 64 }, 64],
    [{ num_predict: 0 }, undefined],
    [{ num_predict: -1 }, undefined],
    [{ num_predict: null }, undefined],
    [{}, undefined],
    [null, undefined],
  ])('is capped by num_predict, where it is more than 0: %j', (options, cap) =>
    expect(call({ options }).outputCapTokens).toBe(cap),
  )

  it('M13 is refused where what we act on cannot be, naming the field', () => {
    expect(refusedParam(() => call({ stream: 'yes' }))).toBe('stream')
    expect(refusedParam(() => call({ options: 7 }))).toBe('options')
    for (const most of [1.5, 2 ** 31 + 1])
      expect(refusedParam(() => call({ options: { num_predict: most } }))).toBe('options.num_predict')
    expect(refusedParam(() => call({ messages: 'Hi' }))).toBe('messages')
    expect(refusedParam(() => readCall({ messages: [] }))).toBe('model')
  })

  it.each<[JsonObject, readonly string[]]>([
    [{ tools: [{ type: 'function', function: { name: 'f' } }] }, ['tools']],
    [{ tools: [], format: '', think: false }, []],
    [{ messages: [{ role: 'user', content: 'a', images: ['AAAA'] }] }, ['images']],
    [{ format: 'json' }, ['structured-output']],
    [{ format: { type: 'object' } }, ['structured-output']],
    [{ think: 'low' }, ['reasoning']],
    [{ think: true, logprobs: true }, ['reasoning', 'logprobs']],
  ])('tells what its model must be able to do: %j', (body, needs) => expect([...call(body).needs]).toEqual(needs))

  it('is bounded by its body, but for its pictures', () => {
    const messages = [{ role: 'user', images: ['AAAA', 'BBBB'] }, { role: 'assistant' }]
    const extent = readExtent({ model: 'm', messages, tools: [{}] })
    expect(extent).toMatchObject({ messages: 2, tools: 1, images: 2, unseen: [], rounds: 1 })
  })

  it('is changed in the model and the cap alone', () => {
    const body = { model: 'm', messages: [], options: { seed: 1 } }
    expect(upstreamEdits(body, readCall(body), 'm')).toEqual([])
    expect(upstreamEdits(body, readCall(body), 'm-2')).toEqual([{ key: 'model', value: 'm-2' }])
    expect(outputCapEdits(body, 9, undefined)).toEqual([{ key: 'options', value: { seed: 1, num_predict: 9 } }])
    expect(outputCapEdits({ options: { num_predict: 9 } }, 9, undefined)).toEqual([])
  })

  it('leaves schemas and arguments to the client', () => {
    expect(isFreeForm(['format', 'properties'])).toBe(true)
    expect(isFreeForm(['tools', 0, 'function', 'parameters', 'x'])).toBe(true)
    expect(isFreeForm(['options', 'stop'])).toBe(false)
  })
})

describe('an answer of Ollama’s', () => {
  const message = { role: 'assistant', content: 'Hi' }

  it('M8 tells what was read from a cache as nothing read, and nothing counted as no usage', () => {
    expect(readReply({ message, done: true, eval_count: 79 }).usage).toEqual({ ...noUsage, outputText: 79 })
    expect(readReply({ message, done: true, done_reason: 'load' }).usage).toBeUndefined()
  })

  it('is none without a message', () => {
    for (const body of [{}, [], null, 'x', { message: [] }])
      expect(readReply(body).problem?.kind).toBe('upstream_invalid')
    expect(readReply({ error: 'model is overloaded' }).problem?.kind).toBe('upstream_overloaded')
  })

  it('S1 is complete with the line that is done, and not before', () => {
    const reader = openStream(readCall({ model: 'm', messages: [] }))
    const read = (said: JsonObject) => reader.read('', Buffer.from(JSON.stringify(said)))
    expect(read({ message, done: false })).toBe('content')
    expect(reader.facts()).toMatchObject({ isComplete: false, usage: undefined })
    expect(read({ message: { content: 'lo "done":true' }, done: false })).toBe('content')
    expect(read({ message: { content: '' }, done: true, ...counts })).toBe('end')
    expect(reader.facts()).toMatchObject({ isComplete: true, isUsageFinal: true, usage: { inputUncached: 26 } })
  })
})

it('an error is a text, as Ollama’s libraries show it', () => {
  const problem = new GatewayError('model_not_found', 'model "x" is not in the catalog', { param: 'model' })
  expect(ollamaChat.writeProblem(problem, 'req_1')).toEqual({
    error: 'model "x" is not in the catalog',
    code: 'model_not_found',
    param: 'model',
    request_id: 'req_1',
  })
})
