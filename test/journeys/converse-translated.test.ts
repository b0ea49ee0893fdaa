import Anthropic from '@anthropic-ai/sdk'
import { BedrockRuntimeClient } from '@aws-sdk/client-bedrock-runtime'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { answerBytes, framesOfLines, recordings, reportMissingCorpus, type Recording } from '../corpus.ts'
import { startGateway, type RunningGateway } from '../gateway-fixture.ts'
import { randomCuts, seededRandom, startReplay, type ReplayUpstream } from '../replay-upstream.ts'
import { byAnthropic } from './translated/by-anthropic.ts'
import { byBedrock } from './translated/by-bedrock.ts'
import { byOpenAi } from './translated/by-openai.ts'
import type { Reading } from './translated/reading.ts'

/**
 * Every recorded answer of Converse, cut anywhere, is read by the SDKs of other dialects through the gateway as Amazon's own client
 * reads it from the replay directly.
 */
let upstream: ReplayUpstream
let weir: RunningGateway
let direct: BedrockRuntimeClient
let openai: OpenAI
let anthropic: Anthropic

const model = 'us.amazon.nova-lite-v1:0'

beforeAll(async () => {
  upstream = await startReplay()
  weir = await startGateway({
    env: { KEY: 'bedrock-key-1' },
    config: `
providers:
  aws: { kind: bedrock, region: us-east-1, baseUrl: "${upstream.origin}", credentials: { apiKey: env:KEY } }
models:
  nova: { targets: [{ provider: aws, model: "${model}" }], retry: { maxAttempts: 1 } }
`,
  })
  direct = new BedrockRuntimeClient({
    endpoint: upstream.origin,
    region: 'us-east-1',
    requestHandler: new NodeHttpHandler(),
    token: { token: 'any' },
    authSchemePreference: ['httpBearerAuth'],
    maxAttempts: 1,
  })
  const settings = { apiKey: weir.key, maxRetries: 0 }
  openai = new OpenAI({ ...settings, baseURL: `${weir.gateway.dataOrigin}/v1` })
  anthropic = new Anthropic({ ...settings, baseURL: weir.gateway.dataOrigin })
})

afterAll(async () => {
  direct.destroy()
  await weir.close()
  await upstream.close()
})

const hello = { role: 'user' as const, content: 'hello' }
const answers = recordings('converse').filter(({ response }) => response.status === 200)

describe('answers of Converse', () => {
  if (answers.length === 0) reportMissingCorpus('translated answers of Converse')

  it.each<[string, (isStream: boolean) => Promise<Reading | undefined>]>([
    ['the openai SDK', async (isStream) => (await byOpenAi(openai, 'nova', { messages: [hello] }, isStream))?.reading],
    [
      '@anthropic-ai/sdk',
      async (isStream) =>
        (await byAnthropic(anthropic, 'nova', { max_tokens: 100, messages: [hello] }, isStream))?.reading,
    ],
  ])('are read by %s as Amazon’s own client reads them', async (name, ask) => {
    const differing: string[] = []
    const counts = { unary: 0, streams: 0, unreadable: 0 }
    for (const [index, answer] of answers.entries()) {
      const { isStream } = play(answer, index)
      const question = { modelId: model, messages: [{ role: 'user' as const, content: [{ text: 'hello' }] }] }
      const expected = await byBedrock(direct, question, isStream)
      if (!expected) {
        counts.unreadable += 1
        continue
      }
      play(answer, index)
      const found = await ask(isStream).catch((thrown: unknown) => String(thrown))
      if (JSON.stringify(found) !== JSON.stringify(expected))
        differing.push(`${answer.id}: ${JSON.stringify(expected)} became ${JSON.stringify(found)}`)
      counts[isStream ? 'streams' : 'unary'] += 1
    }
    console.log(`answers of Converse read by ${name}: ${JSON.stringify(counts)}`)
    expect(differing).toEqual([])
  })
})

function play(recording: Recording, seed: number): { readonly isStream: boolean } {
  const { headers, body } = recording.response
  const type = headers['content-type'] ?? ''
  const isUnframed = type.startsWith('application/x-ndjson')
  const bytes = isUnframed ? framesOfLines(body) : answerBytes(recording)
  upstream.answer({
    status: 200,
    headers: { 'content-type': isUnframed ? 'application/vnd.amazon.eventstream' : type },
    body: bytes,
    cuts: randomCuts(bytes.length, 5, seededRandom(seed)),
  })
  return { isStream: recording.streaming }
}
