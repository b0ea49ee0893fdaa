import type { UsageRecord } from '../../canonical/usage-record.ts'
import { encodeUsagePayload } from '../../ledger/usage-payload.ts'
import type { UsageNotes, UsageRecords } from '../ports/usage-records.ts'
import type { DatabaseThread } from './database-thread.ts'
import type { ShedAttempts } from './shed-attempts.ts'
import type { SpoolEnd } from './spool-segments.ts'
import type { SpoolWriter } from './spool-writer.ts'

/**
 * Usage records: written to the spool by the serving thread, asked for in the database behind it.
 * @param ends how far every spool is written that a question must see.
 */
export function openUsageRecords(
  notes: UsageNotes,
  thread: DatabaseThread,
  ends: () => Promise<readonly SpoolEnd[]>,
): UsageRecords {
  return {
    ...notes,
    query: async (question) => thread.call('sum-usage', { ends: await ends(), question }),
    page: async (question) => thread.call('page-usage', { ends: await ends(), question }),
    ofRequest: async (requestId) => thread.call('usage-of', { ends: await ends(), requestId }),
  }
}

/** The serving thread's part of it, which needs no database. */
export function openUsageNotes(writer: SpoolWriter, shed: ShedAttempts): UsageNotes {
  return {
    intend(intent) {
      if (writer.trouble !== undefined) {
        shed.add(intent)
        throw writer.trouble
      }
      writer.append('intent', encodeUsagePayload(intent), 'shed')
    },
    narrow(intent) {
      if (writer.trouble !== undefined) throw writer.trouble
      writer.append('progress', encodeUsagePayload(intent), 'shed')
    },
    append: (record) =>
      writer.append('terminal', encodeUsagePayload(record), costNothing(record, shed) ? 'shed' : 'keep'),
    written: () => writer.written(),
  }
}

/** Refused before any attempt, or its intent was shed: on a full disk such a record must not use up the reserve. */
function costNothing(record: UsageRecord, shed: ShedAttempts): boolean {
  return record.attempt <= 0 || shed.take(record)
}
