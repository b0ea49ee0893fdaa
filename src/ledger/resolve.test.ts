import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { writePostings } from './amounts.ts'
import { resolve, type LearntLater } from './resolve.ts'

const monthly = 'team acme/search/monthly usd/month@2026-11'
const people = 'team acme/search/people usd/day by user@2026-11-23[acme%2Fada]'
const volume = 'team acme/search/volume tokens/month@2026-11'
const runs = 'model m/each calls/total@total'
const postings = writePostings([
  { accountId: monthly, amount: 700n },
  { accountId: people, amount: 700n },
  { accountId: volume, amount: 4_000n },
  { accountId: runs, amount: 1n },
])
const learnt = (changes: Partial<LearntLater> = {}): LearntLater => ({
  record: { costNanos: 700n, postings },
  adjustments: [],
  cameTo: { nanos: 120n, tokens: undefined },
  ...changes,
})
const afterOf = (asked: LearntLater) => resolve(asked).accounts.map(({ before, after }) => [before, after])

describe('an attempt in doubt of which somebody learnt what it came to', () => {
  it('costs that, in each account in dollars too; calls are what they are, and tokens stay at the most', () => {
    expect(resolve(learnt())).toMatchObject({ beforeNanos: 700n, differenceNanos: -580n })
    expect(afterOf(learnt())).toEqual([
      [700n, 120n],
      [700n, 120n],
      [4_000n, 4_000n],
      [1n, 1n],
    ])
  })

  it('has the tokens that were told, where they were', () => {
    expect(afterOf(learnt({ cameTo: { nanos: 0n, tokens: 50n } }))).toEqual([
      [700n, 0n],
      [700n, 0n],
      [4_000n, 50n],
      [1n, 1n],
    ])
  })

  it('is brought there from what earlier entries made of it', () => {
    const adjustments = [
      { accountId: undefined, amount: -200n },
      { accountId: monthly, amount: -200n },
      { accountId: people, amount: -150n },
    ]
    expect(resolve(learnt({ adjustments }))).toMatchObject({ beforeNanos: 500n, differenceNanos: -380n })
    expect(afterOf(learnt({ adjustments })).slice(0, 2)).toEqual([
      [500n, 120n],
      [550n, 120n],
    ])
  })

  it('M10: what a budget counts for a call without a price gives way to the cost', () => {
    const record = { costNanos: undefined, postings }
    expect(resolve(learnt({ record }))).toMatchObject({ beforeNanos: undefined, differenceNanos: 120n })
    expect(afterOf(learnt({ record }))[0]).toEqual([700n, 120n])
    const adjustments = [{ accountId: undefined, amount: 0n }]
    expect(resolve(learnt({ record, adjustments })).beforeNanos).toBe(0n)
  })

  it('is in no account where no budget was above it', () => {
    expect(resolve(learnt({ record: { costNanos: 700n, postings: undefined } })).accounts).toEqual([])
  })

  it('is what was told last, however often it was told', () => {
    const told = fc.record({
      nanos: fc.bigInt({ min: 0n, max: 10n ** 15n }),
      tokens: fc.option(fc.bigInt({ min: 0n, max: 10n ** 9n }), { nil: undefined }),
    })
    fc.assert(
      fc.property(fc.array(told, { minLength: 1 }), (story) => {
        const adjustments: { accountId: string | undefined; amount: bigint }[] = []
        for (const cameTo of story) {
          const { differenceNanos, accounts } = resolve(learnt({ adjustments, cameTo }))
          adjustments.push({ accountId: undefined, amount: differenceNanos })
          for (const { accountId, before, after } of accounts) adjustments.push({ accountId, amount: after - before })
        }
        const { nanos } = story.at(-1) ?? {}
        const tokens = story.findLast((one) => one.tokens !== undefined)?.tokens ?? 4_000n
        const { beforeNanos, accounts } = resolve(learnt({ adjustments }))
        expect(beforeNanos).toBe(nanos)
        expect(accounts.map(({ before }) => before)).toEqual([nanos, nanos, tokens, 1n])
      }),
    )
  })
})
