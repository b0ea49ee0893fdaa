import type { DatabaseSync } from 'node:sqlite'
import { GatewayError } from '../../canonical/error.ts'
import type { UsageRecord } from '../../canonical/usage-record.ts'
import { inputTokensOf, noUsage, outputTokensOf, usageComponents, type Usage } from '../../canonical/usage.ts'
import type { UsageQuestion, UsageSum } from '../ports/usage-records.ts'
import { usageRecordOfRow, usageTableColumns, type SqlValue } from './usage-table.ts'
import { termOf, termsOf } from './usage-terms.ts'

/** An answer with more rows than this is no report; the question is refused. */
export const maxSums = 100_000

/**
 * Sums over usage records. Every piece of SQL is a constant of ours; what callers say is bound (failures.md A1).
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

/** For each record that was adjusted: what its entries add to its cost. Entries of a budget's account are no cost. */
const adjustments = `SELECT request_id AS adjusted_request, attempt AS adjusted_attempt, SUM(amount) AS adjusted_nanos
  FROM ledger_entries WHERE request_id IS NOT NULL AND account_id IS NULL GROUP BY request_id, attempt`

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
