import type {
  CostLine,
  DecidedBudget,
  DecidedLimit,
  DecidedTarget,
  KeptProblem,
  WrittenTarget,
} from '../canonical/decision.ts'
import type { KeptGuardrails } from '../canonical/guardrail.ts'
import type { LimitDecision, LimitRule } from '../canonical/limit.ts'

/** Why an exchange went where it went, as far as it has come. */
export interface Decision {
  /** How the targets were ordered; `undefined` when it did not come to that. */
  readonly strategy: string | undefined
  /** In the order to try. */
  readonly candidates: readonly DecidedTarget[]
  /** What could not or may not serve the call. */
  readonly passedOver: readonly DecidedTarget[]
  readonly limits: readonly DecidedLimit[]
  /** Of the last attempt: what it set aside. */
  readonly budgets: readonly DecidedBudget[]
  /** `undefined`: no guardrail looked at it. */
  readonly guardrails: KeptGuardrails | undefined
  readonly attempts: readonly DecidedAttempt[]
  /** How the cost of the attempt that ended the exchange comes about. `undefined`: there is none yet, or no price is known. */
  readonly cost: DecidedCost | undefined
}

/** One attempt as a decision tells it, whether its exchange is over or under way. */
export interface DecidedAttempt {
  readonly attempt: number
  readonly target: string
  readonly credential: string
  readonly reason: string
  /** Since the exchange began. */
  readonly startedMs: number
  /** Since the attempt began. `undefined`: none came. */
  readonly firstByteMs: number | undefined
  /** Since the attempt began. `undefined`: it is under way. */
  readonly endedMs: number | undefined
  /** `ok`, or how it failed: `failed: upstream_overloaded (refused)`. `undefined`: it is under way. */
  readonly outcome: string | undefined
  /** What followed from it, and why. */
  readonly verdict: string | undefined
}

/** What an attempt cost, line by line. Amounts are whole numbers of nano-dollars, as text. */
export interface DecidedCost {
  readonly attempt: number
  readonly priceVersion: string
  readonly lines: readonly CostLine[]
  readonly totalNanos: string
}

export const decisionLimits = {
  /** A condition that is quoted as a reason may be long. */
  reasonChars: 300,
  /** A model has at most so many targets; attempts are fewer. */
  listed: 32,
  /** Clients and proxies commonly take headers of 8 KiB in all. */
  headerBytes: 3_000,
} as const

/** What the limits said, as a decision tells it. */
export function decidedLimits({ asks, states, refused }: LimitDecision): readonly DecidedLimit[] {
  return asks.map(({ rule, value }, place) => ({
    limit: rule.name,
    level: rule.level,
    account: value,
    unit: rule.unit,
    per: rule.per,
    max: rule.most,
    before: states[place]?.before ?? 0,
    after: states[place]?.after ?? 0,
    isRefusal: refused?.place === place ? true : undefined,
  }))
}

/**
 * What is kept with the last record: JSON, without what the records say themselves, in the form of `readKeptDecision`.
 * @param decision `isAttempted`: the record of an attempt names a single candidate itself.
 * @param budgets of the attempt, as `writeDecidedBudgets` writes them.
 */
export function keptDecision(
  decision: Pick<Decision, 'strategy' | 'candidates' | 'passedOver' | 'guardrails'> & {
    readonly isAttempted: boolean
    readonly problem?: KeptProblem | undefined
  },
  limits: LimitDecision | undefined,
  verdicts: Readonly<Record<string, string>>,
  rates: Readonly<Record<string, string>> | undefined,
  budgets: string | undefined,
): string {
  const { problem, strategy, candidates, passedOver, guardrails, isAttempted } = decision
  const kept = JSON.stringify({
    problem,
    strategy,
    candidates: candidates.length > (isAttempted ? 1 : 0) ? written(candidates) : undefined,
    passedOver: passedOver.length > 0 ? written(passedOver) : undefined,
    guardrails,
    verdicts: Object.keys(verdicts).length > 0 ? verdicts : undefined,
    rates,
  })
  const withLimits =
    limits === undefined || limits.asks.length === 0 ? kept : withMember(kept, `"limits":[${writtenLimits(limits)}]`)
  return budgets === undefined ? withLimits : withMember(withLimits, `"budgets":${budgets}`)
}

function withMember(object: string, member: string): string {
  return object === '{}' ? `{${member}}` : `${object.slice(0, -1)},${member}}`
}

function written(targets: readonly DecidedTarget[]): readonly WrittenTarget[] {
  return targets.slice(0, decisionLimits.listed).map((one): WrittenTarget => {
    const { target, reason } = shortened(one)
    return [target, reason]
  })
}

/** Each by place, as `readKeptDecision` reads it. Nearly every call has several of the same, so that most of their text is made once. */
function writtenLimits({ asks, states, refused }: LimitDecision): string {
  let text = ''
  const count = Math.min(asks.length, decisionLimits.listed)
  for (let place = 0; place < count; place += 1) {
    const ask = asks[place]
    if (ask === undefined) break
    const state = states[place]
    text += `${place === 0 ? '' : ','}${beginningOf(ask.rule)},${state?.before ?? 0},${state?.after ?? 0}`
    const isRefusal = refused?.place === place
    if (ask.value !== undefined || isRefusal) text += `,${JSON.stringify(ask.value ?? null)}`
    text += isRefusal ? ',true]' : ']'
  }
  return text
}

const beginnings = new WeakMap<LimitRule, string>()

function beginningOf(rule: LimitRule): string {
  const known = beginnings.get(rule)
  if (known !== undefined) return known
  const beginning = JSON.stringify([rule.name, rule.level, rule.unit, rule.per ?? null, rule.most]).slice(0, -1)
  beginnings.set(rule, beginning)
  return beginning
}

/** The whole of it as an HTTP header may carry it: ASCII, and JSON. What is too long loses its lists, and says so. */
export function decisionHeader(decision: Decision): string {
  const { candidates, passedOver, attempts, strategy } = decision
  const whole = ascii({
    ...decision,
    candidates: candidates.slice(0, decisionLimits.listed).map(shortened),
    passedOver: unlessEmpty(passedOver.slice(0, decisionLimits.listed).map(shortened)),
    limits: unlessEmpty(decision.limits),
    budgets: unlessEmpty(decision.budgets),
  })
  if (whole.length <= decisionLimits.headerBytes) return whole
  const last = attempts.slice(-2).map(({ attempt, target, outcome }) => ({
    attempt,
    target: target.slice(0, decisionLimits.reasonChars),
    outcome,
  }))
  const counts = { candidates: candidates.length, passedOver: passedOver.length, attempts: attempts.length }
  const brief = ascii({ strategy, isCut: true, counts, attempts: last })
  return brief.length <= decisionLimits.headerBytes ? brief : ascii({ strategy, isCut: true, counts })
}

function shortened(one: DecidedTarget): DecidedTarget {
  if (one.reason.length <= decisionLimits.reasonChars) return one
  return { target: one.target, reason: `${one.reason.slice(0, decisionLimits.reasonChars)}...` }
}

function unlessEmpty<Item>(list: readonly Item[]): readonly Item[] | undefined {
  return list.length === 0 ? undefined : list
}

/** JSON may spell any character with ASCII alone. Controls are escaped by JSON itself. */
function ascii(value: object): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
