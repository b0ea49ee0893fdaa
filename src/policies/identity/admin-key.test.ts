import { createHash, randomBytes } from 'node:crypto'
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SetupProblem } from '../../config/setup-problem.ts'
import { loadAdminKey, type AdminKey } from './admin-key.ts'

let dataDir: string
beforeEach(() => {
  dataDir = join(mkdtempSync(join(tmpdir(), 'weir-admin-')), 'data')
})
afterEach(() => rmSync(join(dataDir, '..'), { recursive: true, force: true }))

const load = (env: Readonly<Record<string, string>> = {}): AdminKey =>
  loadAdminKey({ env, dataDir, random: randomBytes })

describe('loadAdminKey', () => {
  it('without the variable a key is generated, shown once, and only its hash is kept (A5)', () => {
    const first = load()
    const key = first.shownOnce ?? ''
    expect(key).toMatch(/^weir_admin_[0-9A-Za-z]{43}$/)
    expect(first.verify(key)).toBe(true)
    const kept = readFileSync(join(dataDir, 'admin-key.hash'), 'utf8')
    expect(kept).toBe(`${createHash('sha256').update(key).digest('hex')}\n`)
    expect(statSync(join(dataDir, 'admin-key.hash')).mode & 0o777).toBe(0o600)

    const second = load()
    expect(second.shownOnce).toBeUndefined()
    expect(second.verify(key)).toBe(true)
  })

  it('removing the file makes another key, and the old one ends', () => {
    const old = load().shownOnce ?? ''
    rmSync(join(dataDir, 'admin-key.hash'))
    const next = load()
    expect(next.shownOnce).not.toBe(old)
    expect(next.verify(old)).toBe(false)
  })

  it('the variable comes first, is not shown, and touches no file', () => {
    const given = 'an-admin-key-of-our-own-4711'
    const admin = load({ WEIR_ADMIN_KEY: given })
    expect(admin.shownOnce).toBeUndefined()
    expect(admin.verify(given)).toBe(true)
    expect(() => statSync(dataDir)).toThrow('ENOENT')
  })

  it('nothing but the whole key is accepted (A9)', () => {
    const given = 'an-admin-key-of-our-own-4711'
    const { verify } = load({ WEIR_ADMIN_KEY: given })
    const digest = createHash('sha256').update(given).digest('hex')
    for (const wrong of [
      '',
      given.slice(0, -1),
      `${given} `,
      given.toUpperCase(),
      digest,
      `${given}\0`,
      "' OR '1'='1",
      given.repeat(1_000),
    ])
      expect(verify(wrong)).toBe(false)
  })

  it('the hash itself is no key (A4)', () => {
    const admin = load()
    expect(admin.verify(readFileSync(join(dataDir, 'admin-key.hash'), 'utf8').trim())).toBe(false)
  })

  it.each([
    '',
    'sk-1234',
    'SK-1234',
    'admin',
    'changeme',
    'password',
    'root',
    '123456',
    'changemechangemechangeme',
    'admin-admin-admin-admin-admin',
    'aaaaaaaaaaaaaaaaaaaaaaaa',
    '12345678901234567890',
    'sk-1234-sk-1234-sk-1234',
    'your-secret-key-here-your-secret-key-here',
    '--------------------------',
    'only-19-characters!',
    'with a space in the middle of it',
    'with-a-letter-outside-ascii-é',
    'x1'.repeat(257),
  ])('%j is refused with what to do instead, and never echoed (A5)', (key) => {
    const thrown = problemOf(() => load({ WEIR_ADMIN_KEY: key }))
    expect(thrown).toBeInstanceOf(SetupProblem)
    expect(String(thrown)).toContain('unset it and a key is generated')
    if (key.length > 8) expect(String(thrown)).not.toContain(key)
  })

  it('a kept hash that others can read, or that is damaged, is refused and not made anew', () => {
    load()
    const path = join(dataDir, 'admin-key.hash')
    chmodSync(path, 0o640)
    expect(problemOf(load)).toBeInstanceOf(SetupProblem)
    chmodSync(path, 0o600)
    for (const content of ['', 'abc', `${'g'.repeat(64)}\n`, `${'a'.repeat(64)}\n\n`, 'a'.repeat(500)]) {
      writeFileSync(path, content)
      expect(problemOf(load)).toBeInstanceOf(SetupProblem)
    }
  })
})

function problemOf(act: () => unknown): unknown {
  try {
    act()
    return undefined
  } catch (thrown) {
    return thrown
  }
}
