import { readdirSync, readFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { GatewayError } from '../../canonical/error.ts'
import { makePrivateFile } from './data-dir.ts'

/**
 * Of a new file; an old one keeps its own. Three records fill a page of 4 KB, SQLite's default, to three quarters, and each page goes
 * through log, checksum and checkpoint by itself.
 */
const pageBytes = 16 * 1024
/** So long the log grows before it is moved into the file: what SQLite does by itself with pages of 4 KB. */
const logBytes = 4 * 1024 * 1024

/**
 * Opens the one database file, brings its schema up to date and checks nothing else. Only the database's own thread calls
 * this: one driver, one writer (failures.md N10).
 * @throws GatewayError `store_unavailable` when the file is of a newer version of Weir.
 */
export function openDatabase(path: string, busyTimeoutMs: number): DatabaseSync {
  if (path !== ':memory:') makePrivateFile(path)
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(path, { timeout: busyTimeoutMs, enableForeignKeyConstraints: true })
    database.exec(
      `PRAGMA page_size = ${pageBytes}; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA trusted_schema = OFF`,
    )
    const keptPageBytes = Number(database.prepare('PRAGMA page_size').get()?.['page_size'])
    database.exec(`PRAGMA wal_autocheckpoint = ${Math.round(logBytes / keptPageBytes)}`)
    migrate(database)
    return database
  } catch (thrown) {
    database?.close()
    if (!isNoAccess(thrown)) throw thrown
    const told = `the database ${path} cannot be opened: ${thrown.message}; the user who runs Weir must be its owner`
    throw new GatewayError('store_unavailable', told, { cause: thrown })
  }
}

/** SQLITE_READONLY and SQLITE_CANTOPEN: what a backup gives that was put back by somebody else. */
function isNoAccess(thrown: unknown): thrown is Error {
  return thrown instanceof Error && 'errcode' in thrown && (thrown.errcode === 8 || thrown.errcode === 14)
}

/** Runs `work` in one transaction: all of it is kept, or nothing. */
export function inTransaction<Result>(database: DatabaseSync, work: () => Result): Result {
  database.exec('BEGIN IMMEDIATE')
  try {
    const result = work()
    database.exec('COMMIT')
    return result
  } catch (thrown) {
    if (database.isTransaction) database.exec('ROLLBACK')
    throw thrown
  }
}

/**
 * The same, and the commit is on the disk when this returns. For what nothing else could bring back after a power cut: a
 * revoked key must stay revoked (failures.md A8). Usage records need no such sync: the spool still has them.
 */
export function inDurableTransaction<Result>(database: DatabaseSync, work: () => Result): Result {
  database.exec('PRAGMA synchronous = FULL')
  try {
    return inTransaction(database, work)
  } finally {
    database.exec('PRAGMA synchronous = NORMAL')
  }
}

/**
 * Moves the log into the database file and has the disk confirm both.
 * @returns false when a reader is in the way; then part of what was committed is not confirmed yet.
 */
export function checkpoint(database: DatabaseSync): boolean {
  const outcome = database.prepare('PRAGMA wal_checkpoint(PASSIVE)').get()
  return outcome?.['busy'] === 0 && outcome['log'] === outcome['checkpointed']
}

const sqlFolder = new URL('./sql/', import.meta.url)

/** The numbered SQL files, in their order: after the first `n` the schema has version `n`. */
export function migrationFiles(): readonly string[] {
  return readdirSync(sqlFolder)
    .filter((name) => /^\d{4}-[a-z0-9-]+\.sql$/.test(name))
    .toSorted()
}

/**
 * Brings the schema up to date, one file after the other, each whole or not at all.
 * @param files those to be brought up to; a test makes a database of an earlier version by the first of them.
 * @throws GatewayError `store_unavailable` when the database is of a newer version.
 */
export function migrate(database: DatabaseSync, files: readonly string[] = migrationFiles()): void {
  const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version'])
  if (version > files.length) {
    const problem = `the database has schema version ${version}, and this Weir knows up to ${files.length}; run the newer Weir that wrote it`
    throw new GatewayError('store_unavailable', problem)
  }
  for (const [place, name] of files.entries()) {
    const number = place + 1
    if (Number(name.slice(0, 4)) !== number) throw new Error(`the numbered SQL files have a gap before ${name}`)
    if (number <= version) continue
    inDurableTransaction(database, () => {
      database.exec(readFileSync(new URL(name, sqlFolder), 'utf8'))
      // A pragma takes no bound values; the number is a place in our own list of files.
      database.exec(`PRAGMA user_version = ${number}`)
    })
  }
}
