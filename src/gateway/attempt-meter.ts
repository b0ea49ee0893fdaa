import { estimateUsage, mergePartial } from '../accounting/estimate.ts'
import { costUnder } from '../accounting/price.ts'
import { pricedNames } from '../accounting/priced-names.ts'
import { withoutUnratedTokens, type RatedPrice } from '../accounting/rated-price.ts'
import type { Posting, Spend } from '../canonical/budget.ts'
import { isFreeOfCharge } from '../canonical/call.ts'
import {
  costLines,
  readDecidedBudgets,
  writeDecidedBudgets,
  type DecidedBudget,
  type KeptDecision,
} from '../canonical/decision.ts'
import { GatewayError, type ErrorKind } from '../canonical/error.ts'
import { lossesText, type Loss } from '../canonical/loss.ts'
import type { Nanos } from '../canonical/money.ts'
import { unpricedVersion, type Service } from '../canonical/service.ts'
import {
  declaredPrice,
  mixedPrice,
  withUsage,
  type AttemptIntent,
  type AttemptStatus,
  type UsageRecord,
} from '../canonical/usage-record.ts'
import { inputTokensOf, noUsage, notTokens, outputTokensOf, type Usage, type UsageSource } from '../canonical/usage.ts'
import type { FailureClass } from '../providers/provider.ts'
import type { DecidedAttempt, DecidedCost } from '../routing/decision.ts'
import type { Target } from '../routing/plan.ts'
import type { Settled } from '../stores/ports/ledger.ts'
import type { StateKind } from '../stores/ports/state-holders.ts'
import { narrowedUsage, spendOf, sumOf, type Hold, type Worst } from './budget.ts'
import type { Parts } from './parts.ts'
import type { AskedSize } from './read-asked.ts'
import type { Snapshot } from './snapshot.ts'

/** What a call without an output cap may cost at most is unknown; this many tokens stand for it when an outcome is lost. */
export const uncappedOutputTokens = 32_768

/** One attempt's running account. */
export interface AttemptMeter {
  /** From 1. */
  readonly number: number
  readonly isSettled: boolean
  /** Its first byte is about to leave: what was set aside for it is no longer freed without an answer. */
  leaves(): void
  firstByte(): void
  /** More of a stream has come: where it tells what its input came to, less needs to be set aside. */
  saw(answer: { facts(): OutcomeFacts | undefined }): void
  /** What follows from its failure, and why: for the decision record. */
  judged(verdict: string): void
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
  /** No attempt of the exchange follows, and none is under way: the decision is kept with this record. */
  readonly isLast: boolean
}

export interface OutcomeFacts {
  readonly usage: Usage | undefined
  /** Tokens of other models are in it, so that no one price holds for it. */
  readonly mixesModels?: boolean | undefined
  /** Absent: as prices mean, or nothing is said of it. */
  readonly service?: Service | undefined
  readonly isUsageFinal: boolean
  readonly responseModel: string | undefined
  readonly providerCostNanos: Nanos | undefined
  readonly textBytes: number
  readonly contentFrames: number
  /** Under which names the provider has kept the answer, and what of it is part of a conversation. */
  readonly storedIds?: readonly string[]
  /** The files that came about with it. */
  readonly storedFileIds?: readonly string[] | undefined
  readonly itemIds?: readonly string[]
}

/** What the config says that something comes to whose cost neither its call nor its answer tells. */
export interface Declared {
  readonly usage: Usage
  readonly costNanos: Nanos | undefined
  /** What it draws on budgets, where that is not what its record says: part of it was drawn before. */
  readonly posts?: Spend | undefined
  /** How the cost comes about, where it is no declaration. */
  readonly price?: DeclaredPrice | undefined
  /** It draws its tokens on budgets, and its record does not tell them as used: what it used is told later. */
  readonly hidesTokens?: boolean | undefined
}

export type DeclaredPrice = Pick<RatedPrice, 'version' | 'ratesOf'>

