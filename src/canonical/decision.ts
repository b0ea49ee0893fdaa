import type { KeptGuardrails } from './guardrail.ts'
import { readUsd } from './money.ts'
import type { UsageRecord } from './usage-record.ts'

/**
 * Why an exchange went where it went: JSON in `decision` of its last usage record. What the records of its attempts say
 * themselves (targets, reasons, times, outcomes) is not repeated; absent means nothing to tell. Names of providers and
 * models, reasons and figures: nothing that anyone said in a prompt.
 */
export interface KeptDecision {
  /** How the targets were ordered. Absent when it did not come to that. */
  readonly strategy?: string | undefined
  /** In the order to try. Absent when there was one only, which the record names. */
  readonly candidates?: readonly DecidedTarget[] | undefined
  /** What the client was told, where the gateway itself refused the call. */
  readonly problem?: KeptProblem | undefined
  /** What could not or may not serve the call. */
  readonly passedOver?: readonly DecidedTarget[] | undefined
  readonly limits?: readonly DecidedLimit[] | undefined
  /** Of the attempt whose record it is. */
  readonly budgets?: readonly DecidedBudget[] | undefined
  /** Absent: no guardrail looked at it. */
  readonly guardrails?: KeptGuardrails | undefined
  /** What followed from an attempt, and why, by its number. */
  readonly verdicts?: Readonly<Record<string, string>> | undefined
  /**
   * Of the record's own cost: US dollars per million, by component of the usage that was used. Every record that a price list
   * priced has them, and a record that is not the last of its exchange has nothing else.
   */
  readonly rates?: Readonly<Record<string, string>> | undefined
}

/** A problem in the words of the gateway: it may name models, fields and levels, and holds nothing of a prompt. */
export interface KeptProblem {
  /** Cut where it is long. */
  readonly message: string
  /** The field at fault, in the client's own spelling. */
  readonly param?: string | undefined
  /** Amounts, names and moments, for programs. */
  readonly facts?: Readonly<Record<string, string | null>> | undefined
}

/** A target, `<provider>/<model>`, and why it stands where it stands, in words for people. */
export interface DecidedTarget {
  readonly target: string
  readonly reason: string
}

/** One limit that the call was counted against. */
export interface DecidedLimit {
  /** Its name in the config, and whose it is: `team acme/search`. */
  readonly limit: string
  readonly level: string
  /** Which of its accounts, where it keeps several. */
  readonly account?: string | undefined
  /** `requests`, `tokens`, `concurrent` and so on, and `minute` or the like where it has a window. */
  readonly unit: string
  readonly per?: string | undefined
  readonly max: number
  /** What was used of it before the call and with it. */
  readonly before: number
  readonly after: number
  /** It is the one that refused the call. */
  readonly isRefusal?: boolean | undefined
}

/** One account of a budget that an attempt set something aside in. Amounts are whole numbers of its unit: nano-dollars, tokens. */
export interface DecidedBudget {
  /** As the ledger names it: `team acme/search/monthly usd/month@2026-11`. */
  readonly account: string
  readonly held: string
  /** What there was when it was set aside: the cap, and what was spent and held by others. */
  readonly cap: string
  readonly before: string
}

/**
 * As it is written: what repeats itself stands by place and not by name, which makes a record a third smaller. Nothing else
 * of a decision is written differently.
 */
export type WrittenTarget = readonly [target: string, reason: string]
type WrittenLimit = readonly [
  limit: string,
  level: string,
  unit: string,
  per: string | null,
  max: number,
  before: number,
  after: number,
  account?: string | null,
  isRefusal?: boolean,
]

/** What was set aside in each account, as an intent carries it, and in the same order what there was: JSON of the ledger, as it is. */
type WrittenBudgets = readonly [
  held: readonly (readonly [account: string, amount: string])[],
  states: readonly (readonly [cap: string, before: string])[],
]

