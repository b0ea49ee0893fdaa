import { describe, expect, it } from 'vitest'
import { Losses } from '../../canonical/loss.ts'
import { noUsage } from '../../canonical/usage.ts'
import { dialectLaws } from '../laws/dialect-laws.ts'
import { refusedParam } from '../laws/refused-param.ts'
import { embeddings as openAiWords } from '../openai-embeddings/words.ts'
import { cohereEmbeddings } from './index.ts'
import { writeQuestion } from './question.ts'

const { readCall, readReply, readExtent } = cohereEmbeddings

dialectLaws(cohereEmbeddings, {
  apis: ['embeddings'],
  providers: ['cohere'],
  leftOut: [],
  body: { model: 'e', texts: ['a'] },
  reply: { embeddings: { float: [[0.5]] }, meta: { billed_units: { input_tokens: 6, image_tokens: 2 } } },
  usage: { ...noUsage, inputUncached: 6, inputImage: 2 },
  stream: undefined,
})

describe('cohere-embeddings', () => {
  it('M13 refuses a body without anything to embed', () => {
    expect(refusedParam(() => readCall({ model: 'e' }))).toBe('texts')
    expect(refusedParam(() => readCall({ model: 'e', texts: [] }))).toBe('texts')
  })

  it('knows pictures, and those that it does not hold', () => {
    const inputs = [{ content: [{ type: 'image_url', image_url: { url: 'https://a.example/b.png' } }] }]
    expect([...readCall({ model: 'e', inputs }).needs]).toEqual(['images'])
    expect(readExtent({ model: 'e', inputs })).toMatchObject({ images: 1, unseen: ['a picture by its address'] })
    expect(readExtent({ model: 'e', images: ['data:image/png;base64,iVBO'] })).toMatchObject({ images: 1, unseen: [] })
  })

  it('tells Cohere what a vector is for, and says so where nobody said it', () => {
    const losses = new Losses()
    const asked = (body: object) => writeQuestion(openAiWords.readQuestion({ model: 'e', input: 'a', ...body }), losses)
    expect(asked({ input_type: 'query', encoding_format: 'base64' })).toEqual({
      model: 'e',
      texts: ['a'],
      input_type: 'search_query',
      embedding_types: ['base64'],
    })
    expect(losses.list()).toEqual([])
    expect(asked({})).toMatchObject({ input_type: 'search_document', embedding_types: ['float'] })
    expect(losses.list()).toMatchObject([{ path: 'input_type', kind: 'approximated' }])
  })

  it('tells an answer that is none', () => {
    for (const body of [{}, { embeddings: 1 }, null]) expect(readReply(body).problem?.kind).toBe('upstream_invalid')
  })
})
