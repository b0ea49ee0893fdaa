/**
 * The record of a decision: why an exchange went where it went, kept with its last usage record and told to callers who ask.
 * Names of providers and models, reasons and figures; nothing that anyone said in a prompt.
 */
export interface Decision {
  /** How the targets were ordered; `undefined` when it did not come to that. */
  readonly strategy: string | undefined
  /** In the order to try. */
  readonly candidates: readonly DecidedTarget[]
  /** What could not or may not serve the call. */
  readonly passedOver: readonly DecidedTarget[]
  readonly limits: readonly LimitState[]
  readonly attempts: readonly DecidedAttempt[]
  /** How the cost of the last attempt comes about. `undefined`: there is no cost, or no price is known. */
  readonly cost: DecidedCost | undefined
}

export interface DecidedTarget {
  readonly target: string
  readonly reason: string
}

/** One limit that the call was counted against. */
export interface LimitState {
  /** Its name in the config, and whose it is: `team acme/search`. */
  readonly limit: string
  readonly level: string
  /** `requests`, `tokens`, `concurrent`. */
  readonly unit: string
  readonly max: number
  /** What was used of it before the call and with it. */
  readonly before: number
  readonly after: number
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
  /** What followed from its failure, and why. */
  readonly verdict: string | undefined
}

export interface DecidedCost {
  readonly priceVersion: string
  /** Count times rate is nano-dollars; the sum is rounded up once. Empty where the provider itself told the cost. */
  readonly lines: readonly DecidedCostLine[]
  readonly totalNanos: string
}

export interface DecidedCostLine {
  readonly component: string
  readonly count: number
  readonly usdPerMillion: string
  readonly nanos: string
}

export const decisionLimits = {
  /** A condition that is quoted as a reason may be long. */
  reasonChars: 300,
  /** A model has at most so many targets; attempts are fewer. */
  listed: 32,
  /** Clients and proxies commonly take headers of 8 KiB in all. */
  headerBytes: 3_000,
} as const

/** Compact JSON: what is absent is left out. */
export function writeDecision(decision: Decision): string {
  return JSON.stringify({
    strategy: decision.strategy,
    candidates: decision.candidates.slice(0, decisionLimits.listed).map(shortened),
    passedOver: unlessEmpty(decision.passedOver.slice(0, decisionLimits.listed).map(shortened)),
    limits: unlessEmpty(decision.limits.slice(0, decisionLimits.listed)),
    attempts: decision.attempts.slice(0, decisionLimits.listed),
    cost: decision.cost,
  })
}

/** The same as an HTTP header may carry it: ASCII, still JSON. What is too long loses its lists, and says so. */
export function decisionHeader(decision: Decision): string {
  const whole = ascii(writeDecision(decision))
  if (whole.length <= decisionLimits.headerBytes) return whole
  const { candidates, passedOver, attempts, strategy } = decision
  const last = attempts.slice(-2).map(({ attempt, target, outcome }) => ({
    attempt,
    target: target.slice(0, decisionLimits.reasonChars),
    outcome,
  }))
  const counts = { candidates: candidates.length, passedOver: passedOver.length, attempts: attempts.length }
  const brief = ascii(JSON.stringify({ strategy, isCut: true, counts, attempts: last }))
  return brief.length <= decisionLimits.headerBytes ? brief : ascii(JSON.stringify({ strategy, isCut: true, counts }))
}

function shortened(one: DecidedTarget): DecidedTarget {
  if (one.reason.length <= decisionLimits.reasonChars) return one
  return { target: one.target, reason: `${one.reason.slice(0, decisionLimits.reasonChars)}...` }
}

function unlessEmpty<Item>(list: readonly Item[]): readonly Item[] | undefined {
  return list.length === 0 ? undefined : list
}

/** JSON may spell any character with ASCII alone. Controls are escaped by JSON itself. */
function ascii(json: string): string {
  return json.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