/** What an attempt's account needs of its exchange's. */
export interface AttemptSurroundings {
  readonly base: UsageRecord
  readonly target: Target
  readonly asked: AskedSize
  readonly snapshot: Snapshot
  readonly parts: Parts
  /** Monotonic, of the exchange. */
  readonly exchangeStartedMs: number
  /** What it has set aside; `undefined` where no budget is above it. */
  readonly hold: Hold | undefined
  readonly declared?: Declared | undefined
  /** 1 for the first attempt of an exchange that asks, 0 for every other: calls are counted once. */
  readonly countCall: () => bigint
  /** It came to more than was set aside. */
  readonly onExcess: (excess: readonly Posting[]) => void
  /** Writes the decision of the exchange as it now stands. */
  readonly keptDecision: (rates: Readonly<Record<string, string>> | undefined) => string
  /** Told once, before the record is written. */
  readonly onSettled: (outcome: Outcome) => void
}

type Cost = Pick<UsageRecord, 'costNanos' | 'priceVersion'>

export class OneAttempt implements AttemptMeter {
  readonly #around: AttemptSurroundings
  readonly #startedMonotonicMs: number
  #firstByteMs: number | undefined
  #ended: { readonly durationMs: number; readonly outcome: Outcome } | undefined
  #verdict: string | undefined
  #price: Pick<RatedPrice, 'ratesOf' | 'unrated'> | undefined
  #settled: UsageRecord | undefined
  /** The most that it can still come to; `undefined` where no budget is above it. */
  #worst: Worst | undefined

  constructor(around: AttemptSurroundings) {
    this.#around = around
    this.#worst = around.hold?.worst
    this.#startedMonotonicMs = around.parts.clock.monotonicMs()
  }

  get number(): number {
    return this.#around.base.attempt
  }

  get isSettled(): boolean {
    return this.#settled !== undefined
  }

  /** What it came to. `undefined`: it has not ended, or what it used has no price. */
  get costNanos(): Nanos | undefined {
    const cost = this.#settled?.costNanos
    // What did no work costs nothing, whatever its price would be.
    return cost === undefined && this.#ended && isWithoutWork(this.#ended.outcome) ? 0n : cost
  }

  /** Whether it tells what was used before its exchange began, and by others than its caller perhaps. */
  get isAfterwards(): boolean {
    return this.#around.declared?.posts !== undefined
  }

  /** Whether it was settled as the last of its exchange. */
  get wasLast(): boolean {
    return this.#ended?.outcome.isLast === true
  }

  /** Whether it ended since its client went away. */
  get isAborted(): boolean {
    return this.#settled?.status === 'aborted'
  }

  leaves(): void {
    const { hold, parts } = this.#around
    if (hold) parts.ledger.dispatch(hold.id)
  }

  firstByte(): void {
    this.#firstByteMs ??= this.#elapsedMs()
  }

  saw(answer: { facts(): OutcomeFacts | undefined }): void {
    const worst = this.#worst
    const { hold } = this.#around
    if (!hold || !worst?.usage || !worst.mayNarrow) return
    const facts = answer.facts()
    const usage = facts?.usage
    // Some tell zeros at first. What is served at another price than was set aside for may need all of it.
    if (!usage || inputTokensOf(usage) === 0 || facts.service !== undefined) return
    this.#worst = { ...worst, mayNarrow: false }
    this.#narrow(hold, narrowedUsage(worst.usage, usage), worst.most.calls)
  }

