import { createServer, type Server } from 'node:http'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { corpusDir, recordings, reportMissingCorpus, type Recording } from '../../corpus.ts'
import { startGateway, type RunningGateway } from '../../gateway-fixture.ts'
import { startReplay, type ReplayUpstream } from '../../replay-upstream.ts'
import { bodyOf, playRecording } from './play-recording.ts'
import { writeWorkloadIdentity } from '../../workload-identity.ts'

/** Gemini and Claude on Vertex, with tokens for a workload identity, over real sockets. */
let upstream: ReplayUpstream
let weir: RunningGateway
let giver: Server
let given = 0
let dir: string

beforeAll(async () => {
  upstream = await startReplay()
  dir = mkdtempSync(join(tmpdir(), 'weir-vertex-'))
  giver = createServer((_incoming, outgoing) => {
    given += 1
    outgoing.setHeader('content-type', 'application/json')
    outgoing.end('{"access_token":"google-token-of-ours","expires_in":3599,"token_type":"Bearer"}')
  })
  giver.listen(0, '127.0.0.1')
  await once(giver, 'listening')
  const address = giver.address()
  const port = typeof address === 'object' && address ? address.port : 0
  vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', writeWorkloadIdentity(dir, `http://127.0.0.1:${port}/v1/token`))
  const provider = (version: string, location: string) =>
    `{ kind: vertex, baseUrl: "${upstream.origin}/${version}", project: example-project, location: ${location} }`
  weir = await startGateway({
    config: `
providers:
  beta: ${provider('v1beta1', 'global')}
  stable: ${provider('v1', 'us-east5')}
models:
  "gemini-*": { targets: [{ provider: beta, model: "gemini-*" }], retry: { maxAttempts: 1 } }
  "claude-*": { targets: [{ provider: stable, model: "claude-*" }], retry: { maxAttempts: 1 } }
`,
  })
})

afterAll(async () => {
  await weir.close()
  await upstream.close()
  await new Promise((resolve) => giver.close(resolve))
  vi.unstubAllEnvs()
  rmSync(dir, { recursive: true })
})

describe('golden cases of Gemini on Vertex', () => {
  // A cache that was made elsewhere is nobody's here, and is told so before anything leaves (`carried.test.ts`).
  const cases = vertexRecordings('generate').filter(
    ({ request }) => !JSON.stringify(request?.body ?? '').includes('"cachedContent"'),
  )

  it.each(cases)('$id goes out as it was recorded, and its answer comes back', async (recording) => {
    const { request, response } = recording
    const [, call = ''] = /\/models\/(?:publishers\/google\/models\/)?(gemini-[^?]*)/.exec(request?.path ?? '') ?? []
    const query = recording.streaming ? '?alt=sse' : ''
    const played = await playRecording(weir, upstream, recording, `/v1beta/models/${call}${query}`, bodyOf(recording))
    expect(played.sent.path).toBe(
      `/v1beta1/projects/example-project/locations/global/publishers/google/models/${call}${query}`,
    )
    expect(played.sent.headers['authorization']).toBe('Bearer google-token-of-ours')
    expect(JSON.parse(played.sent.body.toString())).toEqual(bodyOf(recording))
    if (response.status !== 200) return expect(played.status).toBe(response.status)
    expect([played.status, played.answer.equals(played.recorded)]).toEqual([200, true])
    if (response.body.includes('"promptTokenCount"')) expect(played.usageSource).toBe('provider')
  })

  it('are all that were recorded with a request of this shape', () => {
    if (corpusDir === undefined) reportMissingCorpus('golden cases of Vertex')
    expect(cases).toHaveLength(corpusDir === undefined ? 0 : 165)
  })
})

describe('golden cases of Claude on Vertex', () => {
  const cases = vertexRecordings('messages')

  it.each(cases)('$id goes out as it was recorded, and its answer comes back', async (recording) => {
    const { request, response } = recording
    const model = /\/models\/([^:]+):/.exec(request?.path ?? '')?.[1]?.replace('unknown', 'claude-unknown') ?? ''
    const { anthropic_version: version, ...said } = bodyOf(recording)
    const stream = recording.streaming ? { stream: true } : {}
    const played = await playRecording(weir, upstream, recording, '/v1/messages', { model, ...said, ...stream })
    expect(played.sent.path).toBe(request?.path.replace('unknown', 'claude-unknown'))
    expect(played.sent.headers['anthropic-version']).toBeUndefined()
    expect(JSON.parse(played.sent.body.toString())).toEqual({ ...said, ...stream, anthropic_version: version })
    // One recorder kept the message that the SDK had put together in place of the stream.
    if (recording.streaming && response.body.startsWith('event: message\n')) return
    expect([played.status, response.status]).toEqual([200, 200])
    expect(played.answer.equals(played.recorded)).toBe(true)
    expect(played.usageSource).toBe('provider')
  })

  it('are all that were recorded', () => {
    expect(cases).toHaveLength(corpusDir === undefined ? 0 : 21)
  })

  it('leave in Claude’s dialect whatever the client speaks, with its betas in their header', async () => {
    upstream.forget()
    upstream.answer({ status: 500, headers: {}, body: Buffer.from('{}') })
    await fetch(`${weir.gateway.dataOrigin}/v1beta/models/claude-x:generateContent`, {
      method: 'POST',
      headers: { 'x-goog-api-key': weir.key, 'content-type': 'application/json', 'anthropic-beta': 'one-2025' },
      body: '{"contents":[{"role":"user","parts":[{"text":"hi"}]}]}',
    })
    const sent = upstream.seen.at(-1)
    expect(sent?.path).toContain('/publishers/anthropic/models/claude-x:rawPredict')
    expect(sent?.headers['anthropic-beta']).toBe('one-2025')
    expect(JSON.parse(sent?.body.toString() ?? '')).toEqual({
      max_tokens: expect.any(Number),
      messages: [{ role: 'user', content: [{ type: 'text', text: 'hi' }] }],
      anthropic_version: 'vertex-2023-10-16',
    })
  })
})

describe('tokens of Google', () => {
  it('are fetched once by each provider, and told to nobody', () => {
    expect(given).toBe(corpusDir === undefined ? 1 : 2)
    expect(weir.logged()).not.toContain('google-token-of-ours')
  })
})

/** But for two that do not show what was sent: one without a body, one with the model in it. */
function vertexRecordings(api: string): readonly Recording[] {
  return recordings(api).filter((recording) => {
    const body = bodyOf(recording)
    return recording.provider === 'vertex' && Object.keys(body).length > 0 && !('model' in body)
  })
}
