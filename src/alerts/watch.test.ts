import { expect, it } from 'vitest'
import { turnedClock } from '../../test/turned-clock.ts'
import type { Alert } from '../stores/ports/alerts.ts'
import { sampleBudget } from '../stores/laws/sample-budgets.ts'
import { openBudgetWatch } from './watch.ts'

it('what could not be noted is noted with the next look at everything, of whatever window it is', async () => {
  const clock = turnedClock()
  const rule = { ...sampleBudget({ cap: 10n }), id: 'team acme/search/all usd/day', alertsAt: [50] }
  const accountId = `${rule.id}@2026-11-22`
  const posted = { accountId, ruleId: rule.id, value: undefined, windowId: '2026-11-22', windowEndMs: clock.nowMs() }
  const noted: Alert[] = []
  const problems: unknown[] = []
  const watch = openBudgetWatch({
    clock,
    ledger: { balancesOf: async () => [{ ...posted, cap: 10n, posted: 12n, held: 0n }], capOf: () => 10n },
    // Nothing has reached a threshold in the window of now.
    accounts: { reaching: async () => [] },
    alerts: {
      note: async (alerts) => {
        if (problems.length === 0) throw new Error('the disk is full')
        return alerts
      },
    },
    rules: () => [rule],
    receivers: () => [],
    nextId: () => `msg_${noted.length}`,
    onAlert: (alert) => void noted.push(alert),
    onProblem: (problem) => void problems.push(problem),
  })
  watch.begin()
  watch.posted([rule], [{ accountId, amount: 12n }], [{ accountId, amount: 2n }])
  clock.turn(1_000)
  await expect.poll(() => problems).toHaveLength(1)
  expect(noted).toEqual([])
  clock.turn(300_000)
  await expect.poll(() => noted.map(({ percent }) => percent)).toEqual([50, undefined])
  await watch.close()
  expect(noted).toHaveLength(2)
})
