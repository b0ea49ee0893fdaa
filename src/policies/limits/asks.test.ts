import { describe, expect, it } from 'vitest'
import type { Call } from '../../canonical/call.ts'
import type { Principal } from '../../canonical/principal.ts'
import { asksOf } from './asks.ts'
import { noRules, rulesOf } from './rules.ts'

const principal: Principal = {
  organisation: 'acme',
  team: 'search',
  project: 'crawler',
  user: 'ada',
  agent: undefined,
  keyId: 'abcdefghij',
  keyName: 'ci',
  allowedModels: [],
  requiredTags: [],
  limits: [],
  budgets: [],
  runId: undefined,
  metadata: { customer: 'c1' },
}

const call: Call = {
  operation: 'chat',
  modelName: 'openai/gpt-5',
  isStream: false,
  outputCapTokens: undefined,
  choiceCount: 1,
  wantsStreamUsage: true,
  needs: new Set(),
  endUser: 'u1',
}

describe('what a call asks of limits', () => {
  it.each([
    ['key', 'abcdefghij'],
    ['organisation', 'acme'],
    ['team', 'acme/search'],
    ['project', 'acme/search/crawler'],
    ['user', 'acme/ada'],
    ['agent', undefined],
    ['endUser', 'acme/u1'],
    ['model', 'openai/gpt-5'],
    ['metadata.customer', 'acme/c1'],
    ['metadata.other', undefined],
    ['metadata.__proto__', undefined],
  ])('by %s is for the account %s', (by, value) => {
    const rules = rulesOf({ each: { requests: 1, per: 'minute', by } }, 'organisation acme', 'organisation acme')
    expect(asksOf(rules, noRules, principal, call)).toEqual([{ rule: rules[0], value }])
  })

  it('by model is for no model’s account where it names none', () => {
    const rules = rulesOf(
      { each: { requests: 1, per: 'minute', by: 'model' } },
      'organisation acme',
      'organisation acme',
    )
    expect(asksOf(rules, noRules, principal, { ...call, modelName: '' })).toEqual([
      { rule: rules[0], value: undefined },
    ])
  })

  it('is refused where it has no such value and the limit says so', () => {
    const rules = rulesOf(
      { each: { requests: 1, per: 'minute', by: 'agent', missing: 'refuse' } },
      'organisation acme',
      'organisation acme',
    )
    expect(() => asksOf(rules, noRules, principal, call)).toThrow(
      'limit "each" of organisation acme counts by agent, and this call has none: use a key that has one',
    )
  })

  it('counts only where the model that is asked for is one of the named', () => {
    const limits = { some: { requests: 1, per: 'minute', models: ['smart', 'openai/*'] } } as const
    const settings = { some: { ...limits.some, models: [...limits.some.models] } }
    const rules = rulesOf(settings, 'key 1', 'key ci')
    expect(asksOf(rules, noRules, principal, call)).toHaveLength(1)
    expect(asksOf(rules, noRules, principal, { ...call, modelName: 'other' })).toEqual([])
  })

  it('goes from the levels of the caller to the model', () => {
    const ofTeam = rulesOf({ burst: { requests: 1, per: 'minute' } }, 'team acme/search', 'team acme/search')
    const ofModel = rulesOf({ burst: { concurrent: 1 } }, 'model smart', 'model smart')
    expect(asksOf(ofTeam, ofModel, principal, call).map(({ rule }) => rule.id)).toEqual([
      'team acme/search/burst requests/minute',
      'model smart/burst concurrent',
    ])
  })
})
