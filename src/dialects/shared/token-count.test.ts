import { describe, expect, it } from 'vitest'
import { recordings } from '../../../test/corpus.ts'
import { isJsonObject, type JsonObject } from '../../canonical/json.ts'
import { anthropicCountTokens } from '../anthropic-messages/count-tokens.ts'
import type { Dialect } from '../dialect.ts'
import { dialectLaws } from '../laws/dialect-laws.ts'
import { geminiCountTokens } from '../gemini-generate/count-tokens.ts'
import { refusedParam } from '../laws/refused-param.ts'
import { openAiInputTokens } from '../openai-responses/input-tokens.ts'

const contents = [{ parts: [{ text: 'a' }] }]
const counters: readonly (readonly [Dialect, readonly string[], JsonObject, JsonObject])[] = [
  [anthropicCountTokens, ['anthropic'], { model: 'm', messages: [] }, { input_tokens: 7 }],
  [openAiInputTokens, ['openai'], { model: 'm', input: 'a' }, { object: 'response.input_tokens', input_tokens: 7 }],
  [geminiCountTokens, ['gemini'], { model: 'm', contents }, { totalTokens: 7 }],
]

describe.each(counters)('$name', (dialect, providers, body, reply) => {
  dialectLaws(dialect, {
    apis: ['count-tokens'],
    providers,
    leftOut: [],
    body,
    reply,
    usage: undefined,
    stream: undefined,
  })

  it('reads a call as one that is free, whatever it says of an answer', () => {
    const call = dialect.readCall(body)
    expect(call).toMatchObject({ operation: 'count-tokens', modelName: 'm', isStream: false, choiceCount: 1 })
    expect(call.outputCapTokens).toBeUndefined()
  })

  it('tells a count as its provider does', () => {
    expect(dialect.writeCount?.(7)).toEqual(reply)
    expect(dialect.readReply(reply)).toMatchObject({ usage: undefined, problem: undefined })
    for (const none of [{}, { total: 7 }, null]) expect(dialect.readReply(none).problem?.kind).toBe('upstream_invalid')
  })

  it('names the target’s model', () => {
    expect(dialect.upstreamEdits(body, dialect.readCall(body), 'm')).toEqual([])
    expect(dialect.upstreamEdits(body, dialect.readCall(body), 'n')).toMatchObject([{ key: 'model' }])
  })

  it('reads what was recorded of it', () => {
    const recorded = recordings('count-tokens').filter(({ provider }) => providers.includes(provider))
    for (const { id, request, response } of recorded) {
      const asked: unknown = request?.body
      if (isJsonObject(asked)) expect(dialect.readCall({ model: 'm', ...asked }).operation, id).toBe('count-tokens')
      expect(dialect.readReply(JSON.parse(response.body)).problem, id).toBeUndefined()
    }
  })
})

describe('gemini-count-tokens', () => {
  const whole = { model: 'models/m', contents, tools: [] }

  it('counts a whole call, and renames it within', () => {
    const body = { model: 'm', generateContentRequest: whole }
    expect(geminiCountTokens.upstreamEdits(body, geminiCountTokens.readCall(body), 'n')).toEqual([
      { key: 'model', value: 'n' },
      { key: 'generateContentRequest', value: { ...whole, model: 'models/n' } },
    ])
  })

  it('refuses a call to another model than the path names', () => {
    const body = { model: 'm', generateContentRequest: { ...whole, model: 'models/dearer' } }
    expect(refusedParam(() => geminiCountTokens.readCall(body))).toBe('generateContentRequest.model')
  })
})

describe('openai-input-tokens', () => {
  it('finds the state that a provider keeps, so that nobody counts another’s answers', () => {
    const body = { model: 'm', input: 'a', previous_response_id: 'resp_1' }
    expect(openAiInputTokens.readCall(body).state).toEqual([
      { kind: 'answer', id: 'resp_1', param: 'previous_response_id' },
    ])
  })
})
