import { describe, expect, it } from 'vitest'
import { Losses } from '../../canonical/loss.ts'
import { noUsage } from '../../canonical/usage.ts'
import { dialectLaws } from '../laws/dialect-laws.ts'
import { embeddings as openAiWords } from '../openai-embeddings/words.ts'
import { voyageEmbeddings } from './index.ts'

dialectLaws(voyageEmbeddings, {
  apis: ['embeddings'],
  providers: ['voyage'],
  leftOut: [],
  body: { model: 'e', input: 'a' },
  reply: { object: 'list', model: 'e-1', data: [{ index: 0, embedding: 'AAAAPw==' }], usage: { total_tokens: 6 } },
  usage: { ...noUsage, inputUncached: 6 },
  stream: undefined,
})

describe('voyage-embeddings', () => {
  const told = (body: Parameters<typeof openAiWords.readQuestion>[0]) => {
    const losses = new Losses()
    const written = voyageEmbeddings.embeddings?.writeQuestion(openAiWords.readQuestion(body), losses)
    return { written, lost: losses.list().map(({ path }) => path) }
  }

  it('takes floats without a word, since Voyage refuses the word', () => {
    expect(told({ model: 'e', input: ['a'], encoding_format: 'float', dimensions: 512, user: 'u' })).toEqual({
      written: { model: 'e', input: 'a', output_dimension: 512 },
      lost: ['user'],
    })
    expect(told({ model: 'e', input: ['a', 'b'], encoding_format: 'base64' }).written).toEqual({
      model: 'e',
      input: ['a', 'b'],
      encoding_format: 'base64',
    })
  })

  it('has no word for the numbers of tokens', () => {
    expect(() => told({ model: 'e', input: [[1, 2], 'b'] })).toThrow('input[0] (token-numbers)')
    expect(() => told({ model: 'e', input: [1, 2] })).toThrow('input (token-numbers)')
  })

  it('hears its own words from its clients, who call the path of OpenAI', () => {
    const own = { input_type: 'query', output_dimension: 256, output_dtype: 'int8', truncation: false }
    expect(told({ model: 'e', input: ['a', 'b'], ...own })).toEqual({
      written: { model: 'e', input: ['a', 'b'], ...own },
      lost: [],
    })
  })
})
