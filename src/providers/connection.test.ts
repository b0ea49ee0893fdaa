import { once } from 'node:events'
import { setImmediate as nextTurn } from 'node:timers/promises'
import tls from 'node:tls'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../canonical/clock.ts'
import { openListener, wholeAnswer } from './laws/raw-upstream.ts'
import { selfSigned, type SelfSigned } from './laws/self-signed.ts'
import type { UpstreamFailure } from './provider.ts'
import { openUpstream, type PooledUpstream } from './upstream.ts'

const trusted = selfSigned('localhost', new Date(Date.UTC(2100, 0, 1)))
const expired = selfSigned('localhost', new Date(Date.UTC(2021, 0, 1)))
const misnamed = selfSigned('other.example', new Date(Date.UTC(2100, 0, 1)))
const untrusted = selfSigned('localhost', new Date(Date.UTC(2100, 0, 1)))
const ownAuthorities = tls.getCACertificates('default')
let upstream: PooledUpstream

beforeAll(() => {
  tls.setDefaultCACertificates([trusted, expired, misnamed].map(({ certificate }) => certificate))
  upstream = openUpstream({ clock: systemClock })
})

afterEach(() => {
  delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']
})

afterAll(async () => {
  await upstream.close()
  tls.setDefaultCACertificates(ownAuthorities)
})

describe('a TLS connection to a provider', () => {
  it.each(['localhost', '127.0.0.1'])('to %s is made, kept, and resumed when it must be made anew', async (host) => {
    await using server = await openTlsServer(trusted)
    const before = upstream.connections().opened
    const outcomes = [
      await outcomeAt(`https://${host}:${server.port}`),
      await outcomeAt(`https://${host}:${server.port}`),
      await outcomeAt(`https://${host}:${server.port}`, true),
    ]
    expect(outcomes).toEqual(['end', 'end', 'end'])
    expect(server.handshakes).toEqual([
      { isResumed: false, protocol: 'http/1.1' },
      { isResumed: true, protocol: 'http/1.1' },
    ])
    expect(upstream.connections().opened - before).toBe(2)
  })

  it.each([
    ['whose certificate has expired', expired, 'its certificate has expired (CERT_HAS_EXPIRED)'],
    [
      'whose certificate is for another name',
      misnamed,
      'its certificate is for another name (ERR_TLS_CERT_ALTNAME_INVALID)',
    ],
    [
      'that signed its own certificate',
      untrusted,
      'its certificate is signed by itself; network.tls.ca names it if it is yours (DEPTH_ZERO_SELF_SIGNED_CERT)',
    ],
  ])('is not made to one %s, and nothing is sent (D3 24)', async (_, certificate, message) => {
    await using server = await openTlsServer(certificate)
    // The switch that turns the check off for a whole process has no say here.
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'
    const outcome = await outcomeAt(`https://localhost:${server.port}`)
    expect(outcome).toEqual({ class: 'not-sent', kind: 'upstream_unavailable', message })
    expect(server.calls()).toBe(0)
  })

  it('is not made with an old protocol (D3 24)', async () => {
    await using server = await openTlsServer(trusted, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1' })
    const outcome = await outcomeAt(`https://localhost:${server.port}`)
    expect(outcome).toMatchObject({ class: 'not-sent', kind: 'upstream_unavailable' })
    expect(server.calls()).toBe(0)
  })
})

interface TlsServer extends AsyncDisposable {
  readonly port: number
  readonly handshakes: readonly { readonly isResumed: boolean; readonly protocol: string | false | null }[]
  calls(): number
}

async function openTlsServer({ certificate, key }: SelfSigned, options: tls.TlsOptions = {}): Promise<TlsServer> {
  const handshakes: { isResumed: boolean; protocol: string | false | null }[] = []
  let calls = 0
  const server = tls.createServer({ cert: certificate, key, ALPNProtocols: ['h2', 'http/1.1'], ...options })
  server.on('secureConnection', (socket) => {
    handshakes.push({ isResumed: socket.isSessionReused(), protocol: socket.alpnProtocol })
    socket.on('error', () => undefined)
    socket.on('data', () => {
      calls += 1
      socket.write(wholeAnswer('{}'))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    handshakes,
    calls: () => calls,
    [Symbol.asyncDispose]: async () => void server.close(),
  }
}

async function outcomeAt(origin: string, mustConnectAnew = false): Promise<UpstreamFailure | 'end'> {
  const listener = openListener()
  const network = { connectTimeoutMs: 3_000, maxConnections: 2 }
  const body = Buffer.from('{}')
  upstream.send(
    { provider: 'p', origin, network, method: 'POST', path: '/', headers: [], body, mustConnectAnew },
    listener,
  )
  const over = await listener.over
  // undici frees a connection a turn after the answer that it carried.
  await nextTurn()
  return over
}
