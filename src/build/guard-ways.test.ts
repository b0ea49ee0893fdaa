import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../canonical/clock.ts'
import { sourcesOnDisk } from '../config/sources.ts'
import { askSettings, openGuardKind } from '../policies/guardrails/external/guard-kinds.ts'
import { asRecord } from '../providers/laws/as-record.ts'
import { awsSignature } from '../providers/laws/aws-signature.ts'
import { openProvider } from '../providers/open-provider.ts'
import type { Provider } from '../providers/provider.ts'
import { providerSettings } from '../providers/settings.ts'
import { openUpstream } from '../providers/upstream.ts'
import { checkConfig } from './check.ts'
import { bedrockAddress, openGuardWay } from './guard-ways.ts'
import type { Reports } from './network-files.ts'

const env = { KEY: 'secret-1' }
const accessKey = { id: 'env:ID', secret: 'env:SECRET' }
const bedrock = { kind: 'bedrock-guardrail', provider: 'it', guardrail: 'gr4ab', version: '1' }
const shields = { kind: 'azure-prompt-shields', url: 'https://my-safety.cognitiveservices.azure.com' }
const armor = {
  kind: 'model-armor',
  provider: 'it',
  project: 'my-project',
  location: 'europe-west4',
  template: 'strict',
}

describe('what proves who asks', () => {
  it.each([
    [{ kind: 'lakera', key: 'env:KEY' }, ['authorization', 'Bearer secret-1']],
    [{ kind: 'openai-moderation', key: 'env:KEY' }, ['authorization', 'Bearer secret-1']],
    [
      { kind: 'presidio', url: 'http://10.0.0.1', language: 'en', key: 'env:KEY' },
      ['authorization', 'Bearer secret-1'],
    ],
    [{ kind: 'presidio', url: 'http://10.0.0.1', language: 'en' }, []],
    [{ ...shields, key: 'env:KEY' }, ['ocp-apim-subscription-key', 'secret-1']],
  ])('of %j are %j', async (ask, headers) => {
    const { proven, problems } = await wayOf(ask)
    expect([proven?.headers, problems]).toEqual([headers, []])
    expect(proven?.secrets).toEqual(headers.length === 0 ? [] : ['secret-1'])
  })

  it("is a signature by its provider's key, of a guardrail of Bedrock", async () => {
    const provider = providerOf(
      { kind: 'bedrock', region: 'eu-central-1', accessKey },
      { 'accessKey.id': 'AKID', 'accessKey.secret': 'shh' },
    )
    const { way, proven, call } = await wayOf(bedrock, provider)
    expect(way?.origin).toBe('https://bedrock-runtime.eu-central-1.amazonaws.com')
    const sent = asRecord([...call.headers, ...(proven?.headers ?? [])])
    const headers = { ...sent, host: 'bedrock-runtime.eu-central-1.amazonaws.com' }
    const expected = awsSignature(
      { method: 'POST', path: call.path, headers, body: call.body.toString() },
      { id: 'AKID', secret: 'shh' },
      'eu-central-1',
      'bedrock',
    )
    expect(sent['authorization']).toBe(expected)
    expect(proven?.secrets).toEqual(['shh'])
  })

  it("is a key of Bedrock's own, where its provider has one", async () => {
    const provider = providerOf(
      { kind: 'bedrock', region: 'eu-central-1', credentials: { apiKey: 'env:KEY' } },
      {},
      'secret-1',
    )
    const { proven, problems } = await wayOf(bedrock, provider)
    expect([proven?.headers, problems]).toEqual([['authorization', 'Bearer secret-1'], []])
  })

  it.each([
    ['no provider of that name', bedrock, undefined, 'kind `bedrock`'],
    [
      'one of another kind',
      { ...shields, provider: 'it' },
      { kind: 'openai', credentials: { apiKey: 'env:KEY' } },
      'kind `azure`',
    ],
    [
      'one of Azure with a key',
      { ...shields, provider: 'it' },
      { kind: 'azure', resource: 'r', credentials: { apiKey: 'env:KEY' } },
      '`entra`',
    ],
    [
      'one of Google, but not of its cloud',
      armor,
      { kind: 'gemini', credentials: { apiKey: 'env:KEY' } },
      'kind `vertex`',
    ],
  ])('cannot come from %s', async (_what, ask, settings, problem) => {
    const { problems } = await wayOf(ask, settings && providerOf(settings))
    expect(problems).toEqual([expect.stringContaining(problem)])
  })

  it('is missed at a start, and only told of at a check', async () => {
    const ask = { kind: 'lakera', key: 'env:OTHER' }
    expect((await wayOf(ask)).problems).toEqual(['guardrails.it.ask.key: the environment variable OTHER is not set'])
    expect((await wayOf(ask, undefined, false)).problems).toEqual([])
  })
})

