import { describe, expect, it } from 'vitest'
import { budgetRulesOf } from '../policies/budgets/rules.ts'
import { readRuleId } from './rule-id.ts'

describe('the id of a rule', () => {
  it('is read as it is made, whatever the level is called', () => {
    const budgets = { 'a.b-c_1': { usd: '5', per: 'month', by: 'metadata.cost centre', missing: 'share' } } as const
    for (const level of ['team acme/search', 'key a1B2c3D4e5', 'model my model/*', 'organisation ü'])
      expect(budgetRulesOf(budgets, level, level, undefined).map(({ id }) => readRuleId(id))).toEqual([
        { budget: `${level}/a.b-c_1`, unit: 'usd' },
      ])
    expect(readRuleId('team a/b/c seconds/total')).toEqual({ budget: 'team a/b/c', unit: 'seconds' })
  })

  it('is refused where it is none', () => {
    for (const wrong of ['', 'team a/b', 'team a/b euros/month', 'team a/b usd/fortnight', 'usd/month'])
      expect(() => readRuleId(wrong)).toThrow('names no budget')
  })
})
