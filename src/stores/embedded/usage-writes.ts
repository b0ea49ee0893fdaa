import type { DatabaseSync } from 'node:sqlite'
import { readPostings } from '../../ledger/amounts.ts'
import type { PayloadValue } from '../../ledger/usage-payload.ts'
import { PostingSums, postingWrites } from './budget-accounts-table.ts'
import { usageRecordFields, type UsageRecord } from '../../canonical/usage-record.ts'
import { inTransaction } from './database.ts'
import { insertUsageSql, sqlValuesOf } from './usage-table.ts'

/** The most records in one transaction: enough to make a commit cheap, few enough that a query never waits long. */
export const maxBatchRecords = 500

export interface SegmentCursor {
  readonly ownerId: string
  readonly sequence: number
  readonly offsetBytes: number
}

/** The database's side of the spool. */
export interface UsageWrites {
  /**
   * Inserts at most `maxBatchRecords` records, adds what the new ones posted to its accounts, and moves the cursor past them,
   * all in one transaction: doing it again after an unclear end changes nothing twice.
   * @returns how many of them were new.
   */
  insert(batch: readonly (readonly PayloadValue[])[], cursor: SegmentCursor | undefined): number
  /** How far a segment is shipped; 0 when nothing of it is. */
  cursorOf(ownerId: string, sequence: number): number
  forgetSegment(ownerId: string, sequence: number): void
  /** Where no segment is left: also those of files that were deleted just before a crash. */
  forgetEverySegment(): void
}

export function usageWrites(database: DatabaseSync): UsageWrites {
  const insertRecord = database.prepare(insertUsageSql)
  const post = postingWrites(database)
  const moveCursor = database.prepare(
    `INSERT INTO spool_cursors (owner_id, sequence, offset_bytes) VALUES (?, ?, ?)
     ON CONFLICT (owner_id, sequence) DO UPDATE SET offset_bytes = excluded.offset_bytes`,
  )
  const readCursor = database.prepare('SELECT offset_bytes FROM spool_cursors WHERE owner_id = ? AND sequence = ?')
  const deleteCursor = database.prepare('DELETE FROM spool_cursors WHERE owner_id = ? AND sequence = ?')
  const deleteAllCursors = database.prepare('DELETE FROM spool_cursors')
  return {
    insert(batch, cursor) {
      return inTransaction(database, () => {
        let inserted = 0
        const sums = new PostingSums()
        for (const values of batch) {
          if (insertRecord.run(...sqlValuesOf(values)).changes === 0) continue
          inserted += 1
          const postings = values[postingsPlace]
          if (typeof postings !== 'string') continue
          const isInDoubt = values[usageSourcePlace] === 'worst_case'
          const atMs = Number(values[startedAtMsPlace])
          for (const posting of readPostings(postings)) sums.add(posting, isInDoubt ? posting.amount : 0n, atMs)
        }
        post(sums)
        if (cursor !== undefined) moveCursor.run(cursor.ownerId, cursor.sequence, cursor.offsetBytes)
        return inserted
      })
    },
    cursorOf: (ownerId, sequence) => Number(readCursor.get(ownerId, sequence)?.['offset_bytes'] ?? 0),
    forgetSegment: (ownerId, sequence) => void deleteCursor.run(ownerId, sequence),
    forgetEverySegment: () => void deleteAllCursors.run(),
  }
}

/** What tells one attempt from all others, of a record's values in the order of the spool. */
export function attemptKey(values: readonly PayloadValue[]): string {
  return attemptKeyOf({ requestId: String(values[requestIdPlace]), attempt: Number(values[attemptPlace]) })
}

/**
 * The same of a record. Most attempts are the first, and most of what a key costs is to join its text; an id, which the gateway makes,
 * has no slash.
 */
export function attemptKeyOf({ requestId, attempt }: Pick<UsageRecord, 'requestId' | 'attempt'>): string {
  return attempt === 1 ? requestId : `${requestId}/${attempt}`
}

const requestIdPlace = usageRecordFields.indexOf('requestId')
const attemptPlace = usageRecordFields.indexOf('attempt')
const startedAtMsPlace = usageRecordFields.indexOf('startedAtMs')
const postingsPlace = usageRecordFields.indexOf('postings')
const usageSourcePlace = usageRecordFields.indexOf('usageSource')
