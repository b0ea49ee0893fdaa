import { describe, expect, it } from 'vitest'
import { turnedClock } from '../../test/turned-clock.ts'
import type { BudgetInForce } from '../admin/ports.ts'
import { sampleBudget } from '../stores/laws/sample-budgets.ts'
import type { AuditEvent } from '../stores/ports/audit.ts'
import type { LedgerEntry, NewLedgerEntry } from '../stores/ports/ledger-entries.ts'
import { openConfiguredCaps } from './configured-caps.ts'

describe('configured caps', () => {
  function openHouse() {
    const written: LedgerEntry[] = []
    const logged: string[] = []
    const house = {
      written,
      logged,
      isBroken: false,
      budgets: [] as readonly BudgetInForce[],
      open: () =>
        openConfiguredCaps({
          clock: turnedClock(),
          log: { error: (_told: unknown, message: string) => void logged.push(message) } as never,
          entries: {
            configuredCaps: async () => written,
            append: async (entries: readonly NewLedgerEntry[], { atMs, actor }: AuditEvent) => {
              if (house.isBroken) throw new Error('no disk')
              written.push(...entries.map((entry) => ({ ...entry, atMs, actor })))
            },
          },
          budgets: () => house.budgets,
          version: () => 'v1',
        }),
      told: () => written.map(({ actor, amount }) => [actor, amount]),
    }
    return house
  }
  const budget = (name: string, cap: bigint, managedBy: BudgetInForce['managedBy']): BudgetInForce => ({
    rule: sampleBudget({ name, id: `organisation acme/${name} usd/day`, cap }),
    place: {},
    managedBy,
  })

  it('are noted once, each under who set it up, and again when they are others', async () => {
    const house = openHouse()
    house.budgets = [budget('a', 1n, 'config'), budget('b', 2n, 'api')]
    const caps = await house.open()
    await caps.note('config v1')
    await caps.note('config v1')
    expect(house.told()).toEqual([
      ['config v1', 1n],
      ['admin', 2n],
    ])
    house.budgets = [budget('a', 1n, 'config'), budget('b', 0n, 'api')]
    await caps.note('config v1')
    expect(house.told().slice(2)).toEqual([['admin', 0n]])
  })

  it('that could not be written are logged and noted the next time, in another process too', async () => {
    const house = openHouse()
    house.budgets = [budget('a', 1n, 'api')]
    house.isBroken = true
    const caps = await house.open()
    await caps.note('admin')
    expect(house.logged).toHaveLength(1)
    house.isBroken = false
    await (await house.open()).note('config v1')
    expect(house.told()).toEqual([['admin', 1n]])
    await caps.note('admin')
    expect(house.told()).toHaveLength(2)
  })

  it('of a budget that is gone end, and begin anew with it', async () => {
    const house = openHouse()
    const both = [budget('a', 1n, 'config'), budget('b', 2n, 'config')]
    house.budgets = both
    await (await house.open()).note('config v1')
    house.budgets = both.slice(1)
    await (await house.open()).note('config v1')
    await (await house.open()).note('config v1')
    expect(house.written.slice(2).map(({ actor, detail }) => [actor, detail])).toEqual([
      ['config v1', '{"kind":"configured","ruleId":"organisation acme/a usd/day"}'],
    ])
    house.budgets = both
    await (await house.open()).note('config v1')
    expect(house.told().slice(3)).toEqual([['config v1', 1n]])
  })
})
