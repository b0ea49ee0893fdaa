import { createParser } from 'eventsource-parser'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { awsSignature } from '../../../src/providers/laws/aws-signature.ts'
import { writeAwsEvent } from '../../../src/wire/aws-event-stream.ts'
import {
  answerBytes,
  chunkFrame,
  corpusDir,
  framesOfChunks,
  framesOfLines,
  recordings,
  reportMissingCorpus,
  type Recording,
} from '../../corpus.ts'
import { startGateway, type RunningGateway } from '../../gateway-fixture.ts'
import { startReplay, type ReplayUpstream, type Seen } from '../../replay-upstream.ts'
import { bodyOf, playRecording } from './play-recording.ts'

/** Claude on Bedrock, signed and with a key of Bedrock's, over real sockets. */
let upstream: ReplayUpstream
let weir: RunningGateway

beforeAll(async () => {
  upstream = await startReplay()
  const provider = (identity: string) =>
    `{ kind: bedrock, region: us-east-1, baseUrl: "${upstream.origin}", ${identity} }`
  weir = await startGateway({
    env: {
      ID: 'AKIAEXAMPLE',
      SECRET: 'aws-secret-of-ours',
      SESSION: 'aws-session-of-ours',
      KEY: 'bedrock-key-of-ours',
    },
    config: `
providers:
  signed: ${provider('accessKey: { id: env:ID, secret: env:SECRET, sessionToken: env:SESSION }')}
  keyed: ${provider('credentials: { apiKey: env:KEY }')}
models:
  "*": { targets: [{ provider: signed, model: "*" }], retry: { maxAttempts: 1 } }
  "keyed/*": { targets: [{ provider: keyed, model: "*" }], retry: { maxAttempts: 1 } }
`,
  })
})

afterAll(async () => {
  await weir.close()
  await upstream.close()
})

