import { estimateInput } from '../accounting/estimate.ts'
import { asGatewayError, type ErrorKind } from '../canonical/error.ts'
import type { AnswerSettings } from '../dialects/translation.ts'
import { giveBack, type Choice } from '../routing/choose.ts'
import { faultOf } from '../routing/fault.ts'
import type { Fault } from '../routing/health-state.ts'
import type { Plan } from '../routing/plan.ts'
import type { AttemptMeter, Outcome } from './attempt-meter.ts'
import type { Budgeted, Hold } from './budget.ts'
import type { Exchange } from './exchange.ts'
import { authorized, callFor } from './leaving-call.ts'
import { AnswerEar } from './guards/answer-ear.ts'
import type { AnswerRules } from './guards/guard-input.ts'
import type { Launch, Meter } from './meter.ts'
import type { Parts } from './parts.ts'
import type { AskedRest } from './provider-limits.ts'
import type { Asked } from './read-asked.ts'
import { translatorFor } from './translate-answer.ts'
import { UpstreamAnswer, type AttemptFailure, type Opened } from './upstream-answer.ts'
import type { Worded } from './word-call.ts'

/** What every attempt of one exchange has in common. */
export interface Trying {
  readonly exchange: Exchange
  readonly asked: Asked
  readonly plan: Plan
  /** What looks at the answer before the client does. */
  readonly guard: AnswerRules | undefined
  /** Rules are to look at the answer when it has gone. Absent: none. */
  readonly isHeard?: boolean
  /** `undefined`: no budget is above the call. */
  readonly budgeted: Budgeted | undefined
  readonly meter: Meter
  readonly parts: Parts
}

/** How one attempt is to be made. */
export interface AttemptOrder {
  readonly choice: Choice
  readonly kind: Launch['kind']
  readonly reason: string
  readonly mustConnectAnew: boolean
  /** Gives back what the retry budget lent; called once the attempt has an answer or has ended. */
  readonly release: (() => void) | undefined
}

/** One attempt under way. Its health is noted as it becomes known, its account settled exactly once. */
export interface RunningAttempt {
  readonly choice: Choice
  readonly wasAnew: boolean
  readonly worded: Worded
  readonly upstream: UpstreamAnswer
  readonly meter: AttemptMeter
  /** Resolves once, with this attempt, when it has come to something. */
  readonly ended: Promise<RunningAttempt>
  /** What it has come to. To be read once `ended`. */
  readonly opened: Opened
  /** Settles a failure. */
  fail(failure: AttemptFailure, isLast: boolean): void
  /** Nobody wants it any more: it is broken off and settled, whatever it had come to. What was sent is counted. */
  abandon(isLast: boolean): void
}

/**
 * Begins an attempt: its intent is written before the first byte leaves.
 * @param hold what it has set aside; `undefined` where no budget is above it.
 */
export function startAttempt(
  trying: Trying,
  order: AttemptOrder,
  worded: Worded,
  hold: Hold | undefined,
): RunningAttempt {
  return new StartedAttempt(trying, order, worded, hold)
}

class StartedAttempt implements RunningAttempt {
  readonly choice: Choice
  readonly wasAnew: boolean
  readonly worded: Worded
  readonly upstream: UpstreamAnswer
  readonly meter: AttemptMeter
  readonly ended: Promise<RunningAttempt>
  opened: Opened = { kind: 'abandoned' }
  readonly #order: AttemptOrder
  readonly #parts: Parts
  readonly #startedMs: number
  #isNoted = false
  /** A stream, whose first content is noted. How it ends is to be noted still. */
  #hasBegun = false
  #wasToldInHeaders = false

