import { Registry, collectDefaultMetrics } from 'prom-client'
import type { GuardDecision, GuardPhase } from '../../canonical/guardrail.ts'
import type { LimitDecision } from '../../canonical/limit.ts'
import type { UsageRecord } from '../../canonical/usage-record.ts'
import { addAttemptMetrics, type ExtraAttempt } from './attempts.ts'
import { addConnectionMetrics, type MeasuredConnection } from './connections.ts'
import { addExchangeMetrics, type EndedExchange } from './exchanges.ts'
import { addGatewayMetrics } from './gateway.ts'
import { addGuardrailMetrics } from './guardrails.ts'
import { addLedgerMetrics, type MeasuredLedger } from './ledger.ts'
import { addLimitMetrics } from './limits.ts'
import { addLoadMetrics, type MeasuredLoad } from './load.ts'
import { mergedRegistry, type MetricsShare } from './merge.ts'
import { addTargetMetrics, type MeasuredTarget } from './targets.ts'

/** What a finished exchange tells the metrics. A subset of the gateway's own word for it, so that any sink fits. */
export interface MeasuredExchange extends EndedExchange {
  readonly limits: LimitDecision | undefined
  readonly records: readonly UsageRecord[]
  /** What guardrails saw. */
  readonly guardrails: readonly GuardDecision[]
  readonly guardrailsTookMs?: Readonly<Partial<Record<GuardPhase, number>>> | undefined
  /** Attempts beyond the first. */
  readonly extraAttempts: readonly ExtraAttempt[]
}

/** What is counted. No verb waits or throws. */
export interface Metrics {
  /** Counts one finished exchange. */
  note(finished: MeasuredExchange): void
  /** What guardrails saw that look when an answer has gone. */
  noteMonitored(decisions: readonly GuardDecision[]): void
  /** Too many wait for those: an exchange was not looked at. */
  noteUnmonitored(): void
  noteCredentialRefused(credentialId: string): void
  noteConnection(connection: MeasuredConnection): void
  noteBreakerOpened(provider: string): void
  /** A guard elsewhere was asked. */
  noteGuardAsked(rule: string, outcome: string, tookMs: number): void
  noteReload(isTaken: boolean): void
  noteRecordFailure(): void
  noteWorkerDeath(): void
  noteLedgerFault(): void
  /** An attempt came to more than was set aside for it in a budget. */
  noteBudgetExcess(): void
  /**
   * Prometheus text.
   * @param shares what other processes of the same gateway counted: the sums are shown.
   */
  render(shares?: readonly MetricsShare[]): Promise<{ readonly contentType: string; readonly text: string }>
  /** What this process counted, as plain data for another one to add up. */
  share(): Promise<MetricsShare>
}

/** Asked at each scrape. */
export interface Gauges {
  /** Exchanges under way. */
  running(): number
  /** Calls that wait in line for a limit. */
  waiting(): number
  /** How the targets are. */
  targets(): readonly MeasuredTarget[]
  /** How near this process is to its limits; `undefined`: it serves nobody itself. */
  load(): MeasuredLoad | undefined
  /** The books of budgets; `undefined`: another process keeps them. */
  ledger(): Promise<MeasuredLedger | undefined>
}

/**
 * Opens the metrics of one gateway, in a registry of their own. Names and buckets: OpenTelemetry's gen_ai conventions in
 * Prometheus spelling, as behaviour.md E9 lists them.
 */
export function openMetrics(gauges: Gauges): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  const { noteExchange } = addExchangeMetrics(registers, gauges.running)
  const { noteAttempt, noteExtraAttempt } = addAttemptMetrics(registers)
  const { noteDecisions, noteJudged, noteUnmonitored, noteGuardAsked } = addGuardrailMetrics(registers)
  const { noteLimits } = addLimitMetrics(registers, gauges.waiting)
  addLoadMetrics(registers, gauges.load)

  return {
    note: (finished) => {
      noteExchange(finished)
      if (finished.limits) noteLimits(finished.limits)
      noteDecisions(finished.guardrails)
      if (finished.guardrailsTookMs) noteJudged(finished.guardrailsTookMs)
      for (const extra of finished.extraAttempts) noteExtraAttempt(extra)
      for (const record of finished.records) if (record.attempt > 0) noteAttempt(record)
    },
    noteMonitored: noteDecisions,
    noteUnmonitored,
    noteGuardAsked,
    ...addConnectionMetrics(registers),
    ...addTargetMetrics(registers, gauges.targets),
    ...addLedgerMetrics(registers, gauges.ledger),
    ...addGatewayMetrics(registers),
    render: async (shares = []) => {
      const shown = shares.length === 0 ? registry : mergedRegistry([await registry.getMetricsAsJSON(), ...shares])
      return { contentType: registry.contentType, text: await shown.metrics() }
    },
    share: () => registry.getMetricsAsJSON(),
  }
}
