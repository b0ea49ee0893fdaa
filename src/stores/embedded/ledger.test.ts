import { describe, expect, it } from 'vitest'
import { turnedClock } from '../../../test/turned-clock.ts'
import { systemClock } from '../../canonical/clock.ts'
import { ledgerLaws } from '../laws/ledger-laws.ts'
import { sampleBudget, sampleHold, spend } from '../laws/sample-budgets.ts'
import { openLedger } from './ledger.ts'
import { openEmbedded } from './open-embedded.ts'

const openStores = (dir: string) =>
  openEmbedded({
    dir,
    clock: systemClock,
    reserveBytes: 4096,
    onFailure(failure) {
      throw failure
    },
  })

ledgerLaws('the ledger of a gateway that runs alone', openStores, {
  async open({ clock, stores, mostAccounts }) {
    const own = await openLedger({ clock, accounts: stores.accounts, entries: stores.entries, mostAccounts })
    return { own, ledgers: [own], arrived: async () => {}, kill: undefined }
  },
})

describe('accounts in memory', () => {
  it('are read once for each call, however few are kept', async () => {
    let reads = 0
    const accounts = {
      read: async (accountIds: readonly string[]) => {
        reads += accountIds.length
        if (reads > 100) throw new Error('the same accounts are read again and again')
        return []
      },
      below: async () => [],
      rebuild: async () => ({ accounts: 0, differences: [] }),
    }
    const entries = { append: async () => {}, grants: async () => [] }
    const ledger = await openLedger({ clock: turnedClock(), accounts, entries, mostAccounts: 2 })
    const rules = ['a', 'b', 'c', 'd', 'e'].map((name) => sampleBudget({ id: name }))
    const ask = async (holdId: string, ...places: readonly number[]) => {
      const asked = rules.filter((_, place) => places.includes(place))
      expect(await ledger.reserve(sampleHold(holdId, asked, spend(1n)))).toMatchObject({ kind: 'granted' })
      ledger.void(holdId)
    }
    await ask('one', 0, 1, 2)
    await ask('two', 0, 3, 4)
    expect(reads).toBeLessThanOrEqual(6)
    await Promise.all([ask('three', 0, 1, 2), ask('four', 2, 3, 4), ask('five', 4, 1)])
    expect(ledger.state().accounts).toBeLessThanOrEqual(5)
  })
})
