import { createParser } from 'eventsource-parser'
import { describe, expect, it } from 'vitest'
import { recordings } from '../../../test/corpus.ts'
import { isJsonObject } from '../../canonical/json.ts'
import type { StreamReader } from '../dialect.ts'
import { generatedBytes } from './generated-bytes.ts'
import { readCall } from './read-call.ts'
import { openStream } from './read-stream.ts'

const open = (members = {}) => openStream(readCall({ model: 'm', messages: [], stream: true, ...members }))
const wantsUsage = { stream_options: { include_usage: true } }
const usage = { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12 }
const choice = (delta: object, finishReason: string | null = null, index = 0) => ({
  index,
  delta,
  finish_reason: finishReason,
})

function read(reader: StreamReader, said: object | string, event = ''): string {
  return reader.read(event, Buffer.from(typeof said === 'string' ? said : JSON.stringify(said)))
}

function readAll(reader: StreamReader, ...frames: readonly (object | string)[]): readonly string[] {
  return frames.map((frame) => read(reader, frame))
}

const role = { choices: [choice({ role: 'assistant', content: '' })], usage: null }
const text = { choices: [choice({ content: 'Hi' })], usage: null }
const stop = { choices: [choice({}, 'stop')], usage: null }
const usageOnly = { choices: [], usage }

const spaced = (said: object) => JSON.stringify(said).replaceAll('":', '": ').replaceAll(',"', ', "')

