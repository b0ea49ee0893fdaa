import { describe, expect, it } from 'vitest'
import { lessThanPosted } from './less-than-posted.ts'

const dollars = 'team acme/monthly usd/month@2026-10'
const tokens = 'key ci/all tokens/total@total'
const calls = 'key ci/all calls/day@2026-10-31'
const postings = [
  { accountId: dollars, amount: 150n },
  { accountId: tokens, amount: 2_000n },
  { accountId: calls, amount: 1n },
]

describe('what was posted beyond what something came to', () => {
  it('is told account by account, in the window in which it was posted', () => {
    expect(lessThanPosted(postings, { nanos: 40n, tokens: 2_000n })).toEqual([{ accountId: dollars, amount: -110n }])
    expect(lessThanPosted(postings, { nanos: 150n, tokens: 5n })).toEqual([{ accountId: tokens, amount: -1_995n }])
  })

  it('is nothing where it came to more, and in dollars where nobody knows the cost', () => {
    expect(lessThanPosted(postings, { nanos: 151n, tokens: 2_001n })).toEqual([])
    expect(lessThanPosted(postings, { nanos: undefined, tokens: 2_000n })).toEqual([])
  })
})
