import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import type { UsageRecord } from '../../canonical/usage-record.ts'
import { encodeUsagePayload, readUsageValues } from '../../ledger/usage-payload.ts'
import { sampleEvent, sampleRecord } from '../laws/sample-records.ts'
import { listAudit } from './audit-table.ts'
import { noteAlerts } from './alerts-table.ts'
import {
  accountsReaching,
  pageAccounts,
  PostingSums,
  postingWrites,
  readAccounts,
  rebuildAccounts,
  sumAccounts,
} from './budget-accounts-table.ts'
import { inTransaction, openDatabase } from './database.ts'
import { appendEntries } from './ledger-entries.ts'
import { usageWrites } from './usage-writes.ts'

const repair = { atMs: 1, actor: 'admin', action: 'ledger.rebuild', target: 'ledger' }

it('a repair of the accounts and its audit entry are written both or neither', () => {
  const database = openDatabase(':memory:', 0)
  const kept = () => readAccounts(database, ['a']).map(({ posted }) => posted)
  const sums = new PostingSums()
  sums.add({ accountId: 'a', amount: 7n }, 0n, 0)
  postingWrites(database)(sums)

  const rebuild = () => inTransaction(database, () => rebuildAccounts(database, repair))
  database.exec("CREATE TRIGGER full BEFORE INSERT ON audit_entries BEGIN SELECT raise(ABORT, 'the disk is full'); END")
  expect(rebuild).toThrow('the disk is full')
  expect(kept()).toEqual([7n])

  database.exec('DROP TRIGGER full')
  const doubt = { keptUnknown: 0n, unknown: 0n }
  expect(rebuild().differences).toEqual([{ accountId: 'a', kept: 7n, posted: 0n, ...doubt }])
  expect(kept()).toEqual([0n])
  expect(listAudit(database, { afterSequence: 0, limit: 10 })).toMatchObject([
    { ...repair, detail: '{"accounts":1,"differing":1}' },
  ])
  // Nothing was ever posted there, as is kept now.
  expect(rebuild().differences).toEqual([])
  database.close()
})

it('of very many accounts only those that have reached a threshold untold are read', () => {
  const database = openDatabase(':memory:', 0)
  const sums = new PostingSums()
  const [day, other] = ['a usd/day by user@2026-11-29', 'a usd/day by user@2026-11-28']
  const posted = { one: 49n, two: 50n, three: 79n, four: 80n, five: 200n }
  for (const [value, amount] of Object.entries(posted))
    sums.add({ accountId: `${day}[${value}]`, amount }, 0n, amount === 200n ? 30 : 10)
  sums.add({ accountId: `${other}[old]`, amount: 500n }, 0n, 10)
  postingWrites(database)(sums)
  const told = (value: string, percent: number) => {
    const alert = { id: `${value}${percent}`, atMs: 1, accountId: `${day}[${value}]`, percent, body: '{}' }
    inTransaction(database, () => noteAlerts(database, [alert], []))
  }
  const reaching = (openedByMs: number, name = day) => {
    const thresholds = [50n, 80n].map((amount) => ({ percent: Number(amount) + 0.5, posted: amount, openedByMs }))
    return accountsReaching(database, [{ name, thresholds }]).map(({ accountId }) => accountId.slice(day.length))
  }
  expect(reaching(100)).toEqual(['[five]', '[four]', '[three]', '[two]'])
  for (const value of ['three', 'four', 'five']) told(value, 50.5)
  expect(reaching(100)).toEqual(['[five]', '[four]', '[two]'])
  told('four', 80.5)
  expect(reaching(100)).toEqual(['[five]', '[two]'])
  expect(reaching(20)).toEqual(['[two]'])
  expect(reaching(5)).toEqual([])
  expect(reaching(100, other)).toEqual(['[old]'])
  database.close()
})