  constructor(trying: Trying, order: AttemptOrder, worded: Worded, hold: Hold | undefined) {
    const { plan, meter: account, parts } = trying
    const { target, credential } = order.choice
    this.choice = order.choice
    this.wasAnew = order.mustConnectAnew
    this.worded = worded
    this.#order = order
    this.#parts = parts
    this.#startedMs = parts.clock.monotonicMs()
    this.meter = account.openAttempt({
      target,
      model: plan.model,
      credential,
      reason: order.reason,
      kind: order.kind,
      losses: worded.losses,
      hold,
      wasCapped: worded.addedCapTokens !== undefined,
      onSettled: (outcome) => this.#noteEnd(outcome),
    })
    parts.health.began(target.id)
    this.upstream = this.#upstreamOf(trying)
    this.ended = dispatch(trying, order, worded, this.upstream, this.meter).then((opened) => this.#opens(opened))
  }

  fail(failure: AttemptFailure, isLast: boolean): void {
    this.meter.settle({
      status: 'failed',
      errorKind: failure.problem.kind,
      failureClass: failure.class,
      httpStatus: failure.httpStatus,
      facts: failure.facts ?? this.upstream.facts(),
      answerLosses: this.upstream.losses(),
      isLast,
    })
  }

  abandon(isLast: boolean): void {
    const { opened, upstream } = this
    upstream.abandon()
    // A whole answer that came too late was made, and is billed as it says.
    const whole = opened.kind === 'whole' ? { ...opened.facts, isUsageFinal: true, contentFrames: 0 } : undefined
    this.meter.settle({
      status: 'aborted',
      errorKind: undefined,
      failureClass: upstream.wasSent ? 'unknown' : 'not-sent',
      httpStatus: upstream.httpStatus,
      facts: whole ?? upstream.facts(),
      answerLosses: upstream.losses(),
      isLast,
    })
  }

  #upstreamOf({ exchange, asked, plan, guard, isHeard }: Trying): UpstreamAnswer {
    const { worded } = this
    const { target, credential } = this.choice
    return new UpstreamAnswer({
      call: worded.call,
      dialect: worded.dialect,
      translator: translatorFor(
        worded.dialect,
        asked.dialect,
        asked.value,
        answerSettings(exchange, asked, target.modelName),
        { toolNames: toolNamesTold(worded, asked), guard },
      ),
      clientFraming: asked.dialect.framing ?? 'sse',
      clock: this.#parts.clock,
      deadlines: plan.model.deadlines,
      secret: credential.secret,
      ear: isHeard ? new AnswerEar(worded.dialect.translation) : undefined,
      onHead: (status, rest) => {
        this.meter.firstByte()
        this.#noteRestAsked(status, rest)
      },
    })
  }

  // --- what is noted of the target and the credential, each once -------------------------------------------------------

