import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { turnedClock } from '../../../test/turned-clock.ts'
import type { GatewayError } from '../../canonical/error.ts'
import { failingDisk } from '../laws/failing-disk.ts'
import { sampleIntent, sampleRecord } from '../laws/sample-records.ts'
import { joinDataDir, openDataDir } from './data-dir.ts'
import { openEmbedded, type EmbeddedStores } from './open-embedded.ts'
import { openSpool, type Spool, type SpoolSettings } from './open-spool.ts'
import type { SpoolEnd } from './spool-segments.ts'
import { openWorkerSpools } from './worker-spools.ts'

const [one, two] = ['00000000000000a1', '00000000000000a2'] as const
let dir = ''
let stores: EmbeddedStores
let live = new Map<string, Spool>()
const failures: GatewayError[] = []

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'weir-worker-spools-'))
  live = new Map()
  failures.length = 0
  stores = await openEmbedded({
    dir,
    clock: turnedClock(),
    reserveBytes: 8192,
    onFailure: (failure) => void failures.push(failure),
    workerEnds: async () => [...live].map(([ownerId, spool]): SpoolEnd => ({ ownerId, position: spool.flush() })),
  })
})
afterEach(async () => {
  await stores.close()
  rmSync(dir, { recursive: true })
})

/** The worker's end, as its process would open it. */
function openWorker(ownerId: string, place: number, more: Partial<SpoolSettings> = {}): Spool {
  const spool = openSpool({
    dir,
    clock: turnedClock(),
    ownerId,
    reservePlace: place,
    reserveBytes: 8192,
    prepareReserve: () => stores.workerSpools.prepareReserve(place),
    announce: (position) => stores.workerSpools.announce({ ownerId, position }),
    onFailure: (failure) => void failures.push(failure),
    ...more,
  })
  live.set(ownerId, spool)
  return spool
}

const statusesOf = async (...ids: readonly string[]) =>
  Promise.all(ids.map(async (id) => (await stores.usage.ofRequest(id)).map(({ status }) => status)))
const spoolFiles = () => readdirSync(join(dir, 'spool')).filter((name) => name.endsWith('.spool'))

describe('spools of worker processes', () => {
  it('are not told of any more once their worker is dead, not even what waited for its turn', async () => {
    const told: string[] = []
    const isShipped = Promise.withResolvers<undefined>()
    const spools = openWorkerSpools({
      call: (verb) => {
        told.push(verb)
        return verb === 'ship-soon' ? isShipped.promise : Promise.resolve(undefined as never)
      },
    })
    for (const offsetBytes of [1, 2]) spools.announce({ ownerId: one, position: { sequence: 1, offsetBytes } })
    await spools.adopt(one)
    isShipped.resolve(undefined)
    await new Promise((resolve) => setImmediate(resolve))
    expect(told).toEqual(['ship-soon', 'adopt-spool'])
  })

  it('are asked together: a question sees what every worker appended before it', async () => {
    openWorker(one, 1).usage.append(sampleRecord({ requestId: 'a' }))
    openWorker(two, 2).usage.append(sampleRecord({ requestId: 'b' }))
    expect(await statusesOf('a', 'b')).toEqual([['ok'], ['ok']])
  })

  it('fault 33: a dead worker is taken in at once, what it had under way as unknown, and its fellows go on', async () => {
    const [dead, other] = [openWorker(one, 1), openWorker(two, 2)]
    for (const { usage } of [dead, other]) {
      const requestId = usage === dead.usage ? 'a' : 'b'
      usage.intend(sampleIntent({ requestId }))
      usage.append(sampleRecord({ requestId }))
      usage.intend(sampleIntent({ requestId: `${requestId}-open` }))
      await usage.written()
    }
    live.delete(one)
    expect(await stores.workerSpools.adopt(one)).toMatchObject({ unknownRecords: 1, tornBytes: 0 })
    expect(await statusesOf('a', 'a-open', 'b', 'b-open')).toEqual([['ok'], ['unknown'], ['ok'], []])
    expect(spoolFiles().filter((name) => name.startsWith(one))).toEqual([])
    other.usage.append(sampleRecord({ requestId: 'b-open' }))
    expect(await statusesOf('b-open')).toEqual([['ok']])
  })

  it('end in order: the rest is shipped, and nothing is left', async () => {
    const worker = openWorker(one, 1)
    worker.usage.append(sampleRecord({ requestId: 'a' }))
    live.delete(one)
    const { position, failure } = await worker.close()
    expect(failure).toBeUndefined()
    await stores.workerSpools.end({ ownerId: one, position })
    expect([await statusesOf('a'), spoolFiles()]).toEqual([[['ok']], []])
  })

  it('are asked no more when they have ended, also by a question that was on its way meanwhile', async () => {
    const worker = openWorker(one, 1)
    worker.usage.append(sampleRecord({ requestId: 'a' }))
    await worker.usage.written()
    expect(await statusesOf('a')).toEqual([['ok']])
    const { position } = await worker.close()
    const ended = stores.workerSpools.end({ ownerId: one, position })
    expect(await statusesOf('a')).toEqual([['ok']])
    await ended
    live.delete(one)
    expect([await statusesOf('a'), spoolFiles(), failures]).toEqual([[['ok']], [], []])
  })

  it('have a reserve each: on a full disk every worker keeps what was spent', async () => {
    const disks = [failingDisk(), failingDisk()] as const
    const workers = [openWorker(one, 1, { disk: disks[0] }), openWorker(two, 2, { disk: disks[1] })]
    await Promise.all([1, 2].map((place) => stores.workerSpools.prepareReserve(place)))
    for (const [place, { usage }] of workers.entries()) {
      usage.intend(sampleIntent({ requestId: `r${place}` }))
      await usage.written()
      if (disks[place]) disks[place].freeBytes = 0
      usage.append(sampleRecord({ requestId: `r${place}` }))
      await usage.written().catch(() => {})
    }
    expect(await statusesOf('r0', 'r1')).toEqual([['ok'], ['ok']])
    live.clear()
    for (const [place, worker] of workers.entries())
      await stores.workerSpools.end({ ownerId: place === 0 ? one : two, position: (await worker.close()).position })
    expect(failures.length).toBeGreaterThan(0)
  })
})

describe('a data directory', () => {
  it('is refused to another gateway while a worker of a dead one still writes into it', async () => {
    const worker = joinDataDir(dir)
    await stores.close()
    expect(() => openDataDir(dir, 0)).toThrow('worker processes of a gateway that died still write into')
    worker.release()
    openDataDir(dir, 0).release()
  })
})
