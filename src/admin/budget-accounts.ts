import type { BudgetAsk, BudgetRule, ToldBalance } from '../canonical/budget.ts'
import { accountIdOf, readAccountId } from '../ledger/account-id.ts'
import { windowAt } from '../ledger/window.ts'
import type { AdminParts } from './ports.ts'

/** What the accounts of a budget come to together in its window of now. Amounts in its unit. */
export interface AccountsTogether {
  /** Those that anything was drawn on. Of a budget without `by` always 1. */
  readonly count: number
  readonly posted: bigint
  readonly unknown: bigint
  readonly held: bigint
  /** The fullest first. */
  readonly fullest: readonly ToldBalance[]
}

type Parts = Pick<AdminParts, 'ledger' | 'stores' | 'clock'>

/**
 * A budget may have very many accounts: the store adds them up, and only those that are shown are read. What is held is looked at
 * first, so that a call that ends meanwhile counts in both sums rather than in neither.
 * @param most accounts that are shown of each.
 * @returns in the order of the rules.
 */
export async function accountsTogether(
  parts: Parts,
  rules: readonly BudgetRule[],
  most: number,
): Promise<readonly AccountsTogether[]> {
  const nowMs = parts.clock.nowMs()
  const { accounts } = parts.stores
  const counted = rules.filter(({ by }) => by !== undefined)
  const drawn = parts.ledger.drawnOn(counted).map((one) => ({ ...one, ...readAccountId(one.accountId) }))
  const sums = await accounts.sums(
    counted.map((rule) => ({
      name: nameOf(rule, nowMs),
      most,
      secondsUntilMs: rule.unit === 'seconds' ? nowMs : undefined,
    })),
  )
  const sumOf = new Map(counted.map((rule, place) => [rule.id, sums[place]]))
  const recorded = new Set(
    (await accounts.read(drawn.map(({ accountId }) => accountId))).map(({ accountId }) => accountId),
  )
  const asks = rules.flatMap((rule): readonly BudgetAsk[] => {
    if (rule.by === undefined) return [{ rule, value: undefined }]
    const fullest = (sumOf.get(rule.id)?.fullest ?? []).map(({ accountId }) => readAccountId(accountId))
    const values = [...fullest, ...drawn.filter(({ ruleId }) => ruleId === rule.id)].map(({ value }) => value)
    return [...new Set(values)].map((value) => ({ rule, value }))
  })
  const balances = Map.groupBy(await parts.ledger.balancesFor(asks), ({ ruleId }) => ruleId)
  return rules.map(({ id }): AccountsTogether => {
    const shown = balances.get(id) ?? []
    const fullest = shown.toSorted((one, other) => Number(drawnOf(other) - drawnOf(one))).slice(0, most)
    const sum = sumOf.get(id)
    if (sum === undefined) {
      const [{ posted, unknown, held } = { posted: 0n, unknown: 0n, held: 0n }] = shown
      return { count: 1, posted, unknown, held, fullest }
    }
    const ofRule = drawn.filter(({ ruleId }) => ruleId === id)
    const unrecorded = ofRule.filter(({ accountId }) => !recorded.has(accountId)).length
    const held = ofRule.reduce((total, { amount }) => total + amount, 0n)
    return { count: sum.count + unrecorded, posted: sum.posted, unknown: sum.unknown, held, fullest }
  })
}

/**
 * The accounts of a budget in its window of now, by id; those too on which only calls under way draw.
 * @param after the page begins behind this id.
 * @returns at most `limit`.
 */
export async function accountsBehind(
  parts: Parts,
  rule: BudgetRule,
  after: string,
  limit: number,
): Promise<readonly ToldBalance[]> {
  const name = nameOf(rule, parts.clock.nowMs())
  const drawn = rule.by === undefined ? [name] : parts.ledger.drawnOn([rule]).map(({ accountId }) => accountId)
  const kept = (await parts.stores.accounts.page({ name, after, limit })).map(({ accountId }) => accountId)
  const ids = [...new Set([...kept, ...drawn])].filter((accountId) => accountId > after).toSorted()
  return parts.ledger.balancesFor(
    ids.slice(0, limit).map((accountId) => ({ rule, value: readAccountId(accountId).value })),
  )
}

function nameOf(rule: BudgetRule, nowMs: number): string {
  return accountIdOf({ rule, value: undefined }, windowAt(rule, nowMs))
}

function drawnOf({ posted, held }: ToldBalance): bigint {
  return posted + held
}