describe('golden cases of Claude on Bedrock', () => {
  const cases = claudeRecordings()
  if (corpusDir === undefined) reportMissingCorpus('golden cases of Claude on Bedrock')

  it.each(cases)('$id goes out signed as it was recorded, and its answer comes back', async (recording) => {
    const { request, response } = recording
    const path = request?.path.replaceAll(':', '%3A').replace('/unknown/', '/anthropic.unknown/') ?? ''
    const model = decodeURIComponent(/^\/model\/([^/]+)\//.exec(path)?.[1] ?? '')
    const { anthropic_version: version, ...said } = bodyOf(recording)
    const stream = recording.streaming ? { stream: true } : {}
    const body = { model, ...said, ...stream }
    const played = await playRecording(weir, upstream, framed(recording), '/v1/messages', body, wireOf(recording))
    expect(played.sent.path).toBe(path)
    expect(played.sent.headers['authorization']).toBe(signatureOf(played.sent))
    expect(JSON.parse(played.sent.body.toString())).toEqual({ ...said, anthropic_version: version })
    if (response.status !== 200) return expect(played.status).toBe(response.status)
    expect(played.status).toBe(200)
    if (recording.streaming) {
      const told = eventsOf(played.answer)
      expect(told.map(({ data }) => data)).toEqual(payloadsOf(recording))
      for (const { event, data } of told) expect(JSON.parse(data)).toMatchObject({ type: event })
    } else expect(played.answer.equals(played.recorded)).toBe(true)
    expect(played.usageSource).toBe('provider')
    expect(played.tokens).toEqual(tokensIn(recording))
  })

  it('are all that were recorded', () => {
    expect(cases).toHaveLength(corpusDir === undefined ? 0 : 47)
  })
})

describe('golden cases of Converse', () => {
  const cases = recordings('converse').filter(({ request }) => request !== null)

  it.each(cases)('$id goes out signed as it was recorded, and its answer comes back', async (recording) => {
    const { request, response } = recording
    const path = request?.path.replaceAll(':', '%3A') ?? ''
    const wire = isUnframed(recording) ? framesOfLines(response.body) : answerBytes(recording)
    const played = await playRecording(weir, upstream, framed(recording), path, bodyOf(recording), wire)
    expect(played.sent.path).toBe(path)
    expect(played.sent.headers['authorization']).toBe(signatureOf(played.sent))
    expect(JSON.parse(played.sent.body.toString())).toEqual(bodyOf(recording))
    if (response.status !== 200) return expect(played.status).toBe(toldStatus(recording))
    expect([played.status, played.answer.equals(wire)]).toEqual([200, true])
    if (/"totalTokens":\s*\d/.test(wire.toString('latin1'))) expect(played.usageSource).toBe('provider')
  })

  it('are all that were recorded with a request', () => {
    expect(cases).toHaveLength(corpusDir === undefined ? 0 : 200)
  })
})

describe('golden cases of Cohere on Bedrock', () => {
  const cases = recordings('invoke').filter(({ request }) =>
    /\/(?:\w+\.)?cohere\.(?:embed|rerank)-/.test(request?.path ?? ''),
  )

  it.each(cases)('$id goes out in its envelope, and its answer comes back with what it used', async (recording) => {
    const said = bodyOf(recording)
    const path = recording.request?.path ?? ''
    const model = decodeURIComponent(path.split('/')[2] ?? '')
    const door = model.includes('rerank') ? '/v2/rerank' : '/v2/embed'
    const { api_version: _version, ...asked } = said
    const played = await playRecording(weir, upstream, recording, door, { model, ...asked })
    expect(played.sent.path).toBe(path)
    expect(JSON.parse(played.sent.body.toString())).toEqual(said)
    expect(played.sent.headers['authorization']).toBe(signatureOf(played.sent))
    expect([played.status, played.answer.equals(played.recorded)]).toEqual([200, true])
    const counted = recording.response.headers['x-amzn-bedrock-input-token-count']
    if (counted !== undefined) expect([played.usageSource, played.tokens]).toEqual(['provider', [Number(counted), 0]])
  })

  it('are all that were recorded', () => {
    expect(cases).toHaveLength(corpusDir === undefined ? 0 : 13)
  })

  it('are asked by clients of OpenAI’s embeddings too', async () => {
    upstream.forget()
    upstream.answer({
      status: 200,
      headers: { 'content-type': 'application/json', 'x-amzn-bedrock-input-token-count': '5' },
      body: Buffer.from(
        '{"embeddings":{"float":[[0.5,1]]},"id":"e","response_type":"embeddings_by_type","texts":["hi"]}',
      ),
    })
    const ended = weir.finished.length + 1
    const answered = await fetch(`${weir.gateway.dataOrigin}/v1/embeddings`, {
      method: 'POST',
      headers: { authorization: `Bearer ${weir.key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'cohere.embed-v4:0', input: 'hi' }),
    })
    expect(await answered.json()).toMatchObject({ data: [{ index: 0, embedding: [0.5, 1] }] })
    await weir.ended(ended)
    expect(JSON.parse(upstream.seen.at(-1)?.body.toString() ?? '')).toEqual({
      texts: ['hi'],
      input_type: 'search_document',
      embedding_types: ['float'],
    })
    expect(weir.finished.at(-1)?.records[0]).toMatchObject({ usageSource: 'provider', inputUncached: 5 })
  })
})

describe('a call of Bedrock', () => {
  const json = { 'content-type': 'application/json' }
  const ask = { messages: [{ role: 'user', content: 'hi' }], max_tokens: 9 }

  it('carries a key of Bedrock’s as it is, and then no signature', async () => {
    upstream.forget()
    upstream.answer({ status: 500, headers: json, body: Buffer.from('{}') })
    await post({ ...ask, model: 'keyed/eu.anthropic.claude-x' })
    const sent = upstream.seen.at(-1)
    expect(sent?.headers['authorization']).toBe('Bearer bedrock-key-of-ours')
    expect(sent?.headers['x-amz-date']).toBeUndefined()
  })

  it.each([
    [429, 'ThrottlingException', 'Too many requests, please wait before trying again.', 429],
    [403, 'AccessDeniedException', "You don't have access to the model with the specified model ID.", 502],
    [403, 'ExpiredTokenException', 'The security token included in the request is expired', 502],
    [400, 'ValidationException', 'Input is too long for requested model.', 400],
    [424, 'ModelErrorException', 'The request failed due to an error while processing the model.', 502],
    [503, 'ServiceUnavailableException', 'Bedrock is unable to process your request.', 503],
  ])('that fails with %s %s is told in the client’s dialect', async (status, type, message, told) => {
    upstream.forget()
    upstream.answer({
      status,
      headers: { ...json, 'x-amzn-errortype': `${type}:http://internal.amazon.com/coral/com.amazon.bedrock/` },
      body: Buffer.from(JSON.stringify({ message })),
    })
    const answered = await post({ ...ask, model: 'anthropic.claude-x' })
    expect([answered.status, await answered.json()]).toMatchObject([told, { type: 'error' }])
  })

  it.each([
    ['throttlingException', 'rate_limit_error'],
    ['internalServerException', 'api_error'],
    ['modelStreamErrorException', 'api_error'],
  ])('S1: whose stream breaks with %s ends in an error, never as if it were whole', async (exception, type) => {
    upstream.forget()
    const begun = [
      '{"type":"message_start","message":{"id":"m","type":"message","role":"assistant","model":"c","content":[],"usage":{"input_tokens":1,"output_tokens":1}}}',
      '{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}',
      '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"}}',
    ]
    const frames = [...begun.map(chunkFrame), writeAwsEvent(exception, Buffer.from('{"message":"it broke"}'))]
    upstream.answer({
      status: 200,
      headers: { 'content-type': 'application/vnd.amazon.eventstream' },
      body: Buffer.concat(frames),
    })
    const answered = await post({ ...ask, model: 'anthropic.claude-x', stream: true })
    const told = eventsOf(Buffer.from(await answered.arrayBuffer()))
    expect(told.map(({ event }) => event)).toEqual([
      'message_start',
      'content_block_start',
      'content_block_delta',
      'error',
    ])
    expect(JSON.parse(told.at(-1)?.data ?? '')).toMatchObject({ error: { type } })
  })

  it('M10 costs what its region asks, though the answer names the model without it', async () => {
    const costOf = async (model: string) => {
      const ended = weir.finished.length + 1
      upstream.answer({
        status: 200,
        headers: { 'content-type': 'application/json' },
        body: Buffer.from(
          JSON.stringify({
            id: 'msg_1',
            type: 'message',
            role: 'assistant',
            model: 'claude-haiku-4-5-20251001',
            content: [{ type: 'text', text: 'Hi' }],
            stop_reason: 'end_turn',
            usage: { input_tokens: 1000, output_tokens: 100 },
          }),
        ),
      })
      await post({ model: `keyed/${model}`, max_tokens: 9, messages: [{ role: 'user', content: 'Hi' }] })
      await weir.ended(ended)
      return weir.finished.at(-1)?.records[0]?.costNanos
    }
    // 1,000 at 1 and 100 at 5 dollars a million; a tenth more where the region is chosen.
    expect(await costOf('global.anthropic.claude-haiku-4-5-20251001-v1:0')).toBe(1_500_000n)
    expect(await costOf('eu.anthropic.claude-haiku-4-5-20251001-v1:0')).toBe(1_650_000n)
  })

  it('L1: is logged without secrets', () => {
    for (const secret of ['aws-secret-of-ours', 'aws-session-of-ours', 'bedrock-key-of-ours'])
      expect(weir.logged()).not.toContain(secret)
  })
})

function post(body: object): Promise<Response> {
  return fetch(`${weir.gateway.dataOrigin}/v1/messages`, {
    method: 'POST',
    headers: { 'x-api-key': weir.key, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
}

function claudeRecordings(): readonly Recording[] {
  return recordings('invoke').filter(
    (recording) => recording.provider === 'bedrock' && 'anthropic_version' in bodyOf(recording),
  )
}

function signatureOf({ method, path, headers, body }: Seen): string {
  const single = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
  const call = { method, path, headers: single, body: body.toString() }
  return awsSignature(call, { id: 'AKIAEXAMPLE', secret: 'aws-secret-of-ours' }, 'us-east-1', 'bedrock')
}

/** One recorder kept the events without their frames. */
function isUnframed({ response }: Recording): boolean {
  return response.headers['content-type'] === 'application/x-ndjson-of-eventstream-payloads'
}

/** What is wrong with our credential is not our client's, and a model that Bedrock does not know is told as elsewhere. */
function toldStatus({ response: { status, body } }: Recording): number {
  if (status === 403) return 502
  return body.includes('model identifier is invalid') ? 404 : status
}

function framed(recording: Recording): Recording {
  if (!isUnframed(recording)) return recording
  const headers = { 'content-type': 'application/vnd.amazon.eventstream' }
  return { ...recording, response: { ...recording.response, headers } }
}

function wireOf(recording: Recording): Buffer {
  return isUnframed(recording) ? framesOfChunks(recording.response.body) : answerBytes(recording)
}

/** What each message of the stream carries, read by hand: lengths, a header block, a payload, checksums. */
function payloadsOf(recording: Recording): readonly string[] {
  if (isUnframed(recording)) return recording.response.body.split('\n').filter((line) => line !== '')
  const bytes = answerBytes(recording)
  const payloads: string[] = []
  for (let at = 0; at < bytes.length; at += bytes.readUInt32BE(at)) {
    const payload = bytes.toString('utf8', at + 12 + bytes.readUInt32BE(at + 4), at + bytes.readUInt32BE(at) - 4)
    const { bytes: base64 } = JSON.parse(payload) as { bytes: string }
    payloads.push(Buffer.from(base64, 'base64').toString())
  }
  return payloads
}

function eventsOf(sse: Buffer): readonly { readonly event: string | undefined; readonly data: string }[] {
  const events: { event: string | undefined; data: string }[] = []
  createParser({ onEvent: ({ event, data }) => void events.push({ event, data }) }).feed(sse.toString())
  return events
}

/** All that went in, caches included, and all that came out, as the provider's own words say it last. */
function tokensIn(recording: Recording): readonly [number, number] {
  const text = recording.streaming ? payloadsOf(recording).join('\n') : recording.response.body
  const last = (key: string) => Number([...text.matchAll(new RegExp(`"${key}":\\s*(\\d+)`, 'g'))].at(-1)?.[1] ?? 0)
  const input = last('input_tokens') + last('cache_read_input_tokens') + last('cache_creation_input_tokens')
  return [input, last('output_tokens')]
}
