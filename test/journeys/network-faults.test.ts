import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openBlackHole, type BlackHole } from '../../src/providers/laws/black-hole.ts'
import { openConnectProxy, type ConnectProxy } from '../../src/providers/laws/connect-proxy.ts'
import { openRawUpstream, type RawUpstream } from '../../src/providers/laws/raw-upstream.ts'
import { makeAuthority } from '../../src/providers/laws/self-signed.ts'
import { openTlsUpstream, type TlsUpstream } from '../../src/providers/laws/tls-upstream.ts'
import { resolverLimits } from '../../src/providers/resolver.ts'
import { startDns, type DnsServer } from '../dns-server.ts'
import { startGateway, type RunningGateway } from '../gateway-fixture.ts'
import { startReplay, type ReplayUpstream } from '../replay-upstream.ts'
import { turnedClock } from '../turned-clock.ts'

/*
 * What can go wrong between Weir and a provider before a call is sent: every model has a target that cannot be reached, and
 * one that can. Real sockets, real TLS, a real DNS server; only time is turned by hand.
 */

const clock = turnedClock()
const authority = makeAuthority()
const longAgo = new Date(Date.UTC(2021, 0, 1))
let dir: string
let good: ReplayUpstream
let dns: DnsServer
let hole: BlackHole
let stalled: RawUpstream
let proxy: ConnectProxy
let tlsServers: ReadonlyMap<string, TlsUpstream>
let weir: RunningGateway

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'weir-network-'))
  good = await startReplay()
  dns = await startDns({ address: '127.0.0.1' })
  hole = await openBlackHole()
  stalled = await openRawUpstream({})
  proxy = await openConnectProxy({ kind: 'say', bytes: 'HTTP/1.1 407 No\r\n\r\n', thenClose: true })
  tlsServers = new Map([
    ['expired', await openTlsUpstream(authority.issue('localhost', longAgo))],
    ['misnamed', await openTlsUpstream(authority.issue('other.example'))],
    ['foreign', await openTlsUpstream(makeAuthority().issue('localhost'))],
    ['old', await openTlsUpstream(authority.issue('localhost'), { minVersion: 'TLSv1', maxVersion: 'TLSv1.1' })],
    [
      'mutual',
      await openTlsUpstream(authority.issue('localhost'), {
        requestCert: true,
        rejectUnauthorized: true,
        ca: authority.certificate,
      }),
    ],
  ])
  const ca = join(dir, 'ca.pem')
  writeFileSync(ca, authority.certificate)
  const port = new URL(good.origin).port
  const bad: Readonly<Record<string, string>> = {
    named: `baseUrl: "http://api.example:${port}/v1", network: { private: true, maxConnections: 1 }`,
    public: `baseUrl: "http://public.example:${port}/v1"`,
    hole: `baseUrl: "http://hole.example:${hole.port}/v1", network: { private: true }`,
    stalled: `baseUrl: "${stalled.origin.replace('http:', 'https:')}/v1"`,
    proxied: `baseUrl: "https://llm.example/v1", network: { proxy: { url: "${proxy.url}", login: env:LOGIN } }`,
    ...Object.fromEntries(
      [...tlsServers].map(([name, { port: tlsPort }]) => [
        name,
        `baseUrl: "https://localhost:${tlsPort}/v1", network: { tls: { ca: "file:${ca}" } }`,
      ]),
    ),
  }
  const provider = (name: string, rest: string) =>
    `  ${name}: { kind: openai-compatible, credentials: { apiKey: env:KEY }, ${rest} }`
  weir = await startGateway({
    clock,
    lookup: (name) => (name === 'localhost' ? Promise.resolve(['127.0.0.1']) : dns.lookup(name)),
    env: { KEY: 'provider-secret-0001', LOGIN: 'weir:proxy-secret-0001' },
    config: [
      'providers:',
      provider('good', `baseUrl: "${good.origin}/v1"`),
      ...Object.entries(bad).map(([name, rest]) => provider(name, rest)),
      'models:',
      ...Object.keys(bad).flatMap((name) => [
        `  ${name}: { targets: [{ provider: ${name}, model: m }, { provider: good, model: m }] }`,
        `  only-${name}: { targets: [{ provider: ${name}, model: m }] }`,
      ]),
    ].join('\n'),
  })
})

afterAll(async () => {
  await weir.close()
  await good.close()
  dns.close()
  for (const server of [hole, stalled, proxy, ...tlsServers.values()]) await server[Symbol.asyncDispose]()
  rmSync(dir, { recursive: true })
})

describe('fault 24: TLS that cannot be trusted', () => {
  it.each([
    ['expired', 'its certificate has expired'],
    ['misnamed', 'its certificate is for another name'],
    ['foreign', 'an authority that is not trusted here signed its certificate'],
    ['old', 'it speaks no version of TLS that is allowed here'],
    ['mutual', 'it wants a certificate of ours'],
  ])('%s: the call goes to the next target, and alone it is refused in clear words', async (name, words) => {
    await goesOnTo('good', name)
    const refused = await ask(`only-${name}`)
    expect(refused.status).toBe(502)
    expect(await refused.json()).toMatchObject({
      error: { code: 'upstream_unavailable', message: expect.stringContaining(words) },
    })
    expect(tlsServers.get(name)?.calls).toEqual([])
  })

  it('a handshake that stalls ends at the connect deadline', async () => {
    const before = stalled.connections()
    await goesOnTo('good', 'stalled', async () => {
      while (stalled.connections() === before) await nextTurn()
      clock.turn(3_000)
    })
  })
})

