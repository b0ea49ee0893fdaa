import { estimateUsage, mergePartial } from '../accounting/estimate.ts'
import type { ErrorKind, GatewayError } from '../canonical/error.ts'
import type { LimitDecision } from '../canonical/limit.ts'
import { lossesText, type Loss } from '../canonical/loss.ts'
import type { Nanos } from '../canonical/money.ts'
import type { Principal } from '../canonical/principal.ts'
import type { AttemptIntent, AttemptStatus, UsageRecord } from '../canonical/usage-record.ts'
import { noUsage, type Usage, type UsageSource } from '../canonical/usage.ts'
import type { Credential, FailureClass } from '../providers/provider.ts'
import type { CatalogModel } from '../routing/catalog.ts'
import type { Target } from '../routing/plan.ts'
import { endLimits, type HeldLimits } from './end-limits.ts'
import type { Exchange } from './exchange.ts'
import type { Parts } from './parts.ts'
import type { Asked } from './read-asked.ts'
import type { Snapshot } from './snapshot.ts'

/** What a call without an output cap may cost at most is unknown; this many tokens stand for it when an outcome is lost. */
export const uncappedOutputTokens = 32_768

/** One exchange's running account: opened once, closed exactly once, whatever happens. */
export interface Meter {
  identified(principal: Principal): void
  asked(asked: Asked): void
  /**
   * What the limits said to the call.
   * @param held what is to be given back when the meter closes; `undefined` when the call was refused.
   */
  limited(decision: LimitDecision, held: HeldLimits | undefined): void
  /** What was said; `undefined` where no limit was asked. */
  readonly limits: LimitDecision | undefined
  /**
   * Notes durably (once `usage.written()` resolves) that an attempt is about to leave.
   * @param reason why this target is tried now.
   * @param losses what the caller said and this target will not hear.
   */
  openAttempt(
    target: Target,
    model: CatalogModel,
    credential: Credential,
    reason: string,
    losses: readonly Loss[],
  ): AttemptMeter
  readonly attempts: number
  readonly configVersion: string
  /** The status the client was given. */
  told(status: number, problem: GatewayError | undefined): void
  sent(bytes: number): void
  close(): void
}

export interface AttemptMeter {
  /** From 1. */
  readonly number: number
  firstByte(): void
  /** Exactly one terminal record per attempt: the first outcome counts, later calls give the same record (I5). */
  settle(outcome: Outcome): UsageRecord
}

export interface Outcome {
  readonly status: AttemptStatus
  readonly errorKind: ErrorKind | undefined
  readonly failureClass: FailureClass | undefined
  readonly httpStatus: number | undefined
  /** What came of an answer, as far as one came. `undefined`: nothing. */
  readonly facts: OutcomeFacts | undefined
  /** What of the answer the client's dialect had no word for. */
  readonly answerLosses: readonly Loss[]
}

export interface OutcomeFacts {
  readonly usage: Usage | undefined
  readonly isUsageFinal: boolean
  readonly responseModel: string | undefined
  readonly providerCostNanos: Nanos | undefined
  readonly textBytes: number
  readonly contentFrames: number
}

export function openMeter(exchange: Exchange, snapshot: Snapshot, parts: Parts): Meter {
  return new ExchangeMeter(exchange, snapshot, parts)
}

class ExchangeMeter implements Meter {
  readonly #exchange: Exchange
  readonly #snapshot: Snapshot
  readonly #parts: Parts
  readonly #open: OneAttempt[] = []
  #principal: Principal | undefined
  #asked: Asked | undefined
  #limits: LimitDecision | undefined
  #held: HeldLimits | undefined
  #status = 0
  #problem: GatewayError | undefined
  #bytesOut = 0
  #isClosed = false

  constructor(exchange: Exchange, snapshot: Snapshot, parts: Parts) {
    this.#exchange = exchange
    this.#snapshot = snapshot
    this.#parts = parts
  }

  identified(principal: Principal): void {
    this.#principal = principal
  }

  asked(asked: Asked): void {
    this.#asked = asked
  }

  limited(decision: LimitDecision, held: HeldLimits | undefined): void {
    this.#limits = decision
    this.#held = held
  }

  get limits(): LimitDecision | undefined {
    return this.#limits
  }

