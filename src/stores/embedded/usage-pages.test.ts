import { describe, expect, it } from 'vitest'
import type { RecordsQuestion } from '../ports/usage-records.ts'
import { openDatabase } from './database.ts'
import { pageUsage } from './usage-pages.ts'

describe('a page of records', () => {
  const place = { startedAtMs: 5, requestId: 'r', attempt: 1 }
  const filters = { team: 'search', 'metadata.ticket': 'ABC-1', run: 'run-1' }
  const questions: readonly Partial<RecordsQuestion>[] = [{}, { after: place }, { where: filters, after: place }]

  it.each(questions)('is found by the start, and its adjustments by the record: %j', (asked) => {
    const database = openDatabase(':memory:', 0)
    const statements: string[] = []
    const prepare = database.prepare.bind(database)
    database.prepare = (sql) => {
      statements.push(sql)
      return prepare(sql)
    }
    pageUsage(database, { fromMs: 0, untilMs: 9, where: {}, after: undefined, limit: 10, ...asked })
    expect(statements).not.toEqual([])
    for (const sql of statements) {
      const steps = prepare(`EXPLAIN QUERY PLAN ${sql}`)
        .all()
        .map(({ detail }) => String(detail))
      expect(steps[0]).toBe(
        'SEARCH usage_records USING INDEX usage_records_by_start (started_at_ms>? AND started_at_ms<?)',
      )
      // Of those that began in the same millisecond only.
      expect(steps.filter((step) => step.includes('TEMP B-TREE'))).toEqual([
        'USE TEMP B-TREE FOR LAST 2 TERMS OF ORDER BY',
      ])
      expect(steps.filter((step) => step.includes('entry'))).toEqual(
        sql.includes('ledger_entries')
          ? ['SEARCH entry USING INDEX ledger_entries_by_record (request_id=? AND attempt=?)']
          : [],
      )
    }
    database.close()
  })
})
