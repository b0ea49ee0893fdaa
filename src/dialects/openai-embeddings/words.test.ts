import { describe, expect, it } from 'vitest'
import { recordings, reportMissingCorpus } from '../../../test/corpus.ts'
import type { EmbeddingsCall } from '../../canonical/embeddings.ts'
import type { Json, JsonObject } from '../../canonical/json.ts'
import { isJsonObject } from '../../canonical/json.ts'
import { Losses } from '../../canonical/loss.ts'
import { edit, hear, originOf } from '../../canonical/origin.ts'
import { refusedParam } from '../laws/refused-param.ts'
import { embeddings } from './words.ts'

const { readQuestion, writeQuestion } = embeddings

const providers: readonly string[] = ['openai', 'azure', 'mistral', 'openrouter', 'voyage']
const recorded = recordings('embeddings')
  .filter(({ provider }) => providers.includes(provider))
  .flatMap(({ id, request }) => {
    const body: unknown = request?.body
    return isJsonObject(body) ? [{ id, body }] : []
  })
if (recorded.length === 0) reportMissingCorpus('round trips of recorded embeddings')

const own = ([1, 'a', '', ['a', 'b'], [], [1, 2], [[1], [2]], [{ content: [] }], ['a', 7]] as const).map(
  (input): { readonly id: string; readonly body: JsonObject } => ({
    id: JSON.stringify(input),
    body: { model: 'e', input },
  }),
)
const cases = [...recorded, ...own]
const widened = (body: JsonObject): JsonObject => ({ ...body, unknown: { list: [1, { deep: null }] } })

function again(call: EmbeddingsCall): { readonly body: JsonObject; readonly lost: readonly string[] } {
  const losses = new Losses()
  const body = writeQuestion(call, losses)
  return { body, lost: losses.list().map(({ path }) => path) }
}

describe('calls for embeddings', () => {
  it('go back as they came, with unknown fields too', () => {
    for (const { id, body } of cases)
      for (const one of [body, widened(body)]) expect(again(readQuestion(one)), id).toEqual({ body: one, lost: [] })
    console.log(`round trip of ${recorded.length} recorded calls for embeddings and ${own.length} of our own`)
  })

  it('show an edit where it was made and nowhere else', () => {
    for (const { id, body } of cases) {
      const call = readQuestion(widened(body))
      for (const [place, input] of call.inputs.entries()) {
        if (input.kind !== 'text') continue
        const inputs = call.inputs.with(place, edit(input, { text: '***' }))
        const { input: said } = body
        const expected: Json | undefined = Array.isArray(said) ? said.with(place, '***') : '***'
        expect(again(edit(call, { inputs })).body, id).toEqual({ ...widened(body), input: expected ?? null })
      }
      expect(again(edit(call, { modelName: 'other' })).body, id).toEqual({ ...widened(body), model: 'other' })
    }
  })

  it('are read into frozen nodes', () => {
    const call = readQuestion({ model: 'e', input: [[1, 2], 'a'] })
    for (const node of [call, call.inputs, ...call.inputs]) expect(Object.isFrozen(node)).toBe(true)
    expect(call.inputs).toEqual([
      { kind: 'token-numbers', numbers: [1, 2] },
      { kind: 'text', text: 'a' },
    ])
  })

  it('keep the fields they understand, and know those they do not', () => {
    const said = { dimensions: 3, encoding_format: 'base64', input_type: 'search_query', user: 'u', truncation: true }
    const call = readQuestion({ model: 'e', input: 'a', ...said, odd: true, output_dtype: null })
    expect(call).toMatchObject({ dimensions: 3, encoding: 'base64', purpose: 'query', endUser: 'u', truncation: 'end' })
    expect(originOf(call)?.unheard).toEqual(['odd'])
  })

  it('of another dialect are worded in the published fields, and the rest is a loss', () => {
    const heard = { purpose: 'taskType', endUser: 'user' }
    const nothing = { encoding: undefined, numberType: undefined, truncation: undefined }
    const input = hear<EmbeddingsCall['inputs'][number]>(
      { kind: 'text', text: 'a' },
      { dialect: 'another', wire: {}, path: 'content', heard: { text: 'text' } },
    )
    const call = hear<EmbeddingsCall>(
      { ...nothing, modelName: 'e', inputs: [input], dimensions: 3, purpose: 'query', endUser: 'u' },
      { dialect: 'another', wire: { odd: 1 }, path: '', heard },
    )
    expect(again(call)).toEqual({
      body: { model: 'e', input: 'a', dimensions: 3, user: 'u' },
      lost: ['taskType', 'odd'],
    })
  })

  it('M13 without a model or an input are refused, naming the field', () => {
    expect(refusedParam(() => readQuestion({ input: 'a' }))).toBe('model')
    expect(refusedParam(() => readQuestion({ model: 'e' }))).toBe('input')
  })
})