  get attempts(): number {
    return this.#open.length
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

  openAttempt(
    target: Target,
    model: CatalogModel,
    credential: Credential,
    reason: string,
    losses: readonly Loss[],
  ): AttemptMeter {
    const principal = this.#principal
    const asked = this.#asked
    if (!principal || !asked)
      throw new Error('an attempt was opened before anyone was identified and anything was asked')
    const number = this.#open.length + 1
    const base: UsageRecord = {
      ...this.#record(principal, number),
      startedAtMs: this.#parts.clock.nowMs(),
      reason,
      catalogModel: model.name,
      provider: target.provider.name,
      targetModel: target.modelName,
      credentialId: credential.id,
      losses: lossesText(losses),
    }
    const attempt = new OneAttempt(base, target, asked, this.#snapshot, this.#parts)
    // Throws while the disk refuses: then no attempt was opened, and none is counted.
    this.#parts.usage.intend(attempt.intent())
    this.#open.push(attempt)
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
      if (this.#held) endLimits(this.#held, records, this.#parts.limiter)
    }
    this.#tell(records)
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
    }
    if (this.#open.length === 0 && this.#principal) return [this.#refusal(this.#principal)]
    return this.#open.map((attempt) => attempt.settle(lost))
  }

  #tell(records: readonly UsageRecord[]): void {
    for (const sink of this.#parts.hooks.sinks)
      sink({
        id: this.#exchange.id,
        startedAtMs: this.#exchange.startedAtMs,
        durationMs: this.#parts.clock.monotonicMs() - this.#exchange.startedMonotonicMs,
        endpoint: this.#exchange.endpoint.path,
        operation: this.#exchange.endpoint.operation,
        principal: this.#principal,
        requestedModel: this.#asked?.call.modelName,
        isStream: this.#asked?.call.isStream ?? false,
        status: this.#status === 0 ? 499 : this.#status,
        errorKind: this.#problem?.kind,
        bytesIn: this.#asked?.body.length ?? 0,
        bytesOut: this.#bytesOut,
        limits: this.#limits,
        records,
        configVersion: this.#snapshot.version,
        bug: this.#problem?.kind === 'internal' ? this.#problem.cause : undefined,
      })
  }

  /** A call that was refused before any provider was asked is recorded too, so that refusals can be explained. */
  #refusal(principal: Principal): UsageRecord {
    const record: UsageRecord = {
      ...this.#record(principal, 0),
      startedAtMs: this.#exchange.startedAtMs,
      durationMs: this.#parts.clock.monotonicMs() - this.#exchange.startedMonotonicMs,
      status: this.#problem ? 'refused' : 'aborted',
      errorKind: this.#problem?.kind,
      usageSource: 'provider',
      costNanos: 0n,
      reason: 'no provider was asked',
    }
    this.#parts.usage.append(record)
    return record
  }

  #record(principal: Principal, attempt: number): UsageRecord {
    const call = this.#asked?.call
    return {
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
      catalogModel: undefined,
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
      ...noUsage,
    }
  }
}

class OneAttempt implements AttemptMeter {
  readonly #base: UsageRecord
  readonly #target: Target
  readonly #asked: Asked
  readonly #snapshot: Snapshot
  readonly #parts: Parts
  readonly #startedMonotonicMs: number
  #firstByteMs: number | undefined
  #settled: UsageRecord | undefined

  constructor(base: UsageRecord, target: Target, asked: Asked, snapshot: Snapshot, parts: Parts) {
    this.#base = base
    this.#target = target
    this.#asked = asked
    this.#snapshot = snapshot
    this.#parts = parts
    this.#startedMonotonicMs = parts.clock.monotonicMs()
  }

  get number(): number {
    return this.#base.attempt
  }

  firstByte(): void {
    this.#firstByteMs ??= this.#parts.clock.monotonicMs() - this.#startedMonotonicMs
  }

  intent(): AttemptIntent {
    return {
      ...this.#base,
      ...this.#worstCase(),
      ...this.#costOf(this.#worstCase(), undefined, undefined),
      status: 'unknown',
    }
  }

  settle(outcome: Outcome): UsageRecord {
    if (this.#settled) return this.#settled
    const { usage, source } = this.#usageOf(outcome)
    const record: UsageRecord = {
      ...this.#base,
      ...usage,
      ...this.#costOf(usage, outcome.facts?.responseModel, outcome.facts?.providerCostNanos),
      durationMs: this.#parts.clock.monotonicMs() - this.#startedMonotonicMs,
      firstByteMs: this.#firstByteMs,
      status: outcome.status,
      errorKind: outcome.errorKind,
      failureClass: outcome.failureClass,
      httpStatus: outcome.httpStatus,
      responseModel: outcome.facts?.responseModel,
      providerCostNanos: outcome.facts?.providerCostNanos,
      usageSource: source,
      losses: lossesText(outcome.answerLosses, this.#base.losses),
    }
    this.#settled = record
    this.#parts.usage.append(record)
    return record
  }

  /** The best numbers there are, and how good they are. Doubt is spend, never zero (I6). */
  #usageOf(outcome: Outcome): { readonly usage: Usage; readonly source: UsageSource } {
    const { facts } = outcome
    if (outcome.failureClass === 'not-sent' || outcome.failureClass === 'refused')
      return { usage: noUsage, source: 'provider' }
    if (facts?.usage && facts.isUsageFinal) return { usage: facts.usage, source: 'provider' }
    if (!facts) return { usage: this.#worstCase(), source: 'worst_case' }
    const estimate = estimateUsage({
      inputBytes: this.#asked.body.length,
      textBytes: facts.textBytes,
      contentFrames: facts.contentFrames,
    })
    if (facts.usage) return { usage: mergePartial(facts.usage, estimate), source: 'partial' }
    return { usage: estimate, source: 'estimated' }
  }

  /** Byte-level tokenizers use at most one token per byte, so the body's bytes bound its text. */
  #worstCase(): Usage {
    const { call, body } = this.#asked
    const outputText = call.operation === 'chat' ? (call.outputCapTokens ?? uncappedOutputTokens) * call.choiceCount : 0
    return { ...noUsage, inputUncached: body.length, outputText }
  }

  /** What the provider itself says it charges is truer than any price list (OpenRouter tells it). */
  #costOf(usage: Usage, responseModel: string | undefined, providerCostNanos: Nanos | undefined) {
    if (providerCostNanos !== undefined) return { costNanos: providerCostNanos, priceVersion: 'provider-reported' }
    const { provider, modelName } = this.#target
    const names = responseModel === undefined || responseModel === modelName ? [modelName] : [responseModel, modelName]
    const lookup = this.#snapshot.prices.priceFor(provider.name, provider.priceProvider, names, this.#base.startedAtMs)
    if (lookup.kind === 'unpriced') return { costNanos: undefined, priceVersion: undefined }
    return { costNanos: lookup.price.costOf(usage), priceVersion: lookup.price.version }
  }
}
