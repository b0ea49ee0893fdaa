import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { turnedClock } from '../../../test/turned-clock.ts'
import type { GatewayError } from '../../canonical/error.ts'
import { readSpool } from '../../ledger/spool-format.ts'
import { diskError, failingDisk } from '../laws/failing-disk.ts'
import { maxHeldBytes } from './held-records.ts'
import { listSegments, reservePathOf, type SpoolPosition } from './spool-segments.ts'
import { SpoolSync, syncDelayMs, type Durability } from './spool-sync.ts'
import { retryDelayMs, SpoolWriter, type SpoolWriterSettings } from './spool-writer.ts'

const ownerId = '00112233445566aa'
const reserveBytes = 4096
let spoolDir = ''

beforeEach(() => {
  spoolDir = mkdtempSync(join(tmpdir(), 'weir-spool-'))
})
afterEach(() => rmSync(spoolDir, { recursive: true }))

function openWriter(changes: Partial<SpoolWriterSettings> = {}, durability: Durability = 'process') {
  const clock = turnedClock()
  const disk = failingDisk()
  const announced: SpoolPosition[] = []
  const failures: GatewayError[] = []
  const shedIntents: string[] = []
  const onFailure = (failure: GatewayError): void => void failures.push(failure)
  const sync = new SpoolSync({
    clock,
    durability,
    disk,
    spoolDir,
    announce: (position) => void announced.push(position),
    onLost: (failure) => writer.loseSync(failure),
  })
  const writer = new SpoolWriter({
    spoolDir,
    ownerId,
    segmentBytes: 1024 * 1024,
    reserveBytes,
    reservePlace: 0,
    clock,
    disk,
    sync,
    prepareReserve() {
      if (disk.freeBytes < reserveBytes) return Promise.reject(diskError('ENOSPC', 'no space left on device'))
      writeFileSync(reservePathOf(spoolDir, 0), Buffer.alloc(reserveBytes))
      return Promise.resolve()
    },
    onIntentShed: (payload) => void shedIntents.push(payload),
    onFailure,
    ...changes,
  })
  /** Lets the retry come due, and waits until what it began has ended. */
  const retry = async (): Promise<void> => {
    clock.turn(retryDelayMs)
    for (let turn = 0; turn < 3; turn += 1) await Promise.resolve()
  }
  return { writer, sync, disk, clock, failures, shedIntents, announced, retry }
}

/** What recovery would find: it throws for a bad record in any segment but the last. */
function spooled(): readonly string[] {
  const segments = listSegments(spoolDir).get(ownerId) ?? []
  return segments.flatMap(({ path }) =>
    readSpool(readFileSync(path), { isLastSegment: path === segments.at(-1)?.path }).entries.map(
      ({ type, payload }) => `${type} ${payload}`,
    ),
  )
}

const sequences = (): readonly number[] => (listSegments(spoolDir).get(ownerId) ?? []).map(({ sequence }) => sequence)

