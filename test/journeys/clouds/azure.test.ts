import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expiringLimits } from '../../../src/providers/expiring.ts'
import { openRawUpstream } from '../../../src/providers/laws/raw-upstream.ts'
import { corpusDir, recordings, reportMissingCorpus, type Recording } from '../../corpus.ts'
import { startGateway, type RunningGateway } from '../../gateway-fixture.ts'
import { startReplay, type ReplayUpstream } from '../../replay-upstream.ts'
import { turnedClock } from '../../turned-clock.ts'
import { bodyOf, playRecording } from './play-recording.ts'

/** Azure's three APIs, with a key and with tokens of Entra ID, over real sockets. */
let upstream: ReplayUpstream
let entra: ReplayUpstream
let weir: RunningGateway

beforeAll(async () => {
  upstream = await startReplay()
  entra = await startReplay()
  const provider = (api: string, more = '') =>
    `{ kind: azure, baseUrl: "${upstream.origin}", api: ${api}, credentials: { apiKey: env:KEY } ${more} }`
  weir = await startGateway({
    env: { KEY: 'azure-key-of-ours', SECRET: 'client-secret-of-ours' },
    config: `
providers:
  v1: ${provider('v1')}
  models: ${provider('models')}
  old: ${provider('deployments', ', apiVersion: 2024-12-01-preview')}
  older: ${provider('deployments', ', apiVersion: 2024-02-01')}
  oldest: ${provider('deployments', ', apiVersion: 2023-07-01-preview')}
  tokens:
    kind: azure
    baseUrl: "${upstream.origin}"
    entra: { kind: client-secret, tenantId: t, clientId: c, clientSecret: env:SECRET, authority: "${entra.origin}" }
models:
${['v1', 'models', 'old', 'older', 'oldest', 'tokens']
  .map((name) => `  "${name}/*": { targets: [{ provider: ${name}, model: "*" }], retry: { maxAttempts: 1 } }`)
  .join('\n')}
  either:
    targets: [{ provider: tokens, model: gpt-5-mini }, { provider: v1, model: gpt-5-mini }]
`,
  })
})

afterAll(async () => {
  await weir.close()
  await upstream.close()
  await entra.close()
})

describe('golden cases of Azure', () => {
  const cases = azureRecordings()
  if (corpusDir === undefined) reportMissingCorpus('golden cases of Azure')

  it.each(cases)('$api $id goes out as it was recorded, and its answer comes back', async (recording) => {
    const { api, request, response } = recording
    const place = placeOf(request?.path ?? '')
    const body = { ...bodyOf(recording), model: `${place.provider}/${place.deployment ?? modelOf(recording)}` }
    const played = await playRecording(weir, upstream, recording, doors[api] ?? '', body)
    expect(played.sent.path).toBe(request?.path.replace('//', '/'))
    expect(played.sent.headers['api-key']).toBe('azure-key-of-ours')
    const asked = { ...bodyOf(recording), model: place.deployment ?? modelOf(recording) }
    const wish = recording.streaming && api === 'chat' ? { stream_options: { include_usage: true } } : {}
    expect(JSON.parse(played.sent.body.toString())).toEqual({ ...asked, ...wish })
    if (response.status !== 200) return expect(played.status).toBe(response.status === 401 ? 502 : response.status)
    expect(played.status).toBe(200)
    // Content filters' results travel with the rest; a frame that only our wish brought does not.
    if (!recording.streaming || 'stream_options' in asked || api !== 'chat')
      expect(played.answer.equals(played.recorded)).toBe(true)
    else expect(played.recorded.includes(played.answer.subarray(0, 1_000))).toBe(true)
    if (/"(?:total_tokens|input_tokens)":\s*\d/.test(response.body)) expect(played.usageSource).toBe('provider')
  })

  it('are all that were recorded with a request', () => {
    expect(cases).toHaveLength(corpusDir === undefined ? 0 : 76)
  })
})

describe('what Azure says of a call', () => {
  it('is told where a content filter stops the prompt', async () => {
    upstream.forget()
    upstream.answer({
      status: 400,
      headers: { 'content-type': 'application/json' },
      body: Buffer.from(
        JSON.stringify({
          error: {
            message: "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.",
            type: null,
            param: 'prompt',
            code: 'content_filter',
            status: 400,
            innererror: { code: 'ResponsibleAIPolicyViolation', content_filter_result: { hate: { filtered: true } } },
          },
        }),
      ),
    })
    const answered = await chat('v1/gpt-5-mini')
    expect(answered.status).toBe(400)
    expect(await answered.json()).toMatchObject({ error: { code: 'content_policy' } })
  })
})

