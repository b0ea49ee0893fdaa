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

describe('what was spent before anybody asked', () => {
  it('I3: is posted whatever speaks against another call: its time, the calls of its key, and what is left', async () => {
    const clock = turnedClock()
    const ledger = await openLedger({
      clock,
      accounts: { read: async () => [], below: async () => [] },
      entries: { append: async () => {}, grants: async () => [] },
    })
    const rules = [
      sampleBudget({ name: 'dollars', cap: 5n, per: 'total' }),
      sampleBudget({ name: 'time', unit: 'seconds', cap: 60n, per: 'total' }),
      sampleBudget({ name: 'narrow', unit: 'calls', cap: 9n, per: 'total', mostOpenPerKey: 1 }),
    ]
    expect(await ledger.reserve(sampleHold('a/1', rules, spend(5n)))).toMatchObject({ kind: 'granted' })
    clock.turn(60_000)
    const nothing = sampleHold('b/1', rules, spend(0n, 0n, 0n))
    expect(await ledger.reserve(nothing)).toMatchObject({ kind: 'refused' })
    expect(await ledger.reserve({ ...nothing, isOwed: true })).toMatchObject({ kind: 'granted' })
    ledger.dispatch('b/1')
    ledger.settle('b/1', spend(7n, 0n, 0n))
    expect(await ledger.balances(rules)).toMatchObject([{ posted: 7n, held: 5n }, {}, { held: 1n }])
  })
})

describe('the time of a budget in seconds', () => {
  const rule = sampleBudget({ name: 'time', unit: 'seconds', cap: 60n, per: 'total' })
  const hold = (holdId: string) => sampleHold(holdId, [rule], spend(1n))
  async function openHouse() {
    const clock = turnedClock()
    const accounts = { read: async () => [], below: async () => [] }
    const entries = { append: async () => {}, grants: async () => [] }
    return { clock, ledger: await openLedger({ clock, accounts, entries }) }
  }

  it('does not begin with a call that did no work: there would be no record of it after a restart', async () => {
    const { clock, ledger } = await openHouse()
    expect(await ledger.reserve(hold('a'))).toMatchObject({ kind: 'granted' })
    ledger.void('a')
    clock.turn(60_000)
    expect(await ledger.balances([rule])).toMatchObject([{ posted: 0n }])
    expect(await ledger.reserve(hold('b'))).toMatchObject({ kind: 'granted' })
  })

  it('begins with the first of those that did some, or are still under way', async () => {
    const { clock, ledger } = await openHouse()
    for (const holdId of ['a', 'b', 'c']) {
      expect(await ledger.reserve(hold(holdId))).toMatchObject({ kind: 'granted' })
      clock.turn(10_000)
    }
    const passed = async () => (await ledger.balances([rule])).map(({ posted }) => posted)
    expect(await passed()).toEqual([30n])
    ledger.void('a')
    expect(await passed()).toEqual([20n])
    ledger.dispatch('c')
    ledger.settle('c', spend(1n))
    expect(await passed()).toEqual([20n])
    ledger.void('b')
    expect(await passed()).toEqual([10n])
    clock.turn(50_000)
    expect(await ledger.reserve(hold('d'))).toMatchObject({ kind: 'refused', why: 'short' })
  })
})

describe('what is posted', () => {
  const rule = sampleBudget({ alertsAt: [50] })
  const other = sampleBudget({ name: 'other' })
  const accountOf = (id: string) => `${id}@2026-11-23`

  async function openHouse() {
    const told: (readonly [readonly string[], readonly bigint[], readonly bigint[]])[] = []
    const clock = turnedClock()
    const ledger = await openLedger({
      clock,
      accounts: { read: async () => [], below: async () => [] },
      entries: { append: async () => {}, grants: async () => [] },
      onPosted: (rules, postings, excess) =>
        void told.push([
          rules.map(({ name }) => name),
          postings.map(({ amount }) => amount),
          excess.map(({ amount }) => amount),
        ]),
    })
    for (const holdId of ['a', 'b', 'c'])
      expect(await ledger.reserve(sampleHold(holdId, [rule, other], spend(100n)))).toMatchObject({ kind: 'granted' })
    return { ledger, clock, told }
  }

  it('is told with its rules and what went beyond a hold, whoever settles: a worker too', async () => {
    const { ledger, told } = await openHouse()
    ledger.settle('a', spend(40n))
    ledger.settleAs('b', JSON.stringify([rule, other].map(({ id }) => [accountOf(id), '130'])))
    ledger.void('c')
    expect(told).toEqual([
      [['daily', 'other'], [40n, 40n], []],
      [
        ['daily', 'other'],
        [130n, 130n],
        [30n, 30n],
      ],
    ])
  })

  it('is found in its account when the window is over, with the end of that window', async () => {
    const { ledger, clock } = await openHouse()
    ledger.settle('a', spend(40n))
    clock.turn(2 * 86_400_000)
    expect(await ledger.balancesOf([{ rule, accountId: accountOf(rule.id) }])).toMatchObject([
      { windowId: '2026-11-23', windowEndMs: Date.UTC(2026, 10, 24), posted: 40n, held: 200n, cap: 1_000n },
    ])
  })
})