  #opens(opened: Opened): this {
    this.opened = opened
    this.#order.release?.()
    if (opened.kind === 'failed') this.#noteFailure(opened.failure)
    if (opened.kind === 'whole' || opened.kind === 'stream') this.#noteAnswer(opened.kind === 'stream')
    return this
  }

  #noteAnswer(isStream: boolean): void {
    const { clock, health } = this.#parts
    const { target, credential } = this.choice
    const tookMs = clock.monotonicMs() - this.#startedMs
    this.#hasBegun = isStream
    this.#isNoted = !isStream
    health.note({ kind: 'answered', targetId: target.id, credentialId: credential.id, isStream, tookMs })
  }

  #noteFailure({ isOurs, problem, class: failureClass }: AttemptFailure): void {
    const { retryAfterSeconds = 0 } = problem
    const isOverload = problem.kind === 'upstream_overloaded'
    const wantsRest = isOverload || problem.kind === 'upstream_rate_limited'
    // Before the fault: for how long to rest is only guessed where nobody told it.
    if (wantsRest && retryAfterSeconds > 0 && !this.#wasToldInHeaders)
      this.#noteRest(isOverload, retryAfterSeconds * 1_000)
    // An idle connection that was closed meanwhile is nobody's fault: a fresh one tells. A call that no limit lets through
    // says nothing of those that follow.
    const isNobodys = isOurs || failureClass === 'stale'
    this.#noteFault(isNobodys ? 'nobody' : problem.isLasting ? 'call' : faultOf(problem.kind), problem.kind)
  }

  #noteEnd({ status, errorKind }: Outcome): void {
    const { health } = this.#parts
    const { target } = this.choice
    this.#order.release?.()
    health.ended(target.id)
    if (status !== 'ok')
      this.#noteFault(errorKind === undefined ? 'nobody' : faultOf(errorKind), errorKind ?? 'internal')
    else if (!this.#isNoted) health.note({ kind: 'ended', targetId: target.id })
  }

  #noteFault(seen: Fault, errorKind: ErrorKind): void {
    if (this.#isNoted) return
    this.#isNoted = true
    const { health } = this.#parts
    const { target, credential, probes } = this.choice
    const hasBegun = this.#hasBegun
    // That the target is well, or that nobody knows, is less than what the first content has told.
    if (hasBegun && (seen === 'call' || seen === 'nobody')) return
    if (seen === 'nobody') return giveBack(this.choice, health)
    health.note({
      kind: 'failed',
      targetId: target.id,
      credentialId: credential.id,
      fault: hasBegun && seen === 'target' ? 'cut' : seen,
      errorKind,
      // Its first content has told how a probe went.
      probes: hasBegun ? [] : probes,
    })
  }

  #noteRestAsked(status: number, { retryAfterMs, limitMs }: AskedRest): void {
    const isOverload = status >= 500
    const toldMs = isOverload || status === 429 ? (retryAfterMs ?? 0) : 0
    const forMs = Math.max(toldMs, limitMs ?? 0)
    this.#wasToldInHeaders = forMs > 0
    if (forMs > 0) this.#noteRest(isOverload, forMs)
  }

  #noteRest(isOverload: boolean, forMs: number): void {
    const { target, credential } = this.choice
    // An overload is the target's, whoever calls. A rate limit is of this key at this model.
    const credentialId = isOverload ? undefined : credential.id
    this.#parts.health.note({ kind: 'rest', targetId: target.id, credentialId, forMs })
  }
}

/** Sends one attempt once its intent is safe: kill -9 must not hide a call that a provider bills. */
async function dispatch(
  { exchange, parts }: Trying,
  { choice: { target, credential }, mustConnectAnew }: AttemptOrder,
  worded: Worded,
  upstream: UpstreamAnswer,
  meter: AttemptMeter,
): Promise<Opened> {
  const { provider } = target
  try {
    await parts.usage.written()
  } catch (thrown) {
    upstream.abandon()
    const failure = { class: 'not-sent', problem: asGatewayError(thrown), httpStatus: undefined, isOurs: true } as const
    return { kind: 'failed', failure }
  }
  upstream.awaitFirstByte()
  const call = callFor(exchange, { target, credential }, worded, meter.number, mustConnectAnew)
  const mayLeave = provider.authorize ? await authorized(call, provider, credential, upstream, parts) : call
  if ('kind' in mayLeave) return mayLeave
  if (exchange.client.isGone || meter.isSettled) upstream.abandon()
  // Something has ended it meanwhile: nobody would listen to what is sent now, or break it off.
  if (upstream.isOver) return upstream.opened
  meter.leaves()
  upstream.connect(parts.upstream.send(mayLeave, upstream))
  return upstream.opened
}

/** Only where the target's dialect cannot spell all names, and cannot put them back by itself. */
function toolNamesTold({ dialect }: Worded, asked: Asked): ReadonlyMap<string, string> | undefined {
  const toolNames = dialect.name === asked.dialect.name ? undefined : dialect.translation?.toolNames
  const chat = toolNames && asked.chat()
  return chat && toolNames?.(chat)
}

function answerSettings(exchange: Exchange, asked: Asked, modelName: string): AnswerSettings {
  return {
    modelName,
    requestId: exchange.id,
    nowSeconds: Math.floor(exchange.startedAtMs / 1000),
    wantsStreamUsage: asked.call.wantsStreamUsage,
    estimatedInputTokens: estimateInput(asked.textBytes),
    asked: asked.value,
  }
}
