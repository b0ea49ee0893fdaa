import { describe, expect, it } from 'vitest'
import { loadConfig } from './load.ts'
import { limitsSettings } from './limit-settings.ts'

describe('limits in the config', () => {
  it.each([
    '{ requests: 600, per: minute }',
    '{ tokens: 1000000, per: day }',
    '{ inputTokens: 5, per: second }',
    '{ outputTokens: 5, per: hour }',
    '{ concurrent: 0 }',
    '{ requests: 1, per: second, by: key }',
    '{ requests: 1, per: second, by: metadata.customer id, missing: refuse }',
    '{ requests: 1, per: second, by: model }',
    '{ requests: 1, per: second, by: model, missing: refuse }',
    '{ concurrent: 5, by: endUser, missing: share, models: ["gpt-*"], queue: { waitMs: 5000 } }',
  ])('may be %s', (text) => {
    expect(loadConfig(`burst: ${text}`, 'weir.yaml', limitsSettings)).toMatchObject({ ok: true })
  })

  it.each([
    ['{ per: minute }', 'burst.requests', 'missing; say what is limited: one of requests, tokens'],
    ['{ requests: 1, tokens: 5, per: minute }', 'burst.tokens', 'a limit counts one thing'],
    ['{ requests: 1 }', 'burst.per', 'requests need a window'],
    ['{ concurrent: 1, per: minute }', 'burst.per', 'has no window'],
    ['{ requests: -1, per: minute }', 'burst.requests', ''],
    ['{ requests: 1.5, per: minute }', 'burst.requests', ''],
    ['{ requests: 1, per: week }', 'burst.per', 'is not one of second, minute, hour, day'],
    ['{ requests: 1, per: minute, by: ip }', 'burst.by', 'write key, user, agent'],
    ['{ requests: 1, per: minute, by: metadata. }', 'burst.by', 'write key, user, agent'],
    ['{ requests: 1, per: minute, by: endUser }', 'burst.missing', 'a call may have no endUser: say refuse or share'],
    ['{ requests: 1, per: minute, by: key, missing: share }', 'burst.missing', 'every call has a key'],
    ['{ requests: 1, per: minute, missing: share }', 'burst.missing', 'has no effect without `by`'],
    ['{ requests: 1, per: minute, models: [] }', 'burst.models', ''],
    ['{ requests: 1, per: minute, queue: {} }', 'burst.queue.waitMs', 'missing'],
    ['{ requets: 1, per: minute }', 'burst.requets', 'unknown key'],
  ])('may not be %s: %s', (text, path, message) => {
    const loaded = loadConfig(`burst: ${text}`, 'weir.yaml', limitsSettings)
    const told = loaded.ok ? [] : loaded.problems.map((problem) => `${problem.path}: ${problem.message}`)
    expect(told.join('\n')).toContain(`${path}: `)
    expect(told.join('\n')).toContain(message)
  })

  it('are at most 32 on one level', () => {
    const many = Array.from({ length: 33 }, (_, place) => `l${place}: { concurrent: 1 }`).join('\n')
    expect(loadConfig(many, 'weir.yaml', limitsSettings)).toMatchObject({ ok: false })
  })
})
