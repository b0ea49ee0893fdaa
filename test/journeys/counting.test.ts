import Anthropic from '@anthropic-ai/sdk'
import { GoogleGenAI } from '@google/genai'
import OpenAI from 'openai'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { startGateway, type RunningGateway } from '../gateway-fixture.ts'
import { startReplay, type ReplayUpstream } from '../replay-upstream.ts'

/** Counting tokens and moderations, by the SDKs that ask for them. */
let upstream: ReplayUpstream
let weir: RunningGateway

beforeAll(async () => {
  upstream = await startReplay()
  const place = `baseUrl: "${upstream.origin}", credentials: { apiKey: env:KEY }`
  weir = await startGateway({
    env: { KEY: 'upstream-key-1' },
    config: `
providers:
  google: { kind: gemini, ${place} }
  claude: { kind: anthropic, ${place} }
  openai: { kind: openai, ${place} }
models:
  gemini: { targets: [{ provider: google, model: gemini-2.5-flash }], retry: { maxAttempts: 1 } }
  claude: { targets: [{ provider: claude, model: claude-sonnet-4-6 }], retry: { maxAttempts: 1 } }
  gpt: { targets: [{ provider: openai, model: gpt-4.1-mini }], retry: { maxAttempts: 1 } }
  omni-moderation-latest: { targets: [{ provider: openai, model: omni-moderation-latest }], retry: { maxAttempts: 1 } }
organisations:
  broke: { budgets: { daily: { usd: "0", per: day } } }
`,
  })
})

afterAll(async () => {
  await weir.close()
  await upstream.close()
})

beforeEach(() => upstream.forget())

const openai = () => new OpenAI({ apiKey: weir.key, baseURL: `${weir.gateway.dataOrigin}/v1`, maxRetries: 0 })
const anthropic = (apiKey = weir.key) => new Anthropic({ apiKey, baseURL: weir.gateway.dataOrigin, maxRetries: 0 })
const genai = () => new GoogleGenAI({ apiKey: weir.key, httpOptions: { baseUrl: weir.gateway.dataOrigin } })
const hi = [{ role: 'user', content: 'The quick brown fox jumps over the lazy dog.' }] as const

describe('counting tokens', () => {
  it('is asked of Anthropic in its own words, and costs nothing', async () => {
    replay({ input_tokens: 19 })
    expect(await anthropic().messages.countTokens({ model: 'claude', messages: [...hi] })).toMatchObject({
      input_tokens: 19,
    })
    expect(lastSeen()).toMatchObject({ path: '/v1/messages/count_tokens', body: { model: 'claude-sonnet-4-6' } })
    expect(weir.finished.at(-1)?.records).toMatchObject([
      { operation: 'count-tokens', attempt: 1, status: 'ok', inputUncached: 0, costNanos: 0n },
    ])
  })

  it('is asked of Google under the target’s name', async () => {
    replay({ totalTokens: 12 })
    expect(await genai().models.countTokens({ model: 'gemini', contents: 'The quick brown fox' })).toMatchObject({
      totalTokens: 12,
    })
    expect(lastSeen().path).toBe('/v1beta/models/gemini-2.5-flash:countTokens')
  })

  it('is asked of OpenAI in the words of Responses', async () => {
    replay({ object: 'response.input_tokens', input_tokens: 18 })
    expect(await openai().responses.inputTokens.count({ model: 'gpt', input: 'Hi' })).toMatchObject({
      input_tokens: 18,
    })
    expect(lastSeen()).toEqual({ path: '/responses/input_tokens', body: { model: 'gpt-4.1-mini', input: 'Hi' } })
  })

  it('is an estimate where the model’s provider does not count in these words, and says so', async () => {
    const seen = upstream.seen.length
    const { data, response } = await anthropic()
      .messages.countTokens({ model: 'gemini', messages: [...hi] })
      .withResponse()
    expect(data.input_tokens).toBeGreaterThan(9)
    expect(data.input_tokens).toBeLessThan(40)
    expect(response.headers.get('x-weir-token-count')).toBe('estimated')
    expect(upstream.seen).toHaveLength(seen)
    expect(weir.finished.at(-1)?.records).toMatchObject([{ attempt: 0, status: 'ok', costNanos: 0n }])
  })

  it('draws on no budget', async () => {
    const made = await weir.admin('/api/keys', {
      method: 'POST',
      body: JSON.stringify({ name: 'k', organisation: 'broke' }),
    })
    const { key } = z.object({ key: z.string() }).parse(await made.json())
    replay({ input_tokens: 19 })
    expect(await anthropic(key).messages.countTokens({ model: 'claude', messages: [...hi] })).toMatchObject({
      input_tokens: 19,
    })
    await expect(
      anthropic(key).messages.create({ model: 'claude', messages: [...hi], max_tokens: 9 }),
    ).rejects.toMatchObject({ status: 429 })
  })
})

describe('moderations', () => {
  it('are free of charge at OpenAI, and may leave the model out', async () => {
    replay({ id: 'modr-1', model: 'omni-moderation-latest', results: [{ flagged: true }] })
    const told = await openai().moderations.create({ input: 'a text' })
    expect(told.results[0]?.flagged).toBe(true)
    expect(lastSeen()).toEqual({ path: '/moderations', body: { input: 'a text', model: 'omni-moderation-latest' } })
    expect(weir.finished.at(-1)?.records).toMatchObject([
      { operation: 'moderations', status: 'ok', usageSource: 'estimated', costNanos: 0n },
    ])
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
