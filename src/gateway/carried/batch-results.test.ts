import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Price } from '../../accounting/price.ts'
import { hearResults, tallyBatch } from './batch-results.ts'
import { BatchTally } from './batch-tally.ts'

const price: Price = {
  version: 'made up',
  covers: () => true,
  costOf: ({ inputUncached, outputText }) => BigInt(inputUncached + outputText),
  ratesOf: () => ({}),
}
const openTally = () => new BatchTally(() => price)

const lineOf = (status: number, body: object) =>
  JSON.stringify({ custom_id: 'a', response: { status_code: status, body } })
const answers = [
  lineOf(200, {
    object: 'chat.completion',
    model: 'm',
    choices: [],
    usage: { prompt_tokens: 3, completion_tokens: 2 },
  }),
  lineOf(200, { object: 'response', model: 'm', output: [], usage: { input_tokens: 5, output_tokens: 7 } }),
  lineOf(200, { object: 'list', model: 'm', data: [], usage: { prompt_tokens: 11, total_tokens: 11 } }),
  lineOf(400, { error: {} }),
].join('\n')

describe('results of a batch that pass', () => {
  it('are added up, whatever chunks they come in', () => {
    const bytes = Buffer.from(answers)
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length)), (cuts) => {
        const tally = openTally()
        const heard = hearResults('output', tally)
        const places = [0, ...cuts.toSorted((one, other) => one - other), bytes.length]
        for (const [at, from] of places.slice(0, -1).entries()) heard.take(bytes.subarray(from, places[at + 1]))
        expect([heard.end(), tally.costNanos, tally.usage.inputUncached]).toEqual([true, 28n, 19])
      }),
    )
  })

  it.each([
    ['nothing', ''],
    ['a picture', '\u0089PNG'],
    ['other lines', '{"a":1}\n'],
    ['an answer that does not tell', `${answers}\n${lineOf(200, { object: 'response' })}\n`],
    ['half a line', answers.slice(0, -5)],
  ])('tell nothing where they are %s', (_, text) => {
    const heard = hearResults('output', openTally())
    heard.take(Buffer.from(text))
    const isWhole = heard.end()
    expect(isWhole).toBe(false)
  })
})

it('results in which an advisor was asked count its tokens, and have no price', () => {
  const tally = openTally()
  const heard = hearResults('results', tally)
  const iterations = [{ type: 'advisor_message', model: 'dearer', input_tokens: 100, output_tokens: 20 }]
  const message = { type: 'message', model: 'm', content: [], usage: { input_tokens: 5, output_tokens: 3, iterations } }
  heard.take(Buffer.from(`${JSON.stringify({ custom_id: 'a', result: { type: 'succeeded', message } })}\n`))
  expect([heard.end(), tally.usage.inputUncached, tally.usage.outputText, tally.costNanos]).toEqual([
    true,
    105,
    23,
    undefined,
  ])
})

describe('a batch of Gemini’s', () => {
  const answer = { response: { candidates: [], usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 2 } } }
  const list = { inlinedResponses: { inlinedResponses: [answer, { error: {} }] } }
  const state = 'BATCH_STATE_SUCCEEDED'

  it.each([
    ['where SDKs read it', { metadata: { state, output: list } }],
    ['where pages show it', { metadata: { state }, response: list }],
    ['once, where it stands in both places', { metadata: { state, output: list }, response: { output: list } }],
  ])('tells what it used %s', (_, batch) => {
    const tally = openTally()
    expect([tallyBatch('gemini', batch, tally), tally.costNanos]).toEqual([true, 5n])
  })

  it('tells nothing before it has ended, nor where its answers are in a file', () => {
    const file = { responsesFile: 'files/x' }
    const counts = { successfulRequestCount: '1' }
    expect(tallyBatch('gemini', { metadata: { state: 'BATCH_STATE_RUNNING' } }, openTally())).toBe(false)
    expect(tallyBatch('gemini', { metadata: { state, output: file, batchStats: counts } }, openTally())).toBe(false)
    expect(tallyBatch('gemini', { metadata: { state: 'BATCH_STATE_FAILED' } }, openTally())).toBe(true)
  })

  it.each([
    ['an answer that does not tell', [answer, { response: { candidates: [] } }]],
    ['an embedding that does not tell', [{ response: { embedding: { values: [1] } } }]],
    ['fewer answers than it has counted', [answer]],
  ])('tells nothing where it holds %s', (_, inlinedResponses) => {
    const batchStats = { successfulRequestCount: '2' }
    const output = { inlinedResponses: { inlinedResponses } }
    expect(tallyBatch('gemini', { metadata: { state, output, batchStats } }, openTally())).toBe(false)
  })
})
