import type { DatabaseSync } from 'node:sqlite'
import type { AuditEvent, LedgerEntries, LedgerEntry, NewLedgerEntry } from '../ports.ts'
import { appendAudit } from './audit-table.ts'
import type { DatabaseThread } from './database-thread.ts'

/** Entries of the ledger, behind the database's thread. */
export function openLedgerEntries(thread: DatabaseThread): LedgerEntries {
  return {
    append: (entries, audit) => thread.call('append-entries', { entries, audit }),
    ofRequest: (requestId) => thread.call('entries-of', requestId),
  }
}

/** To be called inside a transaction: entries and audit entry, both or neither. */
export function appendEntries(
  database: DatabaseSync,
  entries: readonly NewLedgerEntry[],
  audit: AuditEvent,
): undefined {
  const insert = database.prepare(
    `INSERT INTO ledger_entries (at_ms, kind, request_id, attempt, account_id, amount, detail, actor)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  for (const { kind, requestId, attempt, accountId, amount, detail } of entries)
    insert.run(audit.atMs, kind, requestId ?? null, attempt ?? null, accountId ?? null, amount, detail, audit.actor)
  appendAudit(database, audit)
}

export function entriesOf(database: DatabaseSync, requestId: string): readonly LedgerEntry[] {
  const statement = database.prepare('SELECT * FROM ledger_entries WHERE request_id = ? ORDER BY id')
  statement.setReadBigInts(true)
  return statement.all(requestId).map((row) => ({
    atMs: Number(row['at_ms']),
    actor: String(row['actor']),
    kind: kindOf(row['kind']),
    requestId: String(row['request_id']),
    attempt: row['attempt'] === null ? undefined : Number(row['attempt']),
    accountId: row['account_id'] === null ? undefined : String(row['account_id']),
    amount: BigInt(String(row['amount'])),
    detail: String(row['detail']),
  }))
}

function kindOf(text: unknown): LedgerEntry['kind'] {
  if (text === 'rerate') return text
  throw new Error(`the ledger has an entry of the kind "${String(text)}", which this Weir does not know`)
}
