import type { AccountKey } from './account-key.ts'

/** What a limit counts. Tokens are estimated when a call is admitted and corrected when it has ended. */
export const limitUnits = ['requests', 'tokens', 'inputTokens', 'outputTokens', 'concurrent'] as const
export type LimitUnit = (typeof limitUnits)[number]

/**
 * The windows, and how finely each is counted. In no span of a window's length do more than the limit pass; room comes
 * back at most one bucket later than it could.
 */
export const limitWindows = {
  second: { lengthMs: 1_000, bucketMs: 20 },
  minute: { lengthMs: 60_000, bucketMs: 1_000 },
  hour: { lengthMs: 3_600_000, bucketMs: 60_000 },
  day: { lengthMs: 86_400_000, bucketMs: 900_000 },
} as const satisfies Record<string, LimitWindow>

export interface LimitWindow {
  readonly lengthMs: number
  /** Divides the length. */
  readonly bucketMs: number
}

export type LimitPeriod = keyof typeof limitWindows

/** One limit of one level, compiled. Plain data, so that it crosses processes. */
export interface LimitRule {
  /** What its counts are kept under: level, name, unit and window. The amount is no part of it, so a changed amount keeps the counts. */
  readonly id: string
  /** As the config spells it. */
  readonly name: string
  /** Whose it is: `organisation acme`, `team acme/search`, `key ci`, `model smart`. */
  readonly level: string
  readonly unit: LimitUnit
  /** `undefined`: what is under way at once is counted (`concurrent`). */
  readonly per: LimitPeriod | undefined
  /** 0: suspended. */
  readonly most: number
  /** One account for each value of this; `undefined`: one for all calls. */
  readonly by: AccountKey | undefined
  /** What a call is taken for that has no such value: refused, or one of those that share an account. */
  readonly missing: 'refuse' | 'share'
  /** Names or patterns with one `*`; only calls that ask for such a model count. `undefined`: all calls. */
  readonly models: readonly string[] | undefined
  readonly queue: LimitQueue | undefined
}

/** Callers wait for room instead of being refused at once. */
export interface LimitQueue {
  /** The longest wait of one call. */
  readonly waitMs: number
  /** More calls than this do not wait. */
  readonly maxWaiting: number
}

/** What one call asks of one limit. */
export interface LimitAsk {
  readonly rule: LimitRule
  /** Which of the rule's accounts; `undefined` where it has one only, or for those that share one. */
  readonly value: string | undefined
}

/** What one account held when a call was judged. */
export interface LimitState {
  readonly before: number
  /** The same as `before` when the call was refused. */
  readonly after: number
  /** Until the account is empty again, if nobody else comes. 0 for `concurrent`, which no time empties. */
  readonly resetMs: number
}

/** Tokens as limits count them: an estimate when a call is admitted, what was used when it has ended. */
export interface TokenCount {
  readonly input: number
  readonly output: number
}

/** When the same call would pass, if nobody else came. */
export type LimitOutlook =
  | { readonly kind: 'after'; readonly waitMs: number }
  /** When a call under way ends: nobody can say when. */
  | { readonly kind: 'when-released' }
  /** It asks for more than the whole limit. */
  | { readonly kind: 'never' }

/** What the limits said to one call: for its headers and for its decision record. */
export interface LimitDecision {
  /** When it was said. Wall time. */
  readonly atMs: number
  /** In the order of the levels, wide to narrow; `states` has one entry for each. */
  readonly asks: readonly LimitAsk[]
  readonly states: readonly LimitState[]
  /** How long the call waited in line. 0 where it did not. */
  readonly waitedMs: number
  /** Which of the asks refused, and when it would not. `undefined`: the call was admitted. */
  readonly refused: { readonly place: number; readonly outlook: LimitOutlook } | undefined
}
