import { hash } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import type { AuditEntry, AuditEvent, AuditVerdict } from '../ports/audit.ts'

/**
 * Appends an entry to the chain and moves its head. To be called inside a transaction: entry and head, both or neither.
 */
export function appendAudit(database: DatabaseSync, event: AuditEvent): undefined {
  const head = readHead(database)
  const sequence = head.sequence + 1
  const entry = { ...wellFormed(event), sequence, previousHash: head.hash }
  const entryHash = hashOf(entry)
  const { previousHash, atMs, actor, action, target, detail } = entry
  database
    .prepare(
      `INSERT INTO audit_entries (sequence, previous_hash, at_ms, actor, action, target, detail, hash)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(sequence, previousHash, atMs, actor, action, target, detail, entryHash)
  database.prepare('UPDATE audit_head SET sequence = ?, hash = ? WHERE only_row = 1').run(sequence, entryHash)
  return undefined
}

export function listAudit(
  database: DatabaseSync,
  { afterSequence, limit }: { readonly afterSequence: number; readonly limit: number },
): readonly AuditEntry[] {
  return database
    .prepare('SELECT * FROM audit_entries WHERE sequence > ? ORDER BY sequence LIMIT ?')
    .all(afterSequence, limit)
    .map(entryOfRow)
}

/**
 * Recomputes every hash from the first entry to the head.
 *
 * Detects: an entry edited, removed, inserted or moved; entries cut from the end; a head that was moved. Does not detect
 * somebody who can write to the file and recomputes the chain from the place of the edit on, head included: there is no
 * secret in it. Against that, keep `lastHash` from time to time where that person cannot write, and compare.
 */
export function verifyAudit(database: DatabaseSync): AuditVerdict {
  let previousHash = firstHash
  let entries = 0
  for (const row of database.prepare('SELECT * FROM audit_entries ORDER BY sequence').iterate()) {
    const entry = entryOfRow(row)
    const expected = entries + 1
    if (entry.sequence !== expected) return broken(expected, `entry ${expected} is missing`)
    if (entry.previousHash !== previousHash) return broken(expected, 'it does not follow the entry before it')
    if (entry.hash !== hashOf(entry)) return broken(expected, 'its contents do not have its hash')
    previousHash = entry.hash
    entries = expected
  }
  const head = readHead(database)
  if (head.sequence > entries)
    return broken(entries + 1, `entries up to ${head.sequence} were written, and are missing`)
  if (head.sequence < entries) return broken(head.sequence + 1, 'it lies behind the recorded end of the chain')
  if (head.hash !== previousHash) return broken(entries, 'it is not the entry that was recorded as the last')
  return { isIntact: true, entries, lastHash: previousHash }
}

const firstHash = '0'.repeat(64)

function broken(brokenAtSequence: number, reason: string): AuditVerdict {
  return { isIntact: false, brokenAtSequence, reason }
}

function hashOf(entry: Omit<AuditEntry, 'hash'>): string {
  const { sequence, previousHash, atMs, actor, action, target, detail } = entry
  return hash('sha256', JSON.stringify([sequence, previousHash, atMs, actor, action, target, detail]))
}

/** SQLite stores UTF-8, in which half a surrogate pair has no place: what is hashed must be what is stored. */
function wellFormed({ atMs, actor, action, target, detail }: AuditEvent): AuditEvent {
  return {
    atMs: Math.trunc(atMs),
    actor: actor.toWellFormed(),
    action: action.toWellFormed(),
    target: target.toWellFormed(),
    detail: detail.toWellFormed(),
  }
}

function readHead(database: DatabaseSync): { readonly sequence: number; readonly hash: string } {
  const row = database.prepare('SELECT sequence, hash FROM audit_head WHERE only_row = 1').get()
  // Without its row, the whole chain reads as lying behind the recorded end.
  return { sequence: Number(row?.['sequence'] ?? 0), hash: String(row?.['hash'] ?? firstHash) }
}

function entryOfRow(row: Readonly<Record<string, unknown>>): AuditEntry {
  return {
    sequence: Number(row['sequence']),
    previousHash: String(row['previous_hash']),
    atMs: Number(row['at_ms']),
    actor: String(row['actor']),
    action: String(row['action']),
    target: String(row['target']),
    detail: String(row['detail']),
    hash: String(row['hash']),
  }
}
