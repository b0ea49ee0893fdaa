import { describe, expect, it } from 'vitest'
import { noUsage } from '../../canonical/usage.ts'
import { dialectLaws } from '../laws/dialect-laws.ts'
import { refusedParam } from '../laws/refused-param.ts'
import { openAiEmbeddings } from './index.ts'

const { readCall, readReply, upstreamEdits } = openAiEmbeddings
const reply = { object: 'list', model: 'e-1', data: [{ index: 0, embedding: [0.1] }] }

dialectLaws(openAiEmbeddings, {
  apis: ['embeddings'],
  providers: ['openai', 'azure', 'mistral', 'openrouter', 'voyage'],
  leftOut: [],
  body: { model: 'e', input: 'a' },
  reply: { ...reply, usage: { prompt_tokens: 6, total_tokens: 6 } },
  usage: { ...noUsage, inputUncached: 6 },
  stream: undefined,
})

describe('openai-embeddings', () => {
  it('reads text, tokens and lists of them as input', () => {
    for (const input of ['a', ['a', 'b'], [1, 2], [[1], [2]], '']) {
      const call = readCall({ model: 'e', input, user: 'u' })
      expect(call).toMatchObject({
        operation: 'embeddings',
        modelName: 'e',
        isStream: false,
        choiceCount: 1,
        endUser: 'u',
      })
      expect(call.outputCapTokens).toBeUndefined()
    }
  })

  it('M13 refuses a body without input, and one that asks for a stream', () => {
    expect(refusedParam(() => readCall({ model: 'e' }))).toBe('input')
    expect(refusedParam(() => readCall({ model: 'e', input: null }))).toBe('input')
    expect(refusedParam(() => readCall({ model: 'e', input: 'a', stream: true }))).toBe('stream')
    expect(refusedParam(() => readCall({ model: 'e', input: 'a', stream: false }))).toBeUndefined()
  })

  it('changes nothing in the body but the model, and that only when the target calls it otherwise', () => {
    const body = { model: 'e', input: 'a' }
    expect(upstreamEdits(body, readCall(body), 'e')).toEqual([])
    expect(upstreamEdits(body, readCall(body), 'e-large')).toEqual([{ key: 'model', value: 'e-large' }])
  })

  it('reads total_tokens where it is all there is (Voyage), and the cost where it is said (OpenRouter)', () => {
    expect(readReply({ ...reply, usage: { total_tokens: 3 } }).usage?.inputUncached).toBe(3)
    const told = readReply({ ...reply, usage: { prompt_tokens: 3, total_tokens: 3, cost: 6e-8 } })
    expect(told).toMatchObject({ providerCostNanos: 60n, responseModel: 'e-1', problem: undefined })
  })

  it('M8 a usage of nothing is no usage', () => {
    expect(readReply({ ...reply, usage: { total_tokens: 0 } }).usage).toBeUndefined()
    expect(readReply(reply).usage).toBeUndefined()
  })

  it('tells an error under a success status, and an answer that is none', () => {
    expect(readReply({ error: { message: 'no', type: 'rate_limit_error' } }).problem?.kind).toBe(
      'upstream_rate_limited',
    )
    for (const body of [{}, [], null, 'x', { data: {} }]) expect(readReply(body).problem?.kind).toBe('upstream_invalid')
  })

  it('has no streams: a provider that streams all the same is in the wrong', () => {
    const reader = openAiEmbeddings.openStream(readCall({ model: 'e', input: 'a' }))
    expect(reader.read('', Buffer.alloc(0))).toBe('quiet')
    expect(reader.read('', Buffer.from('{}'))).toBe('error')
    expect(reader.facts().problem?.kind).toBe('upstream_invalid')
  })
})
