import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { UsageRecord } from '../../canonical/usage-record.ts'
import { encodeSpoolRecord, SpoolError } from '../../ledger/spool-format.ts'
import { encodeUsagePayload } from '../../ledger/usage-payload.ts'
import { sampleIntent, sampleRecord } from '../laws/sample-records.ts'
import { openDatabase } from './database.ts'
import { recoverSpools } from './recover-spool.ts'
import { segmentPath } from './spool-segments.ts'
import { usageRecordOfRow } from './usage-table.ts'

const dead = '00000000000000aa'
const alsoDead = '00000000000000bb'
const intent = (requestId: string) => encodeSpoolRecord('intent', encodeUsagePayload(sampleIntent({ requestId })))
const terminal = (requestId: string) => encodeSpoolRecord('terminal', encodeUsagePayload(sampleRecord({ requestId })))

let spoolDir = ''
let database: DatabaseSync

beforeEach(() => {
  spoolDir = mkdtempSync(join(tmpdir(), 'weir-recovery-'))
  database = openDatabase(':memory:', 0)
})
afterEach(() => {
  database.close()
  rmSync(spoolDir, { recursive: true })
})

function leave(ownerId: string, sequence: number, ...parts: readonly Uint8Array[]): void {
  writeFileSync(segmentPath(spoolDir, ownerId, sequence), Buffer.concat(parts))
}

function stored(): readonly UsageRecord[] {
  const statement = database.prepare('SELECT * FROM usage_records ORDER BY request_id')
  statement.setReadBigInts(true)
  return statement.all().map(usageRecordOfRow)
}

const outcomes = (): Readonly<Record<string, string>> =>
  Object.fromEntries(stored().map(({ requestId, status }) => [requestId, status]))

