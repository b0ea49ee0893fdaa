import https from 'node:https'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import tls, { type TLSSocket } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkConfig } from '../../src/build/check.ts'
import { makeAuthority, type SelfSigned } from '../../src/providers/laws/self-signed.ts'
import { startGateway, type RunningGateway } from '../gateway-fixture.ts'

const authority = makeAuthority()
const clients = makeAuthority()
const first = authority.issue('localhost')
const second = authority.issue('localhost')
let dir: string
let weir: RunningGateway

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'weir-tls-'))
  write('clients.pem', clients.certificate)
  for (const name of ['server', 'admin']) writePair(name, first)
  weir = await startGateway({
    listeners: { server: `tls: ${tlsOf('server')}`, admin: `tls: ${tlsOf('admin', 'clientCa: file:clients.pem')}` },
    dir,
    config: `
providers: { simulated: { kind: simulated, speed: instant } }
models: { demo: { targets: [{ provider: simulated, model: demo }] } }
`,
  })
})
afterAll(async () => {
  await weir.close()
  rmSync(dir, { recursive: true })
})

describe('a listener with TLS', () => {
  it('serves the same as without, and says https', async () => {
    const { dataOrigin, adminOrigin } = weir.gateway
    expect([dataOrigin, adminOrigin].map((origin) => new URL(origin).protocol)).toEqual(['https:', 'https:'])
    expect(await ask(dataOrigin, '/healthz')).toMatchObject({ status: 200, text: 'ok\n' })
    const body = JSON.stringify({ model: 'demo', stream: true, messages: [{ role: 'user', content: 'Hello' }] })
    const answer = await ask(dataOrigin, '/v1/chat/completions', { body })
    expect(answer.status).toBe(200)
    expect(answer.text).toContain('data: [DONE]')
  })

  it('speaks no plain HTTP, no old TLS and no HTTP/2', async () => {
    const { dataOrigin } = weir.gateway
    expect(await plainAnswer(dataOrigin)).not.toContain('200')
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' } as const
    await expect(handshake(dataOrigin, old)).rejects.toThrow(/protocol version/)
    await expect(handshake(dataOrigin, { ALPNProtocols: ['h2'] })).rejects.toThrow(/no application protocol/)
    expect(await handshake(dataOrigin, { ALPNProtocols: ['h2', 'http/1.1'] })).toBe('http/1.1')
  })

  it('that wants client certificates lets in whom its authorities signed, and nobody else', async () => {
    const { adminOrigin } = weir.gateway
    const stranger = makeAuthority().issue('stranger')
    expect(await ask(adminOrigin, '/healthz', certificateOf(clients.issue('me')))).toMatchObject({ status: 200 })
    await expect(ask(adminOrigin, '/healthz')).rejects.toThrow(/certificate required|ECONNRESET|EPIPE|socket hang up/)
    await expect(ask(adminOrigin, '/healthz', certificateOf(stranger))).rejects.toThrow(
      /ECONNRESET|EPIPE|socket hang up/,
    )
  })
})

describe('a reload', () => {
  it('gives new handshakes the new certificate, and leaves connections that are open as they are', async () => {
    const { dataOrigin, adminOrigin } = weir.gateway
    const agent = new https.Agent({ keepAlive: true, maxSockets: 1 })
    const before = await ask(dataOrigin, '/healthz', { agent })
    writePair('server', second)
    writePair('admin', second)
    expect(await weir.gateway.reload()).toMatchObject({ isTaken: true })
    const kept = await ask(dataOrigin, '/healthz', { agent })
    const anew = await ask(dataOrigin, '/healthz')
    agent.destroy()
    expect(kept.fingerprint).toBe(before.fingerprint)
    expect(anew.fingerprint).not.toBe(before.fingerprint)
    const admin = await ask(adminOrigin, '/healthz', certificateOf(clients.issue('me')))
    expect(admin.fingerprint).toBe(anew.fingerprint)
  })

  it('shuts out clients whose authority is no longer named, old TLS sessions included', async () => {
    const { adminOrigin } = weir.gateway
    const me = certificateOf(clients.issue('me'))
    const others = makeAuthority()
    const agent = new https.Agent({ keepAlive: false })
    // The second call resumes the session of the first: the agent keeps it.
    const resumed = [
      await ask(adminOrigin, '/healthz', { ...me, agent }),
      await ask(adminOrigin, '/healthz', { ...me, agent }),
    ]
    expect(resumed.map(({ isResumed }) => isResumed)).toEqual([false, true])
    write('clients.pem', others.certificate)
    expect(await weir.gateway.reload()).toMatchObject({ isTaken: true })
    await expect(ask(adminOrigin, '/healthz', { ...me, agent })).rejects.toThrow(/ECONNRESET|EPIPE|socket hang up/)
    const other = certificateOf(others.issue('other'))
    expect(await ask(adminOrigin, '/healthz', other)).toMatchObject({ status: 200 })
    write('clients.pem', clients.certificate)
    expect(await weir.gateway.reload()).toMatchObject({ isTaken: true })
  })

  it('with a pair that does not fit is refused with line and column, and the good one stays in force', async () => {
    const { dataOrigin } = weir.gateway
    const before = await ask(dataOrigin, '/healthz')
    write('server.key', first.key)
    const { isTaken, told } = await weir.gateway.reload()
    expect(isTaken).toBe(false)
    expect(told).toMatch(
      /weir\.yaml:1:\d+ {2}server\.tls\.key {2}server\.key is not the key of the certificate in server\.pem/,
    )
    expect(checkConfig(weir.configFile, {})).toMatchObject({
      isValid: false,
      text: expect.stringContaining('server.tls.key'),
    })
    expect(await ask(dataOrigin, '/healthz')).toMatchObject({ status: 200, fingerprint: before.fingerprint })
    writePair('server', second)
  })

  it.each([
    ['server.tls', (text: string) => text.replace(/, tls: \{ cert: file:server\.pem[^}]*\}/, '')],
    ['admin.tls', (text: string) => text.replace(', clientCa: file:clients.pem', '')],
  ])('that would change whether %s is there is refused: that needs a restart', async (key, change) => {
    const text = readFileSync(weir.configFile, 'utf8')
    writeFileSync(weir.configFile, change(text))
    expect(await weir.gateway.reload()).toMatchObject({
      isTaken: false,
      told: expect.stringContaining(`${key} cannot change in a running gateway`),
    })
    writeFileSync(weir.configFile, text)
    expect(await weir.gateway.reload()).toMatchObject({ isTaken: true })
  })
})

