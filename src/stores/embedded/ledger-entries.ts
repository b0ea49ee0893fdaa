import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import type { AuditEvent } from '../ports/audit.ts'
import {
  isOfSpending,
  ledgerEntryKinds,
  type BudgetChange,
  type LedgerEntries,
  type LedgerEntry,
  type NewLedgerEntry,
  type RuleQuestion,
} from '../ports/ledger-entries.ts'
import { appendAudit } from './audit-table.ts'
import { linesOfEntries, linesOfRecords, PostingSums, postingWrites, wholeOf } from './budget-accounts-table.ts'
import type { DatabaseThread } from './database-thread.ts'

/** Entries of the ledger, behind the database's thread. */
export function openLedgerEntries(thread: DatabaseThread): LedgerEntries {
  return {
    append: (entries, audit) => thread.call('append-entries', { entries, audit }),
    ofRequest: (requestId) => thread.call('entries-of', requestId),
    ofRule: (question) => thread.call('changes-of-rule', question),
    grants: () => thread.call('grant-entries', undefined),
    configuredCaps: () => thread.call('configured-caps', undefined),
  }
}

/** To be called inside a transaction: entries and audit entry, both or neither. */
export function appendEntries(
  database: DatabaseSync,
  entries: readonly NewLedgerEntry[],
  audit: AuditEvent,
): undefined {
  const insert = database.prepare(
    `INSERT INTO ledger_entries (at_ms, kind, request_id, attempt, account_id, amount, detail, actor, doubt)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const doubtOf = doubtReader(database)
  const sums = new PostingSums()
  for (const entry of entries) {
    const { kind, requestId, attempt, accountId, amount, detail } = entry
    const isPosted = isOfSpending(kind) && accountId !== undefined
    const doubt = isPosted ? doubtOf(entry) : null
    const record = [requestId ?? null, attempt ?? null] as const
    insert.run(audit.atMs, kind, ...record, accountId ?? null, amount, detail, audit.actor, doubt)
    if (isPosted) sums.add({ accountId, amount }, doubt ?? 0n, audit.atMs)
  }
  postingWrites(database)(sums)
  appendAudit(database, audit)
}

/** By how much an entry changes what is in doubt in its account: what resolves an attempt takes all of it away there. */
function doubtReader(database: DatabaseSync): (entry: NewLedgerEntry) => bigint {
  const inDoubt = database.prepare(`SELECT 1 FROM usage_records WHERE request_id = ? AND attempt = ? AND ${isInDoubt}`)
  const lines = database.prepare(
    `SELECT coalesce(sum(doubt), 0) AS doubt FROM (
       ${linesOfRecords} WHERE request_id = ?1 AND attempt = ?2
       UNION ALL
       ${linesOfEntries} AND request_id = ?1 AND attempt = ?2
     ) WHERE account_id = ?3`,
  )
  lines.setReadBigInts(true)
  return ({ kind, requestId = null, attempt = null, accountId = null, amount }) => {
    if (kind === 'resolve') return -wholeOf(lines.get(requestId, attempt, accountId)?.['doubt'])
    return inDoubt.get(requestId, attempt) === undefined ? 0n : amount
  }
}

/** Of a usage record: it is counted at the most, and no entry has resolved it. */
export const isInDoubt = `usage_source = 'worst_case' AND NOT EXISTS (
    SELECT 1 FROM ledger_entries AS learnt WHERE learnt.request_id = usage_records.request_id
      AND learnt.attempt = usage_records.attempt AND learnt.kind = 'resolve'
  )`

export function entriesOf(database: DatabaseSync, requestId: string): readonly LedgerEntry[] {
  const statement = database.prepare('SELECT * FROM ledger_entries WHERE request_id = ? ORDER BY id')
  statement.setReadBigInts(true)
  return statement.all(requestId).map(entryOfRow)
}

/** What was granted beside the config, the oldest first. */
export function grantEntries(database: DatabaseSync): readonly LedgerEntry[] {
  const statement = database.prepare(
    "SELECT * FROM ledger_entries WHERE kind IN ('top-up', 'raise', 'cap') ORDER BY id",
  )
  statement.setReadBigInts(true)
  return statement.all().map(entryOfRow)
}

/** The last entry of each budget's configured cap. */
export function configuredCapEntries(database: DatabaseSync): readonly LedgerEntry[] {
  const statement = database.prepare(
    `SELECT * FROM ledger_entries WHERE id IN
       (SELECT max(id) FROM ledger_entries WHERE kind = 'configured' GROUP BY detail ->> 'ruleId')
     ORDER BY id`,
  )
  statement.setReadBigInts(true)
  return statement.all().map(entryOfRow)
}

export function changesOfRule(
  database: DatabaseSync,
  { ruleId, before, limit }: RuleQuestion,
): readonly BudgetChange[] {
  const statement = database.prepare(
    `SELECT max(id) AS place, count(*) AS entries, at_ms, actor, kind, NULL AS request_id, NULL AS attempt, account_id,
       sum(amount) AS amount, min(detail) AS detail
     FROM ledger_entries
     WHERE account_id > ?1 || '@' AND account_id < ?1 || 'A' OR kind IN ('raise', 'cap', 'configured') AND detail ->> 'ruleId' = ?1
     GROUP BY kind, at_ms, actor, account_id, CASE kind WHEN 'rerate' THEN 0 ELSE id END
     HAVING max(id) < ?2
     ORDER BY max(id) DESC LIMIT ?3`,
  )
  statement.setReadBigInts(true)
  return statement.all(ruleId, before === undefined ? Number.MAX_SAFE_INTEGER : Number(before), limit).map((row) => {
    const { requestId: _ofMany, attempt: _ofEach, ...entry } = entryOfRow(row)
    return { ...entry, entries: Number(row['entries']), place: String(row['place']) }
  })
}

function entryOfRow(row: Record<string, SQLOutputValue>): LedgerEntry {
  const textOrNone = (value: SQLOutputValue | undefined) => (value === null ? undefined : String(value))
  return {
    atMs: Number(row['at_ms']),
    actor: String(row['actor']),
    kind: kindOf(row['kind']),
    requestId: textOrNone(row['request_id']),
    attempt: row['attempt'] === null ? undefined : Number(row['attempt']),
    accountId: textOrNone(row['account_id']),
    amount: BigInt(String(row['amount'])),
    detail: String(row['detail']),
  }
}

function kindOf(text: unknown): LedgerEntry['kind'] {
  const kind = ledgerEntryKinds.find((one) => one === text)
  if (kind !== undefined) return kind
  throw new Error(`the ledger has an entry of the kind "${String(text)}", which this Weir does not know`)
}
