import type { Alerts } from '../ports/alerts.ts'
import type { DatabaseThread } from './database-thread.ts'

/** What people are told, behind the database's thread. */
export function openAlerts(thread: DatabaseThread): Alerts {
  return {
    note: (alerts, receivers) => thread.call('note-alerts', { alerts, receivers }),
    due: (atMs, limit) => thread.call('due-alerts', { atMs, limit }),
    tried: (outcome) => thread.call('alert-tried', outcome),
  }
}
