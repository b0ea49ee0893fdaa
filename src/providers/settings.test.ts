import { describe, expect, it } from 'vitest'
import { jsonSchemaOf } from '../config/json-schema.ts'
import { judge } from '../config/schema-problems.ts'
import { openProvider } from './open-provider.ts'
import { providersSettings } from './settings.ts'

const row = { input: '1', output: '2' }

function problemsOf(settings: unknown): readonly string[] {
  const verdict = judge({ p: settings }, providersSettings)
  return verdict.ok ? [] : verdict.problems.map(({ path, message }) => `${path.join('.')}: ${message}`)
}

const near = { kind: 'simulated' }
const far = { kind: 'openai-compatible', baseUrl: 'https://llm.example/v1' }

describe('the network of a provider', () => {
  it.each([
    { connectTimeoutMs: 500, maxConnections: 10, private: true },
    { proxy: 'http://proxy.example:3128' },
    { proxy: { url: 'http://proxy.example:3128/', login: 'env:PROXY_LOGIN', except: ['*.example', '10.0.0.0/8'] } },
    { tls: { ca: 'file:ca.pem', systemCa: true, cert: 'file:a.pem', key: 'file:a.key', minVersion: 'TLSv1.3' } },
    { tls: { servername: 'llm.internal.example' } },
  ])('may be %j', (network) => {
    expect(problemsOf({ ...far, network })).toEqual([])
  })

  it.each([
    [
      { proxy: 'https://proxy.example:3128' },
      'p.network.proxy: must be an http URL, such as http://proxy.example:3128',
    ],
    [
      { proxy: 'http://me:canary@proxy.example:3128' },
      'p.network.proxy: must not hold a user name or a password; they are given as `login`, by reference',
    ],
    [{ proxy: { url: 'http://proxy.example/path' } }, 'p.network.proxy.url: must end with the port'],
    [
      { proxy: { url: 'http://proxy.example', login: 'me:canary' } },
      /^p\.network\.proxy\.login: write env:NAME or file:PATH/,
    ],
    [
      { proxy: { url: 'http://proxy.example', except: ['llm.example:443'] } },
      /^p\.network\.proxy\.except\.0: must be a name/,
    ],
    [{ tls: { cert: 'file:a.pem' } }, /^p\.network\.tls\.cert: `cert` and `key` belong together/],
    [{ tls: { systemCa: true } }, /^p\.network\.tls\.systemCa: has a meaning beside `ca` only/],
    [{ tls: { ca: '-----BEGIN CERTIFICATE-----' } }, /^p\.network\.tls\.ca: must name a file/],
    [{ tls: { minVersion: 'TLSv1' } }, /^p\.network\.tls\.minVersion/],
    [{ tls: { servername: 'llm.example:443' } }, /^p\.network\.tls\.servername: must be a host name/],
    [{ tls: { rejectUnauthorized: false } }, /^p\.network\.tls\.rejectUnauthorized: unknown key/],
  ])('may not be %j', (network, problem) => {
    const problems = problemsOf({ ...far, network })
    expect(problems).toEqual([typeof problem === 'string' ? problem : expect.stringMatching(problem)])
    expect(problems.join()).not.toContain('canary')
  })

  it.each([{ proxy: 'http://proxy.example:3128' }, { tls: {} }])(
    'of the simulated provider is on this machine, and is not %j',
    (network) => {
      expect(problemsOf({ ...near, network })).toEqual([expect.stringMatching(/unknown key/)])
    },
  )
})

