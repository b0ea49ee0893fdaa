/** Budgets over every call: some are never used up, and some soon. The unit of a cap is the budget's. */
const budgets = {
  roomy: { usd: '1000', per: 'total' },
  volume: { tokens: 100_000_000, per: 'total' },
  daily: { calls: 10_000_000, per: 'day' },
} as const
/** Over the calls at one model, which are few. */
const budgetsOfTold = { told: { usd: '0.05', per: 'total' }, few: { calls: 12, per: 'total' } } as const

/** The organisation is the one that the first start makes a key for. */
export const budgetsConfig = `organisations: { default: { budgets: ${JSON.stringify(budgets)} } }`
export const toldBudgets = JSON.stringify(budgetsOfTold)

/** By the name of each budget, in its unit; dollars in nano-dollars. */
export const budgetCaps: ReadonlyMap<string, bigint> = new Map([
  ['roomy', 1_000_000_000_000n],
  ['volume', 100_000_000n],
  ['daily', 10_000_000n],
  ['told', 50_000_000n],
  ['few', 12n],
])

/** By how much more is posted in accounts than their caps (I1). No provider breaks its bound here, so it must be nothing. */
export function overshootIn(posted: ReadonlyMap<string, bigint>, caps: ReadonlyMap<string, bigint>): bigint {
  let sum = 0n
  for (const [accountId, amount] of posted) {
    const [, name = ''] = /\/([^/]+) (?:usd|tokens|calls)\//.exec(accountId) ?? []
    const cap = caps.get(name)
    if (cap === undefined) throw new Error(`an account of no budget: ${accountId}`)
    if (amount > cap) sum += amount - cap
  }
  return sum
}
