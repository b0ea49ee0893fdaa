import { appendFileSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { encodeSpoolRecord, type SpoolType } from '../../ledger/spool-format.ts'
import { encodeUsagePayload } from '../../ledger/usage-payload.ts'
import { sampleIntent, sampleRecord } from '../laws/sample-records.ts'
import { openDatabase } from './database.ts'
import { SpoolShipper } from './ship-spool.ts'
import { listSegments, segmentPath, type SpoolPosition } from './spool-segments.ts'

const ownerId = '00112233445566aa'
let dir = ''
let database: DatabaseSync
let shipper: SpoolShipper

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'weir-shipping-'))
  database = openDatabase(join(dir, 'weir.sqlite'), 0)
  shipper = new SpoolShipper(database, dir, ownerId)
})
afterEach(() => {
  if (database.isOpen) database.close()
  rmSync(dir, { recursive: true })
})

/** What the writer does: appends, and tells the position behind it. */
function spool(sequence: number, ...records: readonly (readonly [SpoolType, string])[]): SpoolPosition {
  const path = segmentPath(dir, ownerId, sequence)
  for (const [type, requestId] of records) {
    const record = type !== 'terminal' ? sampleIntent({ requestId }) : sampleRecord({ requestId })
    appendFileSync(path, encodeSpoolRecord(type, encodeUsagePayload(record)))
  }
  return { sequence, offsetBytes: statSync(path).size }
}

const storedIds = (): readonly unknown[] =>
  database
    .prepare('SELECT request_id FROM usage_records ORDER BY request_id')
    .all()
    .map((row) => row['request_id'])
const sequences = (): readonly number[] => (listSegments(dir).get(ownerId) ?? []).map(({ sequence }) => sequence)
const cursors = (): readonly unknown[] =>
  database
    .prepare('SELECT sequence, offset_bytes FROM spool_cursors')
    .all()
    .map((row) => Object.values(row))

describe('shipping', () => {
  it('inserts terminals up to the position and no further; an intent alone is no record', () => {
    const first = spool(1, ['intent', 'a'], ['terminal', 'a'], ['intent', 'b'])
    spool(1, ['terminal', 'b'])
    shipper.shipTo(first)
    expect(storedIds()).toEqual(['a'])
    expect(shipper.shippedBytes).toBe(first.offsetBytes)
    shipper.shipTo({ sequence: 1, offsetBytes: statSync(segmentPath(dir, ownerId, 1)).size })
    expect(storedIds()).toEqual(['a', 'b'])
  })

  it('moves the cursor with the records, and deletes a segment when it is shipped and another has begun', () => {
    const first = spool(1, ['intent', 'a'], ['terminal', 'a'])
    shipper.shipTo(first)
    expect(cursors()).toEqual([[1, first.offsetBytes]])
    expect(sequences()).toEqual([1])
    const second = spool(2, ['terminal', 'b'])
    shipper.shipTo(second)
    expect(sequences()).toEqual([2])
    expect(cursors()).toEqual([[2, second.offsetBytes]])
  })

  it('keeps a segment while an attempt that began in it is open, and only that one', () => {
    spool(1, ['intent', 'long'], ['intent', 'short'], ['terminal', 'short'])
    spool(2, ['intent', 'other'], ['terminal', 'other'])
    shipper.shipTo(spool(3, ['intent', 'third']))
    expect(sequences()).toEqual([1, 3])
    shipper.shipTo(spool(3, ['terminal', 'long']))
    expect(sequences()).toEqual([3])
  })

  it('keeps a segment that holds the progress of an attempt under way: a death must not count its intent', () => {
    spool(1, ['intent', 'long'])
    spool(2, ['progress', 'long'], ['intent', 'other'], ['terminal', 'other'])
    shipper.shipTo(spool(3, ['intent', 'third']))
    expect(sequences()).toEqual([1, 2, 3])
    shipper.shipTo(spool(3, ['terminal', 'long']))
    expect(sequences()).toEqual([3])
  })

  it('M6: what the database refused is shipped later, once', () => {
    const names = Array.from({ length: 1100 }, (_, index) => `r${String(index).padStart(4, '0')}`)
    const position = spool(1, ...names.map((name) => ['terminal', name] as const))
    const other = new DatabaseSync(join(dir, 'weir.sqlite'), { timeout: 0 })
    other.exec('BEGIN IMMEDIATE')
    expect(() => shipper.shipTo(position)).toThrow('database is locked')
    expect(storedIds()).toEqual([])
    other.exec('ROLLBACK')
    other.close()
    shipper.shipTo(position)
    shipper.shipTo(position)
    expect(storedIds()).toEqual(names)
    expect(shipper.shippedBytes).toBe(position.offsetBytes)
  })

  it('deletes nothing while a reader keeps the disk from confirming the database', () => {
    spool(1, ['terminal', 'a'])
    shipper.shipTo({ sequence: 1, offsetBytes: statSync(segmentPath(dir, ownerId, 1)).size })
    const reader = new DatabaseSync(join(dir, 'weir.sqlite'), { timeout: 0 })
    reader.exec('BEGIN')
    reader.prepare('SELECT COUNT(*) FROM usage_records').get()
    shipper.shipTo(spool(2, ['terminal', 'b']))
    expect(sequences()).toEqual([1, 2])
    reader.exec('ROLLBACK')
    reader.close()
    shipper.shipTo(spool(2, ['terminal', 'c']))
    expect(sequences()).toEqual([2])
  })

  it('on closing deletes every segment but those with an open attempt', () => {
    spool(1, ['intent', 'open'])
    shipper.close(spool(2, ['terminal', 'b']))
    expect(sequences()).toEqual([1])
    expect(storedIds()).toEqual(['b'])
  })

  it('stops at a record that was damaged after it was written, and says where', () => {
    const position = spool(1, ['terminal', 'a'])
    appendFileSync(segmentPath(dir, ownerId, 1), Buffer.alloc(100, 7))
    expect(() => shipper.shipTo({ sequence: 1, offsetBytes: position.offsetBytes + 100 })).toThrow(
      `bad spool record at byte ${position.offsetBytes}`,
    )
    expect(storedIds()).toEqual(['a'])
  })
})
