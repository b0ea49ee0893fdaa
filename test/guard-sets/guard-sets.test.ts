import { describe, expect, it } from 'vitest'
import { evaluate } from '../../src/policies/guardrails/evaluate.ts'
import { nearMisses } from './near-misses.ts'
import { personalRows } from './personal-data.ts'
import { secretRows } from './secrets.ts'

const [personal, secret] = evaluate([...personalRows(), ...secretRows(), ...nearMisses()], () => 0)

describe('the hard set', () => {
  it('has hundreds of marked texts, and as many near misses as they need', () => {
    expect(personalRows().length).toBeGreaterThan(600)
    expect(secretRows().length).toBeGreaterThan(400)
    expect(personal?.mustPass).toBeGreaterThan(250)
    for (const { text, spans = [] } of personalRows())
      for (const { start, end } of spans) expect(text.slice(start, end).trim()).toBe(text.slice(start, end))
  })

  it.each(['card', 'email', 'iban', 'ip-address', 'phone', 'us-ssn'])('%s: F1 is 0.9 and more', (kind) => {
    expect(personal?.kinds.find((one) => one.kind === kind)?.f1).toBeGreaterThanOrEqual(0.9)
  })

  it('of secrets, nineteen of twenty are found', () => {
    expect(secret?.all.recall).toBeGreaterThanOrEqual(0.95)
  })

  it('at most one of a hundred near misses raises an alarm', () => {
    for (const score of [personal, secret])
      expect(score?.alarms ?? Infinity).toBeLessThanOrEqual(0.01 * (score?.mustPass ?? 0))
  })
})
