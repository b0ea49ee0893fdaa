import type { DatabaseSync } from 'node:sqlite'
import { GatewayError } from '../../canonical/error.ts'
import { labelOf } from '../../canonical/metadata.ts'
import type { UsageRecord } from '../../canonical/usage-record.ts'
import { inputTokensOf, noUsage, outputTokensOf, usageComponents, type Usage } from '../../canonical/usage.ts'
import {
  usageGroups,
  type AdjustedRecord,
  type RecordPlace,
  type RecordsPage,
  type RecordsQuestion,
  type UsageFilters,
  type UsageQuestion,
  type UsageSum,
} from '../ports.ts'
import { isInDoubt } from './ledger-entries.ts'
import { usageRecordOfRow, usageTableColumns, type SqlValue } from './usage-table.ts'

/** An answer with more rows than this is no report; the question is refused. */
export const maxSums = 100_000

/**
 * Sums over usage records. Every piece of SQL is a constant of this file; what callers say is bound (failures.md A1).
 * @throws GatewayError `invalid_request` for a group that does not exist, and for too many rows.
 */
export function sumUsage(database: DatabaseSync, question: UsageQuestion): readonly UsageSum[] {
  // By place: what a label is called is up to clients, and is no name in SQL.
  const groups = [...new Set(question.by)].map((group, place) => ({ group, ...termOf(group), column: `by_${place}` }))
  const columns = groups.map(({ column }) => column)
  const filters = termsOf(question.where)
  const sql = `SELECT ${[...groups.map((term) => `${term.sql} AS ${term.column}`), ...sums].join(', ')}
    FROM usage_records LEFT JOIN (${adjustments}) ON adjusted_request = request_id AND adjusted_attempt = attempt
    WHERE ${['started_at_ms >= ?', 'started_at_ms < ?', 'attempt >= 0', ...filters.map((term) => term.sql)].join(' AND ')}
    ${groups.length > 0 ? `GROUP BY ${columns.join(', ')}` : ''}
    ORDER BY ${['cost_nanos DESC', 'requests DESC', ...columns].join(', ')}
    LIMIT ?`
  const statement = database.prepare(sql)
  statement.setReadBigInts(true)
  const bound: SqlValue[] = [
    ...groups.flatMap((term) => term.bound),
    question.fromMs,
    question.untilMs,
    ...filters.flatMap((term) => term.bound),
    maxSums + 1,
  ]
  const rows = statement.all(...bound)
  if (rows.length > maxSums) {
    throw new GatewayError(
      'invalid_request',
      `the answer has more than ${maxSums} rows; ask for fewer groups or a shorter time`,
    )
  }
  return rows.map((row) => ({
    groups: Object.fromEntries(groups.map(({ group, column }) => [group, textOf(row[column])])),
    requests: Number(row['requests']),
    attempts: Number(row['attempts']),
    inputTokens: Number(row['input_tokens']),
    outputTokens: Number(row['output_tokens']),
    units: {
      searches: Number(row['searches']),
      images: Number(row['images']),
      audioSeconds: Number(row['audio_seconds']),
      characters: Number(row['characters']),
    },
    costNanos: BigInt(String(row['cost_nanos'])),
    adjustmentNanos: BigInt(String(row['adjustment_nanos'])),
    unpricedAttempts: Number(row['unpriced_attempts']),
  }))
}

/** The records of one exchange, by attempt; last what was seen when it was over. */
export function usageOf(database: DatabaseSync, requestId: string): readonly UsageRecord[] {
  const statement = database.prepare('SELECT * FROM usage_records WHERE request_id = ? ORDER BY attempt < 0, attempt')
  statement.setReadBigInts(true)
  return statement.all(requestId).map(usageRecordOfRow)
}

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

/** For each record that was adjusted: what its entries add to its cost. Entries of a budget's account are no cost. */
const adjustments = `SELECT request_id AS adjusted_request, attempt AS adjusted_attempt, SUM(amount) AS adjusted_nanos
  FROM ledger_entries WHERE request_id IS NOT NULL AND account_id IS NULL GROUP BY request_id, attempt`

const expressions: Readonly<Record<(typeof usageGroups)[number], string>> = {
  organisation: 'organisation',
  team: 'team',
  project: 'project',
  user: 'user',
  agent: 'agent',
  key: 'key_id',
  model: 'COALESCE(catalog_model, requested_model)',
  provider: 'provider',
  status: 'status',
  usageSource: 'usage_source',
  endUser: 'end_user',
  run: 'run_id',
  // UTC.
  day: "strftime('%Y-%m-%d', started_at_ms / 1000, 'unixepoch')",
  hour: "strftime('%Y-%m-%dT%H:00Z', started_at_ms / 1000, 'unixepoch')",
}

/** A piece of a question: what is asked, and the values that are bound in it, in their order. */
interface Term {
  readonly sql: string
  readonly bound: readonly SqlValue[]
}

/** Compared as text with each name: a path such as `->>` takes gives some characters of a name another meaning. */
const labelSql = '(SELECT value FROM json_each(metadata) WHERE key = ?)'

function termOf(group: string): Term {
  const label = labelOf(group)
  if (label !== undefined) return { sql: labelSql, bound: [label] }
  const known = usageGroups.find((name) => name === group)
  if (known === undefined)
    throw new GatewayError(
      'invalid_request',
      `usage cannot be grouped by "${group}"; it can by ${usageGroups.join(', ')} and metadata.<name>`,
    )
  return { sql: expressions[known], bound: [] }
}

function termsOf(where: UsageFilters): readonly Term[] {
  return Object.entries(where).flatMap(([group, value]) => {
    if (value === undefined) return []
    const { sql, bound } = termOf(group)
    return [{ sql: `${sql} = ?`, bound: [...bound, value] }]
  })
}

const sums = [
  'COUNT(DISTINCT request_id) AS requests',
  // Attempt 0 stands for a call that was refused before any attempt.
  'COALESCE(SUM(attempt > 0), 0) AS attempts',
  `COALESCE(SUM(${componentsIn(inputTokensOf)}), 0) AS input_tokens`,
  `COALESCE(SUM(${componentsIn(outputTokensOf)}), 0) AS output_tokens`,
  ...['searches', 'images', 'audio_seconds', 'characters'].map((unit) => `COALESCE(SUM(${unit}), 0) AS ${unit}`),
  'COALESCE(SUM(cost_nanos), 0) + COALESCE(SUM(adjusted_nanos), 0) AS cost_nanos',
  'COALESCE(SUM(adjusted_nanos), 0) AS adjustment_nanos',
  `COALESCE(SUM(cost_nanos IS NULL AND adjusted_nanos IS NULL AND (${componentsIn(() => 1)}) > 0), 0) AS unpriced_attempts`,
]

/** The columns of the components that a sum counts, found by asking the sum itself. */
function componentsIn(sum: (usage: Usage) => number): string {
  const counted = new Set<string>(usageComponents.filter((component) => sum({ ...noUsage, [component]: 1 }) > 0))
  return usageTableColumns
    .filter(({ field }) => counted.has(field))
    .map(({ name }) => name)
    .join(' + ')
}

function textOf(value: unknown): string | undefined {
  return value === null || value === undefined ? undefined : String(value)
}
