import { knownImageTokens } from '../accounting/image-tokens.ts'
import { costUnder, type Price } from '../accounting/price.ts'
import { targetPrice } from '../accounting/target-price.ts'
import { boundTokens } from '../accounting/token-bound.ts'
import { dearKindsIn } from '../accounting/worst-kinds.ts'
import { worstUsageOf } from '../accounting/worst-cost.ts'
import type { BudgetAsk, Spend } from '../canonical/budget.ts'
import { isFreeOfCharge } from '../canonical/call.ts'
import { GatewayError } from '../canonical/error.ts'
import type { Principal } from '../canonical/principal.ts'
import { inputTokensOf, noUsage, outputTokensOf, usageComponents, type Usage } from '../canonical/usage.ts'
import { budgetAsksOf } from '../policies/budgets/asks.ts'
import { budgetRefusalOf } from '../policies/budgets/refusal.ts'
import { noBudgets } from '../policies/budgets/rules.ts'
import type { Target } from '../routing/plan.ts'
import type { Ledger } from '../stores/ports/ledger.ts'
import type { AskedSize } from './read-asked.ts'
import type { Snapshot } from './snapshot.ts'
import type { Worded } from './word-call.ts'

/** The budgets above one call. */
export interface Budgeted {
  /** Never empty. */
  readonly asks: readonly BudgetAsk[]
  /** The id of the key. */
  readonly caller: string
  /** Whether dollars or tokens are counted: then what an attempt may come to must have a bound. */
  readonly mustBeBounded: boolean
  readonly prices: Snapshot['prices']
}

/**
 * @param catalogName the entry of the config that serves the model that is asked for.
 * @returns `undefined` where no budget is above the call: then nothing is worked out for it.
 * @throws GatewayError `invalid_request` when a budget counts by what the call does not say.
 */
export function budgetsOver(
  principal: Principal,
  asked: Pick<AskedSize, 'call'>,
  catalogName: string,
  snapshot: Snapshot,
): Budgeted | undefined {
  const rulesOfModel = snapshot.modelBudgets.get(catalogName) ?? noBudgets
  if (principal.budgets.length + rulesOfModel.length === 0 || isFreeOfCharge(asked.call)) return undefined
  const asks = budgetAsksOf(principal.budgets, rulesOfModel, principal, asked.call)
  if (asks.length === 0) return undefined
  const mustBeBounded = asks.some(({ rule: { unit } }) => unit === 'usd' || unit === 'tokens')
  return { asks, caller: principal.keyId, mustBeBounded, prices: snapshot.prices }
}

/** What one attempt has set aside. */
export interface Hold {
  readonly id: string
  /** What its intent carries. */
  readonly entry: string
  /** For the decision: the budgets, as they were then. */
  readonly states: string
  readonly worst: Worst
}

/** The most that an attempt can use. */
export interface Worst {
  /** In the dearest kinds, so that its cost is the most that the attempt can cost. `undefined`: nothing needs a bound. */
  readonly usage: Usage | undefined
  readonly most: Spend
  /** What its cost was worked out by. Absent: it has no price, or was declared. */
  readonly price?: Price | undefined
  /** Whether its input is read once: then what a stream tells of it at its start is the whole. */
  readonly mayNarrow: boolean
}

/**
 * Sets aside the most that an attempt can come to, in every budget above the call, or says why not.
 * @param holdId never used before.
 * @param calls 1n where the call has not been counted yet.
 * @throws GatewayError `ledger_unavailable`.
 */
export async function setAside(
  budgeted: Budgeted,
  holdId: string,
  calls: bigint,
  worded: Worded,
  target: Target,
  atMs: number,
  ledger: Ledger,
): Promise<Hold | GatewayError> {
  const worst = worstOf(budgeted, calls, worded, target, atMs)
  return worst instanceof GatewayError ? worst : holdOf(budgeted, holdId, worst, ledger)
}

