import type { Posting } from '../canonical/budget.ts'
import type { GatewayError } from '../canonical/error.ts'
import { writeDecidedBudgets, type KeptDecision, type KeptProblem } from '../canonical/decision.ts'
import type { GuardDecision, KeptGuardrails } from '../canonical/guardrail.ts'
import type { LimitDecision } from '../canonical/limit.ts'
import { lossesText, type Loss } from '../canonical/loss.ts'
import type { Nanos } from '../canonical/money.ts'
import type { Principal } from '../canonical/principal.ts'
import { monitoredAttempt, type UsageRecord } from '../canonical/usage-record.ts'
import { noUsage } from '../canonical/usage.ts'
import type { Credential } from '../providers/provider.ts'
import { keptGuardrails, type GuardNotes } from '../policies/guardrails/guard-text.ts'
import type { GuardRule } from '../policies/guardrails/rule.ts'
import type { CatalogModel } from '../routing/catalog.ts'
import { decidedLimits, keptDecision, type Decision } from '../routing/decision.ts'
import { NothingLeft } from '../routing/nothing-left.ts'
import type { PassedOver, Plan, Target } from '../routing/plan.ts'
import { OneAttempt, type AttemptMeter, type Declared, type Outcome } from './attempt-meter.ts'
import type { Hold } from './budget.ts'
import { endLimits, type HeldLimits } from './end-limits.ts'
import type { Exchange } from './exchange.ts'
import type { HeardAnswer, MonitoredCall } from './guards/guard-monitor.ts'
import type { ExtraAttempt, FinishedExchange } from './hooks.ts'
import { keptProblemOf } from './kept-problem.ts'
import type { Parts } from './parts.ts'
import type { AskedSize } from './read-asked.ts'
import type { Snapshot } from './snapshot.ts'

/** One exchange's running account: opened once, closed exactly once, whatever happens. */
export interface Meter {
  identified(principal: Principal): void
  asked(asked: AskedSize): void
  /** Which entry of the config it asks. */
  found(model: Pick<CatalogModel, 'name'>): void
  /**
   * What the limits said to the call.
   * @param held what is to be given back when the meter closes; `undefined` when the call was refused.
   */
  limited(decision: LimitDecision, held: HeldLimits | undefined): void
  /** What was said; `undefined` where no limit was asked. */
  readonly limits: LimitDecision | undefined
  /** What guardrails say of the call, and later of its answer: read when the meter closes. */
  guarded(notes: GuardNotes): void
  /** Rules that are to look at a call of the exchange when it is over. @returns whether one of them looks at its answer. */
  monitored(rules: readonly GuardRule[] | undefined, asked: MonitoredCall['asked']): boolean
  /** What was answered, for those rules. */
  heard(answer: HeardAnswer): void
  /** What they have said so far. */
  readonly guardrails: readonly GuardDecision[]
  planned(plan: Plan): void
  /** Why the exchange goes where it goes, as far as it has come. */
  decision(): Decision
  /** Notes durably (once `usage.written()` resolves) that an attempt is about to leave. */
  openAttempt(launch: Launch): AttemptMeter
  /** No attempt could begin there: a budget had no room for it, or the target no word for the call. */
  refusedAt(targetId: string, why: string): void
  /** Where none could begin so far. */
  readonly refusals: readonly PassedOver[]
  /** Of the next attempt that is opened: under which id it sets money aside, and whether it counts the call. */
  nextHold(): { readonly holdId: string; readonly calls: bigint }
  readonly attempts: number
  /** What they came to, all together. `undefined`: one has not ended, or what it used has no price. */
  readonly costNanos: Nanos | undefined
  readonly configVersion: string
  /** The status the client was given. */
  told(status: number, problem: GatewayError | undefined): void
  sent(bytes: number): void
  close(): void
}

/** An attempt that is about to leave. */
export interface Launch {
  readonly target: Target
  /** `undefined`: it is carried, and asks no model of the catalog. */
  readonly model: Pick<CatalogModel, 'name'> | undefined
  readonly credential: Credential
  /** Why this target is tried now. */
  readonly reason: string
  /** Whether it is the exchange's first, one after a failure, or one beside another that is slow. */
  readonly kind: 'first' | 'retry' | 'hedge'
  /** What the caller said and this target will not hear. */
  readonly losses: readonly Loss[]
  /** What it has set aside; `undefined` where no budget is above it. */
  readonly hold: Hold | undefined
  /** What it counts as, where neither its call nor its answer says. Absent: both do. */
  readonly declared?: Declared | undefined
  /** Whether the gateway set the cap on its output. */
  readonly wasCapped: boolean
  /** Told once how it ended, before its record is written. */
  readonly onSettled: (outcome: Outcome) => void
}

