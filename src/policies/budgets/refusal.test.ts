import { describe, expect, it } from 'vitest'
import type { Balance, BudgetRule } from '../../canonical/budget.ts'
import { noUsage, type Usage } from '../../canonical/usage.ts'
import type { HoldRefused } from '../../stores/ports/ledger.ts'
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
    { usage: most, costOf: (usage) => BigInt(usage.inputUncached * 2 + usage.outputText * 10) },
  ).message

describe('the refusal of a budget', () => {
  it.each<[string, string, string]>([
    [
      'of dollars',
      refusedBy('usd', { cap: 400n, windowEndMs: endMs }, chat),
      'try again with a smaller output cap, or later: it begins anew at 2026-12-01T00:00:00.000Z',
    ],
    [
      'of tokens, of what writes nothing',
      refusedBy('tokens', { cap: 12n, windowEndMs: endMs }, embedding),
      'try again with a shorter input, or later: it begins anew at 2026-12-01T00:00:00.000Z',
    ],
    [
      'of tokens, for ever',
      refusedBy('tokens', { cap: 130n }, chat),
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

  it.each<[string, Partial<Balance>, Usage, string]>([
    ['nothing, when nothing is left', { cap: 10n }, chat, '; it never begins anew'],
    ['a shorter input, when the input alone is too large', { cap: 70n }, chat, 'try again with a shorter input;'],
    [
      'both, when each is too large',
      { cap: 40n },
      chat,
      'try again with a shorter input together with a smaller output cap; it never',
    ],
    ['nothing, when not even one token each fits', { cap: 11n }, chat, '; it never begins anew'],
  ])('names %s', (_, at, most, expected) => {
    const message = refusedBy('tokens', at, most)
    expect(message).toContain(expected)
    if (!expected.includes('try again')) expect(message).not.toContain('try again')
  })

  it('of dollars, goes by what is left of the cost', () => {
    // 100 tokens of input cost 200, one of output 10.
    expect(refusedBy('usd', { cap: 220n }, chat)).toContain('try again with a smaller output cap;')
    expect(refusedBy('usd', { cap: 219n }, chat)).toContain('with a shorter input together with a smaller output cap;')
  })

  it('of a call that is too large, or one too many, says the same', () => {
    const tooLarge = (most: Usage | undefined) => refusedBy('tokens', {}, most, { why: 'too-large', needed: 6n })
    expect(tooLarge(chat)).toContain(
      '5 tokens at most, and this one may need 6 tokens: a shorter input together with a smaller output cap helps',
    )
    expect(tooLarge(embedding)).toContain('may need 6 tokens: a shorter input helps')
    expect(refusedBy('calls', {}, chat, { why: 'too-many' })).toContain('lets one key have 1 call under way at once')
  })
})
