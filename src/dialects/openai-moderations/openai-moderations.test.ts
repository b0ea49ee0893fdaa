import { describe, expect, it } from 'vitest'
import { noUsage } from '../../canonical/usage.ts'
import { dialectLaws } from '../laws/dialect-laws.ts'
import { refusedParam } from '../laws/refused-param.ts'
import { openAiModerations } from './index.ts'

const { readCall, readReply, upstreamEdits } = openAiModerations

dialectLaws(openAiModerations, {
  apis: ['moderations'],
  providers: undefined,
  leftOut: [],
  body: { model: 'm', input: 'a' },
  reply: { id: 'modr-1', model: 'm', results: [{ flagged: false }], usage: { prompt_tokens: 6, total_tokens: 6 } },
  usage: { ...noUsage, inputUncached: 6 },
  stream: undefined,
})

describe('openai-moderations', () => {
  it('names the model that OpenAI asks where nobody names one, to permission and to the provider alike', () => {
    const body = { input: ['a', 'b'] }
    expect(readCall(body)).toMatchObject({ operation: 'moderations', modelName: 'omni-moderation-latest' })
    const edit = { key: 'model', value: 'omni-moderation-latest' }
    expect(upstreamEdits(body, readCall(body), 'omni-moderation-latest')).toEqual([edit])
    const named = { ...body, model: 'm' }
    expect(upstreamEdits(named, readCall(named), 'm')).toEqual([])
  })

  it('M13 refuses a body without input', () => {
    expect(refusedParam(() => readCall({ model: 'm' }))).toBe('input')
  })

  it('M8 takes an answer without usage for one that told none', () => {
    expect(readReply({ results: [] })).toMatchObject({ usage: undefined, problem: undefined })
  })
})
