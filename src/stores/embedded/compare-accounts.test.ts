import { describe, expect, it } from 'vitest'
import type { UsageRecord } from '../../canonical/usage-record.ts'
import { writePostings } from '../../ledger/amounts.ts'
import { encodeUsagePayload, readUsageValues } from '../../ledger/usage-payload.ts'
import { sampleEvent, sampleRecord } from '../laws/sample-records.ts'
import { rebuildAccounts } from './budget-accounts-table.ts'
import { AccountsComparison } from './compare-accounts.ts'
import { openDatabase } from './database.ts'
import { appendEntries } from './ledger-entries.ts'
import { usageWrites } from './usage-writes.ts'

const repair = { atMs: 1, actor: 'admin', action: 'ledger.rebuild', target: 'ledger' }

describe('the comparison of accounts with their records', () => {
  function openHouse(mostPerStep?: number) {
    const database = openDatabase(':memory:', 0)
    const writes = usageWrites(database)
    const comparison = new AccountsComparison(database, mostPerStep)
    let records = 0
    return {
      database,
      comparison,
      post: (accountId: string, amount: bigint, changes: Partial<UsageRecord> = {}) => {
        const requestId = `r${(records += 1)}`
        const record = sampleRecord({ requestId, postings: writePostings([{ accountId, amount }]), ...changes })
        writes.insert([readUsageValues(encodeUsagePayload(record))], undefined)
      },
      enter: (accountId: string, amount: bigint) => {
        const entry = {
          kind: 'batch',
          requestId: undefined,
          attempt: undefined,
          accountId,
          amount,
          detail: '{}',
        } as const
        appendEntries(database, [entry], sampleEvent)
      },
      /** Steps until a round is over. */
      wholeRound: () => {
        for (let steps = 1; steps < 1_000; steps += 1) {
          const { isRoundOver, differing } = comparison.step()
          if (isRoundOver) return { steps, differing }
        }
        throw new Error('no round ends')
      },
    }
  }

  it('I2: finds nothing where each account is the sum of its records and entries', () => {
    const { post, enter, wholeRound } = openHouse()
    post('a', 7n)
    post('b', 5n)
    enter('a', -3n)
    expect(wholeRound()).toEqual({ steps: 1, differing: 0n })
    post('a', 1n)
    expect(wholeRound()).toEqual({ steps: 1, differing: 0n })
  })

  it('I2: finds what an account says beside its lines, what it lacks, and accounts that are not there at all', () => {
    const { database, post, enter, wholeRound } = openHouse()
    post('a', 7n)
    post('b', 5n)
    enter('c', 4n)
    database.exec("UPDATE budget_accounts SET posted = 0 WHERE account_id = 'a'")
    expect(wholeRound().differing).toBe(7n)
    database.exec("UPDATE budget_accounts SET posted = 6 WHERE account_id = 'b'")
    database.exec("DELETE FROM budget_accounts WHERE account_id = 'c'")
    database.exec("INSERT INTO budget_accounts VALUES ('d', 2, 0, 0)")
    expect(wholeRound().differing).toBe(7n + 1n + 4n + 2n)
  })

  it('I6: finds what is in doubt beside its lines, and nothing where it is what they come to, resolved or not', () => {
    const { database, post, wholeRound } = openHouse(2)
    const lost = { requestId: 'lost', usageSource: 'worst_case' } as const
    post('a', 7n)
    post('a', 50n, lost)
    post('b', 5n, { usageSource: 'worst_case' })
    expect(wholeRound().differing).toBe(0n)
    const resolving = {
      kind: 'resolve',
      requestId: 'lost',
      attempt: 1,
      accountId: 'a',
      amount: -20n,
      detail: '{}',
    } as const
    appendEntries(database, [resolving], sampleEvent)
    expect(wholeRound().differing).toBe(0n)
    database.exec('UPDATE budget_accounts SET unknown = unknown + 3')
    expect(wholeRound().differing).toBe(6n)
  })

  it('finds a record that was edited after a round had added it up', () => {
    const { database, post, wholeRound } = openHouse()
    post('a', 7n)
    expect(wholeRound().differing).toBe(0n)
    database.exec(`UPDATE usage_records SET postings = '[["a","1"]]'`)
    expect(wholeRound().differing).toBe(6n)
  })

  it('needs many steps where there is much, and what is posted between them is no difference', () => {
    const { comparison, database, post, enter, wholeRound } = openHouse(2)
    for (const account of ['a', 'b', 'c', 'd', 'e']) post(account, 7n)
    for (const account of ['a', 'b', 'c', 'd', 'e']) enter(account, 1n)
    database.exec("UPDATE budget_accounts SET posted = 0 WHERE account_id = 'e'")
    const told = []
    for (let rounds = 0; rounds < 3;) {
      const { isRoundOver, differing } = comparison.step()
      told.push(differing)
      post('a', 1n)
      if (isRoundOver) rounds += 1
    }
    expect(told.length).toBeGreaterThan(6)
    expect(new Set(told)).toEqual(new Set([undefined, 8n]))
    expect(wholeRound().differing).toBe(8n)
  })

  it('takes a rebuild for a round: what was put right differs no more', () => {
    const { database, comparison, post, wholeRound } = openHouse(2)
    for (const account of ['a', 'b', 'c']) post(account, 7n)
    database.exec("UPDATE budget_accounts SET posted = 9 WHERE account_id = 'b'")
    expect(comparison.step().differing).toBeUndefined()
    comparison.rebuilt(rebuildAccounts(database, undefined), false)
    expect(comparison.step().differing).toBe(2n)
    comparison.rebuilt(rebuildAccounts(database, repair), true)
    expect(comparison.step().differing).toBe(0n)
    expect(wholeRound().differing).toBe(0n)
  })
})
