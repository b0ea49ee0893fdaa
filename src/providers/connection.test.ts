import type net from 'node:net'
import tls from 'node:tls'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { turnedClock, type TurnedClock } from '../../test/turned-clock.ts'
import type { Clock } from '../canonical/clock.ts'
import { openConnector } from './connection.ts'
import { openBlackHole } from './laws/black-hole.ts'
import { callUpstream } from './laws/call-upstream.ts'
import { openRawUpstream, wholeAnswer, type RawUpstream } from './laws/raw-upstream.ts'
import { makeAuthority, selfSigned, type SelfSigned } from './laws/self-signed.ts'
import { openTlsUpstream } from './laws/tls-upstream.ts'
import { networkOf } from './network.ts'
import type { ConnectionNote } from './provider.ts'
import { openResolver, resolverLimits, type Lookup } from './resolver.ts'
import { openUpstream, type PooledUpstream } from './upstream.ts'

const trusted = selfSigned('localhost')
const expired = selfSigned('localhost', new Date(Date.UTC(2021, 0, 1)))
const misnamed = selfSigned('other.example')
const untrusted = selfSigned('localhost')
const authority = makeAuthority()
const otherAuthority = makeAuthority()
const systemAuthorities = tls.getCACertificates('default')

let clock: TurnedClock
let upstream: PooledUpstream
let notes: ConnectionNote[]
/** What the fake DNS says; a test replaces it. */
let lookup: Lookup

beforeAll(() => tls.setDefaultCACertificates([trusted, expired, misnamed].map(({ certificate }) => certificate)))
afterAll(() => tls.setDefaultCACertificates(systemAuthorities))

beforeEach(() => {
  clock = turnedClock()
  notes = []
  lookup = () => Promise.resolve(['127.0.0.1'])
  upstream = openUpstream({ clock, lookup: (name) => lookup(name), onConnection: (note) => notes.push(note) })
})

afterEach(async () => {
  delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']
  await upstream.close()
})

