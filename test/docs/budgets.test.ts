import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { retryAfterMs } from '../../src/alerts/deliver.ts'
import { excessEvent, thresholdEvent } from '../../src/alerts/events.ts'
import { budgetPeriods } from '../../src/canonical/budget.ts'
import { sampleBudget } from '../../src/stores/laws/sample-budgets.ts'
import { pageAt, codeBlocks, tableOf, firstCells } from './read-pages.ts'

describe('budgets.md', () => {
  const text = pageAt('docs/budgets.md').text.replaceAll(/\s+/g, ' ')

  it('tells every period, and what an alert says, as the code has it', () => {
    expect(firstCells(tableOf('docs/budgets.md', ['`per`', 'Begins anew']))).toEqual([...budgetPeriods])
    const rule = { ...sampleBudget(), id: 'organisation acme/monthly usd/month' }
    const balance = { ...noBalance, accountId: '', ruleId: rule.id }
    const events = [thresholdEvent(rule, balance, 80, 0), excessEvent(rule, balance, 1n, 0)]
    const [threshold, excess] = events.map((event) => z.looseObject({ type: z.string() }).parse(JSON.parse(event)))
    expect(firstCells(tableOf('docs/budgets.md', ['`type`', 'When']))).toEqual([threshold?.type, excess?.type])
    const [block] = codeBlocks(pageAt('docs/budgets.md'), 'json')
    const shown = z.looseObject({ data: z.looseObject({}) }).parse(JSON.parse(block?.text ?? ''))
    const data = z.looseObject({}).parse(threshold?.['data'])
    expect(Object.keys(shown).toSorted()).toEqual(Object.keys(threshold ?? {}).toSorted())
    expect(Object.keys(shown.data)).toEqual(Object.keys(data))
  })

  it('tells when an alert is sent again', () => {
    const [seconds, minutes, half, ...hours] = retryAfterMs
    const list = hours.map((ms) => ms / 3_600_000)
    expect(text).toContain(
      `is tried again after ${(seconds ?? 0) / 1_000} seconds, ${(minutes ?? 0) / 60_000} minutes, ${(half ?? 0) / 60_000} minutes, and ${list.slice(0, -1).join(', ')} and ${list.at(-1)} hours`,
    )
  })
})

const noBalance = {
  value: undefined,
  windowId: '2026-11',
  windowEndMs: undefined,
  cap: 1n,
  posted: 1n,
  held: 0n,
}
