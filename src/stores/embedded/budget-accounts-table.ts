import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import type { Posting } from '../../canonical/budget.ts'
import type { AuditEvent } from '../ports/audit.ts'
import type {
  AccountsPageQuestion,
  AccountsQuestion,
  AccountsSum,
  BooksRebuilt,
  KeptAccount,
  ThresholdsQuestion,
} from '../ports/budget-accounts.ts'
import { spendingKinds, type RuleQuestion } from '../ports/ledger-entries.ts'
import { appendAudit } from './audit-table.ts'

/** Sums of postings by account, to be written once for a whole batch. */
export class PostingSums {
  readonly #sums = new Map<string, { amount: bigint; unknown: bigint; openedAtMs: number }>()

  /** @param unknown what it adds to what is in doubt. */
  add({ accountId, amount }: Posting, unknown: bigint, atMs: number): void {
    const sum = this.#sums.get(accountId)
    if (sum === undefined) this.#sums.set(accountId, { amount, unknown, openedAtMs: atMs })
    else {
      sum.amount += amount
      sum.unknown += unknown
      sum.openedAtMs = Math.min(sum.openedAtMs, atMs)
    }
  }

  *[Symbol.iterator](): Iterator<readonly [accountId: string, amount: bigint, openedAtMs: number, unknown: bigint]> {
    for (const [accountId, { amount, openedAtMs, unknown }] of this.#sums)
      yield [accountId, amount, openedAtMs, unknown]
  }
}

/** What was posted and how much of it is in doubt, one line for each account of a record. A condition on records may follow. */
export const linesOfRecords = `SELECT p.value ->> 0 AS account_id, CAST(p.value ->> 1 AS INTEGER) AS amount,
    CASE usage_source WHEN 'worst_case' THEN CAST(p.value ->> 1 AS INTEGER) ELSE 0 END AS doubt, started_at_ms AS at_ms
  FROM usage_records, json_each(usage_records.postings) AS p`

/** The same of entries. Further conditions may follow. */
export const linesOfEntries = `SELECT account_id, amount,
    coalesce(doubt, amount * EXISTS (
      SELECT 1 FROM usage_records AS record WHERE record.request_id = ledger_entries.request_id
        AND record.attempt = ledger_entries.attempt AND record.usage_source = 'worst_case'
    )) AS doubt, at_ms
  FROM ledger_entries WHERE kind IN (${spendingKinds.map((kind) => `'${kind}'`).join(', ')}) AND account_id IS NOT NULL`

/** Adds to what is posted. To be called in the transaction that inserts what the postings come from. */
export function postingWrites(database: DatabaseSync): (sums: PostingSums) => void {
  const add = database.prepare(
    `INSERT INTO budget_accounts (account_id, posted, opened_at_ms, unknown) VALUES (?, ?, ?, ?)
     ON CONFLICT (account_id) DO UPDATE
     SET posted = posted + excluded.posted, opened_at_ms = min(opened_at_ms, excluded.opened_at_ms),
       unknown = unknown + excluded.unknown`,
  )
  return (sums) => {
    for (const row of sums) add.run(...row)
  }
}

export function readAccounts(database: DatabaseSync, accountIds: readonly string[]): readonly KeptAccount[] {
  const one = database.prepare('SELECT * FROM budget_accounts WHERE account_id = ?')
  one.setReadBigInts(true)
  return accountIds.flatMap((accountId) => {
    const row = one.get(accountId)
    return row === undefined ? [] : [keptAccountOf(row)]
  })
}

/** The account with a name, and those of the values below it: `<name>[value]`. */
const isBelow = `(account_id = ?1 OR (account_id > ?1 || '[' AND account_id < ?1 || '\\'))`

export function accountsBelow(database: DatabaseSync, names: readonly string[]): readonly KeptAccount[] {
  const some = database.prepare(`SELECT * FROM budget_accounts WHERE ${isBelow}`)
  some.setReadBigInts(true)
  return names.flatMap((name) => some.all(name).map(keptAccountOf))
}

export function sumAccounts(database: DatabaseSync, { name, most, secondsUntilMs }: AccountsQuestion): AccountsSum {
  const spent = secondsUntilMs === undefined ? 'posted' : 'max(0, (CAST(?2 AS INTEGER) - opened_at_ms) / 1000)'
  const bound = secondsUntilMs === undefined ? [name] : [name, secondsUntilMs]
  const sum = database.prepare(
    `SELECT count(*) AS count, coalesce(sum(${spent}), 0) AS posted, coalesce(sum(unknown), 0) AS unknown
     FROM budget_accounts WHERE ${isBelow}`,
  )
  const fullest = database.prepare(
    `SELECT * FROM budget_accounts WHERE ${isBelow} ORDER BY ${spent} DESC, account_id LIMIT ?3`,
  )
  for (const statement of [sum, fullest]) statement.setReadBigInts(true)
  const row = sum.get(...bound)
  return {
    count: Number(row?.['count']),
    posted: wholeOf(row?.['posted']),
    unknown: wholeOf(row?.['unknown']),
    fullest: fullest.all(name, secondsUntilMs ?? null, most).map(keptAccountOf),
  }
}

export function pageAccounts(
  database: DatabaseSync,
  { name, after, limit }: AccountsPageQuestion,
): readonly KeptAccount[] {
  const some = database.prepare(
    `SELECT * FROM budget_accounts WHERE ${isBelow} AND account_id > ?2 ORDER BY account_id LIMIT ?3`,
  )
  some.setReadBigInts(true)
  return some.all(name, after, limit).map(keptAccountOf)
}

/** Most accounts have not reached the lowest threshold, and then nothing else is looked at. */
export function accountsReaching(
  database: DatabaseSync,
  questions: readonly ThresholdsQuestion[],
): readonly KeptAccount[] {
  const some = database.prepare(
    `SELECT * FROM budget_accounts AS account
     WHERE ${isBelow} AND posted >= ?2 AND opened_at_ms <= ?3
       AND EXISTS (
         SELECT 1 FROM json_each(?4) AS threshold
         WHERE account.posted >= CAST(threshold.value ->> 1 AS INTEGER) AND account.opened_at_ms <= threshold.value ->> 2
           AND NOT EXISTS (
             SELECT 1 FROM alerts
             WHERE alerts.account_id = account.account_id AND alerts.percent = threshold.value ->> 0
           )
       )`,
  )
  some.setReadBigInts(true)
  return questions.flatMap(({ name, thresholds }) => {
    const [lowest] = thresholds
    if (lowest === undefined) return []
    const told = thresholds.map(({ percent, posted, openedByMs }) => [percent, posted.toString(), openedByMs])
    return some.all(name, lowest.posted, lowest.openedByMs, JSON.stringify(told)).map(keptAccountOf)
  })
}

/** Ids of windows are in the order of time, so ids of accounts are too. */
export function accountsOfRule(
  database: DatabaseSync,
  { ruleId, before, limit }: RuleQuestion,
): readonly KeptAccount[] {
  const some = database.prepare(
    // `A` follows `@`, which stands between the rule and the window.
    `SELECT * FROM budget_accounts WHERE account_id > ?1 || '@' AND account_id < coalesce(?2, ?1 || 'A')
     ORDER BY account_id DESC LIMIT ?3`,
  )
  some.setReadBigInts(true)
  return some.all(ruleId, before ?? null, limit).map(keptAccountOf)
}

/**
 * Adds up every posting there is and compares. To be called inside a transaction.
 * @param repair writes what they come to where it is not what is kept, and then this with how much it was.
 * @returns the accounts that were kept otherwise.
 */
export function rebuildAccounts(database: DatabaseSync, repair: Omit<AuditEvent, 'detail'> | undefined): BooksRebuilt {
  const differing = database.prepare(
    `WITH lines AS (
       ${linesOfRecords}
       UNION ALL
       ${linesOfEntries}
     ),
     sums AS (
       SELECT account_id, sum(amount) AS posted, sum(doubt) AS unknown, min(at_ms) AS opened_at_ms FROM lines GROUP BY account_id
     ),
     names AS (SELECT account_id FROM sums UNION SELECT account_id FROM budget_accounts)
     SELECT account_id, coalesce(kept.posted, 0) AS kept, coalesce(kept.unknown, 0) AS kept_unknown,
       coalesce(sums.posted, 0) AS posted, coalesce(sums.unknown, 0) AS unknown, sums.opened_at_ms AS opened_at_ms
     FROM names LEFT JOIN sums USING (account_id) LEFT JOIN budget_accounts AS kept USING (account_id)
     WHERE kept.posted IS NOT coalesce(sums.posted, 0) OR kept.unknown IS NOT coalesce(sums.unknown, 0)
     ORDER BY account_id`,
  )
  differing.setReadBigInts(true)
  const rows = differing.all()
  const differences = rows.map((row) => ({
    accountId: String(row['account_id']),
    kept: wholeOf(row['kept']),
    posted: wholeOf(row['posted']),
    keptUnknown: wholeOf(row['kept_unknown']),
    unknown: wholeOf(row['unknown']),
  }))
  if (repair) {
    const put = database.prepare(
      `INSERT INTO budget_accounts (account_id, posted, unknown, opened_at_ms) VALUES (?, ?, ?, ?)
       ON CONFLICT (account_id) DO UPDATE SET posted = excluded.posted, unknown = excluded.unknown`,
    )
    for (const [place, { accountId, posted, unknown }] of differences.entries())
      put.run(accountId, posted, unknown, rows[place]?.['opened_at_ms'] ?? 0)
  }
  const accounts = Number(database.prepare('SELECT count(*) AS n FROM budget_accounts').get()?.['n'])
  if (repair && differences.length > 0)
    appendAudit(database, { ...repair, detail: JSON.stringify({ accounts, differing: differences.length }) })
  return { accounts, differences }
}

function keptAccountOf(row: Record<string, SQLOutputValue>): KeptAccount {
  return {
    accountId: String(row['account_id']),
    posted: wholeOf(row['posted']),
    openedAtMs: Number(row['opened_at_ms']),
    unknown: wholeOf(row['unknown']),
  }
}

/** @throws Error for what was not read as `bigint`. */
export function wholeOf(value: SQLOutputValue | undefined): bigint {
  if (typeof value === 'bigint') return value
  throw new Error(`${String(value)} is no whole number`)
}
