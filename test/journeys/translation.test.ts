import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { corpusDir, reportMissingCorpus } from '../corpus.ts'
import { startGateway, type RunningGateway } from '../gateway-fixture.ts'
import { randomCuts, seededRandom, startReplay, type ReplayUpstream } from '../replay-upstream.ts'
import { answersOf, type ProviderAnswer } from './translated/answers.ts'
import { byAnthropic } from './translated/by-anthropic.ts'
import { byOpenAi } from './translated/by-openai.ts'
import { chatCalls } from './translated/chat-calls.ts'
import { callDifferences, type Sent } from './translated/judge-call.ts'
import { messagesCalls } from './translated/messages-calls.ts'
import type { Answered } from './translated/reading.ts'
import type { RichCall } from './translated/rich-call.ts'
import exceptions from './translation.exceptions.json' with { type: 'json' }

/**
 * Each real SDK sends calls with tools and their results, images, documents, thoughts and wishes to the other provider, which
 * must hear all of them but for what `x-weir-losses` names; and it reads the recorded answer as that provider's own SDK
 * does when it talks to the replay directly.
 */
let upstream: ReplayUpstream
let weir: RunningGateway
let throughOpenAi: OpenAI
let throughAnthropic: Anthropic
let directOpenAi: OpenAI
let directAnthropic: Anthropic

const models = { chat: 'gpt-5.2', messages: 'claude-sonnet-4-6' } as const

beforeAll(async () => {
  upstream = await startReplay()
  weir = await startGateway({
    env: { KEY: 'upstream-key-1' },
    config: `
providers:
  chat: { kind: openai-compatible, baseUrl: "${upstream.origin}/v1", credentials: { apiKey: env:KEY } }
  messages: { kind: anthropic, baseUrl: "${upstream.origin}", credentials: { apiKey: env:KEY } }
models:
  chat: { targets: [{ provider: chat, model: ${models.chat} }] }
  messages: { targets: [{ provider: messages, model: ${models.messages} }] }
`,
  })
  const settings = { apiKey: weir.key, maxRetries: 0 }
  throughOpenAi = new OpenAI({ ...settings, baseURL: `${weir.gateway.dataOrigin}/v1` })
  throughAnthropic = new Anthropic({ ...settings, baseURL: weir.gateway.dataOrigin })
  directOpenAi = new OpenAI({ ...settings, baseURL: `${upstream.origin}/v1` })
  directAnthropic = new Anthropic({ ...settings, baseURL: upstream.origin })
})

afterAll(async () => {
  await weir.close()
  await upstream.close()
})

describe('the other provider', () => {
  it('hears all of an openai SDK’s call, and its recorded answers are read as @anthropic-ai/sdk reads them', async () => {
    await compareAll('messages', chatCalls, {
      own: (isStream) => byAnthropic(directAnthropic, 'messages', { max_tokens: 100, messages: [hello] }, isStream),
      other: (question, isStream) => byOpenAi(throughOpenAi, 'messages', question, isStream),
    })
  })

  it('hears all of an @anthropic-ai/sdk call, and its recorded answers are read as the openai SDK reads them', async () => {
    // For a model that will be retired, or a field that is deprecated.
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    await compareAll('chat', messagesCalls, {
      own: (isStream) => byOpenAi(directOpenAi, 'chat', { messages: [hello] }, isStream),
      other: (question, isStream) => byAnthropic(throughAnthropic, 'chat', question, isStream),
    })
    warn.mockRestore()
  })
})

const hello = { role: 'user' as const, content: 'hello' }

interface Askers<Question> {
  /** The provider's own SDK, without a gateway. */
  readonly own: (isStream: boolean) => Promise<Answered | undefined>
  readonly other: (question: Question, isStream: boolean) => Promise<Answered | undefined>
}

async function compareAll<Question>(
  api: 'messages' | 'chat',
  calls: readonly RichCall<Question>[],
  { own, other }: Askers<Question>,
): Promise<void> {
  const listed: Readonly<Record<string, string>> = exceptions[api]
  const counts: Counts = new Map(calls.map(({ name }) => [name, { unary: 0, streams: 0 }]))
  const failures: string[] = []
  const passed: string[] = []
  let unreadable = 0
  for (const [index, answer] of answersOf(api).entries()) {
    const { id, isStream } = answer
    replay(answer, index)
    const expected = await own(isStream).catch(() => undefined)
    // What the provider's own SDK cannot read (a page of HTML, a bare JSON body) says nothing of the translation.
    if (!expected) {
      unreadable += 1
      continue
    }
    const call = calls.find(({ feature }) => answer.features.includes(feature)) ?? leastAsked(calls, counts, isStream)
    const before = upstream.seen.length
    replay(answer, index)
    const found = await other(call.question, isStream).catch((thrown: unknown) => String(thrown))
    const sent: Sent = { api, modelName: models[api], isStream, body: upstream.seen[before]?.body }
    const differences = callDifferences(call, sent, expected.reading, found)
    if (differences.length === 0) passed.push(id)
    else if (!(id in listed)) failures.push(`${id}: ${differences.join('; ')}`)
    const count = counts.get(call.name)
    if (count) count[isStream ? 'streams' : 'unary'] += 1
  }
  if (corpusDir === undefined) reportMissingCorpus(`translated answers of ${api}`)
  const said = [...counts].map(([name, { unary, streams }]) => `  ${unary} unary, ${streams} streams: ${name}`)
  console.log(
    [`answers of ${api}, ${unreadable} unreadable to their own SDK, asked for by calls with`, ...said].join('\n'),
  )
  expect(failures).toEqual([])
  expect(Object.keys(listed).filter((id) => passed.includes(id))).toEqual([])
  for (const { unary, streams } of counts.values()) expect(unary * streams).toBeGreaterThan(0)
}

type Counts = ReadonlyMap<string, { unary: number; streams: number }>

/** So that an answer whose features fit no call is asked for by all of them in turn. */
function leastAsked<Question>(
  calls: readonly RichCall<Question>[],
  counts: Counts,
  isStream: boolean,
): RichCall<Question> {
  const timesAsked = ({ name }: RichCall<Question>) => counts.get(name)?.[isStream ? 'streams' : 'unary'] ?? 0
  return calls.reduce((least, call) => (timesAsked(call) < timesAsked(least) ? call : least))
}

function replay({ isStream, bytes }: ProviderAnswer, seed: number): void {
  upstream.answer({
    status: 200,
    headers: { 'content-type': isStream ? 'text/event-stream' : 'application/json' },
    body: bytes,
    cuts: randomCuts(bytes.length, 5, seededRandom(seed)),
  })
}
