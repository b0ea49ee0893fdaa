import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decisionHeader, decisionLimits, keptDecision, type Decision } from './decision.ts'

const decision: Decision = {
  strategy: 'priority',
  candidates: [{ target: 'openai/gpt-5.2', reason: 'priority 1 of 1' }],
  passedOver: [],
  limits: [],
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
    priceVersion: 'config/openai/gpt-5.2',
    lines: [{ component: 'outputText', count: 3, usdPerMillion: '10', nanos: '30000' }],
    totalNanos: '30000',
  },
}

describe('a decision', () => {
  it('is kept without what the records of its attempts say themselves', () => {
    expect(keptDecision(decision, {}, { outputText: '10' })).toBe('{"strategy":"priority","rates":{"outputText":"10"}}')
    const candidates = [...decision.candidates, { target: 'claude/c', reason: 'x'.repeat(1_000) }]
    const passedOver = [{ target: 'local/l', reason: 'lacks tools' }]
    const limits = [{ limit: 'burst', level: 'team acme/search', unit: 'requests', max: 10, before: 3, after: 4 }]
    const kept = keptDecision(
      { ...decision, candidates, passedOver, limits },
      { 1: 'give-up: no target is left' },
      undefined,
    )
    expect(JSON.parse(kept)).toEqual({
      strategy: 'priority',
      candidates: [decision.candidates[0], { target: 'claude/c', reason: `${'x'.repeat(300)}...` }],
      passedOver,
      limits,
      verdicts: { 1: 'give-up: no target is left' },
    })
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
