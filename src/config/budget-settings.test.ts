import { describe, expect, it } from 'vitest'
import { budgetsSettings } from './budget-settings.ts'
import { loadConfig } from './load.ts'

describe('budgets in the config', () => {
  it.each([
    '{ usd: "500", per: month }',
    '{ usd: 0.25, per: day, timezone: Europe/Berlin }',
    '{ usd: "0" }',
    '{ tokens: 1000000, per: quarter, maxPerCall: 20000, maxOpenPerKey: 10 }',
    '{ calls: 50, by: run, missing: refuse }',
    '{ seconds: 600, per: total, by: run, missing: share }',
    '{ usd: "5", per: week, by: metadata.customer, missing: share, models: ["gpt-*"] }',
    '{ usd: "5", per: year, unpriced: { ceiling: "0.10" }, maxPerCall: "0.5", alertsAt: [50, 80, 100] }',
    '{ usd: "5", per: year, unpriced: refuse }',
  ])('may be %s', (text) => {
    expect(loadConfig(`monthly: ${text}`, 'weir.yaml', budgetsSettings)).toMatchObject({ ok: true })
  })

  it.each([
    ['{ per: month }', 'usd', 'missing; say what is bounded: one of usd, tokens, calls, seconds'],
    ['{ usd: "1", tokens: 5 }', 'tokens', 'a budget counts one thing'],
    ['{ usd: "-1" }', 'usd', ''],
    ['{ usd: "0.0000000001" }', 'usd', 'must be dollars'],
    ['{ usd: "1e3" }', 'usd', 'must be dollars'],
    ['{ usd: "2000000000" }', 'usd', 'at most 1000000000'],
    ['{ tokens: 1.5 }', 'tokens', ''],
    ['{ usd: "1", per: minute }', 'per', ''],
    ['{ usd: "1", per: day, timezone: Berlin }', 'timezone', 'is no time zone'],
    ['{ usd: "1", per: day, timezone: "+05:30" }', 'timezone', 'is no time zone'],
    ['{ usd: "1", per: day, timezone: "-0100" }', 'timezone', 'is no time zone'],
    ['{ usd: "1", per: total, timezone: UTC }', 'timezone', 'it never begins anew'],
    ['{ usd: "1", per: hour, timezone: UTC }', 'timezone', 'hours are the same everywhere'],
    ['{ usd: "1", by: user }', 'missing', 'a call may have no user: say refuse or share'],
    ['{ usd: "1", by: key, missing: share }', 'missing', 'every call has a key'],
    ['{ tokens: 1, unpriced: refuse }', 'unpriced', 'has an effect on budgets in usd only'],
    ['{ tokens: 1, maxPerCall: "0.5" }', 'maxPerCall', 'must be a whole number of tokens'],
    ['{ calls: 1, maxPerCall: 1 }', 'maxPerCall', 'has no effect on a budget in calls'],
    ['{ usd: "1", alertsAt: [0] }', 'alertsAt[0]', ''],
    ['{ usd: "1", pre: day }', 'pre', 'unknown key'],
  ])('may not be %s: %s', (text, path, message) => {
    const loaded = loadConfig(`monthly: ${text}`, 'weir.yaml', budgetsSettings)
    const told = loaded.ok ? [] : loaded.problems.map((problem) => `${problem.path}: ${problem.message}`)
    expect(told.join('\n')).toContain(`monthly.${path}: `)
    expect(told.join('\n')).toContain(message)
  })
})
