import Anthropic from '@anthropic-ai/sdk'
import { GoogleGenAI } from '@google/genai'
import OpenAI from 'openai'
import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { corpusDir, reportMissingCorpus } from '../corpus.ts'
import { startGateway, type RunningGateway } from '../gateway-fixture.ts'
import { randomCuts, seededRandom, startReplay, type ReplayUpstream } from '../replay-upstream.ts'
import exceptions from './readers.exceptions.json' with { type: 'json' }
import { answersOf, type ProviderAnswer } from './translated/answers.ts'
import { byAnthropic } from './translated/by-anthropic.ts'
import { byGenAi } from './translated/by-genai.ts'
import { byOpenAi } from './translated/by-openai.ts'
import { byResponses } from './translated/by-responses.ts'
import type { Reading } from './translated/reading.ts'

/**
 * `@google/genai`, and `openai` over Responses, read the recorded answers of other providers through the gateway, as each provider's own SDK reads
 * them at the replay itself. A provider that speaks chat completions beside Responses is asked by chat completions, so that
 * answers of Responses are read by its own clients only.
 */
let upstream: ReplayUpstream
let weir: RunningGateway

type Api = 'chat' | 'messages' | 'generate'
type Read = (modelName: string, isStream: boolean) => Promise<Reading | undefined>

let direct: Readonly<Record<Api, Read>>
let through: Readonly<Record<'genai' | 'responses', Read>>

beforeAll(async () => {
  upstream = await startReplay()
  weir = await startGateway({
    env: { KEY: 'upstream-key-1' },
    config: `
providers:
  chat: { kind: openai-compatible, baseUrl: "${upstream.origin}/v1", credentials: { apiKey: env:KEY } }
  messages: { kind: anthropic, baseUrl: "${upstream.origin}", credentials: { apiKey: env:KEY } }
  generate: { kind: gemini, baseUrl: "${upstream.origin}", credentials: { apiKey: env:KEY } }
models:
  chat: { targets: [{ provider: chat, model: m-1 }], retry: { maxAttempts: 1 } }
  messages: { targets: [{ provider: messages, model: claude-sonnet-4-6 }], retry: { maxAttempts: 1 } }
  generate: { targets: [{ provider: generate, model: m-1 }], retry: { maxAttempts: 1 } }
`,
  })
  const genAiAt = (baseUrl: string, apiKey: string) =>
    new GoogleGenAI({ apiKey, httpOptions: { baseUrl, retryOptions: { attempts: 1 }, timeout: 30_000 } })
  const own = { apiKey: 'k', maxRetries: 0 }
  const ownChat = new OpenAI({ ...own, baseURL: `${upstream.origin}/v1` })
  const ownClaude = new Anthropic({ ...own, baseURL: upstream.origin, timeout: 30_000 })
  const ownGemini = genAiAt(upstream.origin, 'k')
  direct = {
    chat: async (model, isStream) => (await byOpenAi(ownChat, model, { messages: [hello] }, isStream))?.reading,
    messages: async (model, isStream) =>
      (await byAnthropic(ownClaude, model, { max_tokens: 100, messages: [hello] }, isStream)).reading,
    generate: (model, isStream) => byGenAi(ownGemini, model, isStream),
  }
  const { dataOrigin } = weir.gateway
  const viaGenAi = genAiAt(dataOrigin, weir.key)
  const viaResponses = new OpenAI({ baseURL: `${dataOrigin}/v1`, apiKey: weir.key, maxRetries: 0 })
  through = {
    genai: (model, isStream) => byGenAi(viaGenAi, model, isStream),
    responses: (model, isStream) => byResponses(viaResponses, model, isStream),
  }
})

afterAll(async () => {
  await weir.close()
  await upstream.close()
})

const hello = { role: 'user' as const, content: 'hello' }

describe('recorded answers of other providers', () => {
  it.each([
    ['genai', 'chat'],
    ['genai', 'messages'],
    ['responses', 'chat'],
    ['responses', 'messages'],
    ['responses', 'generate'],
  ] as const)('are read by %s, from a provider of %s, as its own SDK reads them', async (reader, api) => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    const listed = new Set(
      exceptions.filter((one) => one.readers.includes(reader) && one.api === api).flatMap(({ ids }) => ids),
    )
    const [failed, passed]: [Record<string, string>, string[]] = [{}, []]
    let unreadable = 0
    for (const [seed, answer] of answersOf(api).entries()) {
      replay(answer, seed)
      const expected = await direct[api](api, answer.isStream).catch(() => undefined)
      upstream.forget()
      // What the provider's own SDK cannot read says nothing of the translation.
      if (!expected) {
        unreadable += 1
        continue
      }
      replay(answer, seed)
      const found = await through[reader](api, answer.isStream).catch(String)
      upstream.forget()
      const difference = differenceOf(expected, found)
      if (difference === undefined) passed.push(answer.id)
      else if (!listed.has(answer.id)) failed[answer.id] = difference
    }
    warn.mockRestore()
    if (corpusDir === undefined) reportMissingCorpus(`answers of ${api}`)
    console.log(
      `${reader} read ${passed.length} answers of ${api} as their own SDK does, ${listed.size} otherwise as listed, ` +
        `and ${unreadable} are unreadable to their own`,
    )
    expect(failed).toEqual({})
    expect(corpusDir === undefined ? [] : [...listed].filter((id) => passed.includes(id))).toEqual([])
    expect(passed.length).toBeGreaterThan(10)
  })
})

function differenceOf(expected: Reading, found: Reading | string | undefined): string | undefined {
  if (found === undefined || typeof found === 'string') return `became ${found}`
  const [one, other] = [comparable(expected), comparable(found)]
  const wrong = Object.entries(one).filter(([key, value]) => !isDeepStrictEqual(value, Reflect.get(other, key)))
  if (wrong.length === 0) return undefined
  return wrong.map(([key, value]) => `${key}: ${excerpt(value)} became ${excerpt(Reflect.get(other, key))}`).join('; ')
}

/** Google has no word for an end that waits for tools, and Responses has none either: the calls tell. */
function comparable(reading: Reading): Reading {
  const { ending, toolCalls } = reading
  const isGood = ending === 'end' || ending === 'tools'
  return { ...reading, ending: isGood ? (toolCalls.length > 0 ? 'tools' : 'end') : ending }
}

function excerpt(value: unknown): string {
  return JSON.stringify(value)?.slice(0, 120) ?? 'nothing'
}

function replay({ isStream, bytes }: ProviderAnswer, seed: number): void {
  upstream.answer({
    status: 200,
    headers: { 'content-type': isStream ? 'text/event-stream' : 'application/json' },
    body: bytes,
    cuts: randomCuts(bytes.length, 5, seededRandom(seed)),
  })
}
