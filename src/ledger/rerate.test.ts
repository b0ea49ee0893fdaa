import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { noUsage } from '../canonical/usage.ts'
import { sampleRecord } from '../stores/laws/sample-records.ts'
import { rerate, type RatedAnew } from './rerate.ts'

const monthly = 'team acme/search/monthly usd/month@2026-11'
const rated = (changes: Partial<RatedAnew> = {}): RatedAnew => ({
  record: sampleRecord({ costNanos: 100n }),
  reratedNanos: undefined,
  postings: [],
  costNow: 100n,
  ...changes,
})

describe('re-rating a record', () => {
  it('leaves a cost that is right already', () => {
    expect(rerate(rated())).toEqual({ kind: 'same' })
    expect(rerate(rated({ reratedNanos: -30n, costNow: 70n }))).toEqual({ kind: 'same' })
  })

  it('adds the difference, to the cost and to the budgets in dollars, and to no other', () => {
    const postings = [
      { accountId: monthly, amount: 100n },
      { accountId: 'key ci/tokens tokens/day@2026-11-29', amount: 1_821n },
    ]
    expect(rerate(rated({ postings, costNow: 70n }))).toMatchObject({
      kind: 'adjusted',
      beforeNanos: 100n,
      afterNanos: 70n,
      entries: [
        { accountId: undefined, amount: -30n },
        { accountId: monthly, amount: -30n },
      ],
    })
  })

  it('gives what had no price one, and a budget back what the ceiling took beyond it', () => {
    const record = sampleRecord({ costNanos: undefined, priceVersion: undefined })
    const postings = [{ accountId: monthly, amount: 1_000n }]
    expect(rerate(rated({ record, postings, costNow: 70n }))).toMatchObject({
      beforeNanos: undefined,
      entries: [
        { accountId: undefined, amount: 70n },
        { accountId: monthly, amount: -930n },
      ],
    })
    expect(rerate(rated({ record, costNow: 0n }))).toMatchObject({ kind: 'adjusted', entries: [{ amount: 0n }] })
    expect(rerate(rated({ record, reratedNanos: 0n, costNow: 0n }))).toEqual({ kind: 'same' })
  })

  it('leaves what the provider told, what has no price now, and what used nothing', () => {
    expect(rerate(rated({ record: sampleRecord({ providerCostNanos: 9n }), costNow: 70n })).kind).toBe(
      'told-by-provider',
    )
    expect(rerate(rated({ costNow: undefined })).kind).toBe('unpriced')
    const unused = sampleRecord({ ...noUsage, costNanos: undefined })
    expect(rerate(rated({ record: unused, costNow: 0n })).kind).toBe('same')
  })

  it('conserves: cost and entries make the new cost, after any number of reratings, and none is made twice', () => {
    const nanos = fc.bigInt({ min: 0n, max: 10n ** 15n })
    fc.assert(
      fc.property(
        fc.option(nanos, { nil: undefined }),
        nanos,
        fc.array(nanos, { minLength: 1 }),
        (cost, ceiling, costs) => {
          const record = sampleRecord({ costNanos: cost })
          const posted = cost ?? ceiling
          let reratedNanos: bigint | undefined
          let inBudget = posted
          for (const costNow of costs) {
            const again = () =>
              rerate({ record, reratedNanos, postings: [{ accountId: monthly, amount: posted }], costNow })
            const outcome = again()
            const entries = outcome.kind === 'adjusted' ? outcome.entries : []
            for (const { accountId, amount } of entries) {
              if (accountId === undefined) reratedNanos = (reratedNanos ?? 0n) + amount
              else inBudget += amount
            }
            expect((cost ?? 0n) + (reratedNanos ?? 0n)).toBe(costNow)
            expect(inBudget).toBe(costNow)
            expect(again().kind).toBe('same')
          }
        },
      ),
    )
  })
})
