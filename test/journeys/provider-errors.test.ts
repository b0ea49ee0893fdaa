import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { errorTable, type ErrorKind } from '../../src/canonical/error.ts'
import { corpusDir, reportMissingCorpus } from '../corpus.ts'
import judged from '../error-corpus.judged.json' with { type: 'json' }
import { startGateway, type RunningGateway } from '../gateway-fixture.ts'
import { startReplay, type ReplayUpstream } from '../replay-upstream.ts'

/** Every error that was quoted in public, as a client of each dialect sees it, over real sockets. */
const error = z.looseObject({
  provider: z.string(),
  api: z.string(),
  status: z.int(),
  headers: z.record(z.string(), z.string()),
  body: z.string(),
})
const seen =
  corpusDir === undefined
    ? []
    : readFileSync(join(corpusDir, 'errors', 'errors-in-the-wild.jsonl'), 'utf8')
        .trim()
        .split('\n')
        .map((line) => error.parse(JSON.parse(line)))

const clients = {
  chat: {
    path: () => '/v1/chat/completions',
    body: (model: string, stream: boolean) => ({ model, stream, messages: [{ role: 'user', content: 'Hi' }] }),
    told: z.object({ error: z.looseObject({ message: z.string(), code: z.string() }) }).transform((one) => one.error),
  },
  messages: {
    path: () => '/v1/messages',
    body: (model: string, stream: boolean) => ({
      model,
      stream,
      max_tokens: 9,
      messages: [{ role: 'user', content: 'Hi' }],
    }),
    told: z
      .object({ type: z.literal('error'), error: z.looseObject({ message: z.string(), code: z.string() }) })
      .transform((one) => one.error),
  },
  responses: {
    path: () => '/v1/responses',
    body: (model: string, stream: boolean) => ({ model, stream, input: 'Hi' }),
    told: z.object({ error: z.looseObject({ message: z.string(), code: z.string() }) }).transform((one) => one.error),
  },
  generate: {
    path: (model: string, stream: boolean) =>
      `/v1beta/models/${model}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    body: () => ({ contents: [{ role: 'user', parts: [{ text: 'Hi' }] }] }),
    told: z
      .object({
        error: z.looseObject({
          message: z.string(),
          details: z.tuple([z.looseObject({ reason: z.string() })]).rest(z.unknown()),
        }),
      })
      .transform(({ error: { message, details } }) => ({ message, code: details[0].reason })),
  },
} as const
type Client = keyof typeof clients

/** Bedrock's own sentence comes here as through a proxy that speaks OpenAI's API; in its own dialect it is in the corpus of errors. */
const providerOf = (api: string) => ({ messages: 'messages', generate: 'generate' })[api] ?? 'chat'
/** One of our own, so that something is told where there is no corpus. */
const own = {
  provider: 'made up',
  api: 'chat',
  status: 429,
  headers: { 'retry-after': '7' },
  body: '{"error":{"message":"Rate limit reached for requests","type":"requests","code":"rate_limit_exceeded"}}',
  expected: { kind: 'upstream_rate_limited', isLasting: false, waitMs: undefined },
}
const failed = {
  ...own,
  status: 500,
  body: '{"error":{"message":"The server had an error","type":"server_error","code":null}}',
  expected: { kind: 'upstream_unavailable', isLasting: false, waitMs: undefined },
}
const refusedKey = {
  ...own,
  status: 401,
  body: '{"error":{"message":"Incorrect API key provided","type":"invalid_request_error","code":"invalid_api_key"}}',
  expected: { kind: 'upstream_credential', isLasting: false, waitMs: undefined },
}
const judgedOnes = [own, failed, refusedKey, ...seen.map((one, place) => ({ ...one, expected: judged.wild[place] }))]
const cases = judgedOnes.flatMap((one, place) =>
  (['chat', 'messages', 'responses', 'generate'] as const).map((client) => ({ ...one, place, client })),
)

describe('an error of a provider', () => {
  let upstream: ReplayUpstream
  let weir: RunningGateway

  beforeAll(async () => {
    if (corpusDir === undefined) reportMissingCorpus('errors of providers')
    upstream = await startReplay()
    weir = await startGateway({
      env: { KEY: 'key-of-ours' },
      config: [
        'providers:',
        `  chat: { kind: openai-compatible, baseUrl: "${upstream.origin}/v1", credentials: { apiKey: env:KEY } }`,
        `  messages: { kind: anthropic, baseUrl: "${upstream.origin}", credentials: { apiKey: env:KEY } }`,
        `  generate: { kind: gemini, baseUrl: "${upstream.origin}", credentials: { apiKey: env:KEY } }`,
        'models:',
        // A target of its own for each, so that the rest that one asks for is not the next one's.
        ...cases.map(
          ({ api, place, client }) =>
            `  ${nameOf(place, client)}: { targets: [{ provider: ${providerOf(api)}, model: ${nameOf(place, client)} }], retry: { maxAttempts: 1 } }`,
        ),
      ].join('\n'),
    })
  })

  afterAll(async () => {
    await weir.close()
    await upstream.close()
  })

  it.each(cases)('$provider $status ($place) is told to a client of $client', async (one) => {
    const { place, client, status, headers, body, expected } = one
    const kind = kindOf(expected?.kind)
    const row = errorTable[kind]
    upstream.answer({ status, headers, body: Buffer.from(body) })
    const isStream = status === 200
    const words = clients[client]
    const name = nameOf(place, client)
    const answer = await fetch(`${weir.gateway.dataOrigin}${words.path(name, isStream)}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${weir.key}`, 'content-type': 'application/json' },
      body: JSON.stringify(words.body(name, isStream)),
    })
    const text = await answer.text()
    const told = words.told.parse(JSON.parse(text))
    expect([answer.status, told.code]).toEqual([row.status, kind])
    expect(told.message).not.toMatch(/<|REDACTED/)
    const isLasting = expected?.isLasting === true
    const waitMs = expected?.waitMs
    const waitSeconds = Number(headers['retry-after'] ?? Math.min(Math.ceil((waitMs ?? 1_000) / 1_000), 3_600))
    const isTold = headers['retry-after'] !== undefined || waitMs !== undefined
    const isAgain = row.clientRetry === 'yes' && kind !== 'upstream_credential'
    const mayWait = (row.clientRetry === 'after-retry-after' || (isAgain && isTold)) && !isLasting
    expect(answer.headers.get('retry-after')).toBe(mayWait ? String(waitSeconds) : null)
    const isFutile = isLasting || (mayWait && waitSeconds > 60)
    expect(answer.headers.get('x-should-retry')).toBe(isFutile ? 'false' : null)
  })
})

function nameOf(place: number, client: Client): string {
  return `row-${place}-${client}`
}

function kindOf(name: string | undefined): ErrorKind {
  const kinds = z.enum(Object.keys(errorTable) as [ErrorKind, ...ErrorKind[]])
  return kinds.parse(name)
}
