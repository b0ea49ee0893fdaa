import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { declaredPrice } from '../canonical/usage-record.ts'
import { noUsage } from '../canonical/usage.ts'
import { sampleRecord } from '../stores/laws/sample-records.ts'
import { writePostings } from './amounts.ts'
import { accountDifferences, rerate, type RatedAnew } from './rerate.ts'

const rated = (changes: Partial<RatedAnew> = {}): RatedAnew => ({
  record: sampleRecord({ costNanos: 100n }),
  reratedNanos: undefined,
  isResolved: false,
  costNow: 100n,
  ...changes,
})

describe('re-rating a record', () => {
  it('leaves a cost that is right already', () => {
    expect(rerate(rated())).toEqual({ kind: 'same' })
    expect(rerate(rated({ reratedNanos: -30n, costNow: 70n }))).toEqual({ kind: 'same' })
  })

  it('adds the difference, to what earlier reratings made of it', () => {
    expect(rerate(rated({ costNow: 70n }))).toEqual({
      kind: 'adjusted',
      beforeNanos: 100n,
      afterNanos: 70n,
      differenceNanos: -30n,
    })
    expect(rerate(rated({ reratedNanos: -30n, costNow: 90n }))).toMatchObject({
      beforeNanos: 70n,
      differenceNanos: 20n,
    })
  })

  it('gives what had no price one, also one of zero', () => {
    const record = sampleRecord({ costNanos: undefined, priceVersion: undefined })
    expect(rerate(rated({ record, costNow: 70n }))).toMatchObject({ beforeNanos: undefined, differenceNanos: 70n })
    expect(rerate(rated({ record, costNow: 0n }))).toMatchObject({ kind: 'adjusted', differenceNanos: 0n })
    expect(rerate(rated({ record, reratedNanos: 0n, costNow: 0n }))).toEqual({ kind: 'same' })
  })

  it('leaves what the provider told, what the config declared, what has no price now, and what used nothing', () => {
    expect(rerate(rated({ record: sampleRecord({ providerCostNanos: 9n }), costNow: 70n })).kind).toBe(
      'told-by-provider',
    )
    expect(rerate(rated({ isResolved: true, costNow: 70n })).kind).toBe('told-by-provider')
    expect(rerate(rated({ costNow: undefined })).kind).toBe('unpriced')
    const declared = sampleRecord({ costNanos: -30n, priceVersion: declaredPrice })
    expect(rerate(rated({ record: declared, costNow: 70n })).kind).toBe('same')
    const unused = sampleRecord({ ...noUsage, costNanos: undefined })
    expect(rerate(rated({ record: unused, costNow: 0n })).kind).toBe('same')
  })

  it('conserves: cost and entries make the new cost, after any number of reratings, and none is made twice', () => {
    const nanos = fc.bigInt({ min: 0n, max: 10n ** 15n })
    fc.assert(
      fc.property(fc.option(nanos, { nil: undefined }), fc.array(nanos, { minLength: 1 }), (cost, costs) => {
        const record = sampleRecord({ costNanos: cost })
        let reratedNanos: bigint | undefined
        for (const costNow of costs) {
          const outcome = rerate(rated({ record, reratedNanos, costNow }))
          if (outcome.kind === 'adjusted') reratedNanos = (reratedNanos ?? 0n) + outcome.differenceNanos
          expect((cost ?? 0n) + (reratedNanos ?? 0n)).toBe(costNow)
          expect(rerate(rated({ record, reratedNanos, costNow })).kind).toBe('same')
        }
      }),
    )
  })
})

describe('accounts of a record that is priced anew', () => {
  const postings = writePostings([
    { accountId: 'team acme/search/monthly usd/month@2026-11', amount: 70n },
    { accountId: 'team acme/search/people usd/day by user@2026-11-23[acme%2Fada]', amount: 90n },
    { accountId: 'team acme/search/volume tokens/month@2026-11', amount: 12n },
    { accountId: 'model m/each calls/total@total', amount: 1n },
  ])
  const amounts = (beforeNanos: bigint | undefined, afterNanos: bigint) =>
    accountDifferences(
      { postings },
      { kind: 'adjusted', beforeNanos, afterNanos, differenceNanos: afterNanos - (beforeNanos ?? 0n) },
    ).map(({ amount }) => amount)

  it('take the difference where they count dollars', () => {
    expect(amounts(70n, 100n)).toEqual([30n, 30n])
    expect(amounts(70n, 0n)).toEqual([-70n, -70n])
  })

  it('M10: hold the cost, and no longer what the budget counts for a call without a price', () => {
    expect(amounts(undefined, 100n)).toEqual([30n, 10n])
    expect(amounts(undefined, 90n)).toEqual([20n])
  })

  it('are none where no budget was above the call', () => {
    const outcome = { kind: 'adjusted', beforeNanos: 1n, afterNanos: 2n, differenceNanos: 1n } as const
    expect(accountDifferences({ postings: undefined }, outcome)).toEqual([])
  })
})