  /** Sets less aside, once an intent that says so is safe: a death must not count what others may use by then. */
  #narrow(hold: Hold, usage: Usage, calls: bigint): void {
    const { parts } = this.#around
    const cost = this.#costOf(usage, undefined)
    const most = spendOf(usage, cost.costNanos, calls)
    const narrowed = () => {
      if (this.#settled) return
      parts.ledger.shrink(hold.id, most)
      this.#worst = { usage, most, mayNarrow: false }
    }
    const postings = parts.ledger.shrunkEntry(hold.id, most)
    try {
      parts.usage.narrow(this.#intentOf(usage, cost, postings))
      // Where the disk refuses, all of it stays set aside.
      parts.usage.written().then(narrowed, () => undefined)
    } catch (thrown) {
      if (!(thrown instanceof GatewayError)) throw thrown
    }
  }

  judged(verdict: string): void {
    this.#verdict = verdict
  }

  intent(): AttemptIntent {
    const usage = this.#worstCase()
    return this.#intentOf(usage, this.#costOf(usage, undefined), this.#around.hold?.entry)
  }

  /** What a death before the end is recorded as: the most that the attempt may have come to by then. */
  #intentOf(usage: Usage, { costNanos, priceVersion }: Cost, postings: string | undefined): AttemptIntent {
    const decision = this.#keptRates(usage)
    const told = withUsage(this.#around.base, this.#told(usage))
    return { ...told, costNanos, priceVersion, postings, decision, status: 'unknown' }
  }

  settle(outcome: Outcome): UsageRecord {
    if (this.#settled) return this.#settled
    const { base, parts, keptDecision, onSettled } = this.#around
    onSettled(outcome)
    const { usage, source } = this.#usageOf(outcome)
    const durationMs = this.#elapsedMs()
    this.#ended = { durationMs, outcome }
    const cost =
      source === 'worst_case' ? this.#costInDoubt(usage, outcome.facts) : this.#costOfAnswer(usage, outcome.facts)
    // Where the provider told tokens it has them, whatever its price.
    const isGuess = source !== 'provider' && !outcome.facts?.usage
    const used = isGuess && this.#price ? withoutUnratedTokens(this.#price, usage) : usage
    const posted = this.#post(outcome, used, cost)
    const record: UsageRecord = {
      ...withUsage(base, this.#told(used)),
      costNanos: cost.costNanos,
      priceVersion: cost.priceVersion,
      postings: posted?.entry,
      excess: posted?.excessEntry,
      durationMs,
      firstByteMs: this.#firstByteMs,
      status: outcome.status,
      errorKind: outcome.errorKind,
      failureClass: outcome.failureClass,
      httpStatus: outcome.httpStatus,
      responseModel: outcome.facts?.responseModel,
      providerCostNanos: outcome.facts?.providerCostNanos,
      usageSource: source,
      losses: lossesText(outcome.answerLosses, base.losses),
    }
    // The decision asks this attempt how it ended.
    this.#settled = record
    const decision = outcome.isLast ? keptDecision(this.#ratesOf(record)) : this.#keptRates(record)
    this.#settled = { ...record, decision }
    parts.usage.append(this.#settled)
    this.#keepState(outcome)
    return this.#settled
  }

  /** What its record tells as used. */
  #told(usage: Usage): Usage {
    const { declared } = this.#around
    return declared?.hidesTokens === true && usage === declared.usage ? noUsage : usage
  }

  /** Ends what was set aside. @returns `undefined`: nothing was spent of it. */
  #post(outcome: Outcome, usage: Usage, { costNanos, priceVersion }: Cost): Settled | undefined {
    const { hold, parts, declared, countCall, onExcess } = this.#around
    if (!hold) return undefined
    if (isWithoutWork(outcome)) {
      parts.ledger.void(hold.id)
      return undefined
    }
    // What is dearer than any price says is not told by what a budget counts for a call without one: all of it stays drawn.
    const inDoubt = priceVersion === undefined ? undefined : hold.worst.most.nanos
    const spend = declared?.posts ?? spendOf(usage, costNanos ?? inDoubt, countCall())
    const settled = parts.ledger.settle(hold.id, spend)
    if (settled.excess.length > 0) onExcess(settled.excess)
    return settled
  }

  /** Before the client sees the last of the answer, which its next call may build on. */
  #keepState({ facts }: Outcome): void {
    const { requestedModel } = this.#around.base
    this.#keepNames(facts?.storedIds, 'answer', requestedModel)
    this.#keepNames(facts?.itemIds, 'item', requestedModel)
    this.#keepNames(facts?.storedFileIds, 'file')
  }

  #keepNames(ids: readonly string[] | undefined, kind: StateKind, modelName?: string): void {
    if (ids === undefined || ids.length === 0) return
    const { base, parts, target } = this.#around
    const { organisation, credentialId = '' } = base
    const holder = { kind, organisation, provider: target.provider.name, credentialId }
    parts.stateHolders.keep(ids, modelName === undefined ? holder : { ...holder, modelName })
  }

  /** As it now stands, for the decision record. */
  decided(): DecidedAttempt {
    const { base, target, exchangeStartedMs } = this.#around
    return {
      attempt: base.attempt,
      target: target.id,
      credential: base.credentialId ?? '',
      reason: base.reason,
      startedMs: rounded(this.#startedMonotonicMs - exchangeStartedMs),
      firstByteMs: this.#firstByteMs === undefined ? undefined : rounded(this.#firstByteMs),
      endedMs: this.#ended === undefined ? undefined : rounded(this.#ended.durationMs),
      outcome: this.#ended && outcomeText(this.#ended.outcome),
      verdict: this.#verdict,
    }
  }

  /** What it set aside. Empty where no budget is above it. */
  get budgets(): readonly DecidedBudget[] {
    const { hold } = this.#around
    return hold ? readDecidedBudgets(writeDecidedBudgets(hold)) : []
  }

  get verdict(): string | undefined {
    return this.#verdict
  }

  /** How the cost comes about, once it is known. */
  decidedCost(): DecidedCost | undefined {
    const record = this.#settled
    if (record?.costNanos === undefined || record.priceVersion === undefined) return undefined
    return {
      attempt: record.attempt,
      priceVersion: record.priceVersion,
      lines: costLines(record, this.#ratesOf(record) ?? {}),
      totalNanos: record.costNanos.toString(),
    }
  }

  /** `undefined` where the provider itself told the cost, there is no price, or nothing was used. */
  #ratesOf(usage: Usage): Readonly<Record<string, string>> | undefined {
    const rates = this.#price?.ratesOf(usage)
    return rates && Object.keys(rates).length > 0 ? rates : undefined
  }

  /** The record alone explains its cost, whatever becomes of the price book. */
  #keptRates(usage: Usage): string | undefined {
    const rates = this.#ratesOf(usage)
    return rates && JSON.stringify({ rates } satisfies KeptDecision)
  }

  #elapsedMs(): number {
    return this.#around.parts.clock.monotonicMs() - this.#startedMonotonicMs
  }

