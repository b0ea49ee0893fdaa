import type { DatabaseSync } from 'node:sqlite'
import type { Alert, AlertDelivery, DeliveriesDue, DeliveryOutcome } from '../ports/alerts.ts'

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

/** Those of each receiver by themselves, so that none has to wait for what another does not take. */
export function dueAlerts(database: DatabaseSync, atMs: number, limit: number): DeliveriesDue {
  const receivers = database.prepare('SELECT DISTINCT receiver FROM alert_deliveries WHERE due_at_ms <= ?')
  // In the order of the index: however many are due, it stops at the last that is asked for.
  const first = database.prepare(
    `SELECT alert_id, receiver, attempts, body FROM alert_deliveries JOIN alerts ON id = alert_id
     WHERE receiver = ? AND due_at_ms <= ? ORDER BY due_at_ms, alert_id LIMIT ?`,
  )
  const due = receivers.all(atMs).flatMap(({ receiver }) => first.all(String(receiver), atMs, limit))
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