it('of very many accounts the store tells the sum, the fullest, and a page', () => {
  const database = openDatabase(':memory:', 0)
  const sums = new PostingSums()
  const [day, other] = ['a usd/day by user@2026-11-29', 'a usd/day by user@2026-11-28']
  for (const [value, amount, atMs, isInDoubt] of [
    ['x', 5n, 3_000, false],
    ['y', 9n, 2_000, true],
    ['z', 5n, 1_999, false],
  ] as const)
    sums.add({ accountId: `${day}[${value}]`, amount }, isInDoubt ? amount : 0n, atMs)
  sums.add({ accountId: `${other}[x]`, amount: 500n }, 0n, 10)
  postingWrites(database)(sums)

  const sum = (name: string, secondsUntilMs?: number) => {
    const { fullest, ...told } = sumAccounts(database, { name, most: 2, secondsUntilMs })
    return { ...told, fullest: fullest.map(({ accountId }) => accountId.slice(name.length)) }
  }
  expect(sum(day)).toEqual({ count: 3, posted: 19n, unknown: 9n, fullest: ['[y]', '[x]'] })
  expect(sum(day, 4_000)).toEqual({ count: 3, posted: 5n, unknown: 9n, fullest: ['[y]', '[z]'] })
  expect(sum(day, 1_000)).toMatchObject({ posted: 0n })
  expect(sum('nothing')).toEqual({ count: 0, posted: 0n, unknown: 0n, fullest: [] })

  const page = (after: string, limit: number) =>
    pageAccounts(database, { name: day, after, limit }).map(({ accountId }) => accountId.slice(day.length))
  expect(page('', 2)).toEqual(['[x]', '[y]'])
  expect(page(`${day}[y]`, 2)).toEqual(['[z]'])
  database.close()
})

describe('what is in doubt', () => {
  const postings = (amount: string) => `[["a","${amount}"]]`
  const insert = (database: DatabaseSync, record: UsageRecord) => {
    const values = readUsageValues(encodeUsagePayload(record))
    usageWrites(database).insert([values], undefined)
  }
  const entry = (requestId: string, amount: bigint) =>
    ({ kind: 'rerate', requestId, attempt: 1, accountId: 'a', amount, detail: '{}' }) as const
  const kept = (database: DatabaseSync) => readAccounts(database, ['a']).map(({ posted, unknown }) => [posted, unknown])

  /** One attempt that was told and one that is in doubt, both priced anew. */
  function fill(database: DatabaseSync): void {
    insert(database, sampleRecord({ requestId: 'told', postings: postings('5') }))
    insert(database, sampleRecord({ requestId: 'lost', postings: postings('70'), usageSource: 'worst_case' }))
    appendEntries(database, [entry('told', 1n), entry('lost', -20n)], sampleEvent)
  }

  it('I6: is kept beside what is posted, with what was learnt of it later', () => {
    const database = openDatabase(':memory:', 0)
    fill(database)
    expect(kept(database)).toEqual([[56n, 50n]])
    database.exec('UPDATE budget_accounts SET unknown = 3')
    const differs = [{ accountId: 'a', kept: 56n, posted: 56n, keptUnknown: 3n, unknown: 50n }]
    expect(rebuildAccounts(database, undefined).differences).toEqual(differs)
    expect(kept(database)).toEqual([[56n, 3n]])
    expect(inTransaction(database, () => rebuildAccounts(database, repair)).differences).toEqual(differs)
    expect(kept(database)).toEqual([[56n, 50n]])
    expect(rebuildAccounts(database, undefined).differences).toEqual([])
    database.close()
  })

  it('is gone with what resolves the attempt, also where the amount is right, and does not come back', () => {
    const database = openDatabase(':memory:', 0)
    fill(database)
    const resolving = (amount: bigint) => [{ ...entry('lost', amount), kind: 'resolve' as const }]
    appendEntries(database, resolving(-10n), sampleEvent)
    expect(kept(database)).toEqual([[46n, 0n]])
    appendEntries(database, resolving(3n), sampleEvent)
    appendEntries(database, [entry('lost', 1n)], sampleEvent)
    expect(kept(database)).toEqual([[50n, 0n]])

    insert(database, sampleRecord({ requestId: 'later', postings: postings('8'), usageSource: 'worst_case' }))
    expect(kept(database)).toEqual([[58n, 8n]])
    appendEntries(database, [{ ...entry('later', 0n), kind: 'resolve' }], sampleEvent)
    expect(kept(database)).toEqual([[58n, 0n]])
    database.exec('UPDATE budget_accounts SET unknown = 3')
    inTransaction(database, () => rebuildAccounts(database, repair))
    expect(kept(database)).toEqual([[58n, 0n]])
    database.close()
  })

  it('is added up where a Weir before kept no account of it', () => {
    const dir = mkdtempSync(join(tmpdir(), 'weir-doubt-'))
    const path = join(dir, 'weir.sqlite')
    const older = openDatabase(path, 0)
    fill(older)
    older.exec('ALTER TABLE budget_accounts DROP COLUMN unknown; DROP INDEX usage_records_in_doubt')
    older.exec('ALTER TABLE ledger_entries DROP COLUMN doubt; PRAGMA user_version = 11')
    older.close()
    const database = openDatabase(path, 0)
    expect(kept(database)).toEqual([[56n, 50n]])
    database.close()
    rmSync(dir, { recursive: true })
  })
})