  /** The best numbers there are, and how good they are. Doubt is spend, never zero (I6). */
  #usageOf(outcome: Outcome): { readonly usage: Usage; readonly source: UsageSource } {
    const { facts } = outcome
    if (isWithoutWork(outcome) || isFreeOfCharge(this.#around.asked.call)) return { usage: noUsage, source: 'provider' }
    if (facts?.usage && facts.isUsageFinal) return { usage: facts.usage, source: 'provider' }
    // Under a budget what was seen of an answer does not stand for what is billed: the provider may have gone on.
    const mayEstimate = !this.#worst?.usage || this.#around.target.provider.onAbort === 'cancel-and-estimate'
    if (!facts || !mayEstimate) return { usage: atLeast(this.#worstCase(), facts?.usage), source: 'worst_case' }
    const { textBytes, call } = this.#around.asked
    const seen = { inputBytes: textBytes, textBytes: facts.textBytes, contentFrames: facts.contentFrames }
    const estimate = sumOf(estimateUsage(seen), call.likely)
    if (facts.usage) return { usage: mergePartial(facts.usage, estimate), source: 'partial' }
    return { usage: estimate, source: 'estimated' }
  }

  /** Byte-level tokenizers use at most one token per byte, so the body's bytes bound its text. */
  #worstCase(): Usage {
    if (this.#worst?.usage) return this.#worst.usage
    if (this.#around.declared) return this.#around.declared.usage
    const { call, textBytes } = this.#around.asked
    if (isFreeOfCharge(call)) return noUsage
    const outputText = call.operation === 'chat' ? (call.outputCapTokens ?? uncappedOutputTokens) * call.choiceCount : 0
    return sumOf({ ...noUsage, inputUncached: textBytes, outputText }, call.most)
  }

  #costOfAnswer(usage: Usage, facts: OutcomeFacts | undefined): Cost {
    if (facts?.mixesModels !== true || facts.providerCostNanos !== undefined) return this.#costOf(usage, facts)
    this.#price = undefined
    return { costNanos: undefined, priceVersion: mixedPrice }
  }

  /** The most that it can cost at the price of the model that was asked for, and never less than what was told of it. */
  #costInDoubt(usage: Usage, facts: OutcomeFacts | undefined): Cost {
    const worstCase = this.#worstCase()
    const service = facts?.service
    const worst = this.#costOf(worstCase, { providerCostNanos: facts?.providerCostNanos, service })
    if (!facts?.usage) return worst
    const [price, told] = [this.#price, this.#costOf(facts.usage, { service })]
    const isTold = (told.costNanos ?? 0n) > (worst.costNanos ?? 0n)
    // What explains a cost is the rates of what is recorded as used.
    if (usage !== (isTold ? facts.usage : worstCase)) this.#price = undefined
    else if (!isTold) this.#price = price
    return isTold ? told : worst
  }

  /** What the provider itself says it charges is truer than any price list (OpenRouter tells it). */
  #costOf(usage: Usage, told: ToldOfCost | undefined): Cost {
    this.#price = undefined
    const { providerCostNanos, responseModel, service } = told ?? {}
    if (providerCostNanos !== undefined) return { costNanos: providerCostNanos, priceVersion: 'provider-reported' }
    const { target, snapshot, base, declared } = this.#around
    if (declared && usage === declared.usage) {
      this.#price = declared.price
      return { costNanos: declared.costNanos, priceVersion: declared.price?.version ?? declaredPrice }
    }
    if (declared && usage === noUsage) return { costNanos: 0n, priceVersion: declaredPrice }
    const { provider, modelName } = target
    const names = pricedNames(modelName, responseModel, provider)
    const lookup = snapshot.prices.priceFor(provider.name, provider.priceProvider, names, base.startedAtMs, service)
    const costNanos = lookup.kind === 'unpriced' ? undefined : costUnder(lookup.price, usage)
    if (lookup.kind === 'unpriced' || costNanos === undefined)
      return { costNanos: undefined, priceVersion: service && unpricedVersion(service) }
    this.#price = lookup.price
    return { costNanos, priceVersion: lookup.price.version }
  }
}

type ToldOfCost = Partial<Pick<OutcomeFacts, 'providerCostNanos' | 'responseModel' | 'service'>>

/** A bound, where no more was told of anything: what was declared, or promised, may not have been kept. */
function atLeast(worst: Usage, told: Usage | undefined): Usage {
  if (!told) return worst
  const most = tokensOf(told) > tokensOf(worst) ? told : worst
  const besides: { -readonly [Component in keyof Usage]?: number } = {}
  for (const component of notTokens) {
    const amount = Math.max(worst[component], told[component])
    if (amount > most[component]) besides[component] = amount
  }
  return Object.keys(besides).length === 0 ? most : { ...most, ...besides }
}

function tokensOf(usage: Usage): number {
  return inputTokensOf(usage) + outputTokensOf(usage)
}

/** The provider did nothing, so it bills nothing. Where something before it gave up waiting, it may be working still (I6). */
function isWithoutWork({ failureClass, errorKind }: Outcome): boolean {
  return failureClass === 'not-sent' || (failureClass === 'refused' && errorKind !== 'upstream_timeout')
}

function outcomeText({ status, errorKind, failureClass }: Outcome): string {
  if (errorKind === undefined) return status
  return failureClass === undefined ? `${status}: ${errorKind}` : `${status}: ${errorKind} (${failureClass})`
}

/** To a tenth of a millisecond: finer is noise. */
function rounded(ms: number): number {
  return Math.round(ms * 10) / 10
}