describe('the providers of the config', () => {
  it('reads the example of the documentation', () => {
    const verdict = judge(
      {
        openai: { kind: 'openai', when: 'env:OPENAI_API_KEY', credentials: { apiKey: 'env:OPENAI_API_KEY' } },
        claude: { kind: 'anthropic', credentials: [{ apiKey: 'file:/run/secrets/a', weight: 3 }, { apiKey: 'env:B' }] },
        local: {
          kind: 'openai-compatible',
          baseUrl: 'http://127.0.0.1:11434/v1',
          prices: { '*': { input: '0', output: '0' } },
        },
        sim: { kind: 'simulated' },
      },
      providersSettings,
    )
    if (!verdict.ok) throw new Error(JSON.stringify(verdict.problems))
    expect(verdict.value['openai']).toMatchObject({ credentials: [{ apiKey: 'env:OPENAI_API_KEY' }] })
    expect(verdict.value['claude']).toMatchObject({ credentials: [{ weight: 3 }, { apiKey: 'env:B' }] })
    expect(verdict.value['sim']).toEqual({ kind: 'simulated', speed: 'realistic' })
  })

  it.each([
    ['a key of its own', { kind: 'openai', credentials: { apiKey: 'env:A' }, verifyTls: false }],
    ['a secret in clear', { kind: 'openai', credentials: { apiKey: 'sk-123' } }],
    ['no credential', { kind: 'anthropic' }],
    ['an empty list of credentials', { kind: 'anthropic', credentials: [] }],
    ['a weight of nothing', { kind: 'openai', credentials: { apiKey: 'env:A', weight: 0 } }],
    ['an unknown kind', { kind: 'opnai', credentials: { apiKey: 'env:A' } }],
    ['no address', { kind: 'openai-compatible' }],
    ['an address that is no URL', { kind: 'openai-compatible', baseUrl: 'localhost:80' }],
    ['an address of another scheme', { kind: 'openai-compatible', baseUrl: 'file:///etc' }],
    ['an address with a password', { kind: 'openai-compatible', baseUrl: 'http://a:b@h' }],
    ['an address with a query', { kind: 'openai-compatible', baseUrl: 'http://h/v1?key=x' }],
    ['a price that is a number', { kind: 'simulated', prices: { a: { input: 1, output: '2' } } }],
    ['a price with an exponent', { kind: 'simulated', prices: { a: { ...row, input: '1e3' } } }],
    ['a negative price', { kind: 'simulated', prices: { a: { ...row, input: '-1' } } }],
    ['an unknown rate', { kind: 'simulated', prices: { a: { ...row, cachedInput: '1' } } }],
    ['a tier from nowhere', { kind: 'simulated', prices: { a: { ...row, tiers: [{ contextOver: 0, rates: {} }] } } }],
    ['a limit of no connections', { kind: 'simulated', network: { maxConnections: 0 } }],
    ['a name for a URL', { kind: 'simulated', speed: 'fast' }],
  ])('refuses %s, naming the place', (_, settings) => {
    const problems = problemsOf(settings)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(/^p\./)
    expect(problems[0]).not.toContain('sk-123')
  })

  it('takes a whole row of prices', () => {
    const rates = { cacheRead: '0.1', cacheWrite5m: '1.25', cacheWrite1h: '2', cacheWriteOther: '1' }
    const cached = { cacheReadAudio: '0.4', cacheReadImage: '0.3' }
    const media = { inputAudio: '4', inputImage: '3', outputReasoning: '2', outputAudio: '8', outputImage: '9' }
    const tiers = [{ contextOver: 200_000, rates: { input: '2', output: '4' } }]
    expect(
      problemsOf({
        kind: 'simulated',
        prices: { a: { ...row, ...rates, ...cached, ...media, webSearch: '0.01', tiers } },
      }),
    ).toEqual([])
  })

  it.each(['', 'a b', 'a/b', 'ä', 'x'.repeat(65), '-a'])('refuses the name %j', (name) => {
    expect(judge({ [name]: { kind: 'simulated' } }, providersSettings).ok).toBe(false)
  })

  it('can be said as a JSON schema in which every property has a description', () => {
    const undescribed: string[] = []
    const walk = (node: unknown, path: string): void => {
      if (typeof node !== 'object' || node === null) return
      if ('properties' in node && typeof node.properties === 'object' && node.properties !== null) {
        for (const [name, property] of Object.entries(node.properties))
          if (!('description' in property) && !('$ref' in property)) undescribed.push(`${path}/${name}`)
      }
      for (const [key, inner] of Object.entries(node)) walk(inner, `${path}/${key}`)
    }
    walk(jsonSchemaOf(providersSettings), '')
    expect(undescribed).toEqual([])
  })
})

describe('opening a provider of its settings', () => {
  const around = { simulatedOrigin: 'http://127.0.0.1:7777' }
  const opened = (settings: unknown, secrets: { secret: string; weight: number | undefined }[] = []) => {
    const verdict = judge({ p: settings }, providersSettings)
    if (!verdict.ok || !verdict.value['p']) throw new Error('the settings are refused')
    return openProvider('p', verdict.value['p'], secrets, around)
  }

  it('names its credentials by place, and weighs them alike unless told', () => {
    const provider = opened({ kind: 'openai', credentials: [{ apiKey: 'env:A' }, { apiKey: 'env:B', weight: 3 }] }, [
      { secret: 'a', weight: undefined },
      { secret: 'b', weight: 3 },
    ])
    expect(provider.credentials).toEqual([
      { id: 'p#0', secret: 'a', weight: 1 },
      { id: 'p#1', secret: 'b', weight: 3 },
    ])
    expect(provider.network).toEqual({ connectTimeoutMs: 3_000, maxConnections: 1_000 })
    expect(provider.priceProvider).toBe('openai')
  })

  it('has one credential without a secret where none is configured', () => {
    const provider = opened({ kind: 'openai-compatible', baseUrl: 'http://h/v1', network: { connectTimeoutMs: 50 } })
    expect(provider.credentials).toEqual([{ id: 'p#0', secret: '', weight: 1 }])
    expect(provider.network.connectTimeoutMs).toBe(50)
  })

  it.each([
    [{ kind: 'simulated' }, 'http://127.0.0.1:7777', '/v1/messages'],
    [{ kind: 'simulated', speed: 'instant' }, 'http://127.0.0.1:7777', '/instant/v1/messages'],
    [
      { kind: 'simulated', speed: 'instant', baseUrl: 'http://127.0.0.1:1/' },
      'http://127.0.0.1:1',
      '/instant/v1/messages',
    ],
  ])('a simulated provider is where %j says', (settings, origin, path) => {
    const provider = opened(settings)
    expect([provider.origin, provider.endpoints['anthropic-messages']]).toEqual([origin, path])
    expect(provider.priceProvider).toBeUndefined()
  })
})