export function openMeter(exchange: Exchange, snapshot: Snapshot, parts: Parts): Meter {
  return new ExchangeMeter(exchange, snapshot, parts)
}

class ExchangeMeter implements Meter {
  readonly #exchange: Exchange
  readonly #snapshot: Snapshot
  readonly #parts: Parts
  readonly #open: OneAttempt[] = []
  readonly #extraAttempts: ExtraAttempt[] = []
  #plan: Plan | undefined
  #principal: Principal | undefined
  #asked: AskedSize | undefined
  #catalogModel: string | undefined
  #limits: LimitDecision | undefined
  #held: HeldLimits | undefined
  #guardNotes: GuardNotes | undefined
  readonly #monitored: MonitoredCall[] = []
  #heard: HeardAnswer | undefined
  #status = 0
  #problem: GatewayError | undefined
  #bytesOut = 0
  #isCallCounted = false
  #refusedHolds = 0
  readonly #refusedAt: PassedOver[] = []
  readonly #excess: Posting[] = []
  #isClosed = false

  constructor(exchange: Exchange, snapshot: Snapshot, parts: Parts) {
    this.#exchange = exchange
    this.#snapshot = snapshot
    this.#parts = parts
  }

  identified(principal: Principal): void {
    this.#principal = principal
  }

  asked(asked: AskedSize): void {
    this.#asked = asked
  }

  found(model: Pick<CatalogModel, 'name'>): void {
    this.#catalogModel = model.name
  }

  limited(decision: LimitDecision, held: HeldLimits | undefined): void {
    this.#limits = decision
    this.#held = held
  }

  guarded(notes: GuardNotes): void {
    this.#guardNotes = notes
  }

  monitored(rules: readonly GuardRule[] | undefined, asked: MonitoredCall['asked']): boolean {
    if (rules === undefined || rules.length === 0) return false
    this.#monitored.push({ rules, asked })
    return rules.some(({ phases }) => phases.has('output'))
  }

  heard(answer: HeardAnswer): void {
    this.#heard = answer
  }

  get guardrails(): readonly GuardDecision[] {
    return this.#guardNotes?.decisions ?? []
  }

  get limits(): LimitDecision | undefined {
    return this.#limits
  }

  refusedAt(target: string, reason: string): void {
    this.#refusedAt.push({ target, reason })
    this.#refusedHolds += 1
  }

  get refusals(): readonly PassedOver[] {
    return this.#refusedAt
  }

  nextHold() {
    // Every try has an id of its own: the ledger gives the same answer to the same id.
    const holdId = `${this.#exchange.id}/${this.#open.length + 1}`
    return {
      holdId: this.#refusedHolds === 0 ? holdId : `${holdId}+${this.#refusedHolds}`,
      calls: this.#isCallCounted ? 0n : 1n,
    }
  }

  get attempts(): number {
    return this.#open.length
  }

  get costNanos(): Nanos | undefined {
    let sum = 0n
    for (const { costNanos } of this.#open) {
      if (costNanos === undefined) return undefined
      sum += costNanos
    }
    return sum
  }

  get configVersion(): string {
    return this.#snapshot.version
  }

  told(status: number, problem: GatewayError | undefined): void {
    this.#status = status
    this.#problem = problem
  }

  sent(bytes: number): void {
    this.#bytesOut += bytes
  }

  planned(plan: Plan): void {
    this.#plan = plan
  }

  decision(): Decision {
    return {
      ...this.#planned(),
      limits: this.#limits === undefined ? [] : decidedLimits(this.#limits),
      budgets: this.#open.at(-1)?.budgets ?? [],
      attempts: this.#open.map((attempt) => attempt.decided()),
      cost: this.#open.find(({ wasLast }) => wasLast)?.decidedCost(),
    }
  }

