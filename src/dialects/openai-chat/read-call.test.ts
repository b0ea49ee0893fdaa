import { describe, expect, it } from 'vitest'
import type { Json, JsonObject } from '../../canonical/json.ts'
import { refusedParam } from '../laws/refused-param.ts'
import { isFreeForm } from './free-form.ts'
import { readCall } from './read-call.ts'
import { upstreamEdits } from '../vendors/openai/upstream-edits.ts'

const call = (body: JsonObject = {}) => readCall({ model: 'm', messages: [], ...body })
const needs = (body: JsonObject) => [...call(body).needs]
const userWith = (...content: readonly Json[]): JsonObject => ({ messages: [{ role: 'user', content }] })

describe('a chat call', () => {
  it('is read with its defaults', () => {
    expect(call()).toEqual({
      operation: 'chat',
      modelName: 'm',
      isStream: false,
      outputCapTokens: undefined,
      choiceCount: 1,
      wantsStreamUsage: false,
      needs: new Set(),
      endUser: undefined,
    })
  })

  it('takes the larger of two caps: providers differ in which of them they obey', () => {
    expect(call({ max_tokens: 10 }).outputCapTokens).toBe(10)
    expect(call({ max_completion_tokens: 20 }).outputCapTokens).toBe(20)
    expect(call({ max_tokens: 30, max_completion_tokens: 20 }).outputCapTokens).toBe(30)
    expect(call({ max_tokens: null }).outputCapTokens).toBeUndefined()
  })

  it('M13 refuses impossible values, naming the field', () => {
    const refused: readonly (readonly [JsonObject, string])[] = [
      [{ model: '' }, 'model'],
      [{ messages: 'hi' }, 'messages'],
      [{ stream: 'yes' }, 'stream'],
      [{ stream_options: [] }, 'stream_options'],
      [{ stream_options: { include_usage: 1 } }, 'stream_options.include_usage'],
      [{ user: 7 }, 'user'],
      [{ n: 0 }, 'n'],
      [{ n: 129 }, 'n'],
      [{ n: 1e9 }, 'n'],
      [{ max_tokens: -1 }, 'max_tokens'],
      [{ max_tokens: '1e9' }, 'max_tokens'],
      [{ max_completion_tokens: 1.5 }, 'max_completion_tokens'],
      [{ max_completion_tokens: 2 ** 53 }, 'max_completion_tokens'],
    ]
    for (const [body, param] of refused)
      expect(
        refusedParam(() => call(body)),
        JSON.stringify(body),
      ).toBe(param)
  })

  it('M13 a million tools are read as any number of tools', () => {
    expect(needs({ tools: Array.from({ length: 1_000_000 }, () => ({})) })).toEqual(['tools'])
  })

  it('leaves to the provider what we do not act on', () => {
    expect(
      call({ temperature: 'hot', tools: 'none', seed: -1, messages: [null, 7, { content: [null] }] }).needs.size,
    ).toBe(0)
  })

  it('says whether the client asked for usage, and who its end user is', () => {
    expect(call({ stream: true, stream_options: { include_usage: true } }).wantsStreamUsage).toBe(true)
    expect(call({ stream: true, stream_options: { include_usage: false } }).wantsStreamUsage).toBe(false)
    expect(call({ user: 'u' }).endUser).toBe('u')
    expect(call({ safety_identifier: 's' }).endUser).toBe('s')
  })

  it('knows what the model must be able to do', () => {
    expect(needs({ tools: [{}] })).toEqual(['tools'])
    expect(needs({ functions: [{}] })).toEqual(['tools'])
    expect(needs({ tools: [] })).toEqual([])
    expect(needs(userWith({ type: 'text', text: 'a' }, { type: 'image_url', image_url: { url: 'x' } }))).toEqual([
      'images',
    ])
    expect(needs(userWith({ type: 'file', file: {} }))).toEqual(['documents'])
    expect(needs(userWith({ type: 'document_url', document_url: 'x' }))).toEqual(['documents'])
    expect(needs(userWith({ type: 'input_audio', input_audio: {} }))).toEqual(['audio'])
    expect(needs({ modalities: ['text', 'audio'] })).toEqual(['audio'])
    expect(needs({ response_format: { type: 'json_schema', json_schema: {} } })).toEqual(['structured-output'])
    expect(needs({ response_format: { type: 'json_object' } })).toEqual(['structured-output'])
    expect(needs({ response_format: { type: 'text' } })).toEqual([])
    expect(needs({ reasoning_effort: 'low' })).toEqual(['reasoning'])
    expect(needs({ reasoning_effort: 'none' })).toEqual([])
    expect(needs({ reasoning: { effort: 'none' } })).toEqual([])
    expect(needs({ reasoning: { max_tokens: 2000 } })).toEqual(['reasoning'])
    expect(needs({ thinking: { type: 'disabled' } })).toEqual([])
    expect(needs({ logprobs: true })).toEqual(['logprobs'])
    expect(needs({ top_logprobs: 2 })).toEqual(['logprobs'])
  })

  it('lets clients repeat keys in schemas and dictionaries only', () => {
    expect(isFreeForm(['tools', 0, 'function', 'parameters', 'properties'])).toBe(true)
    expect(isFreeForm(['response_format', 'json_schema', 'schema'])).toBe(true)
    expect(isFreeForm(['metadata'])).toBe(true)
    expect(isFreeForm(['logit_bias'])).toBe(true)
    for (const path of [[], ['model'], ['messages', 0, 'content', 0], ['tools', 0, 'function'], ['stream_options']])
      expect(isFreeForm(path), path.join('.')).toBe(false)
  })
})

const edits = (body: JsonObject, target = 'm') =>
  upstreamEdits({ model: 'm', messages: [], ...body }, call(body), target)

describe('what is written into a chat body before it travels', () => {
  it('nothing, when the target has the same name and nothing is streamed', () => {
    expect(edits({})).toEqual([])
    expect(edits({ stream_options: { include_usage: false } })).toEqual([])
  })

  it('the target’s name, when it differs', () => {
    expect(edits({}, 'gpt')).toEqual([{ key: 'model', value: 'gpt' }])
  })

  it('M8 in a stream usage is always asked for, and the client’s other options are kept', () => {
    const asked = { key: 'stream_options', value: { include_usage: true } }
    expect(edits({ stream: true })).toEqual([asked])
    expect(edits({ stream: true, stream_options: null })).toEqual([asked])
    expect(edits({ stream: true, stream_options: { include_usage: false, include_obfuscation: false } })).toEqual([
      { key: 'stream_options', value: { include_usage: true, include_obfuscation: false } },
    ])
    expect(edits({ stream: true, stream_options: { include_usage: true } })).toEqual([])
  })
})
