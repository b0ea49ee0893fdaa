import { describe, expect, it } from 'vitest'
import { noUsage } from '../../canonical/usage.ts'
import { dialectLaws } from '../laws/dialect-laws.ts'
import { openAiCompletions } from './index.ts'

const usage = {
  prompt_tokens: 100,
  completion_tokens: 50,
  total_tokens: 150,
  prompt_tokens_details: { cached_tokens: 40 },
  completion_tokens_details: { reasoning_tokens: 15 },
}

const chunk = (text: string, finishReason: string | null) =>
  `data: ${JSON.stringify({ id: 'c1', object: 'text_completion', model: 'm-1', choices: [{ text, index: 0, logprobs: null, finish_reason: finishReason }], usage: null })}\n\n`

dialectLaws(openAiCompletions, {
  apis: ['completions'],
  providers: ['openai'],
  leftOut: [],
  body: { model: 'm', prompt: 'a' },
  reply: {
    id: 'c1',
    object: 'text_completion',
    model: 'm-1',
    choices: [{ text: 'Grüße', index: 0, logprobs: null, finish_reason: 'stop' }],
    usage,
  },
  usage: { ...noUsage, inputUncached: 60, cacheRead: 40, outputText: 35, outputReasoning: 15 },
  stream: [
    ': PROCESSING\n\n',
    chunk('', null),
    chunk('Grü "usage":{', null),
    ': keep-alive\n\n',
    chunk('ße \\ "error" 😀', null),
    chunk('', 'stop'),
    chunk('', 'stop'),
    `data: ${JSON.stringify({ id: 'c1', object: 'text_completion', choices: [], usage })}\n\n`,
    'data: [DONE]\n\n',
  ].join(''),
})

describe('a stream of completions', () => {
  it('M8 a chunk that holds usage alone is dropped for a client that did not ask, and counted', () => {
    const reader = openAiCompletions.openStream(openAiCompletions.readCall({ model: 'm', prompt: 'a', stream: true }))
    const told = { id: 'c1', choices: [], usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 } }
    const meanings = [
      { id: 'c1', choices: [{ text: 'b', index: 0, finish_reason: null }] },
      { id: 'c1', choices: [{ text: '', index: 0, finish_reason: 'length' }] },
      told,
    ].map((one) => reader.read('', Buffer.from(JSON.stringify(one))))
    expect(meanings).toEqual(['content', 'content', 'usage'])
    expect(reader.facts()).toMatchObject({ usage: { inputUncached: 3, outputText: 2 }, isUsageFinal: true })
  })

  it('S1 is complete when every choice of every prompt has ended, and the usage is told', () => {
    const call = openAiCompletions.readCall({ model: 'm', prompt: ['a', 'b'], n: 2, stream: true })
    const reader = openAiCompletions.openStream(call)
    const isComplete = [0, 1, 2, 3].map((index) => {
      const choices = [{ text: 'x', index, finish_reason: 'stop' }]
      const usage = { prompt_tokens: 3, completion_tokens: index, total_tokens: 3 + index }
      reader.read('', Buffer.from(JSON.stringify({ choices, usage })))
      return reader.facts().isComplete
    })
    expect(isComplete).toEqual([false, false, false, true])
  })
})
