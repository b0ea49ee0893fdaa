import { describe, expect, it } from 'vitest'
import { Losses } from '../../canonical/loss.ts'
import { noUsage } from '../../canonical/usage.ts'
import { dialectLaws } from '../laws/dialect-laws.ts'
import { refusedParam } from '../laws/refused-param.ts'
import { embeddings as openAiWords } from '../openai-embeddings/words.ts'
import { address } from './address.ts'
import { geminiEmbeddings } from './index.ts'
import { writeQuestion } from './question.ts'

const { readCall, readExtent, upstreamEdits } = geminiEmbeddings
const content = { parts: [{ text: 'a' }] }

dialectLaws(geminiEmbeddings, {
  apis: ['embeddings'],
  providers: ['gemini', 'vertex'],
  leftOut: [],
  body: { model: 'e', content },
  reply: {
    embeddings: [{ values: [0.5] }],
    usageMetadata: {
      promptTokenCount: 9,
      promptTokenDetails: [
        { modality: 'TEXT', tokenCount: 4 },
        { modality: 'IMAGE', tokenCount: 3 },
        { modality: 'AUDIO', tokenCount: 2 },
      ],
    },
  },
  usage: { ...noUsage, inputUncached: 4, inputImage: 3, inputAudio: 2 },
  stream: undefined,
})

describe('gemini-embeddings', () => {
  it('reads model and method from its path, and writes them there', () => {
    const path = '/v1beta/models/gemini-embedding-2:batchEmbedContents'
    expect(address.read(path)).toEqual({ model: 'gemini-embedding-2', method: 'batchEmbedContents' })
    expect(address.read('/v1beta/models/gemini-embedding-2:generateContent')).toBeUndefined()
    expect(address.pathFor('/v1beta', 'gemini-embedding-2', false, 'embedContent')).toBe(
      '/v1beta/models/gemini-embedding-2:embedContent',
    )
  })

  it('refuses a batch that asks another model than the path names, and a body of the other method', () => {
    const other = { model: 'e', requests: [{ content }, { model: 'models/dearer', content }] }
    expect(refusedParam(() => readCall(other))).toBe('requests[1].model')
    expect(refusedParam(() => readCall({ model: 'e', method: 'embedContent', requests: [{ content }] }))).toBe(
      'requests',
    )
    expect(refusedParam(() => readCall({ model: 'e', requests: [] }))).toBe('requests')
    expect(refusedParam(() => readCall({ model: 'e', taskType: 'A', task_type: 'B', content }))).toBe('task_type')
  })

  it('names the target’s model in every question', () => {
    const body = { model: 'e', requests: [{ model: 'models/e', content }, { content }] }
    expect(upstreamEdits(body, readCall(body), 'e')).toEqual([])
    const model = 'models/f'
    expect(upstreamEdits(body, readCall(body), 'f')).toEqual([
      { key: 'model', value: 'f' },
      {
        key: 'requests',
        value: [
          { model, content },
          { content, model },
        ],
      },
    ])
  })

  it('knows pictures, and files that it does not hold', () => {
    const parts = [{ inline_data: { mime_type: 'image/png', data: 'iVBO' } }, { fileData: { fileUri: 'gs://a' } }]
    const body = { model: 'e', content: { parts } }
    expect([...readCall(body).needs]).toEqual(['images'])
    expect(readExtent(body)).toMatchObject({ images: 1, unseen: ['a file by its address'] })
  })

  it('asks one question for each input of another dialect', () => {
    const losses = new Losses()
    const call = openAiWords.readQuestion({ model: 'e', input: ['a', 'b'], dimensions: 256, input_type: 'query' })
    const asked = { model: 'models/e', taskType: 'RETRIEVAL_QUERY', outputDimensionality: 256 }
    expect(writeQuestion(call, losses)).toEqual({
      model: 'e',
      method: 'batchEmbedContents',
      requests: ['a', 'b'].map((text) => ({ ...asked, content: { parts: [{ text }] } })),
    })
    expect(losses.list()).toEqual([])
    expect(() => writeQuestion(openAiWords.readQuestion({ model: 'e', input: [[1, 2]] }), losses)).toThrow('input[0]')
  })
})