describe('pictures and sound at a deployment', () => {
  const headers = { 'content-type': 'application/json' }

  it('are asked for under its name, and counted', async () => {
    upstream.forget()
    upstream.answer({ status: 200, headers, body: Buffer.from('{"created":1,"data":[{"b64_json":"aQ=="}]}') })
    const ended = weir.finished.length + 1
    const answered = await fetch(`${weir.gateway.dataOrigin}/v1/images/generations`, {
      method: 'POST',
      headers: { ...headers, authorization: `Bearer ${weir.key}` },
      body: '{"model":"old/painter","prompt":"a cat"}',
    })
    expect(answered.status).toBe(200)
    await weir.ended(ended)
    expect(upstream.seen.at(-1)?.path).toBe(
      '/openai/deployments/painter/images/generations?api-version=2024-12-01-preview',
    )
    expect(weir.finished.at(-1)?.records[0]).toMatchObject({ operation: 'images', images: 1 })
  })

  it('take forms, whose file is sent on byte for byte', async () => {
    upstream.forget()
    upstream.answer({
      status: 200,
      headers,
      body: Buffer.from('{"text":"Hi","usage":{"type":"duration","seconds":7}}'),
    })
    const form = new FormData()
    form.set('model', 'v1/listener')
    form.set('file', new File([Uint8Array.from([0, 255, 13, 10])], 'a.wav'))
    const ended = weir.finished.length + 1
    const answered = await fetch(`${weir.gateway.dataOrigin}/v1/audio/transcriptions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${weir.key}` },
      body: form,
    })
    expect(await answered.json()).toMatchObject({ text: 'Hi' })
    await weir.ended(ended)
    const seen = upstream.seen.at(-1)
    expect([seen?.path, seen?.headers['api-key']]).toEqual(['/openai/v1/audio/transcriptions', 'azure-key-of-ours'])
    expect(seen?.body.includes(Buffer.from([0, 255, 13, 10]))).toBe(true)
    expect(seen?.body.toString('latin1')).toContain('\r\n\r\nlistener\r\n')
    expect(weir.finished.at(-1)?.records[0]).toMatchObject({ audioSeconds: 7 })
  })
})

describe('tokens of Entra ID', () => {
  const answer = { status: 200, headers: { 'content-type': 'application/json' } }

  it('that cannot be had leave the call to the next target, and the client unaware of secrets', async () => {
    upstream.forget()
    entra.answer({ ...answer, status: 401, body: Buffer.from('{"error":"invalid_client"}') })
    upstream.answer({ ...answer, body: reply })
    const answered = await chat('either')
    expect([answered.status, answered.headers.get('x-weir-provider')]).toEqual([200, 'v1'])
    const records = weir.finished.at(-1)?.records ?? []
    expect(records.map(({ status, errorKind, failureClass }) => [status, errorKind, failureClass])).toEqual([
      ['failed', 'upstream_credential', 'not-sent'],
      ['ok', undefined, undefined],
    ])
  })

  it('are fetched once for calls that come at once, and are in their header and in nothing else', async () => {
    upstream.forget()
    // The refused credential rests; a call with no other target tries it all the same.
    entra.answer({ ...answer, body: Buffer.from('{"access_token":"entra-token-of-ours","expires_in":3599}') })
    const before = entra.seen.length
    upstream.answer(...Array.from({ length: 8 }, () => ({ ...answer, body: reply })))
    const told = await Promise.all(Array.from({ length: 8 }, () => chat('tokens/gpt-5-mini')))
    expect(told.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 200))
    expect(entra.seen.length - before).toBe(1)
    expect(entra.seen.at(-1)?.path).toBe('/t/oauth2/v2.0/token')
    const sent = upstream.seen.slice(-8)
    expect(new Set(sent.map(({ headers }) => headers['authorization']))).toEqual(
      new Set(['Bearer entra-token-of-ours']),
    )
    expect(sent.map(({ headers }) => headers['api-key'])).toEqual(Array.from({ length: 8 }))
  })

  it('L1: are told to nobody, even where the provider quotes them', async () => {
    upstream.forget()
    const error = { message: 'Access denied for entra-token-of-ours', code: 'bad' }
    upstream.answer({ ...answer, status: 400, body: Buffer.from(JSON.stringify({ error })) })
    const text = await (await chat('tokens/gpt-5-mini')).text()
    expect(text).toContain('[masked]')
    for (const secret of ['entra-token-of-ours', 'client-secret-of-ours', 'azure-key-of-ours']) {
      expect(text).not.toContain(secret)
      expect(weir.logged()).not.toContain(secret)
    }
  })
})

