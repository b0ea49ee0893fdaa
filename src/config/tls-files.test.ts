import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { generateKeyPairSync } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeAuthority, selfSigned } from '../providers/laws/self-signed.ts'
import { listenerTlsSettings, readListenerTls, tlsMode } from './listener-tls.ts'
import { sourcesOnDisk } from './sources.ts'
import { readAuthorities, readIdentity } from './tls-files.ts'

const nowMs = Date.UTC(2026, 10, 23)
const authority = makeAuthority()
const server = authority.issue('weir.example')
let dir: string

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'weir-tls-'))
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const locked = privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' })
  const ends = (day: number) => authority.issue('weir.example', new Date(Date.UTC(2026, 10, day)))
  const files = {
    'server.pem': server.certificate + authority.certificate,
    'server.key': server.key,
    'other.key': authority.issue('other.example').key,
    'locked.key': String(locked),
    'ca.pem': `Our authority\n${authority.certificate}`,
    'own.pem': selfSigned('weir.example').certificate,
    'text.pem': 'not a certificate, but sk-secret-canary',
    'broken.pem': '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
    'ending.pem': ends(30).certificate,
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text, { mode: 0o600 })
  // Everybody may know a certificate; a key is its owner's.
  chmodSync(join(dir, 'server.pem'), 0o644)
  writeFileSync(join(dir, 'public.key'), server.key, { mode: 0o644 })
})
afterAll(() => rmSync(dir, { recursive: true }))

const sources = () => sourcesOnDisk({}, dir)
const read = (cert: string, key: string) => readIdentity({ cert: `file:${cert}`, key: `file:${key}` }, sources(), nowMs)
const authorities = (ca: string) => readAuthorities('ca', `file:${ca}`, sources(), nowMs)

describe('a certificate and its key', () => {
  it('are read, the chain included, and what is around it is left out', () => {
    const identity = read('server.pem', 'server.key')
    expect(identity).toMatchObject({ ok: true, warnings: [], value: { key: server.key } })
    expect(identity.ok && identity.value.certificate.match(/BEGIN CERTIFICATE/g)).toHaveLength(2)
  })

  it.each([
    ['server.pem', 'other.key', 'key', /is not the key of the certificate in server\.pem/],
    ['server.pem', 'locked.key', 'key', /passphrase/],
    ['server.pem', 'public.key', 'key', /chmod 600/],
    ['server.pem', 'text.pem', 'key', /no private key/],
    ['server.pem', 'absent.key', 'key', /there is no file/],
    ['text.pem', 'server.key', 'cert', /no certificate in PEM form/],
    ['broken.pem', 'server.key', 'cert', /cannot be read/],
    ['absent.pem', 'server.key', 'cert', /there is no file/],
    ['.', 'server.key', 'cert', /not a regular file/],
  ])('%s with %s is refused, naming the setting and no content', (cert, key, setting, reason) => {
    const identity = read(cert, key)
    expect(identity).toMatchObject({
      ok: false,
      problems: [{ key: setting, reason: expect.stringMatching(reason), isAbsent: /absent/.test(cert + key) }],
    })
    expect(JSON.stringify(identity)).not.toContain('canary')
  })

  it('are both told when both are wrong', () => {
    const identity = read('text.pem', 'locked.key')
    expect(identity.ok ? [] : identity.problems.map(({ key }) => key)).toEqual(['cert', 'key'])
  })
})

describe('the certificates of authorities', () => {
  it('are read, self-signed ones included', () => {
    expect(authorities('ca.pem')).toEqual({ ok: true, warnings: [], value: authority.certificate })
    expect(authorities('own.pem').ok).toBe(true)
  })

  it('are refused when one of them is a server’s', () => {
    const refused = authorities('ending.pem')
    expect(refused.ok ? '' : refused.problems[0]?.reason).toMatch(/is not an authority's/)
  })
})

describe('the TLS of a listener', () => {
  const settings = (more: object) =>
    listenerTlsSettings.parse({ cert: 'file:server.pem', key: 'file:server.key', ...more })

  it('speaks TLS 1.2 unless told otherwise, and asks clients for certificates only where authorities are named', () => {
    expect(readListenerTls(settings({}), sources(), nowMs)).toMatchObject({
      ok: true,
      value: { minVersion: 'TLSv1.2', clientAuthorities: undefined },
    })
    expect(
      readListenerTls(settings({ clientCa: 'file:ca.pem', minVersion: 'TLSv1.3' }), sources(), nowMs),
    ).toMatchObject({
      ok: true,
      value: { minVersion: 'TLSv1.3', clientAuthorities: authority.certificate },
    })
    expect(readListenerTls(settings({ clientCa: 'file:text.pem' }), sources(), nowMs)).toMatchObject({
      ok: false,
      problems: [{ key: 'clientCa' }],
    })
  })

  it('cannot be an old version, and names files only', () => {
    const given = { cert: 'file:a', key: 'file:b' }
    expect(listenerTlsSettings.safeParse({ ...given, minVersion: 'TLSv1.1' }).success).toBe(false)
    expect(listenerTlsSettings.safeParse({ ...given, cert: '-----BEGIN CERTIFICATE-----' }).success).toBe(false)
    expect(listenerTlsSettings.safeParse({ cert: 'file:a' }).success).toBe(false)
  })

  it('has a mode that cannot change while it listens', () => {
    expect([undefined, settings({}), settings({ clientCa: 'file:ca.pem' })].map(tlsMode)).toEqual([
      'no TLS',
      'TLS',
      'TLS with client certificates',
    ])
  })
})

it('a certificate that has ended or ends soon is told', () => {
  const ended = selfSigned('weir.example', new Date(Date.UTC(2026, 10, 1)))
  const ending = selfSigned('weir.example', new Date(Date.UTC(2026, 10, 30)))
  for (const [name, made] of Object.entries({ ended, ending })) {
    writeFileSync(join(dir, `${name}-own.pem`), made.certificate)
    writeFileSync(join(dir, `${name}-own.key`), made.key, { mode: 0o600 })
  }
  expect(read('ended-own.pem', 'ended-own.key')).toMatchObject({
    ok: true,
    warnings: [expect.stringContaining('ended on 2026-11-01')],
  })
  expect(read('ending-own.pem', 'ending-own.key')).toMatchObject({
    ok: true,
    warnings: [expect.stringContaining('ends on 2026-11-30')],
  })
})