  openAttempt({
    target,
    model,
    credential,
    reason,
    kind,
    losses,
    hold,
    declared,
    wasCapped,
    onSettled,
  }: Launch): AttemptMeter {
    const principal = this.#principal
    const asked = this.#asked
    if (!principal || !asked)
      throw new Error('an attempt was opened before anyone was identified and anything was asked')
    const number = this.#open.length + 1
    const base: UsageRecord = {
      ...this.#record(principal, number),
      startedAtMs: this.#parts.clock.nowMs(),
      reason,
      catalogModel: model?.name,
      provider: target.provider.name,
      targetModel: target.modelName,
      credentialId: credential.id,
      losses: lossesText(losses),
      cappedBy: wasCapped ? 'gateway' : undefined,
    }
    const attempt = new OneAttempt({
      base,
      target,
      asked,
      snapshot: this.#snapshot,
      parts: this.#parts,
      exchangeStartedMs: this.#exchange.startedMonotonicMs,
      hold,
      declared,
      countCall: () => {
        const calls = this.#isCallCounted ? 0n : 1n
        this.#isCallCounted = true
        return calls
      },
      onExcess: (excess) => void this.#excess.push(...excess),
      keptDecision: (rates) => this.#keptDecision(rates, undefined, hold && writeDecidedBudgets(hold)),
      onSettled,
    })
    // Throws while the disk refuses: then no attempt was opened, and none is counted.
    this.#parts.usage.intend(attempt.intent())
    this.#open.push(attempt)
    if (kind !== 'first') this.#extraAttempts.push({ provider: target.provider.name, kind })
    return attempt
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    let records: readonly UsageRecord[] | undefined
    try {
      records = this.#settleAll()
    } finally {
      // On every way an exchange can end: what a limit counts as under way must not stay so.
      if (this.#held) endLimits(this.#held, records && this.#ratedOf(records), this.#parts.limiter)
    }
    this.#tell(records)
    const principal = this.#principal
    if (principal && this.#monitored.length > 0)
      this.#parts.monitor.add({ calls: this.#monitored, answer: this.#heard }, (kept) =>
        this.#noteMonitored(kept, principal),
      )
  }

  /** What counts in limits on tokens: of a batch that has ended nothing does, whenever somebody looks. */
  #ratedOf(records: readonly UsageRecord[]): readonly UsageRecord[] {
    if (!this.#open.some(({ isAfterwards }) => isAfterwards)) return records
    return records.filter(({ attempt }) => this.#open[attempt - 1]?.isAfterwards !== true)
  }

  /** Records are never edited: what is seen when they are written has one of its own. */
  #noteMonitored(guardrails: KeptGuardrails, principal: Principal): void {
    if (guardrails.decisions.length === 0) return
    for (const told of this.#parts.hooks.onMonitored ?? []) told(guardrails.decisions)
    this.#parts.usage.append({
      ...this.#record(principal, monitoredAttempt),
      startedAtMs: this.#exchange.startedAtMs,
      status: 'ok',
      usageSource: 'provider',
      costNanos: 0n,
      reason: 'what guardrails saw that look when the answer has gone',
      decision: JSON.stringify({ guardrails } satisfies KeptDecision),
    })
  }

  #settleAll(): readonly UsageRecord[] {
    // An attempt that nobody settled is a bug of ours; its money must be counted all the same (I6).
    const lost: Outcome = {
      status: 'failed',
      errorKind: 'internal',
      failureClass: 'unknown',
      httpStatus: undefined,
      facts: undefined,
      answerLosses: [],
      isLast: false,
    }
    if (this.#open.length === 0 && this.#principal) return [this.#refusal(this.#principal)]
    const unsettled = this.#open.findLast((attempt) => !attempt.isSettled)
    const records = this.#open.map((attempt) => attempt.settle({ ...lost, isLast: attempt === unsettled }))
    // Another attempt was to follow and none did: why is told by a record of its own.
    const isToldWhy = unsettled !== undefined || this.#open.some(({ wasLast }) => wasLast)
    return isToldWhy || !this.#principal ? records : [...records, this.#refusal(this.#principal)]
  }

