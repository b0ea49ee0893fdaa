import { describe, expect, it } from 'vitest'
import { usageRecordColumns, usageRecordFields } from '../../canonical/usage-record.ts'
import { decodeUsagePayload, encodeUsagePayload, readUsageValues } from '../../ledger/usage-payload.ts'
import { sampleRecord } from '../laws/sample-records.ts'
import { openDatabase } from './database.ts'
import { insertUsageSql, sqlValuesOf, usageRecordOfRow, usageTableColumns } from './usage-table.ts'

describe('the table of usage records', () => {
  it('has the columns of the one description: their names, order, types and which may be NULL', () => {
    const database = openDatabase(':memory:', 0)
    const columns = database.prepare('PRAGMA table_info(usage_records)').all()
    const types = { text: 'TEXT', integer: 'INTEGER', real: 'REAL', boolean: 'INTEGER', nanos: 'INTEGER' } as const
    expect(columns.map(({ name, type, notnull }) => ({ name, type, isOptional: notnull === 0 }))).toEqual(
      usageRecordFields.map((field, place) => ({
        name: usageTableColumns[place]?.name,
        type: types[usageRecordColumns[field].kind],
        isOptional: usageRecordColumns[field].isOptional,
      })),
    )
    expect(columns.map(({ name }) => name).slice(0, 5)).toEqual([
      'request_id',
      'attempt',
      'started_at_ms',
      'duration_ms',
      'first_byte_ms',
    ])
    database.close()
  })

  it('is STRICT, and takes one record per request and attempt', () => {
    const database = openDatabase(':memory:', 0)
    expect(database.prepare("SELECT strict FROM pragma_table_list WHERE name = 'usage_records'").get()).toMatchObject({
      strict: 1,
    })
    const keys = database
      .prepare('PRAGMA table_info(usage_records)')
      .all()
      .filter(({ pk }) => pk !== 0)
    expect(keys.map(({ name }) => name)).toEqual(['request_id', 'attempt'])
    database.close()
  })

  it('gives a record back as it was spooled', () => {
    const database = openDatabase(':memory:', 0)
    const record = sampleRecord({ costNanos: 2n ** 62n + 1n, team: undefined, endUser: 'a\0b', isStream: false })
    const payload = encodeUsagePayload(record)
    database.prepare(insertUsageSql).run(...sqlValuesOf(readUsageValues(payload)))
    const read = database.prepare('SELECT * FROM usage_records')
    read.setReadBigInts(true)
    expect(read.all().map(usageRecordOfRow)).toStrictEqual([record])
    expect(decodeUsagePayload(payload)).toStrictEqual(record)
    database.close()
  })
})
