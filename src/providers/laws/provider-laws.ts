import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../../canonical/clock.ts'
import type { DialectName } from '../../dialects/dialect.ts'
import type { KindSettings, ProviderKind } from '../kind.ts'
import type { Credential, Provider, UpstreamCall } from '../provider.ts'
import { openUpstream } from '../upstream.ts'
import { openListener, openRawUpstream, wholeAnswer, type Listener } from './raw-upstream.ts'

/** What a member of the family says of itself, for the laws to hold it to. */
export interface ProviderLawSettings {
  /** Settings that the kind wants besides. */
  readonly settings?: Partial<KindSettings>
  /** The only headers of the client's it may read. */
  readonly passes: readonly string[]
  /** Every header that carries the credential, by name. None: tokens take its place. */
  readonly credentialHeaders: readonly string[]
  /** Whole sets of headers: what the client sent, and what leaves. */
  readonly goldenHeaders: readonly {
    readonly name: string
    readonly dialect: DialectName
    readonly secret: string
    readonly client: Readonly<Record<string, string>>
    readonly leaves: Readonly<Record<string, string>>
  }[]
  /** Addresses: the base URL as configured, and where calls go. */
  readonly goldenAddresses: readonly {
    readonly baseUrl: string | undefined
    readonly origin: string
    readonly paths: Readonly<Partial<Record<DialectName, string>>>
  }[]
}

/** Names that must never cross, whatever the kind (failures.md S5). */
const neverPass = [
  'authorization',
  'proxy-authorization',
  'cookie',
  'x-api-key',
  'api-key',
  'x-goog-api-key',
  'x-forwarded-for',
  'x-forwarded-host',
  'forwarded',
  'host',
  'connection',
  'keep-alive',
  'content-length',
  'content-encoding',
  'content-type',
  'transfer-encoding',
  'te',
  'upgrade',
  'expect',
  'accept',
  'accept-encoding',
  'user-agent',
  'openai-organization',
  'openai-project',
  'x-weir-metadata',
  'x-weir-run-id',
  'x-weir-strict',
  'x-weir-provider-key',
]

const network = { connectTimeoutMs: 3_000, maxConnections: 8 }

