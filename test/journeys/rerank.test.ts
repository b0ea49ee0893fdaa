import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { startGateway, type RunningGateway } from '../gateway-fixture.ts'
import { startReplay, type ReplayUpstream } from '../replay-upstream.ts'

/** Reranking of either client at either provider, over real sockets. */
let upstream: ReplayUpstream
let weir: RunningGateway

beforeAll(async () => {
  upstream = await startReplay()
  const place = `baseUrl: "${upstream.origin}/v1", credentials: { apiKey: env:KEY }`
  weir = await startGateway({
    env: { KEY: 'upstream-key-1' },
    config: `
providers:
  voyage: { kind: voyage, ${place}, prices: { "rerank-*": { input: "0.05", output: "0.05" } } }
  jina: { kind: openai-compatible, ${place}, prices: { "*": { search: "0.002" } } }
models:
  voyage: { targets: [{ provider: voyage, model: rerank-2.5 }], retry: { maxAttempts: 1 } }
  jina: { targets: [{ provider: jina, model: jina-reranker-v3 }], retry: { maxAttempts: 1 } }
  either: { targets: [{ provider: voyage, model: rerank-2.5 }, { provider: jina, model: jina-reranker-v3 }] }
organisations:
  poor: { budgets: { daily: { usd: "0.003", per: day } } }
`,
  })
})

afterAll(async () => {
  await weir.close()
  await upstream.close()
})

beforeEach(() => upstream.forget())

const asked = { query: 'ruby', documents: ['Ruby is a language', 'Paris is in France', 'Rails is in Ruby'] }
const results = [
  { index: 0, relevance_score: 0.75 },
  { index: 2, relevance_score: 0.5 },
]

describe('a client of Cohere’s rerank', () => {
  it('is served by Voyage, in the words of each', async () => {
    replay({ object: 'list', data: results, model: 'rerank-2.5', usage: { total_tokens: 31 } })
    const told = await post('/v2/rerank', { model: 'voyage', ...asked, top_n: 2 })
    expect(await told.json()).toMatchObject({
      results,
      meta: { billed_units: { input_tokens: 31 }, tokens: { input_tokens: 31 } },
    })
    expect(lastSeen()).toEqual({ path: '/v1/rerank', body: { model: 'rerank-2.5', ...asked, top_k: 2 } })
    expect(weir.finished.at(-1)?.records[0]).toMatchObject({
      operation: 'rerank',
      inputUncached: 31,
      costNanos: 1_550n,
    })
  })

  it('is told of a problem in Cohere’s words', async () => {
    const told = await post('/v2/rerank', { model: 'voyage', query: 'ruby', documents: [] })
    expect(told.status).toBe(400)
    expect(await told.json()).toMatchObject({ error_type: 'invalid_request', param: 'documents' })
  })
})

describe('a client of /v1/rerank', () => {
  it('has its bytes passed on to a server that speaks it, and its searches counted and priced', async () => {
    replay({ model: 'jina-reranker-v3', results, meta: { billed_units: { search_units: 2 } } })
    const told = await post('/v1/rerank', { model: 'jina', ...asked, return_documents: false, odd: 1 })
    expect(await told.json()).toMatchObject({ results })
    expect(lastSeen().body).toEqual({ model: 'jina-reranker-v3', ...asked, return_documents: false, odd: 1 })
    expect(weir.finished.at(-1)?.records[0]).toMatchObject({
      searches: 2,
      costNanos: 4_000_000n,
      usageSource: 'provider',
    })
    expect(told.headers.get('x-weir-cost-usd')).toBe('0.004000000')
  })

  it('is told that a ranking of a document it did not ask about is none, whatever words it is in', async () => {
    for (const index of [3, -1, 0.5, null]) {
      replay({ model: 'jina-reranker-v3', results: [{ index, relevance_score: 1 }] })
      const told = await post('/v1/rerank', { model: 'jina', ...asked })
      expect([told.status, await told.json()]).toMatchObject([502, { error: { code: 'upstream_invalid' } }])
    }
  })

  it('is served by the target that has a word for its documents', async () => {
    replay({ model: 'jina-reranker-v3', results: [{ index: 0, relevance_score: 1 }] })
    const documents = [{ image: 'https://a.example/b.png' }]
    const told = await post('/v1/rerank', { model: 'either', query: 'ruby', documents })
    expect([told.status, lastSeen().body]).toMatchObject([200, { model: 'jina-reranker-v3', documents }])
  })

  it('M8 whose usage nobody tells is counted by what was asked', async () => {
    replay({ model: 'jina-reranker-v3', results })
    await post('/v1/rerank', { model: 'jina', ...asked })
    expect(weir.finished.at(-1)?.records[0]).toMatchObject({
      searches: 1,
      usageSource: 'estimated',
      costNanos: 2_000_000n,
    })
  })

  it('I1 draws on a budget by the search, before it is made', async () => {
    const key = await keyOf('poor')
    const many = { ...asked, documents: Array.from({ length: 101 }, () => 'a document') }
    const refused = await post('/v1/rerank', { model: 'jina', ...many }, key)
    expect([refused.status, await refused.json()]).toMatchObject([429, { error: { code: 'budget_exceeded' } }])
    replay({ model: 'jina-reranker-v3', results, meta: { billed_units: { search_units: 1 } } })
    expect((await post('/v1/rerank', { model: 'jina', ...asked }, key)).status).toBe(200)
    expect((await post('/v1/rerank', { model: 'jina', ...asked }, key)).status).toBe(429)
  })

  it('gets the documents back where it asks for them and the provider does not', async () => {
    replay({ object: 'list', data: results, model: 'rerank-2.5', usage: { total_tokens: 31 } })
    const told = await post('/v1/rerank', { model: 'voyage', ...asked, return_documents: true })
    expect(await told.json()).toMatchObject({
      results: [{ index: 0, document: { text: 'Ruby is a language' } }, { index: 2 }],
      usage: { total_tokens: 31 },
    })
  })
})

async function keyOf(organisation: string): Promise<string> {
  const made = await weir.admin('/api/keys', { method: 'POST', body: JSON.stringify({ name: 'k', organisation }) })
  return z.object({ key: z.string() }).parse(await made.json()).key
}

function post(path: string, body: object, key: string = weir.key): Promise<Response> {
  return fetch(`${weir.gateway.dataOrigin}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
}

function replay(body: object): void {
  const headers = { 'content-type': 'application/json' }
  upstream.answer({ status: 200, headers, body: Buffer.from(JSON.stringify(body)) })
}

function lastSeen(): { readonly path: string; readonly body: unknown } {
  const seen = upstream.seen.at(-1)
  if (!seen) throw new Error('nothing was asked')
  return { path: seen.path, body: JSON.parse(seen.body.toString()) }
}
