import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { awsSignature } from '../../src/providers/laws/aws-signature.ts'
import { startGateway, type RunningGateway } from '../gateway-fixture.ts'
import { startReplay, type ReplayUpstream } from '../replay-upstream.ts'
import { completion, json } from './said-answers.ts'
import { writeWorkloadIdentity } from '../workload-identity.ts'

/*
 * Services that can be asked as guards, through the whole gateway and over real sockets: what arrives there, who asks, and what becomes of
 * a call for what they answer. What they answer is made by us of what they publish.
 */
let provider: ReplayUpstream
let guard: ReplayUpstream
let entra: ReplayUpstream
let google: ReplayUpstream
let weir: RunningGateway
let dir: string

const kinds = [
  'presidio',
  'openai-moderation',
  'bedrock-guardrail',
  'azure-content-safety',
  'azure-prompt-shields',
  'model-armor',
  'lakera',
] as const

beforeAll(async () => {
  ;[provider, guard, entra, google] = await Promise.all([startReplay(), startReplay(), startReplay(), startReplay()])
  dir = mkdtempSync(join(tmpdir(), 'weir-guards-'))
  vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', writeWorkloadIdentity(dir, `${google.origin}/v1/token`))
  const rule = (kind: string, ask: string, then: string) =>
    `  ${kind}: { ask: { kind: ${kind}, ${ask} }, deadlineMs: 20000, onTimeout: block, ${then}, when: 'call.model == "${kind}"' }`
  const input = 'phases: [input]'
  weir = await startGateway({
    env: { KEY: 'guard-key-1', ID: 'AKID', SECRET: 'shh' },
    config: `
providers:
  chat: { kind: openai-compatible, baseUrl: "${provider.origin}/v1", prices: { "*": { input: "1", output: "2" } } }
  bedrock: { kind: bedrock, region: eu-central-1, baseUrl: "${guard.origin}", accessKey: { id: env:ID, secret: env:SECRET } }
  vertex: { kind: vertex, project: my-project, location: global }
  azure:
    kind: azure
    resource: my-company
    entra: { kind: client-secret, tenantId: t, clientId: c, clientSecret: env:SECRET, authority: "${entra.origin}" }
models:
${kinds.map((kind) => `  ${kind}: { targets: [{ provider: chat, model: m1 }], retry: { maxAttempts: 1 } }`).join('\n')}
guardrails:
${[
  rule('presidio', `url: "${guard.origin}", language: en, key: env:KEY`, `${input}, action: mask, threshold: 0.5`),
  rule(
    'openai-moderation',
    `url: "${guard.origin}/v1", key: env:KEY, categories: [violence]`,
    `${input}, action: block`,
  ),
  rule('bedrock-guardrail', "provider: bedrock, guardrail: gr4ab, version: '3'", `${input}, action: redact`),
  rule('azure-content-safety', `url: "${guard.origin}", key: env:KEY, severity: 5`, `${input}, action: flag`),
  rule('azure-prompt-shields', `url: "${guard.origin}", provider: azure`, `${input}, action: block`),
  rule(
    'model-armor',
    `provider: vertex, url: "${guard.origin}", project: my-project, location: europe-west4, template: strict`,
    'action: redact, stream: buffer, phases: [output]',
  ),
  rule('lakera', `url: "${guard.origin}", key: env:KEY, project: project-1`, `${input}, action: redact`),
].join('\n')}
`,
  })
})

afterAll(async () => {
  await weir.close()
  await Promise.all([provider, guard, entra, google].map((server) => server.close()))
  vi.unstubAllEnvs()
  rmSync(dir, { recursive: true })
})

beforeEach(() => {
  for (const server of [provider, guard, entra, google]) server.forget()
  entra.answer(json({ access_token: 'entra-token-of-ours', expires_in: 3_599 }))
  google.answer(json({ access_token: 'google-token-of-ours', expires_in: 3_599, token_type: 'Bearer' }))
  provider.answer(completion('Write to ana@example.org.'))
})

const text = '😀 I am Ana, ana@example.org.'

