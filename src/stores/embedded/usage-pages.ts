import type { DatabaseSync } from 'node:sqlite'
import type { AdjustedRecord, RecordPlace, RecordsPage, RecordsQuestion } from '../ports/usage-records.ts'
import { isInDoubt } from './ledger-entries.ts'
import { usageRecordOfRow, usageTableColumns, type SqlValue } from './usage-table.ts'
import { termsOf, type Term } from './usage-terms.ts'

/** Behind a filter a page looks at so many records and no more: there is no index for what filters ask. */
export const mostExamined = 5_000

/** One page of the records that `sumUsage` adds up. */
export function pageUsage(database: DatabaseSync, question: RecordsQuestion): RecordsPage {
  const { limit } = question
  const span = spanOf(question)
  const filters = termsOf(question.where)
  const end = filters.length === 0 ? undefined : endOfLooking(database, span)
  const terms = [...span, ...(end === undefined ? [] : [upTo(end)]), ...filters]
  const statement = database.prepare(`SELECT ${pagedColumns.join(', ')}, ${rerated} AS rerated_nanos,
      usage_source = 'worst_case' AND NOT (${isInDoubt}) AS is_resolved
    FROM usage_records
    WHERE ${terms.map(({ sql }) => sql).join(' AND ')}
    ORDER BY ${placeColumns}
    LIMIT ?`)
  statement.setReadBigInts(true)
  const found = statement.all(...terms.flatMap(({ bound }) => bound), limit + 1).map((row): AdjustedRecord => {
    const nanos = row['rerated_nanos']
    return {
      record: usageRecordOfRow(row),
      reratedNanos: typeof nanos === 'bigint' ? nanos : undefined,
      isResolved: row['is_resolved'] === 1n,
    }
  })
  const records = found.slice(0, limit)
  const last = records.at(-1)?.record
  return { records, next: found.length > limit && last !== undefined ? placeOf(last) : end }
}

const placeColumns = 'started_at_ms, request_id, attempt'
const pagedColumns = usageTableColumns.filter(({ field }) => field !== 'decision').map(({ name }) => name)

/** Of a record that was adjusted: what its entries add to its cost. The same entries as `adjustments` has. */
const rerated = `(SELECT SUM(amount) FROM ledger_entries AS entry
  WHERE entry.request_id = usage_records.request_id AND entry.attempt = usage_records.attempt AND entry.account_id IS NULL)`

/** The start alone again, where it is bound to a place: an index has that, and not the rest of a place. */
function spanOf({ fromMs, untilMs, after, isInDoubt: mustBeInDoubt }: RecordsQuestion): readonly Term[] {
  // Those in doubt are few, and have an index of their own.
  const counted = { sql: mustBeInDoubt ? `attempt >= 0 AND ${isInDoubt}` : 'attempt >= 0', bound: [] }
  const before = { sql: 'started_at_ms < ?', bound: [untilMs] }
  if (after === undefined) return [{ sql: 'started_at_ms >= ?', bound: [fromMs] }, before, counted]
  const start = { sql: 'started_at_ms >= ?', bound: [Math.max(fromMs, after.startedAtMs)] }
  return [start, before, { sql: `(${placeColumns}) > (?, ?, ?)`, bound: boundOf(after) }, counted]
}

function upTo(place: RecordPlace): Term {
  const bound = [place.startedAtMs, ...boundOf(place)]
  return { sql: `started_at_ms <= ? AND (${placeColumns}) <= (?, ?, ?)`, bound }
}

function boundOf({ startedAtMs, requestId, attempt }: RecordPlace): readonly SqlValue[] {
  return [startedAtMs, requestId, attempt]
}

/** @returns the last record that a page looks at; `undefined`: it can look at all that are left. */
function endOfLooking(database: DatabaseSync, span: readonly Term[]): RecordPlace | undefined {
  const statement = database.prepare(`SELECT ${placeColumns} FROM usage_records
    WHERE ${span.map(({ sql }) => sql).join(' AND ')}
    ORDER BY ${placeColumns}
    LIMIT 2 OFFSET ?`)
  const [last, beyond] = statement.all(...span.flatMap(({ bound }) => bound), mostExamined - 1)
  if (last === undefined || beyond === undefined) return undefined
  return {
    startedAtMs: Number(last['started_at_ms']),
    requestId: String(last['request_id']),
    attempt: Number(last['attempt']),
  }
}

function placeOf({ startedAtMs, requestId, attempt }: RecordPlace): RecordPlace {
  return { startedAtMs, requestId, attempt }
}
