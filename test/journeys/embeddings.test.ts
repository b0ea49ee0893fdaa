import { GoogleGenAI } from '@google/genai'
import OpenAI from 'openai'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
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
  last: { targets: [{ provider: google, model: gemini-embedding-2 }, { provider: voyage, model: voyage-3.5 }, { provider: openai, model: text-embedding-3-small }] }
  wordless: { targets: [{ provider: google, model: gemini-embedding-2 }, { provider: voyage, model: voyage-3.5 }] }
  again: { targets: [{ provider: openai, model: text-embedding-3-small }, { provider: openai, model: text-embedding-3-large }] }
organisations:
  counted: { budgets: { daily: { usd: "1", per: day } } }
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

const listed = vectors.map((embedding, index) => ({ object: 'embedding', embedding, index }))

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

  it('fails over where an answer in its own words has fewer vectors than there were inputs, and what was told is billed', async () => {
    const few = { object: 'list', data: [listed[0]], model: 'e', usage: { prompt_tokens: 4, total_tokens: 4 } }
    replay(few, { ...few, data: listed })
    const told = await client().create({ model: 'again', input: ['one', 'two'], encoding_format: 'float' })
    expect(told.data).toHaveLength(2)
    await weir.ended(weir.finished.length)
    expect(weir.finished.at(-1)?.records).toMatchObject([
      { status: 'failed', errorKind: 'upstream_invalid', usageSource: 'provider', inputUncached: 4 },
      { status: 'ok', targetModel: 'text-embedding-3-large' },
    ])
  })

  it('is told that an answer without a vector is none, but for a call without an input', async () => {
    const none = { object: 'list', data: [], model: 'e', usage: { prompt_tokens: 0, total_tokens: 0 } }
    replay(none)
    const create = (input: string | string[]) => client().create({ model: 'openai', input, encoding_format: 'float' })
    await expect(create('one')).rejects.toMatchObject({ status: 502, code: 'upstream_invalid' })
    replay(none)
    expect((await create([])).data).toEqual([])
  })

  it('always has a usage, which is estimated where the provider tells none', async () => {
    replay({ embeddings: [{ values: [1] }] })
    const { usage } = await client().create({ model: 'google', input: 'one', encoding_format: 'float' })
    const record = await lastRecord()
    expect(record).toMatchObject({ usageSource: 'estimated' })
    expect(usage).toEqual({ prompt_tokens: record?.inputUncached, total_tokens: record?.inputUncached })
  })

  it('is served by the first target that has a word for its input, and holds nothing for those that are passed over', async () => {
    const key = await keyOf('counted')
    const [vector] = listed
    replay({ object: 'list', data: [vector], model: 'e', usage: { prompt_tokens: 2, total_tokens: 2 } })
    const told = await post({ model: 'last', input: [[15_339, 1_917]] }, { 'x-weir-explain': 'true' }, key)
    expect([told.status, lastSeen().body]).toMatchObject([200, { input: [[15_339, 1_917]] }])
    expect(JSON.parse(told.headers.get('x-weir-decision') ?? '')).toMatchObject({
      passedOver: [
        { target: 'google/gemini-embedding-2', reason: expect.stringContaining('input[0] (token-numbers)') },
        { target: 'voyage/voyage-3.5', reason: expect.stringContaining('input[0] (token-numbers)') },
      ],
    })
    expect(await lastRecord()).toMatchObject({ attempt: 1, status: 'ok', provider: 'openai' })
    const balance = await fetch(`${weir.gateway.dataOrigin}/v1/budget`, { headers: { authorization: `Bearer ${key}` } })
    expect(await balance.json()).toMatchObject({ data: [{ held: expect.stringMatching(/^0[.0]*$/) }] })
  })

  it('is told why each target has no word for its input, and is asked for nothing', async () => {
    const seen = upstream.seen.length
    for (const headers of [{}, { 'x-weir-strict': 'true' }]) {
      const told = await post({ model: 'wordless', input: [[15_339, 1_917]] }, headers)
      expect([told.status, await told.json()]).toMatchObject([
        400,
        {
          error: {
            code: 'unsupported',
            param: 'input[0]',
            message: expect.stringMatching(/google\/gemini-embedding-2: input\[0\].*; voyage\/voyage-3\.5: input\[0\]/),
          },
        },
      ])
    }
    expect(upstream.seen).toHaveLength(seen)
    expect(await lastRecord()).toMatchObject({ attempt: 0, errorKind: 'unsupported' })
  })

  it('that must be heard wholly is served by the target that has a word for all of it', async () => {
    replay({ object: 'list', data: [listed[0]], model: 'e', usage: { prompt_tokens: 2, total_tokens: 2 } })
    const told = await post({ model: 'last', input: [[15_339, 1_917]], user: 'u' }, { 'x-weir-strict': 'true' })
    expect([told.status, told.headers.get('x-weir-provider')]).toEqual([200, 'openai'])
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

async function keyOf(organisation: string): Promise<string> {
  const made = await weir.admin('/api/keys', { method: 'POST', body: JSON.stringify({ name: 'k', organisation }) })
  return z.object({ key: z.string() }).parse(await made.json()).key
}

function post(body: object, headers: Readonly<Record<string, string>>, key = weir.key): Promise<Response> {
  return fetch(`${weir.gateway.dataOrigin}/v1/embeddings`, {
    method: 'POST',
    headers: { ...headers, authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
}

function replay(...bodies: readonly object[]): void {
  const headers = { 'content-type': 'application/json' }
  for (const body of bodies) upstream.answer({ status: 200, headers, body: Buffer.from(JSON.stringify(body)) })
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
