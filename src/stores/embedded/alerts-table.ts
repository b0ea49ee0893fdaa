import type { DatabaseSync } from 'node:sqlite'
import type { Alert, AlertDelivery, DeliveriesDue, DeliveryOutcome } from '../ports.ts'

/** To be called inside a transaction: an alert and its deliveries, all or none. */
export function noteAlerts(
  database: DatabaseSync,
  alerts: readonly Alert[],
  receivers: readonly string[],
): readonly Alert[] {
  const insert = database.prepare(
    'INSERT INTO alerts (id, at_ms, account_id, percent, body) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
  )
  const deliver = database.prepare(
    'INSERT INTO alert_deliveries (alert_id, receiver, due_at_ms, attempts) VALUES (?, ?, ?, 0)',
  )
  return alerts.filter(({ id, atMs, accountId, percent, body }) => {
    const isNew = Number(insert.run(id, atMs, accountId, percent ?? null, body).changes) > 0
    if (isNew) for (const receiver of receivers) deliver.run(id, receiver, atMs)
    return isNew
  })
}

export function dueAlerts(database: DatabaseSync, atMs: number, limit: number): DeliveriesDue {
  const due = database
    .prepare(
      `SELECT alert_id, receiver, attempts, body
       FROM (
         SELECT *, row_number() OVER (PARTITION BY receiver ORDER BY due_at_ms, alert_id) AS place
         FROM alert_deliveries WHERE due_at_ms <= ?
       )
       JOIN alerts ON id = alert_id
       WHERE place <= ? ORDER BY due_at_ms, alert_id, receiver`,
    )
    .all(atMs, limit)
  const next = database.prepare('SELECT min(due_at_ms) AS at FROM alert_deliveries WHERE due_at_ms > ?').get(atMs)
  return {
    deliveries: due.map((row): AlertDelivery => ({
      alertId: String(row['alert_id']),
      receiver: String(row['receiver']),
      attempts: Number(row['attempts']),
      body: String(row['body']),
    })),
    nextDueAtMs: typeof next?.['at'] === 'number' ? next['at'] : undefined,
  }
}

export function noteOutcome(
  database: DatabaseSync,
  { alertId, receiver, outcome, dueAtMs }: DeliveryOutcome,
): undefined {
  database
    .prepare(
      `UPDATE alert_deliveries SET attempts = attempts + 1, outcome = ?, due_at_ms = ?
       WHERE alert_id = ? AND receiver = ?`,
    )
    .run(outcome, dueAtMs ?? null, alertId, receiver)
}