describe('what a service is asked, and what follows', () => {
  it('Presidio: what it places is masked, and comes back in the answer', async () => {
    guard.answer(json([{ entity_type: 'EMAIL_ADDRESS', start: 12, end: 27, score: 1, analysis_explanation: null }]))
    const answer = await ask('presidio')
    expect(asked()).toEqual({
      path: '/analyze',
      key: 'Bearer guard-key-1',
      body: { text, language: 'en', score_threshold: 0.5 },
    })
    expect(left()).toBe('😀 I am Ana, [EMAIL_ADDRESS_1].')
    expect(answer.headers.get('x-weir-guardrails')).toBe('presidio=mask')
  })

  it('OpenAI moderation: what it flags is blocked', async () => {
    guard.answer(
      json({ results: [{ flagged: true, categories: { violence: true }, category_scores: { violence: 0.9 } }] }),
    )
    const answer = await ask('openai-moderation')
    expect(asked()).toEqual({
      path: '/v1/moderations',
      key: 'Bearer guard-key-1',
      body: { model: 'omni-moderation-latest', input: [text] },
    })
    expect([answer.status, left()]).toEqual([403, undefined])
    expect(await answer.json()).toMatchObject({ error: { code: 'guardrail_blocked' } })
  })

  it('Bedrock: the call is signed with the key of its provider, and what it saw is redacted', async () => {
    const seen = { type: 'EMAIL', match: 'ana@example.org', action: 'ANONYMIZED', detected: true }
    guard.answer(
      json({
        action: 'GUARDRAIL_INTERVENED',
        outputs: [{ text: '😀 I am Ana, {EMAIL}.' }],
        assessments: [{ sensitiveInformationPolicy: { piiEntities: [seen] } }],
      }),
    )
    await ask('bedrock-guardrail')
    const { path, key, body } = asked()
    expect([path, body]).toEqual([
      '/guardrail/gr4ab/version/3/apply',
      { source: 'INPUT', content: [{ text: { text } }] },
    ])
    const arrived = guard.seen.at(-1)
    const headers = Object.fromEntries(
      Object.entries(arrived?.headers ?? {}).map(([name, value]) => [name, String(value)]),
    )
    const call = { method: 'POST', path: path ?? '', headers, body: arrived?.body.toString() ?? '' }
    expect(key).toBe(awsSignature(call, { id: 'AKID', secret: 'shh' }, 'eu-central-1', 'bedrock'))
    expect(left()).toBe('😀 I am Ana, [EMAIL].')
  })

  it('Azure AI Content Safety: what is severe enough is flagged', async () => {
    const categoriesAnalysis = [
      { category: 'Hate', severity: 4 },
      { category: 'Violence', severity: 5 },
    ]
    guard.answer(json({ blocklistsMatch: [], categoriesAnalysis }))
    await ask('azure-content-safety')
    expect(guard.seen.at(-1)?.headers['ocp-apim-subscription-key']).toBe('guard-key-1')
    expect(asked()).toMatchObject({
      path: '/contentsafety/text:analyze?api-version=2024-09-01',
      body: { text, outputType: 'EightSeverityLevels' },
    })
    expect(left()).toBe(text)
    expect(decisions()).toMatchObject([{ rule: 'azure-content-safety', kind: 'violence', action: 'flag' }])
  })

  it('Azure Prompt Shields: asked with a token of Entra, an attack is blocked', async () => {
    guard.answer(json({ userPromptAnalysis: { attackDetected: true }, documentsAnalysis: [] }))
    const answer = await ask('azure-prompt-shields')
    expect(asked()).toEqual({
      path: '/contentsafety/text:shieldPrompt?api-version=2024-09-01',
      key: 'Bearer entra-token-of-ours',
      body: { userPrompt: text },
    })
    expect([answer.status, left()]).toEqual([403, undefined])
    expect(decisions()).toMatchObject([{ kind: 'user-prompt-attack', action: 'block' }])
  })

  it('Model Armor: asked of an answer with a token of Google, what it wrote anew takes the place of the text', async () => {
    const deidentifyResult = {
      executionState: 'EXECUTION_SUCCESS',
      matchState: 'MATCH_FOUND',
      data: { text: 'Write to [EMAIL_ADDRESS].' },
      infoTypes: ['EMAIL_ADDRESS'],
    }
    const filterResults = { sdp: { sdpFilterResult: { deidentifyResult } } }
    guard.answer(
      json({ sanitizationResult: { filterMatchState: 'MATCH_FOUND', invocationResult: 'SUCCESS', filterResults } }),
    )
    const answer = await ask('model-armor')
    expect(asked()).toEqual({
      path: '/v1/projects/my-project/locations/europe-west4/templates/strict:sanitizeModelResponse',
      key: 'Bearer google-token-of-ours',
      body: { modelResponseData: { text: 'Write to ana@example.org.' } },
    })
    expect(await answer.json()).toMatchObject({ choices: [{ message: { content: 'Write to [EMAIL_ADDRESS].' } }] })
  })

  it('Lakera: what it places is redacted', async () => {
    const payload = [{ start: 12, end: 27, text: 'ana@example.org', detector_type: 'pii/email', labels: [] }]
    guard.answer(json({ flagged: true, payload, breakdown: [], metadata: { request_uuid: 'u' } }))
    await ask('lakera')
    expect(asked()).toEqual({
      path: '/v2/guard',
      key: 'Bearer guard-key-1',
      body: {
        messages: [{ role: 'user', content: text }],
        project_id: 'project-1',
        breakdown: true,
        payload: true,
      },
    })
    expect(left()).toBe('😀 I am Ana, [PII_EMAIL].')
  })
})

it.each(kinds)('G5: nonsense of %s is no verdict, and blocks where its rule says so', async (kind) => {
  guard.answer(json({ error: { message: 'Bad Gateway' } }, 502))
  const answer = await ask(kind)
  expect(answer.status).toBe(403)
  expect(await answer.json()).toMatchObject({ error: { code: 'guardrail_blocked' } })
  expect(decisions()).toMatchObject([{ rule: kind, why: 'nonsense' }])
})

it('L1: no key, and no token, is told or logged', () => {
  const told =
    weir.logged() + JSON.stringify(weir.finished.map(({ records }) => records.map(({ decision }) => decision)))
  for (const secret of ['guard-key-1', 'shh', 'entra-token-of-ours', 'google-token-of-ours'])
    expect(told).not.toContain(secret)
})

function ask(model: string): Promise<Response> {
  return fetch(`${weir.gateway.dataOrigin}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${weir.key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: text }] }),
  })
}

/** What the service was asked last. */
function asked() {
  const arrived = guard.seen.at(-1)
  const body: unknown = JSON.parse(arrived?.body.toString() ?? 'null')
  return { path: arrived?.path, key: arrived?.headers['authorization'], body }
}

/** What the provider was asked by the last call; `undefined`: nothing. */
function left(): string | undefined {
  const isLast = weir.finished.at(-1)?.records.at(-1)?.attempt === 1
  if (!isLast) return undefined
  return JSON.parse(provider.seen.at(-1)?.body.toString() ?? '{}').messages[0].content
}

function decisions(): unknown {
  const record = weir.finished.at(-1)?.records.at(-1)
  return JSON.parse(record?.decision ?? '{}').guardrails?.decisions
}
