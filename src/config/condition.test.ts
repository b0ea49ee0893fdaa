import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openConditions, type ConditionFacts } from './condition.ts'

const read = openConditions()
const facts: ConditionFacts = {
  principal: { organisation: 'acme', team: 'search', project: '', user: '', agent: '', key: 'ci' },
  metadata: { tier: 'gold' },
  call: {
    operation: 'chat',
    model: 'smart',
    stream: true,
    inputBytes: 2_000n,
    outputCap: 0n,
    choices: 1n,
    needs: ['tools'],
    endUser: '',
  },
  time: { hour: 14n, weekday: 1n, now: new Date(Date.UTC(2026, 10, 23, 14, 30)) },
}

describe('a condition', () => {
  it.each([
    ['principal.team == "search"', 'met'],
    ['principal.project == "x"', 'unmet'],
    ['metadata.tier in ["gold", "silver"]', 'met'],
    ['has(metadata.region) && metadata.region == "eu"', 'unmet'],
    ['call.stream && call.inputBytes > 1000 && "tools" in call.needs', 'met'],
    ['call.model.startsWith("smart") && call.choices == 1 && call.outputCap == 0', 'met'],
    ['time.weekday <= 5 && time.hour >= 8 && time.hour < 18', 'met'],
    ['time.now < timestamp("2027-01-01T00:00:00Z")', 'met'],
    ['metadata.region == "eu"', 'failed'],
    ['1 / 0 == 1', 'failed'],
  ])('%s is %s', (source, kind) => {
    const made = read(source)
    expect(made.ok && made.condition.judge(facts).kind).toBe(kind)
  })

  it.each([
    ['principal.teem == "x"', 'the condition cannot be used: No such key: teem (at character 11)'],
    ['principl.team == "x"', 'Unknown variable: principl (at character 1)'],
    ['metadata.tier == 1', 'no such overload: string == int (at character 1)'],
    ['call.inputBytes', 'the condition cannot be used: it gives int, not true or false'],
    ['call.stream &&', 'Unexpected token: EOF (at character 15)'],
    ['call.model.matches("(a+)+$")', 'matches() is not available here'],
    ['["a"].exists(x, x.matches("(a+)+$"))', 'matches() is not available here'],
  ])('%s is refused when it is read: %s', (source, problem) => {
    const made = read(source)
    expect(made.ok).toBe(false)
    expect(made.ok ? '' : made.problem).toContain(problem)
  })

  it('is refused, and never throws, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), (source) => {
        const made = read(source)
        if (made.ok) expect(['met', 'unmet', 'failed']).toContain(made.condition.judge(facts).kind)
      }),
      { numRuns: 50 },
    )
    expect(read(`${'!'.repeat(5_000)}true`).ok).toBe(false)
    expect(read(`${'('.repeat(2_000)}true${')'.repeat(2_000)}`).ok).toBe(false)
  })
})
