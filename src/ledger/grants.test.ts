import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CapChange } from './caps.ts'
import { readCapChange, writeCapChange } from './grants.ts'

const amount = fc.bigInt()
const change: fc.Arbitrary<CapChange> = fc.oneof(
  fc.record({ kind: fc.constant('top-up' as const), accountId: fc.string(), amount }),
  fc.record({
    kind: fc.constant('raise' as const),
    ruleId: fc.string(),
    value: fc.option(fc.string(), { nil: undefined }),
    amount,
    untilMs: fc.nat(),
  }),
  fc.record({ kind: fc.constant('cap' as const), ruleId: fc.string(), cap: fc.option(amount, { nil: undefined }) }),
)

describe('a change of caps in an entry', () => {
  it('is read back as it was written', () => {
    fc.assert(
      fc.property(change, (one) => {
        expect(readCapChange(writeCapChange(one))).toEqual(one)
      }),
    )
  })

  it('is JSON with its amounts as text, so that they stay whole', () => {
    expect(writeCapChange({ kind: 'top-up', accountId: 'r@total', amount: 2n ** 60n })).toBe(
      '{"kind":"top-up","accountId":"r@total","amount":"1152921504606846976"}',
    )
  })

  it.each([
    '{}',
    '{"kind":"rerate","accountId":"a","amount":"1"}',
    '{"kind":"top-up","amount":"1"}',
    '{"kind":"top-up","accountId":"a"}',
    '{"kind":"top-up","accountId":"a","amount":1}',
    '{"kind":"top-up","accountId":"a","amount":"1.5"}',
    '{"kind":"top-up","accountId":"a","amount":"x1"}',
    '{"kind":"raise","amount":"1","untilMs":1}',
    '{"kind":"raise","ruleId":"r","amount":"1","untilMs":"1"}',
    '{"kind":"cap","cap":"1"}',
    '{"kind":"cap","ruleId":"r","cap":null}',
  ])('is not %s', (detail) => {
    expect(() => readCapChange(detail)).toThrow(`no change of a cap: ${detail}`)
  })
})
