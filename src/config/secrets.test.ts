import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { execFileSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPrivateFile, isPrivate, readPrivateFile, type PrivateFile } from './private-file.ts'
import { resolveSecret, secretRef, secretSizeLimitBytes } from './secrets.ts'
import { sourcesOnDisk, type ConfigSources } from './sources.ts'

let dir: string
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'weir-secrets-'))
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

function sources(env: Readonly<Record<string, string>> = {}): ConfigSources {
  return sourcesOnDisk(env, dir)
}

function file(name: string, content: string | Buffer, mode = 0o600): string {
  writeFileSync(join(dir, name), content)
  chmodSync(join(dir, name), mode)
  return `file:${name}`
}

function reasonOf(ref: string): string {
  const secret = resolveSecret(ref, sources())
  return secret.ok ? 'resolved' : secret.reason
}

describe('secretRef', () => {
  it.each(['env:OPENAI_API_KEY', 'env:_x1', 'file:/run/secrets/a', 'file:./a b'])('%s is a reference', (ref) => {
    expect(secretRef.safeParse(ref).success).toBe(true)
  })

  it.each([
    'sk-hunter2',
    '',
    'env:',
    'env:1A',
    'env:A-B',
    'env:A B',
    'ENV:A',
    'file:',
    '$A',
    '${A}',
    'file:a\nb',
    5,
    null,
  ])('%j is refused with what to write, and never echoed', (value) => {
    const verdict = secretRef.safeParse(value)
    expect(verdict.error?.issues[0]?.message).toBe(
      'write env:NAME or file:PATH; secrets are never written into the config',
    )
    expect(verdict.error?.message).not.toContain('hunter2')
  })
})

describe('resolveSecret', () => {
  it('a variable gives its value', () => {
    expect(resolveSecret('env:A', sources({ A: 'hunter2' }))).toEqual({ ok: true, value: 'hunter2' })
  })

  it.each([
    ['env:B', {}, 'the environment variable B is not set'],
    ['env:toString', {}, 'the environment variable toString is not set'],
    ['env:B', { B: '' }, 'the environment variable B is empty'],
    ['env:B', { B: 'hunter2\n' }, 'the environment variable B holds a line break inside the secret; remove it'],
    ['env:B', { B: 'hun\0ter2' }, 'the environment variable B holds a control character; remove it'],
    ['env:B', { B: ' hunter2' }, 'the environment variable B begins or ends with a space; remove it'],
    ['env:B', { B: 'x'.repeat(secretSizeLimitBytes + 1) }, 'the environment variable B is longer than 16384 bytes'],
    ['hunter2', {}, 'write env:NAME or file:PATH; secrets are never written into the config'],
  ])('%s of %j is refused: %s', (ref, env, reason) => {
    expect(resolveSecret(ref, sources(env))).toEqual({ ok: false, reason })
  })

  it.each([
    ['hunter2', 'hunter2'],
    ['hunter2\n', 'hunter2'],
    ['hunter2\r\n', 'hunter2'],
    ['\u{FEFF}hunter2\n', 'hunter2'],
    ['pässword', 'pässword'],
  ])('a file with %j gives %j', (content, value) => {
    expect(resolveSecret(file('good', content), sources())).toEqual({ ok: true, value })
  })

  it.each([
    ['', 'is empty'],
    ['\n', 'is empty'],
    ['hunter2\n\n', 'holds a line break inside the secret; remove it'],
    ['hunter2\nmore', 'holds a line break inside the secret; remove it'],
    ['hunter2 \n', 'begins or ends with a space; remove it'],
    [Buffer.from([0x68, 0xff, 0xfe]), 'is not UTF-8 text'],
  ])('a file with %j is refused: it %s', (content, reason) => {
    expect(resolveSecret(file('bad', content), sources())).toEqual({
      ok: false,
      reason: `the file ${join(dir, 'bad')} ${reason}`,
    })
  })

  it('an absent file, a folder, a pipe and a file that is too large are refused without waiting', () => {
    mkdirSync(join(dir, 'folder'), { mode: 0o700 })
    execFileSync('mkfifo', ['-m', '600', join(dir, 'pipe')])
    file('large', 'x'.repeat(secretSizeLimitBytes + 1))
    expect(reasonOf('file:absent')).toBe(`there is no file ${join(dir, 'absent')}`)
    expect(reasonOf('file:folder')).toBe(`${join(dir, 'folder')} is not a regular file`)
    expect(reasonOf('file:pipe')).toBe(`${join(dir, 'pipe')} is not a regular file`)
    expect(reasonOf('file:large')).toBe(`the file ${join(dir, 'large')} is larger than 16384 bytes`)
  })

  it.each(['644', '640', '604', '620', '602', '660'])('a file of mode %s is refused with what to run (A3)', (mode) => {
    const path = join(dir, 'open')
    expect(resolveSecret(file('open', 'hunter2', Number.parseInt(mode, 8)), sources())).toEqual({
      ok: false,
      reason: `the file ${path} can be read or changed by other users; run: chmod 600 ${path}`,
    })
  })

  it('a path outside the folder of the config is given as it stands, and what it holds is not echoed', () => {
    const seen: string[] = []
    const privateFile = (path: string): PrivateFile => {
      seen.push(path)
      return { ok: true, bytes: Buffer.from('hunter2\n') }
    }
    const from = { ...sourcesOnDisk({}, '/etc/weir'), privateFile }
    resolveSecret('file:/run/secrets/a', from)
    resolveSecret('file:keys/a', from)
    expect(seen).toEqual(['/run/secrets/a', '/etc/weir/keys/a'])
    expect(JSON.stringify(resolveSecret('file:/etc/passwd', sources()))).not.toContain('root:')
  })
})

describe('private files', () => {
  it('a file is created once, for its owner only, and left as it is the second time', () => {
    const path = join(dir, 'new')
    expect(createPrivateFile(path, Buffer.from('first'))).toBe(true)
    expect(createPrivateFile(path, Buffer.from('second'))).toBe(false)
    expect(readPrivateFile(path, 100)).toEqual({ ok: true, bytes: Buffer.from('first') })
  })

  it.each([
    ['600', 1000, '/home/a/key', true],
    ['400', 1000, '/home/a/key', true],
    ['644', 0, '/home/a/key', false],
    // A container's secret belongs to root and is readable by all in the container.
    ['444', 0, '/run/secrets/key', true],
    ['444', 0, '/run/secrets/weir/key', true],
    ['444', 1000, '/run/secrets/key', false],
    ['446', 0, '/run/secrets/key', false],
    ['444', 0, '/run/secrets-of-others/key', false],
  ])('mode %s of user %i at %s: private %s', (mode, ownerId, realPath, expected) => {
    expect(isPrivate(Number.parseInt(mode, 8), ownerId, realPath)).toBe(expected)
  })
})
