import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sampleBudget, spend } from '../stores/laws/sample-budgets.ts'
import { amountIn, excessOf, postingsFor, readPostings, shrunkHold, writePostings } from './amounts.ts'

const usd = sampleBudget()
const ceiling = sampleBudget({ unpricedNanos: 70n })
const tokens = sampleBudget({ unit: 'tokens' })
const calls = sampleBudget({ unit: 'calls' })
const seconds = sampleBudget({ unit: 'seconds' })

const posting = (accountId: string, amount: bigint) => ({ accountId, amount })
const held = [posting('a', 10n), posting('b', 20n)]

describe('what a spend comes to', () => {
  it.each([
    ['dollars', usd, 5n],
    ['tokens', tokens, 30n],
    ['calls', calls, 1n],
    ['seconds: time passes by itself', seconds, 0n],
  ])('in %s', (_, rule, amount) => {
    expect(amountIn(rule, spend(5n, 30n))).toBe(amount)
  })

  it('M10: where there is no price it is what the budget sets in its place, or nobody knows; zero is a price', () => {
    expect(amountIn(usd, spend(undefined, 30n))).toBeUndefined()
    expect(amountIn(ceiling, spend(undefined, 30n))).toBe(70n)
    expect(amountIn(ceiling, spend(0n, 30n))).toBe(0n)
  })

  it('is posted account by account; I6: where nobody knows it, what was held is', () => {
    expect(postingsFor([usd, tokens], held, spend(3n, 30n))).toEqual([posting('a', 3n), posting('b', 30n)])
    expect(postingsFor([usd, tokens], held, spend(undefined, 30n))).toEqual([posting('a', 10n), posting('b', 30n)])
    expect(postingsFor([usd], held, spend(3n))).toEqual([posting('a', 3n), posting('b', 20n)])
    expect(postingsFor([usd, tokens], [], spend(3n))).toEqual([])
  })
})

describe('a hold', () => {
  it('shrinks to what is smaller, account by account, and never grows', () => {
    const hold = { rules: [usd, tokens], held }
    expect(shrunkHold(hold, spend(9n, 21n))).toEqual([posting('a', 9n), posting('b', 20n)])
    expect(shrunkHold(hold, spend(10n, 0n))).toEqual([posting('a', 10n), posting('b', 0n)])
    expect(shrunkHold(hold, spend(undefined, 1n))).toEqual([posting('a', 10n), posting('b', 1n)])
  })

  it('I3: was exceeded where more is posted than was held, by the difference', () => {
    expect(excessOf(held, [posting('a', 10n), posting('b', 23n)])).toEqual([posting('b', 3n)])
    expect(excessOf(held, [posting('a', 11n), posting('b', 20n)])).toEqual([posting('a', 1n)])
    expect(excessOf(held, held)).toEqual([])
    expect(excessOf([], [posting('a', 1n)])).toEqual([posting('a', 1n)])
  })
})

describe('postings in a record', () => {
  it('are pairs of texts, so that amounts beyond 2^53 stay whole', () => {
    expect(writePostings([posting('a', 2n ** 62n + 1n), posting('b', -5n)])).toBe(
      '[["a","4611686018427387905"],["b","-5"]]',
    )
    expect(writePostings([])).toBe('[]')
  })

  it('are read back as they were written', () => {
    const one = fc.record({ accountId: fc.string({ unit: 'binary' }), amount: fc.bigInt() })
    fc.assert(
      fc.property(fc.array(one), (postings) => {
        expect(readPostings(writePostings(postings))).toEqual(postings)
      }),
    )
  })

  it.each([
    ['{}', 'postings that are no list'],
    ['null', 'postings that are no list'],
    ['[{}]', 'a posting that is no pair of texts'],
    ['[["a",1]]', 'a posting that is no pair of texts'],
    ['[[1,"1"]]', 'a posting that is no pair of texts'],
    ['[["a"]]', 'a posting that is no pair of texts'],
    ['[["a","1.5"]]', 'Cannot convert 1.5 to a BigInt'],
    ['nothing', 'is not valid JSON'],
  ])('are not %s', (text, why) => {
    expect(() => readPostings(text)).toThrow(why)
  })
})