interface WrittenDecision extends Omit<KeptDecision, 'candidates' | 'passedOver' | 'limits' | 'budgets'> {
  // Records of a Weir before this one have them by name.
  readonly candidates?: readonly (WrittenTarget | DecidedTarget)[]
  readonly passedOver?: readonly (WrittenTarget | DecidedTarget)[]
  readonly limits?: readonly (WrittenLimit | DecidedLimit)[]
  readonly budgets?: WrittenBudgets
}

/** Reads the `decision` of a record: it was written by the meter and by nobody else. */
export function readKeptDecision(text: string): KeptDecision {
  const { candidates, passedOver, limits, budgets, ...rest } = JSON.parse(text) as WrittenDecision
  return {
    ...rest,
    ...(candidates && { candidates: candidates.map(targetIn) }),
    ...(passedOver && { passedOver: passedOver.map(targetIn) }),
    ...(limits && { limits: limits.map(limitIn) }),
    ...(budgets && { budgets: budgetsIn(budgets) }),
  }
}

/** Budgets as a decision has them. Both texts are JSON that the ledger made when it granted a hold. */
export function writeDecidedBudgets({ entry, states }: { readonly entry: string; readonly states: string }): string {
  return `[${entry},${states}]`
}

/** Reads what `writeDecidedBudgets` wrote. */
export function readDecidedBudgets(text: string): readonly DecidedBudget[] {
  return budgetsIn(JSON.parse(text) as WrittenBudgets)
}

function budgetsIn([held, states]: WrittenBudgets): readonly DecidedBudget[] {
  return held.map(([account, amount], place) => {
    const [cap = '0', before = '0'] = states[place] ?? []
    return { account, held: amount, cap, before }
  })
}

function targetIn(written: WrittenTarget | DecidedTarget): DecidedTarget {
  if ('target' in written) return written
  const [target, reason] = written
  return { target, reason }
}

function limitIn(written: WrittenLimit | DecidedLimit): DecidedLimit {
  if ('limit' in written) return written
  const [limit, level, unit, per, max, before, after, account, isRefusal] = written
  return {
    limit,
    level,
    ...(typeof account === 'string' && { account }),
    unit,
    ...(per !== null && { per }),
    max,
    before,
    after,
    ...(isRefusal === true && { isRefusal }),
  }
}

/** One component of a cost: count times rate is nano-dollars. The cost is the sum, rounded up once. */
export interface CostLine {
  readonly component: string
  readonly count: number
  readonly usdPerMillion: string
  /** Decimal and exact. */
  readonly nanos: string
}

/** For each call that used anything, whatever it used; a rate that is of no component. */
export const requestFee = 'requestFee'

/** What was counted for a batch before it told what it used, taken off what it came to; of no component, either. */
export const takenOff = 'takenOff'

/** Works out a record's cost from its own counts and the rates that were in force. */
export function costLines(record: UsageRecord, rates: Readonly<Record<string, string>>): readonly CostLine[] {
  const counts: Readonly<Record<string, unknown>> = { ...record, [requestFee]: 1, [takenOff]: 1 }
  return Object.entries(rates).flatMap(([component, usdPerMillion]) => {
    const count = counts[component]
    const rate = readUsd(usdPerMillion, rateScale)
    if (typeof count !== 'number' || rate === undefined) return []
    return [{ component, count, usdPerMillion, nanos: nanosText(BigInt(count) * rate) }]
  })
}

/** Rates have up to 18 places. */
const rateScale = 10n ** 18n
/** A rate is for a million, in 10^-18 dollars; a nano-dollar is 10^9 of those. */
const ratedPerNano = 10n ** 15n

function nanosText(amount: bigint): string {
  const fraction = (amount % ratedPerNano).toString().padStart(15, '0').replace(/0+$/, '')
  return `${amount / ratedPerNano}${fraction === '' ? '' : `.${fraction}`}`
}
