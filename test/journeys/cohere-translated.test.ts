import Anthropic from '@anthropic-ai/sdk'
import { CohereClientV2 } from 'cohere-ai'
import OpenAI from 'openai'
import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { reportMissingCorpus } from '../corpus.ts'
import { startGateway, type RunningGateway } from '../gateway-fixture.ts'
import { randomCuts, seededRandom, startReplay, type ReplayUpstream } from '../replay-upstream.ts'
import { answersOf } from './translated/answers.ts'
import { byAnthropic } from './translated/by-anthropic.ts'
import { byCohere } from './translated/by-cohere.ts'
import { byOpenAi } from './translated/by-openai.ts'
import type { Answered } from './translated/reading.ts'
import exceptions from './translation.exceptions.json' with { type: 'json' }

/**
 * Every recorded answer of Cohere's is read by the SDKs of other dialects as Cohere's own SDK reads it at the provider, and every
 * recorded answer of theirs by Cohere's SDK: text, calls, ending and usage.
 */
let upstream: ReplayUpstream
let weir: RunningGateway

beforeAll(async () => {
  upstream = await startReplay()
  weir = await startGateway({
    env: { KEY: 'upstream-key-1' },
    config: `
providers:
  cohere: { kind: cohere, baseUrl: "${upstream.origin}", credentials: { apiKey: env:KEY } }
  chat: { kind: openai-compatible, baseUrl: "${upstream.origin}/v1", credentials: { apiKey: env:KEY } }
  messages: { kind: anthropic, baseUrl: "${upstream.origin}", credentials: { apiKey: env:KEY } }
models:
  cohere: { targets: [{ provider: cohere, model: command-a-03-2025 }] }
  chat: { targets: [{ provider: chat, model: gpt-5.2 }] }
  messages: { targets: [{ provider: messages, model: claude-sonnet-4-6 }] }
`,
  })
})

afterAll(async () => {
  await weir.close()
  await upstream.close()
})

type Ask = (origin: string, key: string, model: string, isStream: boolean) => Promise<Answered | undefined>

const messages = [{ role: 'user' as const, content: 'hello' }]

const asks = {
  cohere: (origin, token, model, isStream) =>
    byCohere(new CohereClientV2({ environment: origin, token, maxRetries: 0 }), model, { messages }, isStream),
  chat: (origin, apiKey, model, isStream) =>
    byOpenAi(new OpenAI({ baseURL: `${origin}/v1`, apiKey, maxRetries: 0 }), model, { messages }, isStream),
  messages: (origin, apiKey, model, isStream) => {
    const client = new Anthropic({ baseURL: origin, apiKey, maxRetries: 0 })
    return byAnthropic(client, model, { max_tokens: 100, messages }, isStream)
  },
} as const satisfies Record<string, Ask>
type Speaker = keyof typeof asks

describe('recorded answers', () => {
  it.each<[provider: Speaker, client: Speaker]>([
    ['cohere', 'chat'],
    ['cohere', 'messages'],
    ['chat', 'cohere'],
    ['messages', 'cohere'],
  ])('of %s are read alike by the SDK of %s', async (provider, client) => {
    const counts = { unary: 0, streams: 0, unreadable: 0 }
    const failures: string[] = []
    const listed: Readonly<Record<string, string>> = provider === 'cohere' ? {} : exceptions[provider]
    const answers = answersOf(provider === 'cohere' ? 'cohere-chat' : provider)
    for (const [seed, { id, isStream, bytes }] of answers.entries()) {
      const ask = async (speaker: Speaker, origin: string, key: string) => {
        upstream.forget()
        const cuts = randomCuts(bytes.length, 5, seededRandom(seed))
        const headers = { 'content-type': isStream ? 'text/event-stream' : 'application/json' }
        upstream.answer({ status: 200, headers, body: bytes, cuts })
        return asks[speaker](origin, key, provider, isStream)
      }
      const expected = await ask(provider, upstream.origin, 'direct').catch(() => undefined)
      if (expected === undefined) {
        counts.unreadable += 1
        continue
      }
      const found = await ask(client, weir.gateway.dataOrigin, weir.key).catch((thrown: unknown) => String(thrown))
      const reading = typeof found === 'object' ? found.reading : found
      if (!isDeepStrictEqual(expected.reading, reading) && !(id in listed))
        failures.push(`${id}: ${JSON.stringify(expected.reading)} became ${JSON.stringify(reading)}`)
      counts[isStream ? 'streams' : 'unary'] += 1
    }
    console.log(`answers of ${provider}, read by the SDK of ${client}: ${JSON.stringify(counts)}`)
    if (!answers.some(({ id }) => !id.startsWith('golden/'))) reportMissingCorpus(`answers of ${provider}`)
    expect(failures).toEqual([])
    expect(counts.unary * counts.streams).toBeGreaterThan(0)
  })
})
