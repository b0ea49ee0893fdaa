import type { Audit } from '../ports/audit.ts'
import type { DatabaseThread } from './database-thread.ts'

/** The audit chain, behind the database's thread. `audit-table.ts` tells what it detects and what it cannot. */
export function openAudit(thread: DatabaseThread): Audit {
  return {
    append: (event) => thread.call('append-audit', event),
    list: (page) => thread.call('list-audit', page),
    verify: () => thread.call('verify-audit', undefined),
  }
}
