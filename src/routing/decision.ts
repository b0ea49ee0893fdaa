import type { CostLine, DecidedLimit, DecidedTarget, KeptDecision } from '../canonical/decision.ts'
import type { KeptGuardrails } from '../canonical/guardrail.ts'
import type { LimitDecision } from '../canonical/limit.ts'

/** Why an exchange went where it went, as far as it has come. */
export interface Decision {
  /** How the targets were ordered; `undefined` when it did not come to that. */
  readonly strategy: string | undefined
  /** In the order to try. */
  readonly candidates: readonly DecidedTarget[]
  /** What could not or may not serve the call. */
  readonly passedOver: readonly DecidedTarget[]
  readonly limits: readonly DecidedLimit[]
  /** `undefined`: no guardrail looked at it. */
  readonly guardrails: KeptGuardrails | undefined
  readonly attempts: readonly DecidedAttempt[]
  /** How the cost of the last attempt comes about. `undefined`: there is no cost yet, or no price is known. */
  readonly cost: DecidedCost | undefined
}

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

export interface DecidedCost {
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

/** What is kept with the last record: JSON, without what the records say themselves. */
export function keptDecision(
  decision: Omit<Decision, 'attempts' | 'cost'>,
  verdicts: Readonly<Record<string, string>>,
  rates: Readonly<Record<string, string>> | undefined,
): string {
  const { strategy, candidates, passedOver, limits, guardrails } = decision
  const kept: KeptDecision = {
    strategy,
    candidates: candidates.length > 1 ? candidates.slice(0, decisionLimits.listed).map(shortened) : undefined,
    passedOver: unlessEmpty(passedOver.slice(0, decisionLimits.listed).map(shortened)),
    limits: unlessEmpty(limits.slice(0, decisionLimits.listed)),
    guardrails,
    verdicts: Object.keys(verdicts).length > 0 ? verdicts : undefined,
    rates,
  }
  return JSON.stringify(kept)
}

/** The whole of it as an HTTP header may carry it: ASCII, and JSON. What is too long loses its lists, and says so. */
export function decisionHeader(decision: Decision): string {
  const { candidates, passedOver, attempts, strategy } = decision
  const whole = ascii({
    ...decision,
    candidates: candidates.slice(0, decisionLimits.listed).map(shortened),
    passedOver: unlessEmpty(passedOver.slice(0, decisionLimits.listed).map(shortened)),
    limits: unlessEmpty(decision.limits),
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