describe('the spool writer', () => {
  it('writes everything of one turn with one write, and tells everyone at once', async () => {
    const { writer, disk } = openWriter()
    for (let index = 0; index < 100; index += 1) writer.append('intent', `[${index}]`, 'shed')
    const written = writer.written()
    expect(writer.written()).toBe(written)
    expect(disk.writes).toBe(0)
    await written
    expect(disk.writes).toBe(1)
    expect(spooled()).toEqual(Array.from({ length: 100 }, (_, index) => `intent [${index}]`))
  })

  it('has nothing to wait for when nothing was handed over', async () => {
    const { writer, disk } = openWriter()
    await writer.written()
    expect(disk.writes).toBe(0)
    expect(sequences()).toEqual([])
  })

  it('begins a new segment when one is full, readable by its owner only', async () => {
    const { writer } = openWriter({ segmentBytes: 100 })
    for (let index = 0; index < 10; index += 1) {
      writer.append('terminal', JSON.stringify('x'.repeat(40)), 'keep')
      await writer.written()
    }
    expect(sequences()).toEqual([1, 2, 3, 4, 5])
    expect(spooled()).toHaveLength(10)
    for (const { path } of listSegments(spoolDir).get(ownerId) ?? []) expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  it('takes a record longer than its buffer, and a turn longer than its buffer', async () => {
    const { writer } = openWriter({ segmentBytes: 64 * 1024 * 1024 })
    const long = 'x'.repeat(900 * 1024)
    for (let index = 0; index < 4; index += 1) writer.append('terminal', long, 'keep')
    writer.append('terminal', 'é'.repeat(400 * 1024), 'keep')
    await writer.written()
    expect(spooled().map((record) => record.length)).toEqual([...Array(4).fill(900 * 1024 + 9), 400 * 1024 + 9])
  })

  it('completes what the disk takes in pieces', async () => {
    const { writer, disk } = openWriter()
    disk.writeLimitBytes = 7
    writer.append('terminal', '["a record of more than seven bytes"]', 'keep')
    await writer.written()
    expect(disk.writes).toBeGreaterThan(3)
    expect(spooled()).toEqual(['terminal ["a record of more than seven bytes"]'])
  })

  it('writes the last turn when it is closed, and takes nothing afterwards', () => {
    const { writer } = openWriter()
    writer.append('terminal', '[1]', 'keep')
    expect(writer.close()).toEqual({ position: { sequence: 1, offsetBytes: 12 }, failure: undefined })
    expect(spooled()).toEqual(['terminal [1]'])
    expect(() => writer.append('terminal', '[2]', 'keep')).toThrow('the store is closed')
  })
})

describe('the spool writer on a disk that refuses', () => {
  it('fault 28: cuts off half a write, refuses the intent, settles what runs in the reserve, and recovers by itself', async () => {
    const { writer, disk, failures, shedIntents, retry } = openWriter()
    await writer.prepareReserve()
    writer.append('intent', '["running"]', 'shed')
    await writer.written()
    disk.freeBytes = 20

    writer.append('intent', '["new"]', 'shed')
    writer.append('terminal', '["running"]', 'keep')
    await expect(writer.written()).rejects.toMatchObject({ kind: 'store_unavailable' })
    expect(spooled()).toEqual(['intent ["running"]', 'terminal ["running"]'])
    expect(shedIntents).toEqual(['["new"]'])
    expect(writer.state).toMatchObject({ isRefusing: true, heldBytes: 0 })

    writer.append('terminal', '["also running"]', 'keep')
    await writer.written()
    expect(spooled().at(-1)).toBe('terminal ["also running"]')
    expect(failures.map(({ message }) => message)).toEqual([expect.stringContaining('ENOSPC')])

    await retry()
    expect(writer.state.isRefusing).toBe(true)
    disk.freeBytes = Infinity
    await retry()
    expect(writer.state.isRefusing).toBe(false)
    writer.append('intent', '["later"]', 'shed')
    await writer.written()
    expect(spooled().at(-1)).toBe('intent ["later"]')
    expect(sequences()).toEqual([1, 2, 3])
    expect(failures).toHaveLength(1)
  })

  it('drops and counts the records of calls that cost nothing, instead of filling the reserve with them', async () => {
    const { writer, disk, shedIntents } = openWriter()
    await writer.prepareReserve()
    disk.freeBytes = 0
    for (let index = 0; index < 50; index += 1) {
      writer.append('terminal', `["refused ${index}"]`, 'shed')
      await writer.written()
    }
    expect(writer.state).toMatchObject({ shedRecords: 50, heldBytes: 0, writtenBytes: 0 })
    expect(shedIntents).toEqual([])
  })

  it('keeps in memory what finds no room in the reserve, says so, and writes it in order when it can', async () => {
    const { writer, disk, retry } = openWriter()
    await writer.prepareReserve()
    disk.freeBytes = 0
    const payloads = Array.from({ length: 10 }, (_, index) => JSON.stringify(`${index} ${'x'.repeat(900)}`))
    const outcomes: string[] = []
    for (const payload of payloads) {
      writer.append('terminal', payload, 'keep')
      outcomes.push(
        await writer.written().then(
          () => 'written',
          () => 'in memory',
        ),
      )
    }
    expect(outcomes).toEqual([...Array(4).fill('written'), ...Array(6).fill('in memory')])
    expect(spooled()).toEqual(payloads.slice(0, 4).map((payload) => `terminal ${payload}`))
    expect(() => writer.flush()).toThrow('ENOSPC')

    disk.freeBytes = Infinity
    await retry()
    expect(writer.state).toMatchObject({ isRefusing: false, heldBytes: 0 })
    expect(spooled()).toEqual(payloads.map((payload) => `terminal ${payload}`))
  })

  it('says by name what is lost once the memory set aside is full too', async () => {
    const { writer, disk, failures } = openWriter()
    disk.freeBytes = 0
    const payload = JSON.stringify('x'.repeat(1024 * 1023))
    for (let index = 0; index < 18; index += 1) {
      writer.append('terminal', payload, 'keep')
      await expect(writer.written()).rejects.toMatchObject({ kind: 'store_unavailable' })
    }
    expect(writer.state.heldBytes).toBeLessThanOrEqual(maxHeldBytes)
    expect(failures.filter(({ message }) => message.includes('LOST'))).toHaveLength(2)
  })

  it('saves what is in memory on closing if there is room again, and else says what is lost', () => {
    const roomy = openWriter()
    roomy.disk.freeBytes = 0
    roomy.writer.append('terminal', '["saved"]', 'keep')
    expect(() => roomy.writer.flush()).toThrow('ENOSPC')
    roomy.disk.freeBytes = Infinity
    expect(roomy.writer.close().failure).toBeUndefined()
    expect(spooled()).toEqual(['terminal ["saved"]'])

    const full = openWriter({ ownerId: 'ffffffffffffffff' })
    full.disk.freeBytes = 0
    full.writer.append('terminal', '["lost"]', 'keep')
    expect(full.writer.close().failure?.message).toContain('ENOSPC')
  })

  it('lets no segment follow one whose torn end cannot be cut off', async () => {
    const { writer, disk, retry } = openWriter()
    await writer.prepareReserve()
    writer.append('terminal', '["first"]', 'keep')
    await writer.written()
    disk.freeBytes = 5
    disk.failsToTruncate = true
    writer.append('terminal', '["second"]', 'keep')
    await expect(writer.written()).rejects.toMatchObject({ kind: 'store_unavailable' })
    disk.freeBytes = Infinity
    await retry()
    expect(sequences()).toEqual([1])
    expect(spooled()).toEqual(['terminal ["first"]'])
    disk.failsToTruncate = false
    await retry()
    expect(spooled()).toEqual(['terminal ["first"]', 'terminal ["second"]'])
  })

  it('fault 29: after a sync that failed it takes no new work until a restart, and still settles what runs', async () => {
    const { writer, disk, clock, failures } = openWriter()
    writer.append('intent', '["running"]', 'shed')
    await writer.written()
    disk.failsToSync = true
    clock.turn(syncDelayMs)
    await turns()
    disk.failsToSync = false
    writer.append('intent', '["new"]', 'shed')
    await expect(writer.written()).rejects.toMatchObject({ kind: 'store_unavailable' })
    clock.turn(100 * retryDelayMs)
    expect(writer.trouble?.message).toContain('EIO')
    writer.append('terminal', '["running"]', 'keep')
    await writer.written()
    expect(spooled()).toEqual(['intent ["running"]', 'terminal ["running"]'])
    expect(failures).toHaveLength(1)
  })
})

describe('durability', () => {
  it('process: asks for one sync in ten milliseconds, however much is written, and announces how far it is', async () => {
    const { writer, disk, clock, announced } = openWriter()
    for (let index = 0; index < 5; index += 1) {
      writer.append('terminal', '[1]', 'keep')
      await writer.written()
    }
    expect(disk.syncs).toBe(0)
    clock.turn(syncDelayMs)
    await untilTrue(() => announced.length > 0)
    expect([disk.syncs, announced]).toEqual([1, [{ sequence: 1, offsetBytes: 60 }]])
    clock.turn(1000)
    await turns()
    expect(disk.syncs).toBe(1)
  })

  it('confirms a full segment before it is closed, and all that is left on finishing', async () => {
    const { writer, sync, disk } = openWriter({ segmentBytes: 20 })
    for (let index = 0; index < 5; index += 1) {
      writer.append('terminal', '[1]', 'keep')
      await writer.written()
    }
    const { position } = writer.close()
    await sync.finish()
    expect(position).toEqual({ sequence: 3, offsetBytes: 12 })
    expect(disk.syncs).toBeGreaterThanOrEqual(3)
    expect(spooled()).toHaveLength(5)
  })

  it('fault 30, power: written() waits for a slow disk, one sync for all who wait; a failed one refuses them and all that follow', async () => {
    const { writer, disk, failures } = openWriter({}, 'power')
    disk.holdsSyncs = true
    const outcomes: string[] = []
    const note = (name: string) => {
      writer.append('intent', `["${name}"]`, 'shed')
      void writer.written().then(
        () => outcomes.push(`${name} safe`),
        () => outcomes.push(`${name} refused`),
      )
    }
    note('one')
    await turns()
    note('two')
    note('three')
    await turns()
    expect([disk.heldSyncs.length, outcomes]).toEqual([1, []])
    disk.heldSyncs[0]?.resolve()
    await untilTrue(() => disk.heldSyncs.length === 2)
    expect(outcomes).toEqual(['one safe'])
    disk.heldSyncs[1]?.reject(diskError('EIO', 'i/o error, fdatasync'))
    await turns()
    expect(outcomes).toEqual(['one safe', 'two refused', 'three refused'])
    expect(failures.map(({ message }) => message)).toEqual([expect.stringContaining('EIO')])
    writer.append('terminal', '["one"]', 'keep')
    await expect(writer.written()).rejects.toMatchObject({ kind: 'store_unavailable' })
    expect(spooled()).toEqual(['intent ["one"]', 'intent ["two"]', 'intent ["three"]', 'terminal ["one"]'])
    expect(disk.syncs).toBe(2)
  })
})

/** Lets what was begun come to its end, as far as it needs no disk. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => void setImmediate(resolve))
}

async function untilTrue(claim: () => boolean): Promise<void> {
  while (!claim()) await new Promise((resolve) => void setImmediate(resolve))
}
