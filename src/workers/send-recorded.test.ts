import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { turnedClock } from '../../test/turned-clock.ts'
import { readSpool } from '../ledger/spool-format.ts'
import { openSpool } from '../stores/embedded/open-spool.ts'
import { listSegments, spoolDirOf } from '../stores/embedded/spool-segments.ts'
import { retryDelayMs } from '../stores/embedded/spool-writer.ts'
import { diskError, failingDisk } from '../stores/laws/failing-disk.ts'
import { sampleBudget, sampleHold, spend } from '../stores/laws/sample-budgets.ts'
import { sampleIntent, sampleRecord } from '../stores/laws/sample-records.ts'
import { openLink, type LinkMessage } from './link.ts'
import type { PrimaryAnswers, WorkerTells } from './protocol.ts'
import { openRemoteLedger } from './remote-ledger.ts'
import { sendRecorded } from './send-recorded.ts'

type None = Record<never, never>

const ownerId = '00112233445566aa'
let dir = ''

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'weir-recorded-'))
  mkdirSync(spoolDirOf(dir))
})
afterEach(() => rmSync(dir, { recursive: true }))

const turn = () => new Promise((resolve) => setImmediate(resolve))

/** What a recovery would find if the worker were killed now. */
function spooled(): readonly string[] {
  const segments = listSegments(spoolDirOf(dir)).get(ownerId) ?? []
  return segments.flatMap(({ path }) =>
    readSpool(readFileSync(path), { isLastSegment: true }).entries.map(({ type }) => type),
  )
}

/** A worker's spool and its ledger. The primary grants everything, and notes with what it hears what is on the disk then. */
function openWorker() {
  const clock = turnedClock()
  const disk = failingDisk()
  const heard: { readonly note: string; readonly onDisk: readonly string[] }[] = []
  const spool = openSpool({
    dir,
    clock,
    disk,
    ownerId,
    reservePlace: 1,
    prepareReserve: async () => {
      if (disk.freeBytes === 0) throw diskError('ENOSPC', 'no space left on device')
    },
    announce: (position) => link.tell('spool', position),
    onFailure: () => {},
  })
  const hear = (message: LinkMessage): void => {
    if (message.kind === 'tell' && message.name !== 'spool') heard.push({ note: message.name, onDisk: spooled() })
    if (message.kind === 'ask')
      link.receive([{ kind: 'answer', id: message.id, verb: message.verb, value: { kind: 'granted', entry: '[]' } }])
  }
  const link = openLink<PrimaryAnswers, WorkerTells, None, None>({
    clock,
    send: sendRecorded(
      (batch, then) => {
        for (const message of batch) hear(message)
        then()
      },
      () => void spool.flush(),
    ),
    answers: {},
    hears: {},
    onBug: (error) => {
      throw error
    },
    onStuck: () => {},
  })
  const ledger = openRemoteLedger(link)
  /** An attempt that has left. */
  const begin = async (requestId: string): Promise<void> => {
    await ledger.reserve(sampleHold(`${requestId}/1`, [sampleBudget()], spend(900n)))
    spool.usage.intend(sampleIntent({ requestId, attempt: 1 }))
    await spool.usage.written()
    ledger.dispatch(`${requestId}/1`)
    await turn()
  }
  /** As an attempt's account does it: what it came to, and the record of it, in one turn. */
  const end = (requestId: string): void => {
    const { entry } = ledger.settle(`${requestId}/1`, spend(100n))
    spool.usage.append(sampleRecord({ requestId, attempt: 1, postings: entry }))
  }
  return { clock, disk, heard, spool, ledger, begin, end }
}

describe('what a worker says of its holds', () => {
  it('I2: the end of one leaves when its record is on the disk, with the one write of its turn', async () => {
    const { disk, heard, spool, begin, end } = openWorker()
    await begin('a')
    await begin('b')
    const { writes } = disk
    end('a')
    end('b')
    await turn()
    expect(heard.slice(2)).toEqual(
      ['settle', 'settle'].map((note) => ({ note, onDisk: ['intent', 'intent', 'terminal', 'terminal'] })),
    )
    await spool.usage.written()
    expect(disk.writes).toBe(writes + 1)
    await spool.close()
  })

  it('I2: while the disk refuses the record the end waits, and what no record tells of does not', async () => {
    const { clock, disk, heard, spool, ledger, begin, end } = openWorker()
    await begin('a')
    for (const holdId of ['b/1', 'c/1']) await ledger.reserve(sampleHold(holdId, [sampleBudget()], spend(5n)))
    disk.freeBytes = 0
    end('a')
    ledger.release('b/1')
    for (let turns = 0; turns < 3; turns += 1) await turn()
    expect(heard.map(({ note }) => note)).toEqual(['dispatch', 'release'])
    disk.freeBytes = Infinity
    clock.turn(retryDelayMs)
    await turn()
    // Whatever is said next takes it along.
    ledger.release('c/1')
    await turn()
    expect(heard.slice(2)).toEqual(['settle', 'release'].map((note) => ({ note, onDisk: ['intent', 'terminal'] })))
    await spool.close()
  })
})
