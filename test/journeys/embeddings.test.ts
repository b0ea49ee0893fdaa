import { GoogleGenAI } from '@google/genai'
import OpenAI from 'openai'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startGateway, type RunningGateway } from '../gateway-fixture.ts'
import { startReplay, type ReplayUpstream } from '../replay-upstream.ts'

/** Embeddings of every client at every provider, over real sockets and with the clients' own SDKs. */
let upstream: ReplayUpstream
let weir: RunningGateway

beforeAll(async () => {
  upstream = await startReplay()
  weir = await startGateway({
    env: { KEY: 'upstream-key-1' },
    config: `
providers:
  google: { kind: gemini, baseUrl: "${upstream.origin}", credentials: { apiKey: env:KEY } }
  voyage: { kind: voyage, baseUrl: "${upstream.origin}/v1", credentials: { apiKey: env:KEY } }
  openai: { kind: openai, baseUrl: "${upstream.origin}/v1", credentials: { apiKey: env:KEY } }
models:
  google: { targets: [{ provider: google, model: gemini-embedding-2 }], retry: { maxAttempts: 1 } }
  voyage: { targets: [{ provider: voyage, model: voyage-3.5 }], retry: { maxAttempts: 1 } }
  openai: { targets: [{ provider: openai, model: text-embedding-3-small }], retry: { maxAttempts: 1 } }
`,
  })
})

afterAll(async () => {
  await weir.close()
  await upstream.close()
})

beforeEach(() => upstream.forget())

const vectors = [
  [0.5, -0.25],
  [0.125, 1],
]

describe('the openai SDK', () => {
  const client = () =>
    new OpenAI({ apiKey: weir.key, baseURL: `${weir.gateway.dataOrigin}/v1`, maxRetries: 0 }).embeddings

  it('reads the vectors of Gemini, which it asked for as base64 unasked', async () => {
    replay({ embeddings: vectors.map((values) => ({ values })), usageMetadata: { promptTokenCount: 5 } })
    const told = await client().create({ model: 'google', input: ['one', 'two'], dimensions: 2 })
    expect(told.data.map(({ embedding }) => embedding)).toEqual(vectors)
    expect(told).toMatchObject({ model: 'gemini-embedding-2', usage: { prompt_tokens: 5, total_tokens: 5 } })
    expect(lastSeen()).toMatchObject({
      path: '/v1beta/models/gemini-embedding-2:batchEmbedContents',
      body: {
        requests: ['one', 'two'].map((text) => ({
          model: 'models/gemini-embedding-2',
          content: { parts: [{ text }] },
          outputDimensionality: 2,
        })),
      },
    })
    expect(await lastRecord()).toMatchObject({
      operation: 'embeddings',
      usageSource: 'provider',
      inputUncached: 5,
      costNanos: 1_000n,
    })
  })

  it('reads the vectors of Voyage', async () => {
    const data = vectors.map((embedding, index) => ({ object: 'embedding', embedding, index }))
    replay({ object: 'list', data: data.toReversed(), model: 'voyage-3.5', usage: { total_tokens: 7 } })
    const told = await client().create({ model: 'voyage', input: ['one', 'two'], encoding_format: 'float', user: 'u' })
    expect(told.data.map(({ embedding }) => embedding)).toEqual(vectors)
    expect(lastSeen()).toMatchObject({ path: '/v1/embeddings', body: { model: 'voyage-3.5', input: ['one', 'two'] } })
    expect(lastSeen().body).not.toHaveProperty('encoding_format')
    expect(await lastRecord()).toMatchObject({ inputUncached: 7, losses: 'user', costNanos: 420n })
  })

  it('is told when an answer has fewer vectors than there were inputs', async () => {
    replay({ embeddings: [{ values: [1] }] })
    await expect(client().create({ model: 'google', input: ['one', 'two'] })).rejects.toMatchObject({
      status: 502,
      code: 'upstream_invalid',
    })
  })

  it('is told when an input has no word at the target', async () => {
    await expect(client().create({ model: 'google', input: [[1, 2]] })).rejects.toMatchObject({
      status: 400,
      code: 'unsupported',
    })
  })
})

describe('the genai SDK', () => {
  const client = () => new GoogleGenAI({ apiKey: weir.key, httpOptions: { baseUrl: weir.gateway.dataOrigin } }).models

  it('has its bytes sent on to Gemini, under the name of the target', async () => {
    const answer = { embeddings: [{ values: [0.5] }], usageMetadata: { promptTokenCount: 3 } }
    replay(answer)
    const told = await client().embedContent({ model: 'google', contents: 'one', config: { taskType: 'CLUSTERING' } })
    expect(told.embeddings).toEqual(answer.embeddings)
    expect(lastSeen().path).toMatch(/^\/v1beta\/models\/gemini-embedding-2:(?:batchEmbedContents|embedContent)$/)
    expect(JSON.stringify(lastSeen().body)).not.toContain('models/google')
    expect(await lastRecord()).toMatchObject({ inputUncached: 3, losses: undefined })
  })

  it('reads the vectors of OpenAI', async () => {
    const data = vectors.map((embedding, index) => ({ object: 'embedding', embedding, index }))
    replay({ object: 'list', data, model: 'text-embedding-3-small', usage: { prompt_tokens: 4, total_tokens: 4 } })
    const told = await client().embedContent({
      model: 'openai',
      contents: ['one', 'two'],
      config: { outputDimensionality: 2, taskType: 'RETRIEVAL_QUERY' },
    })
    expect(told.embeddings?.map(({ values }) => values)).toEqual(vectors)
    expect(lastSeen()).toMatchObject({
      path: '/v1/embeddings',
      body: { model: 'text-embedding-3-small', input: ['one', 'two'], dimensions: 2 },
    })
    expect((await lastRecord())?.losses).toContain('taskType')
  })
})

function replay(body: object): void {
  const headers = { 'content-type': 'application/json' }
  upstream.answer({ status: 200, headers, body: Buffer.from(JSON.stringify(body)) })
}

function lastSeen(): { readonly path: string; readonly body: unknown } {
  const seen = upstream.seen.at(-1)
  if (!seen) throw new Error('nothing was asked')
  return { path: seen.path, body: JSON.parse(seen.body.toString()) }
}

/** Of the exchange that was asked last: it ends in the turn after its answer. */
async function lastRecord() {
  await weir.ended(weir.finished.length)
  return weir.finished.at(-1)?.records[0]
}