  #tell(records: readonly UsageRecord[]): void {
    const finished: FinishedExchange = {
      id: this.#exchange.id,
      startedAtMs: this.#exchange.startedAtMs,
      durationMs: this.#parts.clock.monotonicMs() - this.#exchange.startedMonotonicMs,
      endpoint: this.#exchange.endpoint.path,
      operation: this.#exchange.endpoint.operation,
      principal: this.#principal,
      requestedModel: this.#asked?.call.modelName,
      isStream: this.#asked?.call.isStream ?? false,
      status: this.#status === 0 || this.#isLeft() ? 499 : this.#status,
      errorKind: this.#problem?.kind,
      bytesIn: this.#asked?.body.length ?? 0,
      bytesOut: this.#bytesOut,
      limits: this.#limits,
      guardrails: this.guardrails,
      guardrailsTookMs: this.#guardNotes?.tookMs,
      records,
      extraAttempts: this.#extraAttempts,
      excess: this.#excess,
      configVersion: this.#snapshot.version,
      bug: this.#problem?.kind === 'internal' ? this.#problem.cause : undefined,
    }
    for (const sink of this.#parts.hooks.sinks) sink(finished)
  }

  /** Whether the client went away before the end of its answer. */
  #isLeft(): boolean {
    return this.#problem === undefined && this.#open.some(({ wasLast, isAborted }) => wasLast && isAborted)
  }

  /** A call that was refused before any provider was asked is recorded too, so that refusals can be explained. */
  #refusal(principal: Principal): UsageRecord {
    const problem = keptProblemOf(this.#problem)
    const record: UsageRecord = {
      ...this.#record(principal, 0),
      startedAtMs: this.#exchange.startedAtMs,
      durationMs: this.#parts.clock.monotonicMs() - this.#exchange.startedMonotonicMs,
      // An answer of the gateway's own is one too.
      status: this.#problem ? 'refused' : this.#status === 200 ? 'ok' : 'aborted',
      errorKind: this.#problem?.kind,
      usageSource: 'provider',
      costNanos: 0n,
      reason: this.#open.length === 0 ? 'no provider was asked' : 'no further provider was asked',
      decision:
        problem || this.#limits || this.#plan || this.#guardNotes ? this.#keptDecision(undefined, problem) : undefined,
    }
    this.#parts.usage.append(record)
    return record
  }

  #planned() {
    return {
      strategy: this.#plan?.model.strategy,
      candidates: this.#plan?.targets.map(({ id, reason }) => ({ target: id, reason })) ?? [],
      passedOver: [...(this.#plan?.passedOver ?? this.#passedOverByAll()), ...this.#refusedAt],
      guardrails: this.#guardNotes && keptGuardrails(this.#guardNotes),
    }
  }

  /** Where there was no plan, since no target was left. */
  #passedOverByAll(): readonly PassedOver[] {
    return this.#problem instanceof NothingLeft ? this.#problem.passedOver : []
  }

  #keptDecision(rates: Readonly<Record<string, string>> | undefined, problem?: KeptProblem, budgets?: string): string {
    const verdicts: Record<string, string> = {}
    for (const { number, verdict } of this.#open) if (verdict !== undefined) verdicts[number] = verdict
    return keptDecision(
      { ...this.#planned(), isAttempted: this.#open.length > 0, problem },
      this.#limits,
      verdicts,
      rates,
      budgets,
    )
  }

  #record(principal: Principal, attempt: number): UsageRecord {
    const call = this.#asked?.call
    // First, since V8 copies what a literal begins with at once, and what follows later member by member.
    return {
      ...noUsage,
      requestId: this.#exchange.id,
      attempt,
      startedAtMs: 0,
      durationMs: 0,
      firstByteMs: undefined,
      status: 'unknown',
      errorKind: undefined,
      failureClass: undefined,
      reason: '',
      httpStatus: undefined,
      endpoint: this.#exchange.endpoint.path,
      operation: this.#exchange.endpoint.operation,
      isStream: call?.isStream ?? false,
      organisation: principal.organisation,
      team: principal.team,
      project: principal.project,
      user: principal.user,
      agent: principal.agent,
      keyId: principal.keyId,
      metadata: JSON.stringify(principal.metadata),
      endUser: call?.endUser,
      requestedModel: call?.modelName ?? '',
      catalogModel: this.#catalogModel,
      provider: undefined,
      targetModel: undefined,
      responseModel: undefined,
      credentialId: undefined,
      usageSource: 'worst_case',
      costNanos: undefined,
      priceVersion: undefined,
      providerCostNanos: undefined,
      configVersion: this.#snapshot.version,
      losses: undefined,
      decision: undefined,
      runId: principal.runId,
      postings: undefined,
      cappedBy: undefined,
      excess: undefined,
    }
  }
}
