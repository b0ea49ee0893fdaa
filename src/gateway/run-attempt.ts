import { estimateInput } from '../accounting/estimate.ts'
import { asGatewayError, type ErrorKind } from '../canonical/error.ts'
import type { AnswerSettings } from '../dialects/translation.ts'
import { giveBack, type Choice } from '../routing/choose.ts'
import { faultOf } from '../routing/fault.ts'
import type { Fault } from '../routing/health-state.ts'
import type { Plan } from '../routing/plan.ts'
import type { AttemptMeter } from './attempt-meter.ts'
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
  const { exchange, asked, plan, meter: account, parts } = trying
  const { target, credential } = order.choice
  const { clock, health } = parts
  const startedMs = clock.monotonicMs()
  const meter = account.openAttempt({
    target,
    model: plan.model,
    credential,
    reason: order.reason,
    kind: order.kind,
    losses: worded.losses,
    hold,
    wasCapped: worded.addedCapTokens !== undefined,
    onSettled: ({ status, errorKind }) => {
      order.release?.()
      health.ended(target.id)
      if (status !== 'ok') noteFault(errorKind === undefined ? 'nobody' : faultOf(errorKind), errorKind ?? 'internal')
      else if (!isNoted) health.note({ kind: 'ended', targetId: target.id })
    },
  })
  health.began(target.id)

  let isNoted = false
  /** A stream, whose first content is noted. How it ends is to be noted still. */
  let hasBegun = false
  const noteFault = (seen: Fault, errorKind: ErrorKind): void => {
    if (isNoted) return
    isNoted = true
    // That the target is well, or that nobody knows, is less than what the first content has told.
    if (hasBegun && (seen === 'call' || seen === 'nobody')) return
    if (seen === 'nobody') return giveBack(order.choice, health)
    const fault = hasBegun && seen === 'target' ? 'cut' : seen
    // Its first content has told how a probe went.
    const probes = hasBegun ? [] : order.choice.probes
    health.note({ kind: 'failed', targetId: target.id, credentialId: credential.id, fault, errorKind, probes })
  }
  let wasToldInHeaders = false
  const noteRest = (status: number, { retryAfterMs, limitMs }: AskedRest): void => {
    const isOverload = status >= 500
    const toldMs = isOverload || status === 429 ? (retryAfterMs ?? 0) : 0
    const forMs = Math.max(toldMs, limitMs ?? 0)
    wasToldInHeaders = forMs > 0
    if (forMs > 0) noteRestOf(isOverload, forMs)
  }
  const noteRestOf = (isOverload: boolean, forMs: number): void => {
    // An overload is the target's, whoever calls. A rate limit is of this key at this model.
    const credentialId = isOverload ? undefined : credential.id
    health.note({ kind: 'rest', targetId: target.id, credentialId, forMs })
  }
  const upstream = new UpstreamAnswer({
    call: worded.call,
    dialect: worded.dialect,
    translator: translatorFor(
      worded.dialect,
      asked.dialect,
      asked.value,
      answerSettings(exchange, asked, target.modelName),
      { toolNames: toolNamesTold(worded, asked), guard: trying.guard },
    ),
    clientFraming: asked.dialect.framing ?? 'sse',
    clock,
    deadlines: plan.model.deadlines,
    secret: credential.secret,
    ear: trying.isHeard ? new AnswerEar(worded.dialect.translation) : undefined,
    onHead: (status, rest) => {
      meter.firstByte()
      noteRest(status, rest)
    },
  })
  const noteOpened = (opened: Opened): void => {
    order.release?.()
    if (opened.kind === 'failed') {
      const { failure } = opened
      const { isOurs, problem } = failure
      const { retryAfterSeconds = 0 } = problem
      const isOverload = problem.kind === 'upstream_overloaded'
      const wantsRest = isOverload || problem.kind === 'upstream_rate_limited'
      // Before the fault: for how long to rest is only guessed where nobody told it.
      if (wantsRest && retryAfterSeconds > 0 && !wasToldInHeaders) noteRestOf(isOverload, retryAfterSeconds * 1_000)
      // An idle connection that was closed meanwhile is nobody's fault: a fresh one tells. A call that no limit lets through
      // says nothing of those that follow.
      const isNobodys = isOurs || failure.class === 'stale'
      noteFault(isNobodys ? 'nobody' : problem.isLasting ? 'call' : faultOf(problem.kind), problem.kind)
    }
    if (opened.kind !== 'whole' && opened.kind !== 'stream') return
    const tookMs = clock.monotonicMs() - startedMs
    const isStream = opened.kind === 'stream'
    hasBegun = isStream
    isNoted = !isStream
    health.note({ kind: 'answered', targetId: target.id, credentialId: credential.id, isStream, tookMs })
  }
  // `opened` is a plain property, not a getter: V8 makes a hidden class of its own for each object literal with a getter, and
  // hidden classes live in the old generation, from where this one would keep the whole exchange until the next full collection.
  const attempt: RunningAttempt & { opened: Opened } = {
    opened: { kind: 'abandoned' },
    choice: order.choice,
    wasAnew: order.mustConnectAnew,
    worded,
    upstream,
    meter,
    ended: dispatch(trying, order, worded, upstream, meter).then((came) => {
      attempt.opened = came
      noteOpened(came)
      return attempt
    }),
    fail: (failure, isLast) =>
      void meter.settle({
        status: 'failed',
        errorKind: failure.problem.kind,
        failureClass: failure.class,
        httpStatus: failure.httpStatus,
        facts: failure.facts ?? upstream.facts(),
        answerLosses: upstream.losses(),
        isLast,
      }),
    abandon: (isLast) => {
      upstream.abandon()
      // A whole answer that came too late was made, and is billed as it says.
      const { opened } = attempt
      const whole = opened.kind === 'whole' ? { ...opened.facts, isUsageFinal: true, contentFrames: 0 } : undefined
      meter.settle({
        status: 'aborted',
        errorKind: undefined,
        failureClass: upstream.wasSent ? 'unknown' : 'not-sent',
        httpStatus: upstream.httpStatus,
        facts: whole ?? upstream.facts(),
        answerLosses: upstream.losses(),
        isLast,
      })
    },
  }
  return attempt
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
