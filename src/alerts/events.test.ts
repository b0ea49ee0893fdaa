import { describe, expect, it } from 'vitest'
import type { Balance } from '../canonical/budget.ts'
import { sampleBudget } from '../stores/laws/sample-budgets.ts'
import { amountReaching, excessEvent, reachedOf, thresholdEvent } from './events.ts'

const rule = {
  ...sampleBudget({ cap: 2_000_000_000n }),
  id: 'team acme/search/monthly usd/month',
  alertsAt: [50, 80, 99.5],
}
const balance: Balance = {
  accountId: `${rule.id}@2026-11`,
  ruleId: rule.id,
  value: undefined,
  windowId: '2026-11',
  windowEndMs: Date.UTC(2026, 11, 1),
  cap: 2_000_000_000n,
  posted: 1_600_000_000n,
  held: 300_000_000n,
}

describe('thresholds', () => {
  it('are reached by what is spent, to the nano-dollar, and never by what is held', () => {
    const reached = (posted: bigint, cap = 2_000_000_000n) => reachedOf(rule, { cap, posted })
    expect(reached(999_999_999n)).toEqual([])
    expect(reached(1_000_000_000n)).toEqual([50])
    expect(reached(1_989_999_999n)).toEqual([50, 80])
    expect(reached(1_990_000_000n)).toEqual([50, 80, 99.5])
    expect(reached(10n ** 18n)).toEqual([50, 80, 99.5])
  })

  it('are reached by the least amount that is so much of the cap, and by nothing less', () => {
    expect(amountReaching(50, 3n)).toBe(2n)
    expect(amountReaching(99.5, 200n)).toBe(199n)
    expect(amountReaching(0.000001, 1n)).toBe(1n)
    expect(amountReaching(1_000, 10n ** 18n)).toBe(10n ** 19n)
  })

  it('are none where a budget is suspended', () => {
    expect(reachedOf(rule, { cap: 0n, posted: 0n })).toEqual([])
  })
})

describe('an alert', () => {
  const atMs = Date.UTC(2026, 10, 23)

  it('tells which threshold was reached, and the account as it is', () => {
    expect(JSON.parse(thresholdEvent(rule, balance, 80, atMs))).toMatchObject({
      type: 'budget.threshold',
      timestamp: '2026-11-23T00:00:00.000Z',
      data: {
        budget: 'team acme/search/monthly',
        value: null,
        window: '2026-11',
        resetsAt: '2026-12-01T00:00:00.000Z',
        percent: 80,
        cap: '2.000000000',
        spent: '1.600000000',
        held: '0.300000000',
        left: '0.100000000',
      },
    })
  })

  it('I3: tells by how much a bound was exceeded', () => {
    expect(JSON.parse(excessEvent(rule, { ...balance, windowEndMs: undefined }, 5n, atMs))).toMatchObject({
      type: 'budget.exceeded_bound',
      data: { excess: '0.000000005', resetsAt: null },
    })
  })
})