it('a gateway whose Node is told not to check certificates does not start', async () => {
  await expect(startGateway({ config: '', env: { NODE_TLS_REJECT_UNAUTHORIZED: '0' } })).rejects.toThrow(
    'NODE_TLS_REJECT_UNAUTHORIZED is 0',
  )
})

it('a check where the files are not yet there warns, and finds the config valid', () => {
  const file = join(dir, 'elsewhere.yaml')
  writeFileSync(file, 'server: { tls: { cert: file:not-yet.pem, key: file:not-yet.key } }\n')
  const { isValid, text } = checkConfig(file, {})
  expect([isValid, text]).toEqual([true, expect.stringMatching(/warning {2}server\.tls\.cert: there is no file/)])
})

function tlsOf(name: string, more?: string): string {
  return `{ ${[`cert: file:${name}.pem`, `key: file:${name}.key`, more ?? []].flat().join(', ')} }`
}

function writePair(name: string, { certificate, key }: SelfSigned): void {
  write(`${name}.pem`, certificate)
  write(`${name}.key`, key)
}

function write(name: string, text: string): void {
  writeFileSync(join(dir, name), text, { mode: 0o600 })
}

function certificateOf({ certificate, key }: SelfSigned): https.RequestOptions {
  return { cert: certificate, key }
}

interface Told {
  readonly status: number | undefined
  readonly text: string
  /** Of the certificate that was shown. */
  readonly fingerprint: string
  readonly isResumed: boolean
}

function ask(origin: string, path: string, options: https.RequestOptions & { body?: string } = {}): Promise<Told> {
  const { body, ...tlsOptions } = options
  const { promise, resolve, reject } = Promise.withResolvers<Told>()
  const call = https.request(
    `${origin}${path}`,
    {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${weir.key}`, 'content-type': 'application/json' },
      ca: authority.certificate,
      agent: false,
      ...tlsOptions,
    },
    (incoming) => {
      const socket = incoming.socket as TLSSocket
      const { fingerprint256: fingerprint } = socket.getPeerCertificate()
      const isResumed = socket.isSessionReused()
      let text = ''
      incoming.setEncoding('utf8').on('data', (part: string) => (text += part))
      incoming.on('end', () => resolve({ status: incoming.statusCode, text, fingerprint, isResumed }))
    },
  )
  call.on('error', reject)
  call.end(body)
  return promise
}

/** @returns the protocol that was agreed on. */
function handshake(origin: string, options: tls.ConnectionOptions): Promise<string | false | null> {
  const { promise, resolve, reject } = Promise.withResolvers<string | false | null>()
  const port = Number(new URL(origin).port)
  const socket = tls.connect({ host: 'localhost', port, ca: authority.certificate, ...options }, () => {
    resolve(socket.alpnProtocol)
    socket.destroy()
  })
  socket.on('error', reject)
  return promise
}

function plainAnswer(origin: string): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>()
  let told = ''
  net
    .connect(Number(new URL(origin).port), '127.0.0.1')
    .on('data', (bytes: Buffer) => (told += bytes.toString('latin1')))
    .on('error', () => undefined)
    .on('close', () => resolve(told))
    .write('GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n')
  return promise
}