describe('a TLS connection to a provider', () => {
  it.each(['localhost', '127.0.0.1'])('to %s is made, kept, and resumed when it must be made anew', async (host) => {
    await using server = await openTlsUpstream(trusted)
    const origin = `https://${host}:${server.port}`
    const outcomes = [
      await callUpstream(upstream, origin),
      await callUpstream(upstream, origin),
      await callUpstream(upstream, origin, {}, { mustConnectAnew: true }),
    ]
    expect(outcomes).toEqual(['end', 'end', 'end'])
    expect(server.handshakes).toMatchObject([
      { isResumed: false, protocol: 'http/1.1', servername: host === 'localhost' ? 'localhost' : false },
      { isResumed: true, protocol: 'http/1.1' },
    ])
    expect(notes).toEqual([
      { kind: 'opened', provider: 'p', tls: 'new' },
      { kind: 'opened', provider: 'p', tls: 'resumed' },
    ])
    expect(upstream.connections().opened).toBe(2)
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
    [
      'that an unknown authority signed',
      authority.issue('localhost'),
      'an authority that is not trusted here signed its certificate; network.tls.ca names one of your own (UNABLE_TO_VERIFY_LEAF_SIGNATURE)',
    ],
  ])('fault 24: is not made to one %s, and nothing is sent', async (_, certificate, message) => {
    await using server = await openTlsUpstream(certificate)
    // The switch that turns the check off for a whole process has no say here.
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'
    const outcome = await callUpstream(upstream, `https://localhost:${server.port}`)
    expect(outcome).toEqual({ class: 'not-sent', kind: 'upstream_unavailable', message })
    expect(server.calls).toEqual([])
    expect(notes).toEqual([{ kind: 'failed', provider: 'p', at: 'tls' }])
  })

  it('fault 24: is not made with TLS 1.0 or 1.1', async () => {
    await using server = await openTlsUpstream(trusted, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1' })
    const outcome = await callUpstream(upstream, `https://localhost:${server.port}`)
    expect(outcome).toMatchObject({ class: 'not-sent', message: expect.stringContaining('no version of TLS') })
    expect(server.calls).toEqual([])
  })

  it('fault 24: is made with TLS 1.2, unless the settings want 1.3', async () => {
    await using server = await openTlsUpstream(trusted, { maxVersion: 'TLSv1.2' })
    const origin = `https://localhost:${server.port}`
    expect(await callUpstream(upstream, origin)).toBe('end')
    const outcome = await callUpstream(upstream, origin, networkOf({ tls: { minVersion: 'TLSv1.3' } }))
    expect(outcome).toMatchObject({ class: 'not-sent', message: expect.stringContaining('no version of TLS') })
  })

  it('fault 24: ends at the connect deadline when the handshake stalls', async () => {
    const connected = Promise.withResolvers<void>()
    await using server = await openRawUpstream({ onConnection: () => connected.resolve() })
    const outcome = callUpstream(upstream, server.origin.replace('http:', 'https:'))
    await connected.promise
    await nextTurn()
    clock.turn(3_000)
    expect(await outcome).toEqual({ class: 'not-sent', kind: 'upstream_timeout', message: 'connect timeout' })
    expect(clock.pendingTimers).toBe(0)
  })

  it.each([
    [
      'speaks no TLS',
      (socket: net.Socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'),
      /does not speak TLS/,
    ],
    ['closes at once', (socket: net.Socket) => void socket.end(), /connect ECONNRESET/],
    ['resets at once', (socket: net.Socket) => void socket.resetAndDestroy(), /connect ECONNRESET/],
  ])('fault 24: fails free of charge with one that %s', async (_, onConnection, message) => {
    await using server = await openRawUpstream({ onConnection })
    const outcome = await callUpstream(upstream, server.origin.replace('http:', 'https:'))
    expect(outcome).toMatchObject({ class: 'not-sent', message: expect.stringMatching(message) })
  })
})

describe('an authority of one’s own', () => {
  const own = (more: object = {}) =>
    networkOf({ tls: { ca: 'file:x', ...more } }, { authorities: authority.certificate })

  it('is trusted, and the others of the system are not', async () => {
    await using ours = await openTlsUpstream(authority.issue('localhost'))
    await using theirs = await openTlsUpstream(trusted)
    await using wrong = await openTlsUpstream(otherAuthority.issue('localhost'))
    expect(await callUpstream(upstream, `https://localhost:${ours.port}`, own())).toBe('end')
    for (const other of [theirs, wrong]) {
      expect(await callUpstream(upstream, `https://localhost:${other.port}`, own())).toMatchObject({
        class: 'not-sent',
      })
      expect(other.calls).toEqual([])
    }
  })

  it('is trusted beside those of the system where the settings say so', async () => {
    await using ours = await openTlsUpstream(authority.issue('localhost'))
    await using theirs = await openTlsUpstream(trusted)
    const both = own({ systemCa: true })
    expect(await callUpstream(upstream, `https://localhost:${ours.port}`, both)).toBe('end')
    expect(await callUpstream(upstream, `https://localhost:${theirs.port}`, both)).toBe('end')
  })

  it('does not make another name good, but `servername` names the one that is', async () => {
    await using server = await openTlsUpstream(authority.issue('llm.internal.example'))
    const origin = `https://localhost:${server.port}`
    expect(await callUpstream(upstream, origin, own())).toMatchObject({
      message: expect.stringContaining('for another name'),
    })
    expect(await callUpstream(upstream, origin, own({ servername: 'llm.internal.example' }))).toBe('end')
    expect(server.handshakes.at(-1)?.servername).toBe('llm.internal.example')
  })
})

describe('mutual TLS', () => {
  const wantsClients: tls.TlsOptions = { requestCert: true, rejectUnauthorized: true, ca: authority.certificate }
  const as = (identity: SelfSigned | undefined) =>
    networkOf({ tls: { ca: 'file:x' } }, { authorities: authority.certificate, identity })

  it('shows the certificate of this provider', async () => {
    await using server = await openTlsUpstream(authority.issue('localhost'), wantsClients)
    expect(await callUpstream(upstream, `https://localhost:${server.port}`, as(authority.issue('weir')))).toBe('end')
    expect(server.handshakes.at(-1)?.client).toBeDefined()
  })

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('fault 24: fails free of charge without one, under %s', async (version) => {
    await using server = await openTlsUpstream(authority.issue('localhost'), { ...wantsClients, maxVersion: version })
    const outcome = await callUpstream(upstream, `https://localhost:${server.port}`, as(undefined))
    const words = version === 'TLSv1.2' ? 'it ended the TLS handshake' : 'it wants a certificate of ours'
    expect(outcome).toMatchObject({
      class: 'not-sent',
      kind: 'upstream_unavailable',
      message: expect.stringContaining(words),
    })
    expect(server.calls).toEqual([])
  })

  it('leaves no connection behind where TLS cannot begin, for a certificate that is none', async () => {
    await using raw = await openRawUpstream({})
    const broken = { ...authority.issue('weir'), certificate: 'no certificate' }
    const origin = raw.origin.replace('http:', 'https:')
    expect(await callUpstream(upstream, origin, as(broken))).toMatchObject({ class: 'not-sent' })
    while (raw.connections() === 0 || raw.sockets.size > 0) await nextTurn()
    expect(raw.calls).toEqual([])
  })

  it('never lends a connection to another certificate, to no certificate, or to another provider', async () => {
    await using server = await openTlsUpstream(authority.issue('localhost'), {
      ...wantsClients,
      rejectUnauthorized: false,
    })
    const origin = `https://localhost:${server.port}`
    const [one, two] = [as(authority.issue('one')), as(authority.issue('two'))]
    for (const settings of [one, two, as(undefined), one, two])
      expect(await callUpstream(upstream, origin, settings)).toBe('end')
    expect(await callUpstream(upstream, origin, one, { provider: 'q' })).toBe('end')
    const clients = server.handshakes.map(({ client }) => client)
    expect(clients).toHaveLength(4)
    expect(new Set(clients.slice(0, 3)).size).toBe(3)
    expect(clients[3]).toBe(clients[0])
    expect(server.handshakes.every(({ isResumed }) => !isResumed)).toBe(true)
  })

  it('ends with the settings: what a reload no longer names is closed, and the rest is kept', async () => {
    await using server = await openTlsUpstream(authority.issue('localhost'), wantsClients)
    const origin = `https://localhost:${server.port}`
    const [old, next] = [as(authority.issue('old')), as(authority.issue('next'))]
    await callUpstream(upstream, origin, old)
    await callUpstream(upstream, origin, next)
    upstream.keepOnly([{ name: 'p', origin, network: { ...next } }])
    await callUpstream(upstream, origin, next)
    expect(server.handshakes).toHaveLength(2)
    await callUpstream(upstream, origin, old)
    expect(server.handshakes).toHaveLength(3)
  })
})

describe('L4: the address behind a name', () => {
  let server: RawUpstream
  let port: string
  beforeAll(async () => {
    server = await openRawUpstream({ onCall: (socket) => void socket.write(wholeAnswer('{}')) })
    port = new URL(server.origin).port
  })
  afterAll(() => server[Symbol.asyncDispose]())

  it.each([
    '127.0.0.1',
    '10.0.0.1',
    '192.168.0.1',
    '172.16.0.1',
    '100.64.0.1',
    '169.254.169.254',
    '::1',
    'fd00::1',
    'fe80::1',
    '::ffff:127.0.0.1',
    '64:ff9b::7f00:1',
    '0.0.0.0',
    '::',
    'localhost',
  ])('fault 23: %s is refused for a provider that is not marked private', async (address) => {
    lookup = () => Promise.resolve([address])
    const before = server.connections()
    const outcome = await callUpstream(upstream, `http://api.example:${port}`)
    expect(outcome).toEqual({
      class: 'not-sent',
      kind: 'upstream_unavailable',
      message: 'its name leads to a private address, which only network.private allows (PRIVATE_ADDRESS)',
    })
    expect(server.connections()).toBe(before)
    expect(notes).toEqual([{ kind: 'failed', provider: 'p', at: 'address' }])
  })

  it('is used where the provider is marked, but for addresses that no server has', async () => {
    expect(await callUpstream(upstream, `http://api.example:${port}`, { isPrivate: true })).toBe('end')
    lookup = () => Promise.resolve(['0.0.0.0'])
    clock.turn(resolverLimits.freshMs)
    const anew = { mustConnectAnew: true }
    expect(await callUpstream(upstream, `http://api.example:${port}`, { isPrivate: true }, anew)).toMatchObject({
      message: expect.stringContaining('PRIVATE_ADDRESS'),
    })
  })

  it('needs no mark where the base URL is `localhost` or such an address, and may be forbidden all the same', async () => {
    expect(await callUpstream(upstream, `http://localhost:${port}`)).toBe('end')
    expect(await callUpstream(upstream, `http://127.0.0.1:${port}`)).toBe('end')
    expect(await callUpstream(upstream, `http://127.0.0.1:${port}`, { isPrivate: false })).toMatchObject({
      class: 'not-sent',
    })
  })

  it('is the one that was checked: a name that changes between two looks leads nowhere else', async () => {
    let looks = 0
    lookup = () => Promise.resolve([(looks += 1) === 1 ? '127.0.0.1' : '10.0.0.1'])
    expect(await callUpstream(upstream, `http://rebind.example:${port}`, { isPrivate: true })).toBe('end')
    expect(looks).toBe(1)
  })
})

describe('fault 23: DNS', () => {
  let server: RawUpstream
  let origin: string
  beforeAll(async () => {
    server = await openRawUpstream({
      onCall: (socket) => void socket.write(wholeAnswer('{}', '200 OK', ['connection: close'])),
    })
    origin = `http://api.example:${new URL(server.origin).port}`
  })
  afterAll(() => server[Symbol.asyncDispose]())
  const call = () => callUpstream(upstream, origin, { isPrivate: true })

  it.each([
    ['ENOTFOUND', 'DNS does not know its name (ENOTFOUND)'],
    ['EAI_AGAIN', 'DNS gives no answer (EAI_AGAIN)'],
    ['ESERVFAIL', 'DNS gives no answer (ESERVFAIL)'],
  ])('%s fails free of charge, and a last good answer serves all the same', async (code, message) => {
    lookup = () => Promise.reject(Object.assign(new Error(`${code} api.example`), { code }))
    expect(await call()).toEqual({ class: 'not-sent', kind: 'upstream_unavailable', message })
    expect(notes).toEqual([
      { kind: 'dns-failed', provider: 'p' },
      { kind: 'failed', provider: 'p', at: 'dns' },
    ])
    clock.turn(resolverLimits.retryMs)
    const failing = lookup
    lookup = () => Promise.resolve(['127.0.0.1'])
    expect(await call()).toBe('end')
    clock.turn(resolverLimits.freshMs)
    lookup = failing
    expect(await call()).toBe('end')
    expect(notes.filter(({ kind }) => kind === 'dns-failed')).toHaveLength(2)
  })

  it('that takes 30 s ends at the connect deadline', async () => {
    lookup = () => new Promise((resolve) => clock.after(30_000, () => resolve(['127.0.0.1'])))
    const outcome = call()
    await nextTurn()
    clock.turn(3_000)
    expect(await outcome).toEqual({ class: 'not-sent', kind: 'upstream_timeout', message: 'connect timeout' })
  })

  it('that changes its answer is followed by new connections', async () => {
    expect(await call()).toBe('end')
    lookup = () => Promise.resolve(['127.0.0.9'])
    clock.turn(resolverLimits.freshMs)
    expect(await call()).toMatchObject({ class: 'not-sent', message: 'connect ECONNREFUSED' })
  })
})

it('fault 2: a connection into a black hole ends at the connect deadline, free of charge', async () => {
  await using hole = await openBlackHole()
  const outcome = callUpstream(upstream, `http://127.0.0.1:${hole.port}`)
  for (let turn = 0; turn < 5; turn++) await nextTurn()
  clock.turn(2_999)
  for (let turn = 0; turn < 5; turn++) await nextTurn()
  expect(notes).toEqual([])
  clock.turn(1)
  expect(await outcome).toEqual({ class: 'not-sent', kind: 'upstream_timeout', message: 'connect timeout' })
  expect(clock.pendingTimers).toBe(0)
})

it('fault 41: a process that stood still past the deadline hears first what came meanwhile, and waits as long again at most', async () => {
  await using hole = await openBlackHole()
  await using server = await openRawUpstream({})
  const lateMs = 2_000
  const late: Clock = { ...clock, after: (delayMs, then) => clock.after(delayMs + lateMs, then) }
  const resolver = openResolver(clock, lookup)
  const open = (origin: string) => {
    const { promise, resolve } = Promise.withResolvers<string>()
    const connector = openConnector('p', networkOf({ connectTimeoutMs: 3_000 }), {
      clock: late,
      resolver,
      note: (note) => notes.push(note),
    })
    connector.open(new URL(origin), (error, socket) => {
      socket?.destroy()
      resolve(error?.message ?? 'opened')
    })
    return promise
  }
  const alive = open(server.origin)
  const silent = open(`http://127.0.0.1:${hole.port}`)
  clock.turn(3_000 + lateMs)
  expect(await alive).toBe('opened')
  expect(notes).toEqual([{ kind: 'opened', provider: 'p', tls: 'none' }])
  clock.turn(2 * lateMs)
  expect(await silent).toBe('CONNECT_TIMEOUT')
})