describe('fault 2: a connection into a black hole', () => {
  it('ends at the connect deadline, and the call goes to the next target', async () => {
    const lookedUp = dns.asked()
    await goesOnTo('good', 'hole', async () => {
      await lookedUp
      await nextTurn()
      clock.turn(3_000)
    })
  })

  it('is told as a time-out when there is no other', async () => {
    clock.turn(resolverLimits.freshMs)
    const lookedUp = dns.asked()
    const answer = ask('only-hole')
    await lookedUp
    await nextTurn()
    clock.turn(3_000)
    expect((await answer).status).toBe(504)
  })
})

describe('fault 23: DNS', () => {
  it.each(['NXDOMAIN', 'SERVFAIL'] as const)('%s: the call goes to the next target at once', async (code) => {
    dns.say({ code })
    clock.turn(resolverLimits.retryMs)
    await goesOnTo('good', 'named')
    expect(await (await ask('only-named')).json()).toMatchObject({
      error: { message: expect.stringMatching(/DNS (does not know its name|gives no answer)/) },
    })
  })

  it('silence of 30 s: the call goes to the next target at the connect deadline', async () => {
    dns.say('silence')
    clock.turn(resolverLimits.retryMs)
    const lookedUp = dns.asked()
    await goesOnTo('good', 'named', async () => {
      await lookedUp
      clock.turn(3_000)
    })
    clock.turn(30_000)
  })

  it('is followed when it answers again, and its last good answer serves while it fails', async () => {
    dns.say({ address: '127.0.0.1' })
    clock.turn(resolverLimits.retryMs)
    good.answer(reply('resolved'))
    expect((await ask('only-named')).headers.get('x-weir-provider')).toBe('named')
    for (const answer of [{ code: 'SERVFAIL' }, { code: 'NXDOMAIN' }] as const) {
      dns.say(answer)
      clock.turn(resolverLimits.freshMs)
      // The connection of before must not be what serves.
      good.takeOver((_incoming, outgoing) => {
        outgoing.writeHead(200, { 'content-type': 'application/json', connection: 'close' })
        outgoing.end(reply('by the last good answer').body)
      })
      expect((await ask('only-named')).status).toBe(200)
    }
    dns.say({ address: '127.0.0.9' })
    clock.turn(resolverLimits.retryMs)
    good.answer(reply('from the next target'))
    expect((await ask('named')).headers.get('x-weir-provider')).toBe('good')
  })

  it.each(['127.0.0.1', '10.0.0.5', '169.254.169.254', '100.64.0.1'])(
    'L4: the answer %s is refused for a provider that is not marked private, and the call goes on',
    async (address) => {
      dns.say({ address })
      clock.turn(resolverLimits.freshMs)
      await goesOnTo('good', 'public')
      const refused = await ask('only-public')
      const text = await refused.text()
      expect(refused.status).toBe(502)
      expect(text).toContain('PRIVATE_ADDRESS')
      expect(text).not.toContain(address)
    },
  )
})

describe('a proxy that refuses', () => {
  it('is no reason to go around it: the call goes to the next target, and nobody is told the login', async () => {
    await goesOnTo('good', 'proxied')
    const refused = await ask('only-proxied')
    expect([refused.status, await refused.text()]).toEqual([502, expect.stringContaining('PROXY_AUTHENTICATION')])
    expect(proxy.heads.at(-1)).toMatch(/^CONNECT llm\.example:443 HTTP\/1\.1\r\nhost: llm\.example:443\r\nproxy-auth/)
    const traces = `${weir.logged()}${await (await weir.admin('/api/providers')).text()}${await metrics()}`
    for (const secret of ['proxy-secret-0001', btoa('weir:proxy-secret-0001'), 'provider-secret-0001'])
      expect(traces).not.toContain(secret)
  })
})

it('every connection that came to be, or did not, is counted for its provider', async () => {
  const text = await metrics()
  expect(text).toMatch(/^weir_upstream_connections_total\{provider="good"\} \d/m)
  expect(text).toMatch(/^weir_upstream_tls_handshakes_total\{provider="mutual",resumed="false"\} \d/m)
  expect(text).toMatch(/^weir_upstream_connect_failures_total\{provider="expired",at="tls"\} \d/m)
  expect(text).toMatch(/^weir_upstream_connect_failures_total\{provider="hole",at="deadline"\} \d/m)
  expect(text).toMatch(/^weir_upstream_connect_failures_total\{provider="public",at="address"\} \d/m)
  expect(text).toMatch(/^weir_upstream_connect_failures_total\{provider="proxied",at="proxy"\} \d/m)
  expect(text).toMatch(/^weir_upstream_dns_failures_total\{provider="named"\} \d/m)
})

/** A call for a model whose first target cannot be reached is answered by the second, and the first cost nothing. */
async function goesOnTo(provider: string, modelName: string, meanwhile?: () => Promise<void>): Promise<void> {
  good.answer(reply('from the next target'))
  const begun = weir.finished.length
  const answering = ask(modelName)
  await meanwhile?.()
  const answer = await answering
  expect([answer.status, answer.headers.get('x-weir-provider')]).toEqual([200, provider])
  await weir.ended(begun + 1)
  expect(weir.finished.at(-1)?.records).toMatchObject([
    { status: 'failed', failureClass: 'not-sent', inputUncached: 0 },
    { status: 'ok' },
  ])
}

function ask(model: string): Promise<Response> {
  return fetch(`${weir.gateway.dataOrigin}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${weir.key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'hello' }], max_tokens: 50 }),
  })
}

async function metrics(): Promise<string> {
  return (await weir.admin('/metrics')).text()
}

function reply(content: string) {
  const usage = { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 }
  const choices = [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }]
  const body = Buffer.from(JSON.stringify({ id: 'c1', object: 'chat.completion', model: 'm', choices, usage }))
  return { status: 200, headers: { 'content-type': 'application/json' }, body }
}
