import type { BudgetRule, Posting, Spend } from '../canonical/budget.ts'

/**
 * What a spend comes to in a budget's unit.
 * @returns `undefined` for dollars where there is no price and the budget sets none in its place.
 */
export function amountIn({ unit, unpricedNanos }: BudgetRule, { nanos, tokens, calls }: Spend): bigint | undefined {
  switch (unit) {
    case 'usd':
      return nanos ?? unpricedNanos
    case 'tokens':
      return tokens
    case 'calls':
      return calls
    // Time passes by itself: nothing is drawn.
    case 'seconds':
      return 0n
  }
}

/** As a record carries it: compact JSON, amounts as text since they are integers of 64 bits. */
export function writePostings(postings: readonly Posting[]): string {
  return JSON.stringify(postings.map(({ accountId, amount }) => [accountId, amount.toString()]))
}

/** The same of what went beyond a hold; `undefined`: nothing did. */
export function writeExcess(excess: readonly Posting[]): string | undefined {
  return excess.length === 0 ? undefined : writePostings(excess)
}

/** @throws Error for what `writePostings` never wrote. */
export function readPostings(text: string): readonly Posting[] {
  const pairs: unknown = JSON.parse(text)
  if (!Array.isArray(pairs)) throw new Error('postings that are no list')
  return pairs.map((pair: unknown): Posting => {
    const [accountId, amount] = Array.isArray(pair) ? (pair as readonly unknown[]) : []
    if (typeof accountId !== 'string' || typeof amount !== 'string')
      throw new Error('a posting that is no pair of texts')
    return { accountId, amount: BigInt(amount) }
  })
}

/**
 * What an attempt that held this came to, account by account in the order of its rules.
 * @param held in the same order. It stands where a budget cannot say what the spend is: doubt is spend (I6).
 */
export function postingsFor(rules: readonly BudgetRule[], held: readonly Posting[], spend: Spend): readonly Posting[] {
  return held.map(({ accountId, amount }, place) => {
    const rule = rules[place]
    return { accountId, amount: (rule && amountIn(rule, spend)) ?? amount }
  })
}

/** What a hold is when its attempt can come to no more than this: in each account the smaller amount, since a hold never grows. */
export function shrunkHold(
  { rules, held }: { readonly rules: readonly BudgetRule[]; readonly held: readonly Posting[] },
  most: Spend,
): readonly Posting[] {
  const next = postingsFor(rules, held, most)
  return held.map((draw, place) => {
    const smaller = next[place]
    return smaller && smaller.amount < draw.amount ? smaller : draw
  })
}

/** By how much each posting is more than was held for it; only those that are. */
export function excessOf(held: readonly Posting[], postings: readonly Posting[]): readonly Posting[] {
  return postings.flatMap(({ accountId, amount }, place) => {
    const before = held[place]?.amount ?? 0n
    return amount > before ? [{ accountId, amount: amount - before }] : []
  })
}
