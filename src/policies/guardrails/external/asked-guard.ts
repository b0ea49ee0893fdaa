import type { GuardAdapter } from './external-guard.ts'

/** What follows where a guard gives no verdict. */
export const onTimeouts = ['block', 'allow'] as const
export type OnTimeout = (typeof onTimeouts)[number]

/** When a guard looks at a stream: before any of it is shown, before each piece is, or when all of it has been. */
export const streamWays = ['buffer', 'window', 'after'] as const
export type StreamWay = (typeof streamWays)[number]

/** The judge of a rule, elsewhere. */
export interface AskedGuard {
  readonly adapter: GuardAdapter
  /** Scheme, host and port. Empty where a model of the config judges. */
  readonly origin: string
  /** A model of the config, asked through the gateway itself, and whether the limits above the caller count that. Absent: it is elsewhere. */
  readonly judge?: { readonly isLimited: boolean } | undefined
  /** For one question, however many calls that takes. */
  readonly deadlineMs: number
  readonly onTimeout: OnTimeout
  /** `undefined`: it does not look at answers. */
  readonly stream: StreamWay | undefined
  /** A finding of a lower score is none. One without a score counts. `undefined`: all count. */
  readonly threshold: number | undefined
}