it('a guardrail of Bedrock is asked where its provider is, and over the same network', async () => {
  const provider = providerOf({
    kind: 'bedrock',
    region: 'eu-central-1',
    accessKey,
    baseUrl: 'https://vpce.example.com/runtime',
    network: { connectTimeoutMs: 123 },
  })
  expect(bedrockAddress(provider)).toBe('https://vpce.example.com/runtime')
  const { way, call } = await wayOf(bedrock, provider)
  expect([way?.origin, way?.network.connectTimeoutMs]).toEqual(['https://vpce.example.com', 123])
  expect(call.path).toBe('/runtime/guardrail/gr4ab/version/1/apply')
})

describe('a config', () => {
  it.each([
    ['a judge that is no model', '{ kind: model, model: jduge, instructions: Look. }', 'guardrails.it.ask.model'],
    [
      'a guardrail of no Bedrock',
      "{ kind: bedrock-guardrail, provider: sim, guardrail: gr4ab, version: '1' }",
      'guardrails.it.ask.provider',
    ],
    [
      'tokens of no Entra',
      "{ kind: azure-prompt-shields, provider: sim, url: 'https://a.example' }",
      'guardrails.it.ask.provider',
    ],
    [
      'settings for TLS that is not spoken',
      "{ kind: http, url: 'http://127.0.0.1:9', network: { tls: { minVersion: TLSv1.3 } } }",
      'guardrails.it.ask.network.tls  has no effect',
    ],
  ])('with %s is refused, with where it stands', (_what, ask, where) => {
    const dir = mkdtempSync(join(tmpdir(), 'weir-ways-'))
    try {
      const file = join(dir, 'weir.yaml')
      writeFileSync(
        file,
        `providers: { sim: { kind: simulated } }
models: { judge: { targets: [{ provider: sim, model: sim-1 }] } }
guardrails: { it: { ask: ${ask}, deadlineMs: 9, onTimeout: block, phases: [input], action: block } }
`,
      )
      const { isValid, text } = checkConfig(file, {})
      expect([isValid, text]).toEqual([false, expect.stringContaining(where)])
    } finally {
      rmSync(dir, { recursive: true })
    }
  })
})

async function wayOf(ask: unknown, provider?: Provider, mustHaveSecrets = true) {
  const problems: string[] = []
  const reports: Reports = {
    sources: sourcesOnDisk(env, '/nowhere'),
    mustHaveSecrets,
    nowMs: 0,
    problem: (path, message) => void problems.push(`${path.join('.')}: ${message}`),
    warning: () => undefined,
  }
  const settings = askSettings.parse(ask)
  if (settings.kind === 'model') throw new Error('there is no way to a judge of our own')
  const opened = openGuardKind(settings, undefined, () => bedrockAddress(provider) ?? 'https://nowhere.example')
  if (!opened) throw new Error('no guard')
  const guard = { ...opened, deadlineMs: 1, onTimeout: 'block', stream: undefined, threshold: undefined } as const
  const providers = new Map(provider ? [['it', provider]] : [])
  const way = openGuardWay(guard, 'it', { settings, path: ['guardrails', 'it', 'ask'], providers, reports })
  const [asked] = opened.adapter.word({
    phase: 'input',
    texts: [{ path: 'input', place: 'user', text: 'One.', isJsonText: false }],
  })
  if (!asked) throw new Error('no call')
  const { origin, pathname, search } = new URL(asked.url)
  const call = {
    origin,
    method: 'POST',
    path: `${pathname}${search}`,
    headers: Object.entries(asked.headers).flat(),
    body: Buffer.from(asked.body),
  } as const
  const upstream = openUpstream({ clock: systemClock })
  try {
    const proven = problems.length > 0 ? undefined : await way.authorize(call, { clock: systemClock, upstream })
    return { way, proven, call, problems }
  } finally {
    await upstream.close()
  }
}

function providerOf(settings: unknown, secrets: Readonly<Record<string, string>> = {}, key = ''): Provider {
  return openProvider(
    'it',
    providerSettings.parse(settings),
    [{ secret: key, weight: 1 }],
    { simulatedOrigin: '' },
    {},
    secrets,
  )
}
