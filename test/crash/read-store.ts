import { copyFileSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { UsageRecord } from '../../src/canonical/usage-record.ts'
import { rebuildAccounts } from '../../src/stores/embedded/budget-accounts-table.ts'
import { spoolDirOf } from '../../src/stores/embedded/spool-segments.ts'
import { usageRecordOfRow } from '../../src/stores/embedded/usage-table.ts'

/** What a gateway left behind. To be read while no gateway runs. */
export interface LeftBehind {
  readonly records: readonly UsageRecord[]
  /** What SQLite says of itself: `ok`, or what is broken. */
  readonly integrity: string
  /** Segments of the spool: none after a clean end. */
  readonly spoolFiles: readonly string[]
  /** What is posted in each account of a budget. */
  readonly posted: ReadonlyMap<string, bigint>
}

export function readStore(dataDir: string): LeftBehind {
  const database = new DatabaseSync(join(dataDir, 'weir.sqlite'))
  try {
    const rows = database.prepare('SELECT * FROM usage_records')
    rows.setReadBigInts(true)
    return {
      records: rows.all().map(usageRecordOfRow),
      integrity: integrityOf(database),
      spoolFiles: spoolFilesIn(dataDir),
      posted: new Map(accountsOf(database)),
    }
  } finally {
    database.close()
  }
}

export function spoolFilesIn(dataDir: string): readonly string[] {
  return readdirSync(spoolDirOf(dataDir)).filter((name) => name.endsWith('.spool'))
}

/**
 * What SQLite would find after a kill (failures.md N10). On a copy: opening the database itself would put it right, which
 * is the gateway's to do.
 */
export function integrityAfterKill(dataDir: string): string {
  const copyDir = mkdtempSync(join(dataDir, '../check-'))
  try {
    for (const name of ['weir.sqlite', 'weir.sqlite-wal'])
      if (existsSync(join(dataDir, name))) copyFileSync(join(dataDir, name), join(copyDir, name))
    const database = new DatabaseSync(join(copyDir, 'weir.sqlite'))
    try {
      return integrityOf(database)
    } finally {
      database.close()
    }
  } finally {
    rmSync(copyDir, { recursive: true, force: true })
  }
}

/** Also of the ledger: I2, every account is the sum of its records, at every moment. */
function integrityOf(database: DatabaseSync): string {
  const rows = database.prepare('PRAGMA integrity_check').all()
  const found = rows.map((row) => String(row['integrity_check'])).filter((line) => line !== 'ok')
  const { differences } = rebuildAccounts(database, undefined)
  const differing = differences.map(
    ({ accountId, kept, posted }) => `${accountId} is kept as ${kept}, and its records come to ${posted}`,
  )
  return [...found, ...differing].join('; ') || 'ok'
}

function accountsOf(database: DatabaseSync): readonly (readonly [string, bigint])[] {
  const rows = database.prepare('SELECT account_id, posted FROM budget_accounts')
  rows.setReadBigInts(true)
  return rows.all().map((row) => [String(row['account_id']), BigInt(String(row['posted']))] as const)
}
