import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readKeptDecision, writeDecidedBudgets } from '../canonical/decision.ts'
import type { LimitDecision, LimitRule } from '../canonical/limit.ts'
import { decidedLimits, decisionHeader, decisionLimits, keptDecision, type Decision } from './decision.ts'

const decision: Decision = {
  strategy: 'priority',
  candidates: [{ target: 'openai/gpt-5.2', reason: 'priority 1 of 1' }],
  passedOver: [],
  limits: [],
  budgets: [],
  guardrails: undefined,
  attempts: [
    {
      attempt: 1,
      target: 'openai/gpt-5.2',
      credential: 'openai#0',
      reason: 'priority 1 of 1',
      startedMs: 0.4,
      firstByteMs: 210.3,
      endedMs: 400,
      outcome: 'ok',
      verdict: undefined,
    },
  ],
  cost: {
    attempt: 1,
    priceVersion: 'config/openai/gpt-5.2',
    lines: [{ component: 'outputText', count: 3, usdPerMillion: '10', nanos: '30000' }],
    totalNanos: '30000',
  },
}

const rule: LimitRule = {
  id: 'team acme/search burst requests minute',
  name: 'burst',
  level: 'team acme/search',
  unit: 'requests',
  per: 'minute',
  most: 10,
  by: undefined,
  missing: 'share',
  models: undefined,
  queue: undefined,
}
const limits: LimitDecision = {
  atMs: 0,
  waitedMs: 0,
  asks: [
    { rule, value: undefined },
    { rule: { ...rule, name: 'each', level: 'key ci', unit: 'concurrent', per: undefined }, value: 'user "ann"' },
  ],
  states: [
    { before: 3, after: 4, resetMs: 0 },
    { before: 10, after: 10, resetMs: 500 },
  ],
  refused: { place: 1, outlook: { kind: 'when-released' } },
}

describe('a decision', () => {
  it('is kept without what the records of its attempts say themselves, and read as it was', () => {
    const rates = { outputText: '10' }
    expect(keptDecision({ ...decision, isAttempted: true }, undefined, {}, rates, undefined)).toBe(
      '{"strategy":"priority","rates":{"outputText":"10"}}',
    )
    const candidates = [...decision.candidates, { target: 'claude/c', reason: 'x'.repeat(1_000) }]
    const passedOver = [{ target: 'local/l', reason: 'lacks tools' }]
    const verdicts = { 1: 'give-up: no target is left' }
    const kept = keptDecision(
      { ...decision, candidates, passedOver, isAttempted: true },
      limits,
      verdicts,
      undefined,
      undefined,
    )
    expect(readKeptDecision(kept)).toEqual({
      strategy: 'priority',
      candidates: [decision.candidates[0], { target: 'claude/c', reason: `${'x'.repeat(300)}...` }],
      passedOver,
      limits: decidedLimits(limits),
      verdicts,
    })
    expect(kept).toContain('"limits":[["burst","team acme/search","requests","minute",10,3,4],["each","key ci",')
  })

  it('keeps a single candidate that was not tried', () => {
    const kept = keptDecision({ ...decision, isAttempted: false }, undefined, {}, undefined, undefined)
    expect(readKeptDecision(kept)).toEqual({ strategy: 'priority', candidates: decision.candidates })
  })

  it('is nothing but its limits where they refused the call', () => {
    const kept = keptDecision(
      { ...decision, strategy: undefined, candidates: [], isAttempted: false },
      limits,
      {},
      undefined,
      undefined,
    )
    expect(readKeptDecision(kept)).toEqual({ limits: decidedLimits(limits) })
  })

  it('keeps the budgets of an attempt as the ledger wrote them, with limits and alone', () => {
    const account = 'team acme/search/people usd/day by user@2026-11-23[acme%2F%22ada%22]'
    const budgets = [{ account, held: '700', cap: '5000', before: '1200' }]
    const written = writeDecidedBudgets({ entry: JSON.stringify([[account, '700']]), states: '[["5000","1200"]]' })
    const bare = { ...decision, strategy: undefined, candidates: [], isAttempted: true }
    const alone = keptDecision(bare, undefined, {}, undefined, written)
    expect(readKeptDecision(alone)).toEqual({ budgets })
    const both = keptDecision(bare, limits, {}, undefined, written)
    expect(readKeptDecision(both)).toEqual({ limits: decidedLimits(limits), budgets })
  })

  it('is read as a Weir before this one wrote it, with everything by name', () => {
    const { candidates } = decision
    const before = { strategy: 'priority', candidates, passedOver: candidates, limits: decidedLimits(limits) }
    expect(readKeptDecision(JSON.stringify(before))).toEqual(before)
  })

  it('is told in a header as bounded ASCII JSON, whatever the names and reasons', () => {
    const one = fc.record({ target: fc.string({ maxLength: 400 }), reason: fc.string({ maxLength: 5_000 }) })
    const odd = fc.constant({ target: 'openai/\u202e\u0000\ud800 grüße 模型\r\n', reason: '\u007f"\\' })
    fc.assert(
      fc.property(fc.array(fc.oneof(one, odd), { maxLength: 40 }), (candidates) => {
        const attempts = candidates.flatMap(({ target }) => decision.attempts.map((given) => ({ ...given, target })))
        const header = decisionHeader({ ...decision, candidates, passedOver: candidates, attempts })
        expect(header).toMatch(/^[\x20-\x7e]*$/)
        expect(header.length).toBeLessThanOrEqual(decisionLimits.headerBytes)
        expect(JSON.parse(header)).toMatchObject({ strategy: 'priority' })
      }),
    )
  })

  it('says in the header when lists were left out', () => {
    const candidates = Array.from({ length: 32 }, () => ({ target: 'openai/m', reason: 'x'.repeat(200) }))
    expect(JSON.parse(decisionHeader({ ...decision, candidates }))).toMatchObject({
      isCut: true,
      counts: { candidates: 32, passedOver: 0, attempts: 1 },
    })
  })
})