/** The same of a bound that is known. */
export async function holdOf(
  { asks, caller }: Budgeted,
  holdId: string,
  worst: Worst,
  ledger: Ledger,
): Promise<Hold | GatewayError> {
  const verdict = await ledger.reserve({ holdId, caller, asks, most: worst.most })
  if (verdict.kind === 'granted') return { id: holdId, entry: verdict.entry, states: verdict.states, worst }
  const rule = asks[verdict.place]?.rule
  if (!rule) throw new Error('a budget refused that was not asked')
  return budgetRefusalOf(rule, verdict, mostOf(worst))
}

/** As a refusal looks at it, for what to advise. */
export function mostOf({ usage, price }: Worst): Parameters<typeof budgetRefusalOf>[2] {
  return { usage, costOf: price && ((smaller) => costUnder(price, smaller)) }
}

/** @returns the problem when nothing bounds what the call may use. */
export function worstOf(
  { asks, mustBeBounded, prices }: Omit<Budgeted, 'caller'>,
  calls: bigint,
  worded: Worded,
  { provider, modelName, abilities }: Target,
  atMs: number,
): Worst | GatewayError {
  if (!mustBeBounded) return { usage: undefined, most: { nanos: undefined, tokens: 0n, calls }, mayNarrow: false }
  const { call, body, value, dialect } = worded
  const extent = dialect.readExtent(value)
  if (extent.pricedApart !== undefined && asks.some(({ rule }) => rule.unit === 'usd')) {
    const rule = asks.find((one) => one.rule.unit === 'usd')?.rule
    return new GatewayError(
      'unsupported',
      `the budget "${rule?.name}" of ${rule?.level} counts dollars, and \`${extent.pricedApart}\` is charged at rates that are not known here: leave it out`,
    )
  }
  const bound = boundTokens(extent, worded.textBytes ?? body.length, call.outputCapTokens ?? 0, call.choiceCount, {
    contextTokens: abilities.contextTokens,
    imageTokens: abilities.imageTokens ?? knownImageTokens(modelName),
  })
  if (bound.kind === 'unbounded') {
    const [{ rule } = { rule: undefined }] = asks
    return new GatewayError(
      'unsupported',
      `the budget "${rule?.name}" of ${rule?.level} is kept strictly, and nothing bounds what this call may cost: ${bound.why}`,
    )
  }
  const { inputTokens, outputTokens } = bound
  const price = targetPrice(prices, { provider, modelName }, atMs)
  const usage = price
    ? worstUsageOf(price, {
        inputTokens,
        outputTokens,
        webSearches: (extent.rounds ?? 1) - 1,
        besides: call.most,
        ...dearKindsIn(value, extent, price),
      })
    : sumOf({ ...noUsage, inputUncached: inputTokens, outputText: outputTokens }, call.most)
  const nanos = price && costUnder(price, usage)
  return { usage, most: spendOf(usage, nanos, calls), price, mayNarrow: extent.rounds === 1 }
}

/** What a body comes to, and what comes besides: for chats nothing. */
export function sumOf(usage: Usage, besides: Partial<Usage> | undefined): Usage {
  if (!besides) return usage
  const sum: { -readonly [Component in keyof Usage]: number } = { ...usage }
  for (const component of usageComponents) sum[component] += besides[component] ?? 0
  return sum
}

/** The same with the input that is known by now. */
export function narrowedUsage(worst: Usage, seen: Usage): Usage {
  return {
    ...worst,
    inputUncached: seen.inputUncached,
    cacheRead: seen.cacheRead,
    cacheReadAudio: seen.cacheReadAudio,
    cacheReadImage: seen.cacheReadImage,
    cacheWrite5m: seen.cacheWrite5m,
    cacheWrite1h: seen.cacheWrite1h,
    cacheWriteOther: seen.cacheWriteOther,
    inputAudio: seen.inputAudio,
    inputImage: seen.inputImage,
  }
}

export function spendOf(usage: Usage, nanos: bigint | undefined, calls: bigint): Spend {
  return { nanos, tokens: BigInt(inputTokensOf(usage) + outputTokensOf(usage)), calls }
}
