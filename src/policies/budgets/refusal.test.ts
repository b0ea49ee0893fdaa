import { describe, expect, it } from 'vitest'
import type { Balance, BudgetRule } from '../../canonical/budget.ts'
import { noUsage, type Usage } from '../../canonical/usage.ts'
import type { HoldRefused } from '../../stores/ports.ts'
import { budgetRefusalOf } from './refusal.ts'

const rule: BudgetRule = {
  id: 'organisation acme/b',
  name: 'b',
  level: 'organisation acme',
  unit: 'usd',
  cap: 10n,
  per: 'total',
  timezone: 'UTC',
  by: undefined,
  missing: 'share',
  models: undefined,
  unpricedNanos: undefined,
  mostPerCall: 5n,
  mostOpenPerKey: 1,
  alertsAt: [],
}
const balance: Balance = {
  accountId: 'a',
  ruleId: rule.id,
  value: undefined,
  windowId: 'total',
  windowEndMs: undefined,
  cap: 10n,
  posted: 10n,
  held: 0n,
}
const endMs = Date.UTC(2026, 11, 1)
const chat: Usage = { ...noUsage, inputUncached: 100, outputText: 50 }
const embedding: Usage = { ...noUsage, inputUncached: 100 }

const refusedBy = (
  unit: BudgetRule['unit'],
  at: Partial<Balance>,
  most: Usage | undefined,
  refused: Partial<HoldRefused> = {},
) =>
  budgetRefusalOf(
    { ...rule, unit },
    { kind: 'refused', why: 'short', place: 0, needed: 1n, balance: { ...balance, ...at }, ...refused },
    most,
  ).message

describe('the refusal of a budget', () => {
  it.each<[string, string, string]>([
    [
      'of dollars',
      refusedBy('usd', { windowEndMs: endMs }, chat),
      'try again with a smaller output cap, or later: it begins anew at 2026-12-01T00:00:00.000Z',
    ],
    [
      'of tokens, of what writes nothing',
      refusedBy('tokens', { windowEndMs: endMs }, embedding),
      'try again with a shorter input, or later: it begins anew at 2026-12-01T00:00:00.000Z',
    ],
    [
      'of tokens, for ever',
      refusedBy('tokens', {}, chat),
      'try again with a smaller output cap; it never begins anew: an administrator of this gateway can raise it (`weir budgets`)',
    ],
    [
      'of calls',
      refusedBy('calls', { windowEndMs: endMs }, chat),
      'of 10 calls, 10 calls are spent; try again later: it begins anew at 2026-12-01T00:00:00.000Z',
    ],
    [
      'of one call, for ever',
      refusedBy('calls', { cap: 1n, posted: 1n }, chat),
      'of 1 call, 1 call is spent; it never begins anew: an administrator of this gateway can raise it (`weir budgets`)',
    ],
    [
      'of calls, of which one is under way',
      refusedBy('calls', { posted: 9n, held: 1n }, undefined),
      'of 10 calls, 9 calls are spent, 1 call is set aside for calls under way; try again when those have ended; it never',
    ],
    [
      'of seconds',
      refusedBy('seconds', { cap: 1n, posted: 1n }, chat),
      'is over: it lasts 1 second from its first call, and 1 second has passed; it never begins anew',
    ],
  ])('%s advises what helps', (_, message, expected) => {
    expect(message).toContain(expected)
  })

  it('of a call that is too large, or one too many, says the same', () => {
    const tooLarge = (most: Usage | undefined) => refusedBy('tokens', {}, most, { why: 'too-large', needed: 6n })
    expect(tooLarge(chat)).toContain(
      '5 tokens at most, and this one may need 6 tokens: a smaller output cap or a shorter input helps',
    )
    expect(tooLarge(embedding)).toContain('may need 6 tokens: a shorter input helps')
    expect(refusedBy('calls', {}, chat, { why: 'too-many' })).toContain('lets one key have 1 call under way at once')
  })
})
