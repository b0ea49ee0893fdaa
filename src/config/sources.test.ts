import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { keepFound, sourcesFound, sourcesOnDisk } from './sources.ts'

let dir: string

beforeAll(() => void (dir = mkdtempSync(join(tmpdir(), 'weir-sources-'))))
afterAll(() => rmSync(dir, { recursive: true }))

describe('what a config names', () => {
  it('is answered as it was found, whatever became of the files and variables', () => {
    const [secret, prices, absent] = [join(dir, 'secret'), join(dir, 'prices'), join(dir, 'absent')]
    writeFileSync(secret, 'hunter2', { mode: 0o600 })
    writeFileSync(prices, 'version 1')
    const env: Record<string, string> = { KEY: 'hunter3' }
    const { sources, found } = keepFound(sourcesOnDisk(env, dir))
    const ask = ({ baseDir, variable, privateFile, openFile }: typeof sources) => [
      baseDir,
      variable('KEY'),
      variable('NONE'),
      privateFile(secret, 100),
      openFile(prices, 100),
      openFile(prices, 1),
      privateFile(absent, 100),
    ]
    const first = ask(sources)
    expect(first.slice(0, 5)).toEqual([
      dir,
      'hunter3',
      undefined,
      { ok: true, bytes: Buffer.from('hunter2') },
      { ok: true, bytes: Buffer.from('version 1') },
    ])
    rmSync(secret)
    writeFileSync(prices, 'version 2')
    writeFileSync(absent, 'here now', { mode: 0o600 })
    env['KEY'] = 'hunter4'
    env['NONE'] = 'some'
    expect(ask(sourcesFound(found))).toEqual(first)
  })

  it('and was never looked for is not looked for later either', () => {
    const path = join(dir, 'other')
    writeFileSync(path, 'hunter2', { mode: 0o600 })
    const later = sourcesFound(keepFound(sourcesOnDisk({ KEY: 'hunter3' }, dir)).found)
    const refused = {
      ok: false,
      cause: 'refused',
      reason: `the file ${path} was not read with this config; reload it`,
    }
    expect([later.privateFile(path, 100), later.openFile(path, 100), later.variable('KEY')]).toEqual([
      refused,
      refused,
      undefined,
    ])
  })
})
