import { describe, expect, it } from 'vitest'
import { sampleBudget } from '../stores/laws/sample-budgets.ts'
import { Caps } from './caps.ts'

const rule = sampleBudget({ id: 'r', cap: 100n })
const other = sampleBudget({ id: 'other', cap: 7n })
const untilMs = 1_000

/** Of the account `id` of the rule, at a moment. */
const capOf = (caps: Caps, atMs = 0, value?: string, accountId = 'r@total') =>
  caps.capOf({ rule, value }, accountId, atMs)

describe('a cap', () => {
  it("is the rule's own until something changes it", () => {
    const caps = new Caps()
    expect(capOf(caps)).toBe(100n)
    expect(caps.capOf({ rule: other, value: undefined }, 'other@total', 0)).toBe(7n)
  })

  it('gets more by every top-up of its account, for good, and by those of no other', () => {
    const caps = new Caps()
    caps.apply({ kind: 'top-up', accountId: 'r@total', amount: 5n })
    caps.apply({ kind: 'top-up', accountId: 'r@total', amount: 6n })
    caps.apply({ kind: 'top-up', accountId: 'r@2026', amount: 1_000n })
    expect(capOf(caps, Number.MAX_SAFE_INTEGER)).toBe(111n)
  })

  it('gets more by every raise until the moment it ends, in every account of the rule', () => {
    const caps = new Caps()
    caps.apply({ kind: 'raise', ruleId: 'r', value: undefined, amount: 50n, untilMs })
    caps.apply({ kind: 'raise', ruleId: 'r', value: undefined, amount: 1n, untilMs: untilMs + 1 })
    caps.apply({ kind: 'raise', ruleId: 'other', value: undefined, amount: 1_000n, untilMs })
    expect([untilMs - 1, untilMs, untilMs + 1].map((atMs) => capOf(caps, atMs))).toEqual([151n, 101n, 100n])
    expect(capOf(caps, 0, 'acme/ada')).toBe(151n)
  })

  it('gets more by a raise of one value for that value alone', () => {
    const caps = new Caps()
    caps.apply({ kind: 'raise', ruleId: 'r', value: 'acme/ada', amount: 50n, untilMs })
    expect(['acme/ada', 'acme/bob', undefined].map((value) => capOf(caps, 0, value))).toEqual([150n, 100n, 100n])
  })

  it('is what the last change says in place of the rule, until the rule stands again; what was added stays', () => {
    const caps = new Caps()
    caps.apply({ kind: 'top-up', accountId: 'r@total', amount: 5n })
    caps.apply({ kind: 'cap', ruleId: 'r', cap: 20n })
    expect(capOf(caps)).toBe(25n)
    caps.apply({ kind: 'cap', ruleId: 'r', cap: 1n })
    expect(capOf(caps)).toBe(6n)
    expect(caps.capOf({ rule: other, value: undefined }, 'other@total', 0)).toBe(7n)
    caps.apply({ kind: 'cap', ruleId: 'r', cap: undefined })
    expect(capOf(caps)).toBe(105n)
    caps.apply({ kind: 'cap', ruleId: 'other', cap: 1n })
    expect(capOf(caps)).toBe(105n)
  })

  it('is 0 where the rule or what stands in its place says so, whatever was added: it suspends', () => {
    const caps = new Caps()
    caps.apply({ kind: 'top-up', accountId: 'r@total', amount: 5n })
    caps.apply({ kind: 'raise', ruleId: 'r', value: undefined, amount: 50n, untilMs })
    caps.apply({ kind: 'cap', ruleId: 'r', cap: 0n })
    expect(capOf(caps)).toBe(0n)
    caps.apply({ kind: 'cap', ruleId: 'r', cap: undefined })
    expect(capOf(caps)).toBe(155n)
    const suspended = sampleBudget({ id: 'r', cap: 0n })
    expect(caps.capOf({ rule: suspended, value: undefined }, 'r@total', 0)).toBe(0n)
  })
})
