import Anthropic from '@anthropic-ai/sdk'
import { GoogleGenAI } from '@google/genai'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { startGateway, type RunningGateway } from '../gateway-fixture.ts'

/** The list of models, by the SDKs that read it: what a key may use, what it can do and what it costs. */
let weir: RunningGateway
let narrow: string

beforeAll(async () => {
  weir = await startGateway({
    env: { KEY: 'k' },
    config: `
providers:
  openai: { kind: openai, credentials: { apiKey: env:KEY } }
  local: { kind: openai-compatible, baseUrl: "http://127.0.0.1:9/v1" }
  voyage: { kind: voyage, credentials: { apiKey: env:KEY } }
  deployed: { kind: azure, api: deployments, baseUrl: "http://127.0.0.1:9", credentials: { apiKey: env:KEY } }
models:
  smart:
    targets:
      - { provider: openai, model: gpt-4o, abilities: { contextTokens: 128000, logprobs: false } }
      - { provider: local, model: llama, abilities: { contextTokens: 32000, outputTokens: 4096 } }
  plain: { targets: [{ provider: openai, model: gpt-4o-mini }] }
  "openai/*": { targets: [{ provider: openai, model: "*" }] }
  "voyage/*": { targets: [{ provider: voyage, model: "*" }] }
  "deployed/*": { targets: [{ provider: deployed, model: "*" }], budgets: { all: { tokens: 100000 } } }
`,
  })
  const asked = { name: 'narrow', organisation: 'default', models: ['plain'] }
  const made = await weir.admin('/api/keys', { method: 'POST', body: JSON.stringify(asked) })
  narrow = z.object({ key: z.string() }).parse(await made.json()).key
})

afterAll(() => weir.close())

it('a name with half a character, which no path can hold, is refused, and nothing is counted for it', async () => {
  const ended = weir.finished.length
  const asked = await fetch(`${weir.gateway.dataOrigin}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${weir.key}`, 'content-type': 'application/json' },
    body: String.raw`{"model":"deployed/\ud800","messages":[{"role":"user","content":"hi"}]}`,
  })
  expect([asked.status, await asked.json()]).toMatchObject([
    400,
    { error: { code: 'invalid_request', param: 'model' } },
  ])
  await weir.ended(ended + 1)
  expect(weir.finished[ended]?.records).toMatchObject([{ attempt: 0, inputUncached: 0 }])
})

const openai = (apiKey = weir.key) => new OpenAI({ apiKey, baseURL: `${weir.gateway.dataOrigin}/v1`, maxRetries: 0 })

describe('the list of models', () => {
  it('tells the openai SDK what holds for every target, and each one’s price; no price is not free (M10)', async () => {
    const { data } = await openai().models.list()
    expect(data.map(({ id }) => id)).toEqual(['smart', 'plain'])
    expect(data[0]).toMatchObject({
      object: 'model',
      weir: {
        context_tokens: 32_000,
        output_tokens: 4_096,
        lacks: ['logprobs'],
        targets: [
          { provider: 'openai', model: 'gpt-4o', usd_per_million: { inputUncached: '2.5', outputText: '10' } },
          { provider: 'local', model: 'llama', usd_per_million: null },
        ],
      },
    })
  })

  it('has only what the key may use', async () => {
    expect((await openai(narrow).models.list()).data.map(({ id }) => id)).toEqual(['plain'])
    await expect(openai(narrow).models.retrieve('smart')).rejects.toMatchObject({
      status: 403,
      code: 'model_not_allowed',
    })
  })

  it('tells one model, also an instance of a pattern, and that there is none', async () => {
    expect(await openai().models.retrieve('plain')).toMatchObject({ id: 'plain', object: 'model' })
    expect(await openai().models.retrieve('openai/gpt-4o')).toMatchObject({
      id: 'openai/gpt-4o',
      weir: { targets: [{ provider: 'openai', model: 'gpt-4o' }] },
    })
    await expect(openai().models.retrieve('plane')).rejects.toMatchObject({ status: 404, code: 'model_not_found' })
  })

  it('tells Anthropic’s SDK in its shape', async () => {
    const client = new Anthropic({ apiKey: weir.key, baseURL: weir.gateway.dataOrigin, maxRetries: 0 })
    const { data } = await client.models.list()
    expect(data[0]).toMatchObject({ type: 'model', id: 'smart', max_input_tokens: 32_000, max_tokens: 4_096 })
    expect(await client.models.retrieve('plain')).toMatchObject({ type: 'model', id: 'plain' })
  })

  it.each([
    ['openai/gpt-4o', ['generateContent', 'streamGenerateContent', 'countTokens']],
    ['openai/text-embedding-3-small', ['embedContent', 'batchEmbedContents']],
    ['voyage/voyage-3.5', ['embedContent', 'batchEmbedContents']],
    ['openai/whisper-1', []],
    ['voyage/rerank-2.5', []],
  ])('tells Google’s clients what %s is called for', async (name, methods) => {
    const told = await fetch(`${weir.gateway.dataOrigin}/v1beta/models/${encodeURIComponent(name)}`, {
      headers: { 'x-goog-api-key': weir.key },
    })
    expect(await told.json()).toMatchObject({ name: `models/${name}`, supportedGenerationMethods: methods })
  })

  it('is told in parts to who asks for parts', async () => {
    const anthropic = new Anthropic({ apiKey: weir.key, baseURL: weir.gateway.dataOrigin, maxRetries: 0 })
    const first = await anthropic.models.list({ limit: 1 })
    expect(first).toMatchObject({ data: [{ id: 'smart' }], has_more: true, first_id: 'smart', last_id: 'smart' })
    expect(await first.getNextPage()).toMatchObject({ data: [{ id: 'plain' }], has_more: false })
    expect(await anthropic.models.list({ before_id: 'plain' })).toMatchObject({
      data: [{ id: 'smart' }],
      has_more: false,
    })
    const google = new GoogleGenAI({ apiKey: weir.key, httpOptions: { baseUrl: weir.gateway.dataOrigin } })
    const pager = await google.models.list({ config: { pageSize: 1 } })
    expect([pager.page.map(({ name }) => name), pager.hasNextPage()]).toEqual([['models/smart'], true])
    expect((await pager.nextPage()).map(({ name }) => name)).toEqual(['models/plain'])
    expect(pager.hasNextPage()).toBe(false)
  })

  it.each(['limit=0', 'limit=x', 'after_id=gone', 'before_id=gone'])(
    'refuses a part that is none: %s',
    async (query) => {
      const told = await fetch(`${weir.gateway.dataOrigin}/v1/models?${query}`, {
        headers: { authorization: `Bearer ${weir.key}`, 'anthropic-version': '2023-06-01' },
      })
      const [param] = query.split('=')
      expect([told.status, await told.json()]).toMatchObject([
        400,
        { error: { type: 'invalid_request_error', message: expect.stringContaining(`\`${param}\``) } },
      ])
    },
  )

  it('tells Google’s SDK in its shape', async () => {
    const client = new GoogleGenAI({ apiKey: weir.key, httpOptions: { baseUrl: weir.gateway.dataOrigin } })
    const names: (string | undefined)[] = []
    for await (const { name } of await client.models.list()) names.push(name)
    expect(names).toEqual(['models/smart', 'models/plain'])
    expect(await client.models.get({ model: 'smart' })).toMatchObject({
      name: 'models/smart',
      inputTokenLimit: 32_000,
      outputTokenLimit: 4_096,
    })
  })
})
