import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../canonical/clock.ts'
import { encodeSpoolRecord } from '../../ledger/spool-format.ts'
import { encodeUsagePayload } from '../../ledger/usage-payload.ts'
import { sampleRecord } from '../laws/sample-records.ts'
import { openEmbedded } from './open-embedded.ts'
import { listSegments, segmentPath, spoolDirOf } from './spool-segments.ts'

let dir = ''
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'weir-crash-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

const script = (name: string): string => join(import.meta.dirname, '../laws', name)

function start(name: string): ChildProcess & { readonly stdout: NodeJS.ReadableStream } {
  return spawn(process.execPath, [script('append-until-killed.ts'), dir, name], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

/** Opens the directory once more, so that it recovers, and then looks into the database itself. */
async function recovered(): Promise<{ readonly statuses: ReadonlyMap<string, string>; readonly rows: number }> {
  const stores = await openEmbedded({
    dir,
    clock: systemClock,
    reserveBytes: 4096,
    onFailure(failure) {
      throw failure
    },
  })
  await stores.close()
  expect([...listSegments(spoolDirOf(dir)).keys()]).toEqual([])
  const database = new DatabaseSync(join(dir, 'weir.sqlite'), { readOnly: true })
  try {
    // N10
    expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
    const rows = database.prepare('SELECT request_id, status FROM usage_records').all()
    return {
      statuses: new Map(rows.map((row) => [String(row['request_id']), String(row['status'])])),
      rows: rows.length,
    }
  } finally {
    database.close()
  }
}

describe('kill -9', () => {
  it('M5, D3 33: at random points, over and over: what was told written is there, once; an attempt without an end is unknown', async () => {
    const toldIntents: string[] = []
    const toldTerminals: string[] = []
    for (let round = 0; round < 4; round += 1) {
      const killAfterLines = Math.floor(Math.random() * 1000)
      const child = start(`round${round}`)
      const gone = once(child, 'exit')
      let lines = 0
      for await (const line of createInterface({ input: child.stdout })) {
        const [what, requestId = ''] = line.split(' ')
        if (what === 'intent') toldIntents.push(requestId)
        if (what === 'terminal') toldTerminals.push(requestId)
        lines += 1
        if (lines === killAfterLines + 1) child.kill('SIGKILL')
      }
      expect(await gone, `after ${killAfterLines} lines`).toEqual([null, 'SIGKILL'])
    }
    const { statuses, rows } = await recovered()
    expect(rows).toBe(statuses.size)
    expect(toldIntents.filter((requestId) => !statuses.has(requestId))).toEqual([])
    expect(toldTerminals.filter((requestId) => statuses.get(requestId) !== 'ok')).toEqual([])
    // Every row belongs to an attempt that was begun; at most the eight of each round that ran were not told any more.
    const told = new Set(toldIntents)
    expect([...statuses.keys()].filter((requestId) => !told.has(requestId)).length).toBeLessThanOrEqual(4 * 8)
    expect([...statuses.values()].filter((status) => status === 'unknown').length).toBeLessThanOrEqual(4 * 8)
  })

  it('D3 34: during recovery, three deep: the records are there, once, after the fourth', async () => {
    const count = 6000
    mkdirSync(spoolDirOf(dir), { recursive: true })
    const parts = Array.from({ length: count }, (_, index) =>
      encodeSpoolRecord('terminal', encodeUsagePayload(sampleRecord({ requestId: `r${index}` }))),
    )
    writeFileSync(segmentPath(spoolDirOf(dir), '00000000000000aa', 1), Buffer.concat(parts.slice(0, count / 2)))
    writeFileSync(segmentPath(spoolDirOf(dir), '00000000000000aa', 2), Buffer.concat(parts.slice(count / 2)))
    for (const killAtRows of [1, 1500, 3500]) {
      const child = start('recovering')
      await once(child.stdout, 'data')
      child.stdout.resume()
      const gone = once(child, 'exit')
      while (storedRows() < killAtRows) await new Promise((resolve) => void setImmediate(resolve))
      child.kill('SIGKILL')
      await gone
    }
    const { statuses } = await recovered()
    expect(
      [...statuses.keys()].filter((requestId) => requestId.startsWith('r') && !requestId.startsWith('recovering')),
    ).toHaveLength(count)
  })
})

describe('a disk that is full', () => {
  it('fault 28: the operating system refuses: new work is refused, what runs settles, and nothing is lost or counted twice', async () => {
    // A limit on the size of files refuses the spool and the database alike; an empty database fits, and the reserve.
    const child = spawn('sh', ['-c', 'ulimit -f 2000; exec "$0" "$@"', process.execPath, script('fill-disk.ts'), dir], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let output = ''
    for await (const chunk of child.stdout) output += String(chunk)
    const told = JSON.parse(output)
    expect(told).toMatchObject({ refusal: 'store_unavailable', settling: 'written', newWork: 'store_unavailable' })
    expect(told.running.length).toBeGreaterThan(50)
    expect(told.failures[0]).toMatch(/the spool cannot be written: EFBIG/)

    const { statuses, rows } = await recovered()
    expect(rows).toBe(told.running.length)
    for (const requestId of told.running)
      expect(statuses.get(requestId)).toBe(told.settled.includes(requestId) ? 'ok' : 'unknown')
  })
})

function storedRows(): number {
  try {
    const database = new DatabaseSync(join(dir, 'weir.sqlite'), { readOnly: true, timeout: 1000 })
    try {
      return Number(database.prepare('SELECT COUNT(*) AS n FROM usage_records').get()?.['n'])
    } finally {
      database.close()
    }
  } catch (thrown) {
    // Not made yet, or without its tables yet.
    expect(thrown).toMatchObject({ code: 'ERR_SQLITE_ERROR' })
    return 0
  }
}