describe('a chat stream', () => {
  it('an opening, a comment and a filter’s report are quiet; what a client can act on is content', () => {
    const filters = { choices: [], prompt_filter_results: [{ prompt_index: 0 }] }
    expect(readAll(open(), '', filters, role, text, role, stop, '[DONE]')).toEqual([
      'quiet',
      'quiet',
      'quiet',
      'content',
      'content',
      'content',
      'end',
    ])
    expect(readAll(open(), stop)).toEqual(['content'])
    expect(
      readAll(open(), { choices: [choice({ tool_calls: [{ index: 0, function: { name: 'f', arguments: '' } }] })] }),
    ).toEqual(['content'])
    expect(readAll(open(), { choices: [choice({ reasoning: 'hm' })] })).toEqual(['content'])
  })

  it('M8 the chunk that exists for usage alone is hidden from a client that did not ask, and shown to one that did', () => {
    expect(readAll(open(), text, stop, usageOnly, '[DONE]')).toEqual(['content', 'content', 'usage', 'end'])
    expect(readAll(open(wantsUsage), text, stop, usageOnly, '[DONE]')).toEqual(['content', 'content', 'content', 'end'])
  })

  it('M8 usage in a chunk that has choices is read and never stripped (OpenRouter, Mistral, Groq)', () => {
    const reader = open()
    expect(readAll(reader, text, { choices: [choice({}, 'stop')], usage }, '[DONE]')).toEqual([
      'content',
      'content',
      'end',
    ])
    expect(reader.facts()).toMatchObject({ isUsageFinal: true, usage: { inputUncached: 9, outputText: 3 } })
  })

  it('M8 usage twice: the last one counts', () => {
    const reader = open()
    readAll(reader, text, { ...stop, usage: { ...usage, completion_tokens: 2 } }, usageOnly, '[DONE]')
    expect(reader.facts().usage?.outputText).toBe(3)
  })

  it('M8 usage null, usage absent, usage unbelievable: none, and the stream still ends', () => {
    for (const said of [null, {}, { ...usage, completion_tokens: -3 }, { ...usage, prompt_tokens: '9' }]) {
      const reader = open()
      const meanings = readAll(reader, text, stop, { choices: [], usage: said }, '[DONE]')
      expect(meanings.at(-1)).toBe('end')
      expect(reader.facts()).toMatchObject({ usage: undefined, isUsageFinal: false, isComplete: true })
    }
  })

  it('M8 usage, then more text: it is not final any more', () => {
    const reader = open()
    readAll(reader, text, { ...text, usage })
    expect(reader.facts()).toMatchObject({ isComplete: false, isUsageFinal: false, usage: { outputText: 3 } })
    readAll(reader, text, stop, '[DONE]')
    expect(reader.facts()).toMatchObject({ isComplete: true, isUsageFinal: false })
  })

  it('M8 usage in every chunk (vLLM, Baseten): final only with the last', () => {
    const reader = open()
    readAll(reader, { ...text, usage: { ...usage, completion_tokens: 1 } }, { ...text, usage })
    expect(reader.facts().isUsageFinal).toBe(false)
    readAll(reader, { ...stop, usage })
    expect(reader.facts()).toMatchObject({ isUsageFinal: true, usage: { outputText: 3 } })
  })

  it('M8 Groq’s own place of usage is read where there is no other', () => {
    const reader = open()
    expect(readAll(reader, text, { ...stop, x_groq: { id: 'r', usage } }, '[DONE]')).toEqual([
      'content',
      'content',
      'end',
    ])
    expect(reader.facts()).toMatchObject({ isUsageFinal: true, usage: { inputUncached: 9 } })
  })

  it('S1 a cut stream is not complete; it is with its end, or with a usage once every choice asked for has a finish reason', () => {
    for (const last of ['[DONE]', usageOnly]) {
      const reader = open({ n: 2 })
      readAll(reader, text, { choices: [choice({}, 'stop', 0)], usage })
      expect(reader.facts().isComplete).toBe(false)
      readAll(reader, text, { choices: [choice({}, 'length', 1)] })
      expect(reader.facts().isComplete).toBe(false)
      readAll(reader, last)
      expect(reader.facts().isComplete).toBe(true)
    }
  })

  it('S4 a stream that ends without any choice is no answer', () => {
    for (const frames of [['[DONE]'], [usageOnly, '[DONE]']]) {
      const reader = open(wantsUsage)
      expect(readAll(reader, ...frames).at(-1)).toBe('error')
      expect(reader.facts()).toMatchObject({ problem: { kind: 'upstream_invalid' }, isComplete: false })
    }
    expect(readAll(open(), role, '[DONE]')).toEqual(['quiet', 'end'])
  })

  it('20 an error inside a stream is told, by member or by event, before content and after', () => {
    const error = { error: { message: 'Internal server error' } }
    for (const opening of [[], [text]]) {
      const reader = open()
      readAll(reader, ...opening)
      expect(read(reader, error)).toBe('error')
      expect(reader.facts().problem).toMatchObject({ kind: 'upstream_unavailable', message: 'the provider failed' })
    }
    const named = open()
    readAll(named, text)
    expect(read(named, { error: { message: 'no', type: 'invalid_request_error', status_code: 400 } }, 'error')).toBe(
      'error',
    )
    expect(named.facts().problem?.kind).toBe('upstream_rejected')
    const plain = open()
    expect([read(plain, text), read(plain, 'The engine is overloaded', 'error')]).toEqual(['content', 'error'])
    expect(plain.facts().problem).toMatchObject({ kind: 'upstream_overloaded', message: 'The engine is overloaded' })
    const old = open()
    expect(read(old, { object: 'error', message: 'no', type: 'BadRequestError', code: 400 })).toBe('error')
  })

  it('an error may come with choices and usage beside it (OpenRouter)', () => {
    const reader = open()
    readAll(reader, text, { choices: [choice({}, 'length')] })
    expect(
      read(reader, { error: { code: 400, message: 'Token limit reached' }, choices: [choice({ content: '' })], usage }),
    ).toBe('error')
    expect(reader.facts()).toMatchObject({
      problem: { kind: 'upstream_rejected' },
      usage: { inputUncached: 9 },
      isUsageFinal: true,
    })
  })

  it.each([
    ['error', 'upstream_unavailable'],
    ['insufficient_system_resource', 'upstream_overloaded'],
  ])('a finish reason may say that the generation failed: %s', (reason, kind) => {
    const failed = { choices: [choice({ content: '' }, reason)], usage }
    const early = open()
    expect(readAll(early, role, failed)).toEqual(['quiet', 'error'])
    expect(early.facts().problem?.kind).toBe(kind)
    const late = open()
    expect(readAll(late, text, failed)).toEqual(['content', 'error'])
    expect(late.facts()).toMatchObject({ problem: { kind }, usage: { outputText: 3 }, isUsageFinal: true })
  })

  it('a failed choice may have its error beside it (OpenRouter)', () => {
    const reader = open()
    const error = { code: 429, message: 'Slow down' }
    expect(readAll(reader, text, { choices: [{ ...choice({}, 'error'), error }] })).toEqual(['content', 'error'])
    expect(reader.facts().problem).toMatchObject({ kind: 'upstream_rate_limited', message: 'Slow down' })
  })

  it('S4, 12 a frame that is no JSON is an error before content, and passes after it', () => {
    const reader = open()
    expect(read(reader, '<html>')).toBe('error')
    expect(reader.facts().problem?.kind).toBe('upstream_invalid')
    const later = open()
    expect(readAll(later, text, '{"choices":[{"delta":{"content":"x', '{"usage":{"prompt_tokens":NaN}}')).toEqual([
      'content',
      'content',
      'content',
    ])
    expect(later.facts().usage).toBeUndefined()
  })

  it('text that looks like a mark is text', () => {
    const reader = open()
    const lookalike = {
      choices: [choice({ content: '"usage":{"prompt_tokens":1},"error":{},"finish_reason":"stop",[DONE]' })],
    }
    expect(readAll(reader, text, lookalike, lookalike)).toEqual(['content', 'content', 'content'])
    expect(reader.facts()).toMatchObject({ usage: undefined, isComplete: false, problem: undefined, contentFrames: 3 })
  })

  it('JSON with spaces is read alike', () => {
    const reader = open()
    expect(readAll(reader, text, spaced(text), spaced(stop), spaced(usageOnly), '[DONE]')).toEqual([
      'content',
      'content',
      'content',
      'usage',
      'end',
    ])
    expect(reader.facts()).toMatchObject({ isUsageFinal: true, textBytes: 4, contentFrames: 2 })
  })

  it('the model and the cost are told', () => {
    const reader = open()
    readAll(reader, { ...text, model: 'm-1' }, stop, { choices: [], usage: { ...usage, cost: 0.5 } })
    expect(reader.facts()).toMatchObject({ responseModel: 'm-1', providerCostNanos: 500_000_000n })
  })

  it('the bytes of text are near to what a parse of every frame finds, in every recorded stream', () => {
    const far = recordings('chat')
      .filter(({ response }) => response.status === 200 && /^(?:data|event|:)/.test(response.body))
      .map(({ id, response }) => {
        const reader = open()
        let exact = 0
        const onEvent = ({ event, data }: { event?: string | undefined; data: string }) => {
          reader.read(event ?? '', Buffer.from(data))
          const said = data === '[DONE]' ? {} : JSON.parse(data)
          if (isJsonObject(said)) exact += generatedBytes(said['choices'], 'delta')
        }
        createParser({ onEvent }).feed(response.body)
        return { id, exact, read: reader.facts().textBytes }
      })
      .filter(({ exact, read: found }) => found < exact * 0.85 || found > exact * 1.5)
    expect(far).toEqual([])
  })
})
