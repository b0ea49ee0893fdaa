import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { turnedClock } from '../../../test/turned-clock.ts'
import type { GatewayError } from '../../canonical/error.ts'
import { failingDisk } from '../laws/failing-disk.ts'
import {
  sampleEvent,
  sampleIntent,
  sampleKey,
  sampleOrganisation,
  sampleRecord,
  sampleTeam,
} from '../laws/sample-records.ts'
import { openEmbedded, type EmbeddedSettings, type EmbeddedStores } from './open-embedded.ts'
import { segmentPath, spoolDirOf } from './spool-segments.ts'
import { retryDelayMs } from './spool-writer.ts'

let dir = ''
let failures: GatewayError[] = []
const opened: EmbeddedStores[] = []

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'weir-embedded-'))
  failures = []
})
afterEach(async () => {
  for (const stores of opened.splice(0)) await stores.close()
  rmSync(dir, { recursive: true })
})

const note = (failure: GatewayError): void => void failures.push(failure)

async function open(changes: Partial<EmbeddedSettings> = {}): Promise<EmbeddedStores> {
  const stores = await openEmbedded({ dir, clock: turnedClock(), reserveBytes: 8192, onFailure: note, ...changes })
  opened.push(stores)
  return stores
}

describe('the data directory', () => {
  it('is open to its owner only, and so is every file in it', async () => {
    chmodSync(dir, 0o755)
    const stores = await open()
    stores.usage.append(sampleRecord())
    await stores.usage.ofRequest('any')
    const entries = readdirSync(dir, { recursive: true, withFileTypes: true })
    expect(entries.length).toBeGreaterThanOrEqual(6)
    expect(statSync(dir).mode & 0o777).toBe(0o700)
    for (const entry of entries) {
      const { mode } = statSync(join(entry.parentPath, entry.name))
      expect([entry.name, mode & 0o777]).toEqual([entry.name, entry.isDirectory() ? 0o700 : 0o600])
    }
  })

  it('is refused to a second gateway in the same process, and free again after a close', async () => {
    const first = await open()
    await expect(open()).rejects.toMatchObject({
      kind: 'store_unavailable',
      message: expect.stringContaining(`(pid ${process.pid})`),
    })
    first.usage.append(sampleRecord())
    await first.close()
    const second = await open()
    expect(await second.usage.ofRequest(sampleRecord().requestId)).toHaveLength(1)
  })

  it('is refused while another process has it, naming that one, and taken over once it is dead', async () => {
    const script = join(import.meta.dirname, '../laws/append-until-killed.ts')
    const child = spawn(process.execPath, [script, dir, 'other'], { stdio: ['ignore', 'pipe', 'inherit'] })
    const gone = once(child, 'exit')
    const lines = createInterface({ input: child.stdout })
    await new Promise<void>((resolve) =>
      lines.on('line', (line) => (line.startsWith('terminal') ? resolve() : undefined)),
    )
    await expect(open()).rejects.toThrow(`in use by another gateway (pid ${child.pid})`)
    child.kill('SIGKILL')
    await gone
    const stores = await open()
    expect(stores.recovery.adoptedSpools).toBe(1)
  })

  it('says what is wrong when it cannot be made', async () => {
    writeFileSync(join(dir, 'a file'), '')
    for (const [name, told] of [
      ['a file/data', /data directory .* cannot be used: something that is no folder stands on the way \(ENOTDIR/],
      ['a file', /data directory .* cannot be used: something that is no folder stands there \(EEXIST/],
    ] as const)
      await expect(open({ dir: join(dir, name) })).rejects.toMatchObject({
        kind: 'store_unavailable',
        message: expect.stringMatching(told),
      })
  })

  it('is refused when a newer Weir has written its database, and when its spool cannot be trusted', async () => {
    await (await open()).close()
    const database = new DatabaseSync(join(dir, 'weir.sqlite'))
    database.exec('PRAGMA user_version = 99')
    database.close()
    await expect(open()).rejects.toMatchObject({
      kind: 'store_unavailable',
      message: expect.stringContaining('schema version 99'),
    })

    const other = { dir: join(dir, 'other') }
    await (await open(other)).close()
    writeFileSync(segmentPath(spoolDirOf(other.dir), '00000000000000aa', 1), 'not a spool')
    writeFileSync(segmentPath(spoolDirOf(other.dir), '00000000000000aa', 2), '')
    await expect(open(other)).rejects.toMatchObject({
      kind: 'store_unavailable',
      message: expect.stringContaining('bad spool record'),
    })
    expect(failures).toEqual([])
  })
})

describe('while the database refuses', () => {
  it('M6: records wait in the spool, a question is refused and not answered short, and later everything is there once', async () => {
    const stores = await open({ busyTimeoutMs: 20, segmentBytes: 64 * 1024 })
    const other = new DatabaseSync(join(dir, 'weir.sqlite'))
    other.exec('BEGIN IMMEDIATE')
    for (let index = 0; index < 700; index += 1) {
      stores.usage.append(sampleRecord({ requestId: `r${index}` }))
      if (index % 50 === 0) await stores.usage.written()
    }
    const question = { by: [], fromMs: 0, untilMs: 9e15, where: {} } as const
    await expect(stores.usage.query(question)).rejects.toMatchObject({
      kind: 'store_unavailable',
      message: expect.stringContaining('database is locked'),
    })
    await expect(stores.audit.append(sampleEvent)).rejects.toMatchObject({ kind: 'store_unavailable' })
    expect(stores.spoolState()).toMatchObject({ isRefusing: false })
    expect(stores.spoolState().unshippedBytes).toBeGreaterThan(700 * 300)
    other.exec('ROLLBACK')
    other.close()
    expect(await stores.usage.query(question)).toMatchObject([{ requests: 700, attempts: 700 }])
    expect(stores.spoolState().unshippedBytes).toBe(0)
  })

  it('a change of the directory that the database refused is not shown, and can be made later', async () => {
    const stores = await open({ busyTimeoutMs: 20 })
    const put = { kind: 'put-entity', entity: sampleOrganisation('acme'), mustBeNew: true } as const
    const other = new DatabaseSync(join(dir, 'weir.sqlite'))
    other.exec('BEGIN IMMEDIATE')
    await expect(stores.directory.change(put, sampleEvent)).rejects.toMatchObject({ kind: 'store_unavailable' })
    expect(stores.directory.contents().entities).toEqual([])
    other.exec('ROLLBACK')
    other.close()
    await stores.directory.change(put, sampleEvent)
    expect(stores.directory.contents().entities).toHaveLength(1)
    expect(await stores.audit.list({ afterSequence: 0, limit: 10 })).toHaveLength(1)
  })
})

describe('a change and its audit entry', () => {
  it('are both kept or neither: where the entry cannot be written, the change is not made', async () => {
    const stores = await open()
    const other = new DatabaseSync(join(dir, 'weir.sqlite'))
    other.exec(`INSERT INTO audit_entries VALUES (1, '', 0, '', '', '', '', '')`)
    const put = { kind: 'put-entity', entity: sampleOrganisation('acme'), mustBeNew: true } as const
    await expect(stores.directory.change(put, sampleEvent)).rejects.toMatchObject({ kind: 'store_unavailable' })
    expect(stores.directory.contents().entities).toEqual([])
    expect(other.prepare('SELECT COUNT(*) AS n FROM entities').get()).toEqual({ n: 0 })
    other.exec('DELETE FROM audit_entries')
    other.close()
    await stores.directory.change(put, sampleEvent)
    expect(await stores.audit.verify()).toMatchObject({ isIntact: true, entries: 1 })
  })
})

describe('while the disk refuses', () => {
  it('fault 28: new attempts are refused where they begin, those that run settle, and what never left fills nothing up', async () => {
    const clock = turnedClock()
    const disk = failingDisk()
    const stores = await open({ clock, disk })
    // The reserve is made in the background, by the thread that answers this in turn.
    await stores.audit.verify()
    stores.usage.intend(sampleIntent({ requestId: 'running' }))
    await stores.usage.written()
    disk.freeBytes = 100
    stores.usage.intend(sampleIntent({ requestId: 'shed' }))
    await expect(stores.usage.written()).rejects.toMatchObject({ kind: 'store_unavailable' })
    const begin = (): void => stores.usage.intend(sampleIntent({ requestId: 'refused' }))
    expect(begin).toThrow('the spool cannot be written')
    for (const requestId of ['shed', 'refused'])
      stores.usage.append(sampleRecord({ requestId, failureClass: 'not-sent' }))
    stores.usage.append(sampleRecord({ requestId: 'running' }))
    await stores.usage.written()
    expect(stores.spoolState()).toMatchObject({ isRefusing: true, shedRecords: 2, heldBytes: 0 })
    expect((await stores.usage.query({ by: [], fromMs: 0, untilMs: 9e15, where: {} }))[0]?.attempts).toBe(1)
    expect(failures.map(({ kind }) => kind)).toEqual(['store_unavailable'])

    disk.freeBytes = Infinity
    clock.turn(retryDelayMs)
    await stores.audit.verify()
    begin()
    await stores.usage.written()
    expect(stores.spoolState().isRefusing).toBe(false)
  })

  it('a question is refused while records that only memory has would be missing from its answer', async () => {
    const disk = failingDisk()
    const stores = await open({ disk, reserveBytes: 1 })
    disk.freeBytes = 0
    stores.usage.append(sampleRecord())
    await expect(stores.usage.ofRequest('any')).rejects.toMatchObject({ kind: 'store_unavailable' })
    expect(stores.spoolState().heldBytes).toBeGreaterThan(300)
    disk.freeBytes = Infinity
  })
})

describe('beside a config file', () => {
  it('what the config names can own a key made here, and cannot be made or removed here', async () => {
    const stores = await open({ isConfigured: ({ kind, name }) => kind === 'organisation' && name === 'acme' })
    await stores.directory.change({ kind: 'add-key', key: sampleKey('key1') }, sampleEvent)
    await stores.directory.change(
      { kind: 'put-entity', entity: sampleTeam('search', 'acme'), mustBeNew: true },
      sampleEvent,
    )
    const acme = sampleOrganisation('acme')
    const put = { kind: 'put-entity', entity: acme, mustBeNew: false } as const
    await expect(stores.directory.change(put, sampleEvent)).rejects.toThrow(
      'organisation acme is in the config file; change it there',
    )
    const remove = { kind: 'remove-entity', entity: acme } as const
    await expect(stores.directory.change(remove, sampleEvent)).rejects.toThrow('is in the config file; remove it there')
  })
})

describe('durability', () => {
  it('fault 30, power: a record is told written once the disk confirms it, without anybody turning the clock', async () => {
    const stores = await open({ durability: 'power' })
    await Promise.all(
      Array.from({ length: 20 }, (_, index) => {
        stores.usage.intend(sampleIntent({ requestId: `r${index}` }))
        return stores.usage.written()
      }),
    )
    stores.usage.append(sampleRecord({ requestId: 'r0' }))
    const written = stores.usage.written()
    await stores.close()
    await written
    const again = await open()
    expect(again.recovery).toMatchObject({ unknownRecords: 19, shippedRecords: 0 })
  })
})

it('importing the file of the database thread starts nothing', async () => {
  await import('./database-worker.ts')
  expect(readdirSync(dir)).toEqual([])
})
