import type { DatabaseSync } from 'node:sqlite'
import type { AccountDifference, BooksCompared, BooksRebuilt } from '../ports/budget-accounts.ts'
import { linesOfEntries, linesOfRecords, wholeOf } from './budget-accounts-table.ts'

/** The most records, entries and accounts that one step looks at, some 20 ms: calls may wait for the thread. */
const mostPerStep = 2_500

/**
 * Compares what is kept of each account, posted and in doubt, with the sum of its records and entries (ledger.md I2, I6), in rounds through everything there
 * is, a step at a time. Records and entries are appended only, so what a round has added up stays true, and each step first adds
 * what is new. What changes behind it is seen by the next round.
 */
export class AccountsComparison {
  readonly #database: DatabaseSync
  readonly #mostPerStep: number
  /** The last record and entry that are added up. */
  #record = 0n
  #entry = 0n
  /** The last account that was compared; every id comes after the empty one. */
  #account = ''
  #differing = 0n
  #found: bigint | undefined

  constructor(database: DatabaseSync, most = mostPerStep) {
    this.#database = database
    this.#mostPerStep = most
  }

  step(): BooksCompared {
    // As many rows as there are accounts: beside the database, and not in memory.
    this.#database.exec(
      `CREATE TEMP TABLE IF NOT EXISTS summed_accounts
       (account_id TEXT PRIMARY KEY, posted INTEGER NOT NULL, unknown INTEGER NOT NULL) STRICT, WITHOUT ROWID`,
    )
    const hasRecords = this.#addRecords()
    const hasEntries = this.#addEntries()
    // With lines left to add, sums and accounts are not of the same moment.
    const isRoundOver = !hasRecords && !hasEntries && !this.#compare()
    if (isRoundOver) this.#end(this.#differing)
    return { isRoundOver, differing: this.#found }
  }

  /** Everything was added up and compared at once: that was a round. */
  rebuilt({ differences }: BooksRebuilt, isRepaired: boolean): void {
    this.#end(isRepaired ? 0n : differences.reduce((sum, one) => sum + distanceIn(one), 0n))
  }

  #addRecords(): boolean {
    const last = this.#last(
      'SELECT rowid AS place FROM usage_records WHERE rowid > ? ORDER BY rowid LIMIT ?',
      this.#record,
    )
    this.#add(`${linesOfRecords} WHERE usage_records.rowid > ? AND usage_records.rowid <= ?`, this.#record, last.place)
    this.#record = last.place
    return last.isMore
  }

  #addEntries(): boolean {
    const last = this.#last('SELECT id AS place FROM ledger_entries WHERE id > ? ORDER BY id LIMIT ?', this.#entry)
    this.#add(`${linesOfEntries} AND id > ? AND id <= ?`, this.#entry, last.place)
    this.#entry = last.place
    return last.isMore
  }

  #last(places: string, after: bigint): { readonly place: bigint; readonly isMore: boolean } {
    const statement = this.#database.prepare(`SELECT max(place) AS place, count(*) AS places FROM (${places})`)
    statement.setReadBigInts(true)
    const row = statement.get(after, this.#mostPerStep)
    const isMore = wholeOf(row?.['places']) === BigInt(this.#mostPerStep)
    return { place: row?.['place'] === null ? after : wholeOf(row?.['place']), isMore }
  }

  #add(lines: string, after: bigint, last: bigint): void {
    if (last === after) return
    this.#database
      .prepare(
        `INSERT INTO summed_accounts SELECT account_id, sum(amount), sum(doubt) FROM (${lines}) WHERE true GROUP BY account_id
         ON CONFLICT (account_id) DO UPDATE SET posted = posted + excluded.posted, unknown = unknown + excluded.unknown`,
      )
      .run(after, last)
  }

  /** @returns whether there are more accounts. */
  #compare(): boolean {
    const some = this.#database.prepare(
      `WITH names AS (
         SELECT account_id FROM budget_accounts WHERE account_id > ?1
         UNION SELECT account_id FROM summed_accounts WHERE account_id > ?1
         ORDER BY account_id LIMIT ?2
       )
       SELECT account_id, coalesce(kept.posted, 0) AS kept, coalesce(summed.posted, 0) AS posted,
         coalesce(kept.unknown, 0) AS kept_unknown, coalesce(summed.unknown, 0) AS unknown
       FROM names LEFT JOIN budget_accounts AS kept USING (account_id) LEFT JOIN summed_accounts AS summed USING (account_id)
       ORDER BY account_id`,
    )
    some.setReadBigInts(true)
    const rows = some.all(this.#account, this.#mostPerStep)
    for (const row of rows)
      this.#differing += distanceIn({
        kept: wholeOf(row['kept']),
        posted: wholeOf(row['posted']),
        keptUnknown: wholeOf(row['kept_unknown']),
        unknown: wholeOf(row['unknown']),
      })
    this.#account = String(rows.at(-1)?.['account_id'] ?? this.#account)
    return rows.length === this.#mostPerStep
  }

  /** The next step begins a new round. */
  #end(found: bigint): void {
    this.#database.exec('DROP TABLE IF EXISTS temp.summed_accounts')
    this.#record = 0n
    this.#entry = 0n
    this.#account = ''
    this.#differing = 0n
    this.#found = found
  }
}

function distanceIn({ kept, posted, keptUnknown, unknown }: Omit<AccountDifference, 'accountId'>): bigint {
  return distance(kept, posted) + distance(keptUnknown, unknown)
}

function distance(one: bigint, other: bigint): bigint {
  return one > other ? one - other : other - one
}