describe('a token that does not come', () => {
  it('L1: is told of without the files and the hosts of ours, which are in the log', async () => {
    const broken = await startGateway({
      config: `
providers:
  file: { kind: azure, resource: r, entra: { kind: workload-identity, tenantId: t, clientId: c, tokenFile: /srv/of-ours/token } }
  machine: { kind: azure, resource: r, entra: { kind: managed-identity, endpoint: "http://127.0.0.1:1/msi" } }
models:
  file: { targets: [{ provider: file, model: m }] }
  machine: { targets: [{ provider: machine, model: m }] }
`,
    })
    for (const [model, told, detail] of [
      ['file', "the workload's token cannot be read", 'there is no file /srv/of-ours/token'],
      ['machine', 'whoever gives it out could not be asked', '127.0.0.1:1 could not be asked'],
    ] as const) {
      const text = await (await chat(model, broken)).text()
      expect(text).toContain(told)
      expect(text).not.toMatch(/of-ours|127\.0\.0\.1/)
      expect(broken.logged()).toMatch(new RegExp(`"level":50[^\n]*"provider":"${model}","cause":"${detail}`))
    }
    await broken.close()
  })

  it('L4: may come from a private host where the config names it, and says that the provider may be private', async () => {
    const tokens = (more: string) => `{ kind: azure, baseUrl: "http://api.corp.test:1" ${more},
      entra: { kind: client-secret, tenantId: t, clientId: c, clientSecret: env:SECRET,
        authority: "${entra.origin.replace('127.0.0.1', 'login.corp.test')}" } }`
    const corporate = await startGateway({
      env: { SECRET: 'client-secret-of-ours' },
      lookup: async () => ['127.0.0.1'],
      config: `
providers:
  near: ${tokens(', network: { private: true }')}
  far: ${tokens('')}
models:
  near: { targets: [{ provider: near, model: m }] }
  far: { targets: [{ provider: far, model: m }] }
`,
    })
    const before = entra.seen.length
    expect(await (await chat('far', corporate)).text()).toContain('whoever gives it out could not be asked')
    expect(entra.seen.length).toBe(before)
    entra.forget()
    entra.answer({ status: 200, headers: {}, body: Buffer.from('{"access_token":"t","expires_in":3599}') })
    expect(await (await chat('near', corporate)).text()).not.toContain('whoever gives it out')
    expect(entra.seen.at(-1)?.path).toBe('/t/oauth2/v2.0/token')
    await corporate.close()
  })

  it('S4: ends with the deadline of its attempt, of which nothing was sent, and the next target serves', async () => {
    await using silent = await openRawUpstream({ onCall: () => asked.resolve() })
    const asked = Promise.withResolvers<void>()
    const clock = turnedClock()
    const slow = await startGateway({
      env: { KEY: 'azure-key-of-ours', SECRET: 'client-secret-of-ours' },
      clock,
      config: `
providers:
  tokens:
    kind: azure
    baseUrl: "${upstream.origin}"
    entra: { kind: client-secret, tenantId: t, clientId: c, clientSecret: env:SECRET, authority: "${silent.origin}" }
  keyed: { kind: azure, baseUrl: "${upstream.origin}", credentials: { apiKey: env:KEY } }
models:
  either:
    targets: [{ provider: tokens, model: gpt-5-mini }, { provider: keyed, model: gpt-5-mini }]
    deadlines: { firstByteUnaryMs: 1000 }
`,
    })
    upstream.forget()
    upstream.answer({ status: 200, headers: { 'content-type': 'application/json' }, body: reply })
    const answering = chat('either', slow)
    await asked.promise
    clock.turn(1_000)
    expect((await answering).status).toBe(200)
    const records = slow.finished.at(-1)?.records ?? []
    expect(
      records.map(({ provider, status, errorKind, failureClass }) => [provider, status, errorKind, failureClass]),
    ).toEqual([
      ['tokens', 'failed', 'upstream_timeout', 'not-sent'],
      ['keyed', 'ok', undefined, undefined],
    ])
    // The fetch has a deadline of its own, which a drain waits for.
    clock.turn(expiringLimits.fetchMs)
    await slow.close()
  })
})

const reply = Buffer.from(
  '{"id":"1","object":"chat.completion","model":"gpt-5-mini","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}',
)

const doors: Readonly<Record<string, string>> = {
  chat: '/v1/chat/completions',
  responses: '/v1/responses',
  embeddings: '/v1/embeddings',
}

function azureRecordings(): readonly Recording[] {
  return recordings('chat', 'responses', 'embeddings').filter(
    ({ provider, request }) => provider === 'azure' && request !== null,
  )
}

function modelOf(recording: Recording): string {
  return String(bodyOf(recording)['model'])
}

function placeOf(path: string): { readonly provider: string; readonly deployment: string | undefined } {
  if (path.startsWith('/models/')) return { provider: 'models', deployment: undefined }
  const [, deployment, version] = /\/deployments\/([^/]+)\/.*api-version=(.*)$/.exec(path) ?? []
  const byVersion = { '2024-12-01-preview': 'old', '2024-02-01': 'older', '2023-07-01-preview': 'oldest' } as const
  const provider = Object.entries(byVersion).find(([one]) => one === version)?.[1]
  return { provider: provider ?? 'v1', deployment }
}

function chat(model: string, { gateway, key } = weir): Promise<Response> {
  return fetch(`${gateway.dataOrigin}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'hi' }] }),
  })
}
