import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { turnedClock, type TurnedClock } from '../../test/turned-clock.ts'
import { callUpstream } from './laws/call-upstream.ts'
import { openConnectProxy, type ConnectProxy, type ProxyManner } from './laws/connect-proxy.ts'
import { openRawUpstream, wholeAnswer, type RawUpstream } from './laws/raw-upstream.ts'
import { makeAuthority } from './laws/self-signed.ts'
import { openTlsUpstream, type TlsUpstream } from './laws/tls-upstream.ts'
import { networkOf } from './network.ts'
import type { ConnectionNote, NetworkSettings } from './provider.ts'
import { openUpstream, type PooledUpstream } from './upstream.ts'

const authority = makeAuthority()
const trust = { authorities: [authority.certificate], identity: undefined, servername: undefined } as const

let secure: TlsUpstream
let plain: RawUpstream
let clock: TurnedClock
let upstream: PooledUpstream
let notes: ConnectionNote[]

beforeAll(async () => {
  secure = await openTlsUpstream(authority.issue('llm.example'))
  plain = await openRawUpstream({ onCall: (socket) => void socket.write(wholeAnswer('{}')) })
})

afterAll(async () => {
  await secure[Symbol.asyncDispose]()
  await plain[Symbol.asyncDispose]()
})

beforeEach(() => {
  clock = turnedClock()
  notes = []
  upstream = openUpstream({
    clock,
    // Behind a proxy a name is the proxy's to resolve.
    lookup: (name) => Promise.reject(new Error(`nobody was to ask for ${name}`)),
    onConnection: (note) => notes.push(note),
  })
})

afterEach(() => upstream.close())

function through(proxy: ConnectProxy, login?: string, except: string[] = []): Partial<NetworkSettings> {
  const { tls: _none, ...settings } = networkOf(
    { proxy: { url: proxy.url, except } },
    login === undefined ? {} : { proxyLogin: login },
  )
  return { ...settings, tls: { ...trust, minVersion: 'TLSv1.2' } }
}

/** A proxy that leads `llm.example` to the servers of this test. */
function openProxy(manner?: ProxyManner): Promise<ConnectProxy> {
  const plainPort = Number(new URL(plain.origin).port)
  return openConnectProxy(
    manner,
    new Map([
      ['llm.example:443', secure.port],
      ['llm.example:80', plainPort],
    ]),
  )
}