/** The laws of a kind of provider. Each member's test calls this once. */
export function providerLaws(kind: ProviderKind, settings: ProviderLawSettings): void {
  const plain: KindSettings = { baseUrl: undefined, network, priceProvider: undefined, ...settings.settings }
  const open = (secret: string, baseUrl: string | undefined = 'http://127.0.0.1:9/base'): Provider => ({
    ...kind.open('it', { ...plain, baseUrl }, [credentialOf(secret)]),
    tags: [],
  })
  const dialects = dialectsOf(open('s'))
  const carriesSecret = settings.credentialHeaders.length > 0

  describe(`the provider laws, for ${kind.kind}`, () => {
    it.each(dialects)('S5: nothing of the client passes but what is allowed (%s)', (dialect) => {
      const asked = new Set<string>()
      const provider = open('our-secret')
      const headers = provider.headers(dialect, credentialOf('our-secret'), (name) => {
        asked.add(name)
        return `client-canary-${name}`
      })
      expect([...asked].filter((name) => !settings.passes.includes(name))).toEqual([])
      expect([...asked].filter((name) => neverPass.includes(name))).toEqual([])
      const passed = pairsOf(headers).filter(([, value]) => value.includes('client-canary'))
      expect(passed.map(([name]) => name).filter((name) => !settings.passes.includes(name))).toEqual([])
      for (const [name, value] of passed) expect(value).toBe(`client-canary-${name}`)
    })

    it.each(dialects)('L1: the credential is in its header and nowhere else (%s)', (dialect) => {
      const provider = open('our-secret')
      const headers = provider.headers(dialect, credentialOf('our-secret'), () => undefined)
      const holders = pairsOf(headers).filter(([, value]) => value.includes('our-secret'))
      expect(holders.map(([name]) => name)).toEqual(settings.credentialHeaders)
      const { credentials, ...rest } = provider
      expect(JSON.stringify(rest)).not.toContain('our-secret')
      expect(credentials).toEqual([credentialOf('our-secret')])
    })

    it.each(dialects)('S5: each attempt carries the credential it was given, not the first (%s)', (dialect) => {
      const provider = kind.open('it', { ...plain, baseUrl: 'http://127.0.0.1:9' }, [
        credentialOf('first-secret'),
        credentialOf('second-secret'),
      ])
      const headers = provider.headers(dialect, credentialOf('second-secret'), () => undefined).join('\n')
      expect(headers.includes('second-secret')).toBe(carriesSecret)
      expect(headers).not.toContain('first-secret')
    })

    it.each(dialects)('N2: the body is declared as JSON and the answer is wanted unencoded (%s)', (dialect) => {
      const pairs = pairsOf(open('s').headers(dialect, credentialOf('s'), () => undefined))
      expect(Object.fromEntries(pairs)).toMatchObject({
        'content-type': 'application/json',
        'accept-encoding': 'identity',
      })
      const names = pairs.map(([name]) => name)
      expect(new Set(names).size).toBe(names.length)
      expect(names).toEqual(names.map((name) => name.toLowerCase()))
    })

    it.each(settings.goldenHeaders)('golden headers: $name', ({ dialect, secret, client, leaves }) => {
      const headers = open(secret).headers(dialect, credentialOf(secret), (name) => client[name])
      expect(Object.fromEntries(pairsOf(headers))).toEqual(leaves)
    })

    it.each(settings.goldenAddresses)('golden address: $baseUrl', ({ baseUrl, origin, paths }) => {
      const provider = kind.open('it', { ...plain, baseUrl }, [credentialOf('s')])
      expect([provider.origin, provider.endpoints]).toEqual([origin, paths])
    })

    it.each(dialects)('S3: its failures are told apart on real sockets (%s)', async (dialect) => {
      await using raw = await openRawUpstream({
        onCall: (socket, call) => {
          if (call.includes('"whole"')) socket.write(wholeAnswer('{}'))
          else if (call.includes('"part"'))
            socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n')
          else socket.resetAndDestroy()
        },
      })
      const provider = open('our-secret', `${raw.origin}/base`)
      const upstream = openUpstream({ clock: systemClock })
      const send = async (word: string, changes: Partial<UpstreamCall> = {}): Promise<string> => {
        const listener = openListener()
        upstream.send({ ...callOf(provider, dialect, word), ...changes }, listener)
        return outcomeOf(listener)
      }
      expect(await send('nothing')).toBe('unknown upstream_cut')
      expect(await send('whole')).toBe('end')
      expect(await send('nothing')).toBe('stale upstream_unavailable')
      expect(await send('nothing', { mustConnectAnew: true })).toBe('unknown upstream_cut')
      expect(await send('part')).toBe('partial upstream_cut')
      await raw[Symbol.asyncDispose]()
      await nextTurn()
      expect(await send('whole')).toBe('not-sent upstream_unavailable')
      await upstream.close()
      const path = provider.endpoints[dialect]
      expect(raw.calls).toHaveLength(5)
      for (const call of raw.calls) expect(call).toContain(`POST ${path} HTTP/1.1\r\n`)
      for (const call of raw.calls) expect(call.split('our-secret')).toHaveLength(carriesSecret ? 2 : 1)
    })
  })
}

function credentialOf(secret: string): Credential {
  return { id: `it#${secret}`, secret, weight: 1 }
}

function dialectsOf(provider: Provider): readonly DialectName[] {
  const all: readonly DialectName[] = [
    'openai-chat',
    'openai-responses',
    'openai-completions',
    'ollama-chat',
    'anthropic-messages',
    'gemini-generate',
    'cohere-chat',
    'openai-embeddings',
    'gemini-embeddings',
    'cohere-embeddings',
    'voyage-embeddings',
    'jina-rerank',
    'voyage-rerank',
    'cohere-rerank',
    'openai-moderations',
    'anthropic-count-tokens',
    'gemini-count-tokens',
    'openai-input-tokens',
  ]
  return all.filter((dialect) => provider.endpoints[dialect] !== undefined)
}

function callOf(provider: Provider, dialect: DialectName, word: string): UpstreamCall {
  return {
    provider: provider.name,
    origin: provider.origin,
    network,
    method: 'POST',
    path: provider.endpoints[dialect] ?? '/',
    headers: provider.headers(dialect, credentialOf('our-secret'), () => undefined),
    body: Buffer.from(JSON.stringify(word)),
    mustConnectAnew: false,
  }
}

async function outcomeOf(listener: Listener): Promise<string> {
  const over = await listener.over
  await nextTurn()
  return over === 'end' ? 'end' : `${over.class} ${over.kind}`
}

function pairsOf(headers: readonly string[]): readonly (readonly [string, string])[] {
  return headers.flatMap((name, place) => (place % 2 === 0 ? [[name, headers[place + 1] ?? ''] as const] : []))
}
