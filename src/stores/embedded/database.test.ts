import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openDatabase } from './database.ts'

let dir: string
let path: string

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'weir-database-'))
  path = join(dir, 'weir.sqlite')
})
afterEach(() => rmSync(dir, { recursive: true }))

/** How its pages are, and how many of them the log takes before it is moved into the file. */
function pagesOf(database: DatabaseSync): readonly unknown[] {
  return ['page_size', 'wal_autocheckpoint'].flatMap((name) =>
    Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {}),
  )
}

describe('the database file', () => {
  it('has pages that several records fit into, and a log of 4 MiB', () => {
    const database = openDatabase(path, 0)
    expect(pagesOf(database)).toEqual([16_384, 256])
    database.close()
  })

  it('of a Weir that made smaller pages keeps them, with as long a log', () => {
    const older = new DatabaseSync(path)
    older.exec('PRAGMA page_size = 4096; PRAGMA journal_mode = WAL; CREATE TABLE kept (value TEXT)')
    older.exec("INSERT INTO kept VALUES ('of before')")
    older.close()
    const database = openDatabase(path, 0)
    expect(pagesOf(database)).toEqual([4096, 1024])
    expect(database.prepare('SELECT value FROM kept').get()).toEqual({ value: 'of before' })
    database.close()
  })

  it('that cannot be opened is named', () => {
    mkdirSync(path)
    expect(() => openDatabase(path, 0)).toThrow(
      `the database ${path} cannot be opened: unable to open database file; the user who runs Weir must be its owner`,
    )
  })
})