describe('recovery', () => {
  it('I3: counts what the last progress of an attempt says, in place of its intent, and none of an attempt that ended', () => {
    const at = (type: 'intent' | 'progress', requestId: string, nanos: bigint) =>
      encodeSpoolRecord(
        type,
        encodeUsagePayload(
          sampleIntent({ requestId, costNanos: nanos, postings: `[["b usd/total@total","${nanos}"]]` }),
        ),
      )
    leave(dead, 1, at('intent', 'a', 90n), at('intent', 'b', 90n), at('progress', 'a', 50n))
    leave(dead, 2, at('progress', 'a', 40n), at('progress', 'b', 30n), terminal('b'), at('progress', 'gone', 1n))
    expect(recoverSpools(database, spoolDir)).toMatchObject({ unknownRecords: 1, shippedRecords: 1 })
    expect(outcomes()).toEqual({ a: 'unknown', b: 'ok' })
    expect(stored()[0]?.costNanos).toBe(40n)
    expect(database.prepare('SELECT posted FROM budget_accounts').all()).toEqual([{ posted: 40 }])
  })

  it('M5: inserts the terminals of every dead owner, and an intent without one as its own unknown record', () => {
    leave(dead, 1, intent('a'), intent('b'), terminal('a'))
    leave(dead, 2, intent('c'), terminal('b'))
    leave(alsoDead, 7, intent('d'), terminal('e'))
    expect(recoverSpools(database, spoolDir)).toEqual({
      adoptedSpools: 2,
      shippedRecords: 3,
      unknownRecords: 2,
      tornBytes: 0,
    })
    expect(outcomes()).toEqual({ a: 'ok', b: 'ok', c: 'unknown', d: 'unknown', e: 'ok' })
    expect(stored().find(({ requestId }) => requestId === 'c')).toStrictEqual(sampleIntent({ requestId: 'c' }))
    expect(readdirSync(spoolDir)).toEqual([])
  })

  it('finds nothing the second time', () => {
    leave(dead, 1, intent('a'), intent('b'), terminal('a'))
    recoverSpools(database, spoolDir)
    const before = stored()
    expect(recoverSpools(database, spoolDir)).toEqual({
      adoptedSpools: 0,
      shippedRecords: 0,
      unknownRecords: 0,
      tornBytes: 0,
    })
    expect(stored()).toEqual(before)
  })

  it('M9: a spool that is replayed after its records were stored changes nothing', () => {
    const parts = [intent('a'), terminal('a'), intent('b')]
    leave(dead, 1, ...parts)
    recoverSpools(database, spoolDir)
    const before = stored()
    leave(dead, 1, ...parts)
    expect(recoverSpools(database, spoolDir)).toMatchObject({ shippedRecords: 0, unknownRecords: 0 })
    expect(stored()).toEqual(before)
  })

  it('an intent whose terminal was in a segment that is gone already stays what its terminal said', () => {
    leave(dead, 2, terminal('a'))
    recoverSpools(database, spoolDir)
    leave(dead, 1, intent('a'))
    expect(recoverSpools(database, spoolDir)).toMatchObject({ unknownRecords: 0 })
    expect(outcomes()).toEqual({ a: 'ok' })
  })

  it('M6: takes more records than one batch, and more intents', () => {
    const names = Array.from({ length: 1200 }, (_, index) => `r${String(index).padStart(4, '0')}`)
    leave(
      dead,
      1,
      ...names.flatMap((name, index) => (index % 2 === 0 ? [intent(name), terminal(name)] : [intent(name)])),
    )
    expect(recoverSpools(database, spoolDir)).toMatchObject({ shippedRecords: 600, unknownRecords: 600 })
    expect(stored()).toHaveLength(1200)
  })

  it('I20: a spool cut at every byte gives one record per whole intent, never two, never none', () => {
    const parts = [intent('a'), intent('b'), terminal('a'), intent('c'), terminal('b')]
    const ends = parts.map((_, index) => Buffer.concat(parts.slice(0, index + 1)).length)
    const whole = Buffer.concat(parts)
    // What is known once this many parts are whole.
    const known = ['', 'a', 'a,b', 'a,b', 'a,b,c', 'a,b,c']
    for (let length = 0; length <= whole.length; length += 1) {
      database.exec('DELETE FROM usage_records')
      leave(dead, 1, whole.subarray(0, length))
      const { tornBytes } = recoverSpools(database, spoolDir)
      const wholeParts = ends.filter((end) => end <= length).length
      const hasTorn = length !== (ends[wholeParts - 1] ?? 0)
      if (Object.keys(outcomes()).join() !== known[wholeParts] || tornBytes > 0 !== hasTorn)
        expect.fail(`cut at byte ${length}`)
    }
    expect(outcomes()).toEqual({ a: 'ok', b: 'ok', c: 'unknown' })
  })

  it('does not count the zeros of a reserve segment as torn', () => {
    leave(dead, 1, terminal('a'))
    leave(dead, 2, terminal('b'), Buffer.alloc(4096))
    expect(recoverSpools(database, spoolDir)).toMatchObject({ shippedRecords: 2, tornBytes: 0 })
  })

  it('refuses a spool that is damaged where no crash can have damaged it, names the place, and deletes nothing', () => {
    const damaged = Buffer.from(terminal('a'))
    damaged[50] = (damaged[50] ?? 0) ^ 1
    leave(dead, 1, damaged)
    leave(dead, 2, terminal('b'))
    expect(() => recoverSpools(database, spoolDir)).toThrow(SpoolError)
    expect(() => recoverSpools(database, spoolDir)).toThrow(/0000000001\.spool: bad spool record at byte 0/)
    expect(existsSync(segmentPath(spoolDir, dead, 1))).toBe(true)
    expect(readFileSync(segmentPath(spoolDir, dead, 2)).length).toBeGreaterThan(0)
  })

  it('refuses a file that only looks like a spool', () => {
    writeFileSync(join(spoolDir, 'copy of mine.spool'), '')
    expect(() => recoverSpools(database, spoolDir)).toThrow(/copy of mine\.spool is not named like a spool segment/)
  })
})
