import { expect, it } from 'vitest'
import { listAudit } from './audit-table.ts'
import { PostingSums, postingWrites, readAccounts, rebuildAccounts } from './budget-accounts-table.ts'
import { inTransaction, openDatabase } from './database.ts'

const repair = { atMs: 1, actor: 'admin', action: 'ledger.rebuild', target: 'ledger' }

it('a repair of the accounts and its audit entry are written both or neither', () => {
  const database = openDatabase(':memory:', 0)
  const kept = () => readAccounts(database, ['a']).map(({ posted }) => posted)
  const sums = new PostingSums()
  sums.add([{ accountId: 'a', amount: 7n }], 0)
  postingWrites(database)(sums)

  const rebuild = () => inTransaction(database, () => rebuildAccounts(database, repair))
  database.exec("CREATE TRIGGER full BEFORE INSERT ON audit_entries BEGIN SELECT raise(ABORT, 'the disk is full'); END")
  expect(rebuild).toThrow('the disk is full')
  expect(kept()).toEqual([7n])

  database.exec('DROP TRIGGER full')
  expect(rebuild().differences).toEqual([{ accountId: 'a', kept: 7n, posted: 0n }])
  expect(kept()).toEqual([0n])
  expect(listAudit(database, { afterSequence: 0, limit: 10 })).toMatchObject([
    { ...repair, detail: '{"accounts":1,"differing":1}' },
  ])
  // Nothing was ever posted there, as is kept now.
  expect(rebuild().differences).toEqual([])
  database.close()
})