describe('a call through a proxy', () => {
  it('goes through one tunnel, which is kept, and the proxy sees the provider’s name and nothing of the call', async () => {
    await using proxy = await openProxy()
    const settings = through(proxy, 'weir:pass:word')
    const outcomes = [
      await callUpstream(upstream, 'https://llm.example', settings),
      await callUpstream(upstream, 'https://llm.example', settings),
    ]
    expect(outcomes).toEqual(['end', 'end'])
    expect(proxy.heads).toEqual([
      `CONNECT llm.example:443 HTTP/1.1\r\nhost: llm.example:443\r\nproxy-authorization: Basic ${btoa('weir:pass:word')}\r\n\r\n`,
    ])
    expect(proxy.carried()).not.toContain('provider-secret')
    const call = secure.calls.at(-1)
    expect(call).toContain('authorization: Bearer provider-secret')
    expect(call).not.toMatch(/proxy|weir:pass/i)
    expect(secure.handshakes.at(-1)).toMatchObject({ servername: 'llm.example', protocol: 'http/1.1' })
    expect(notes).toEqual([{ kind: 'opened', provider: 'p', tls: 'new' }])
  })

  it('is tunnelled in clear as well, where the provider itself is', async () => {
    await using proxy = await openProxy()
    expect(await callUpstream(upstream, 'http://llm.example', through(proxy))).toBe('end')
    expect(await callUpstream(upstream, 'http://llm.example', through(proxy))).toBe('end')
    expect(proxy.heads).toEqual(['CONNECT llm.example:80 HTTP/1.1\r\nhost: llm.example:80\r\n\r\n'])
    expect(plain.calls.at(-1)).toMatch(/^POST \/v1\/x HTTP\/1\.1\r\nhost: llm\.example\r\n/)
  })

  it('may be to an address, and the certificate must name that', async () => {
    await using proxy = await openProxy()
    expect(await callUpstream(upstream, `https://127.0.0.1:${secure.port}`, through(proxy))).toBe('end')
    expect(proxy.heads[0]).toContain(`CONNECT 127.0.0.1:${secure.port} `)
  })

  it('goes around the proxy for the hosts that are excepted', async () => {
    await using proxy = await openProxy()
    const settings = through(proxy, undefined, ['127.0.0.0/8'])
    expect(await callUpstream(upstream, plain.origin, settings)).toBe('end')
    expect(proxy.heads).toEqual([])
  })

  it.each<[string, ProxyManner, string]>([
    ['wants another login', say('HTTP/1.1 407 Who\r\nproxy-authenticate: Basic\r\n\r\n'), 'PROXY_AUTHENTICATION'],
    ['refuses', say('HTTP/1.1 403 Forbidden\r\ncontent-length: 3\r\n\r\nno\n'), 'with 403 (PROXY_REFUSED)'],
    ['would rather redirect', say('HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1/\r\n\r\n'), 'with 302'],
    ['speaks another language', say('220 mail.example ESMTP\r\n'), 'PROXY_INVALID'],
    ['has no status', say('HTTP/1.1 abc\r\n\r\n'), 'PROXY_INVALID'],
    ['never ends its head', say(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(20_000)}`), 'PROXY_INVALID'],
    ['speaks before the provider', say('HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\n'), 'PROXY_INVALID'],
    ['closes without a word', { kind: 'say', bytes: '', thenClose: true }, 'PROXY_CLOSED'],
    ['closes in its head', { kind: 'say', bytes: 'HTTP/1.1 200', thenClose: true }, 'PROXY_CLOSED'],
    ['breaks the connection', { kind: 'reset' }, 'PROXY_CLOSED'],
    ['breaks the tunnel in the handshake', { kind: 'cut', afterBytes: 1 }, 'ECONNRESET'],
  ])('fails free of charge when the proxy %s', async (_, manner, words) => {
    await using proxy = await openProxy(manner)
    const before = secure.calls.length
    const outcome = await callUpstream(upstream, 'https://llm.example', through(proxy, 'weir:canary'))
    expect(outcome).toMatchObject({ class: 'not-sent', kind: 'upstream_unavailable' })
    const told = outcome === 'end' ? '' : outcome.message
    expect(told).toContain(words)
    expect(told).not.toMatch(/127\.0\.0\.1|canary/)
    expect(secure.calls).toHaveLength(before)
    expect(notes).toMatchObject([{ kind: 'failed', at: manner.kind === 'cut' ? 'tls' : 'proxy' }])
  })

  it('ends at the connect deadline when the proxy stalls', async () => {
    await using proxy = await openProxy({ kind: 'stall' })
    const asked = proxy.asked()
    const outcome = callUpstream(upstream, 'https://llm.example', through(proxy))
    await asked
    clock.turn(3_000)
    expect(await outcome).toEqual({ class: 'not-sent', kind: 'upstream_timeout', message: 'connect timeout' })
    expect(notes).toEqual([{ kind: 'failed', provider: 'p', at: 'deadline' }])
    expect(clock.pendingTimers).toBe(0)
  })

  it('fails free of charge when the proxy is not there', async () => {
    const proxy = await openProxy()
    await proxy[Symbol.asyncDispose]()
    expect(await callUpstream(upstream, 'https://llm.example', through(proxy))).toMatchObject({
      class: 'not-sent',
      message: 'connect ECONNREFUSED',
    })
  })

  it('never shares a tunnel with a provider that has another proxy, or none', async () => {
    await using one = await openProxy()
    await using two = await openProxy()
    for (const proxy of [one, two, one, two])
      expect(await callUpstream(upstream, plain.origin, through(proxy))).toBe('end')
    expect([one.heads.length, two.heads.length]).toEqual([1, 1])
    const before = plain.connections()
    expect(await callUpstream(upstream, plain.origin)).toBe('end')
    expect(plain.connections()).toBe(before + 1)
  })
})

function say(bytes: string): ProxyManner {
  return { kind: 'say', bytes, thenClose: false }
}
