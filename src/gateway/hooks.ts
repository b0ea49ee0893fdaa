import type { Posting } from '../canonical/budget.ts'
import type { Call } from '../canonical/call.ts'
import type { ErrorKind } from '../canonical/error.ts'
import type { GuardDecision, GuardPhase } from '../canonical/guardrail.ts'
import type { LimitDecision } from '../canonical/limit.ts'
import type { Principal } from '../canonical/principal.ts'
import type { UsageRecord } from '../canonical/usage-record.ts'
import type { Target } from '../routing/plan.ts'

/**
 * Where optional things hang on. Each sees canonical words only, so that it works for every client and every provider.
 * The lists are run in order, and are empty unless `build.ts` fills them.
 */
export interface Hooks {
  /** A preference among the targets that may serve the call: the order to try. */
  readonly weigh: readonly Weigh[]
  /** Told of every finished exchange: metrics, access log, exporters. Never throws, never waits. */
  readonly sinks: readonly Sink[]
  /** Told what guardrails saw that look when an answer has gone. Absent: nobody. */
  readonly onMonitored?: readonly ((decisions: readonly GuardDecision[]) => void)[]
}

export type Weigh = (targets: readonly [Target, ...Target[]], call: Call) => readonly [Target, ...Target[]]

/** Hears of an exchange when it is over. Called in its turn: whoever has work to do does it later. */
export type Sink = (finished: FinishedExchange) => void

/** What is known of an exchange when it is over. Metadata only: no prompts, no answers, no keys. */
export interface FinishedExchange {
  readonly id: string
  readonly startedAtMs: number
  readonly durationMs: number
  readonly endpoint: string
  readonly operation: string
  readonly principal: Principal | undefined
  readonly requestedModel: string | undefined
  readonly isStream: boolean
  /** The status the client saw; 499 when it went away before the end of its answer. */
  readonly status: number
  readonly errorKind: ErrorKind | undefined
  readonly bytesIn: number
  readonly bytesOut: number
  /** What the limits said; `undefined` where none was asked. */
  readonly limits: LimitDecision | undefined
  /** What guardrails saw, in order. */
  readonly guardrails: readonly GuardDecision[]
  /** How long those took that are judged here, by phase. Absent: none was in force. */
  readonly guardrailsTookMs?: Readonly<Partial<Record<GuardPhase, number>>> | undefined
  /** In order. Empty when no provider was asked. */
  readonly records: readonly UsageRecord[]
  /** Attempts beyond the first, in order. */
  readonly extraAttempts: readonly ExtraAttempt[]
  /** By how much attempts came to more than was set aside for them: a provider broke its bound (ledger.md I3). Nearly always empty. */
  readonly excess: readonly Posting[]
  readonly configVersion: string
  /** A bug, for the error log; what the client was told does not hold it. */
  readonly bug: unknown
}

export interface ExtraAttempt {
  readonly provider: string
  /** After a failure, or beside an attempt that is slow. */
  readonly kind: 'retry' | 'hedge'
}
