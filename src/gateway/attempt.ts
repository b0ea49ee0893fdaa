import type { AnswerSettings } from '../dialects/translation.ts'
import { chooseCredential } from '../providers/credentials.ts'
import type { Credential } from '../providers/provider.ts'
import type { Plan, Target } from '../routing/plan.ts'
import { verdictOn, type Verdict } from '../routing/verdict.ts'
import { ClientGone, type Exchange } from './exchange.ts'
import type { AttemptMeter, Meter } from './meter.ts'
import type { Parts } from './parts.ts'
import type { Asked } from './read-asked.ts'
import { translatorFor } from './translate-answer.ts'
import { UpstreamAnswer, type AttemptFailure, type Opened } from './upstream-answer.ts'
import { wordFor, type Worded } from './word-call.ts'

/** An answer in hand: nothing has reached the client yet, and nothing will be tried again. */
export interface Answer {
  readonly target: Target
  readonly worded: Worded
  readonly opened: Extract<Opened, { kind: 'whole' | 'stream' }>
  readonly upstream: UpstreamAnswer
  readonly meter: AttemptMeter
  /** Ends the deadline of the whole exchange. */
  release(): void
}

/**
 * Tries the plan's targets in order until one has an answer in hand. Each attempt has its own intent, written before the
 * first byte leaves, and its own record.
 * @throws GatewayError the last attempt's problem, when nothing is left to try; ClientGone when nobody waits any more.
 */
export async function attemptInOrder(
  exchange: Exchange,
  asked: Asked,
  plan: Plan,
  meter: Meter,
  parts: Parts,
): Promise<Answer> {
  const { totalMs } = plan.model.deadlines
  let current: UpstreamAnswer | undefined
  const deadline = parts.clock.after(totalMs, () => current?.expire(`no whole answer within ${totalMs} ms`))
  exchange.client.gone(() => current?.abandon())
  exchange.client.stopped((problem) => current?.breakOff(problem))
  let place = 0
  let verdict: Verdict | undefined
  try {
    for (;;) {
      const target = plan.targets[place] ?? plan.targets[0]
      const credential = credentialFor(target, parts)
      const worded = wordFor(asked, target)
      const reason = verdict ? `${target.reason}, after ${verdict.why}` : target.reason
      const attempt = meter.openAttempt(target, plan.model, credential, reason, worded.losses)
      const upstream = new UpstreamAnswer(
        worded.call,
        worded.dialect,
        translatorFor(worded.dialect, asked.dialect, answerSettings(exchange, asked, target)),
        parts.clock,
        plan.model.deadlines,
        () => attempt.firstByte(),
        credential.secret,
      )
      current = upstream
      const mustConnectAnew = verdict?.mustConnectAnew ?? false
      const opened = await dispatch(exchange, worded, target, credential, mustConnectAnew, upstream, attempt, parts)
      if (opened.kind === 'whole' || opened.kind === 'stream') {
        parts.health.noteSuccess(target.provider)
        return { target, worded, opened, upstream, meter: attempt, release: () => deadline.cancel() }
      }
      if (opened.kind === 'abandoned') {
        settleAbandoned(attempt, upstream)
        throw new ClientGone()
      }
      const { failure } = opened
      settleFailed(attempt, failure, upstream)
      noteFailure(target, credential, failure, parts)
      verdict = verdictAfter(failure, mustConnectAnew, target, place, plan, meter, parts)
      if (verdict.next === 'give-up') throw failure.problem
      if (verdict.next === 'next-target') place += 1
    }
  } catch (thrown) {
    deadline.cancel()
    throw thrown
  }
}

function verdictAfter(
  failure: AttemptFailure,
  wasAnew: boolean,
  target: Target,
  place: number,
  plan: Plan,
  meter: Meter,
  parts: Parts,
): Verdict {
  return verdictOn(
    {
      class: failure.class,
      kind: failure.problem.kind,
      wasAnew,
      attempts: meter.attempts,
      hasNextTarget: place + 1 < plan.targets.length,
      hasOtherCredential: target.provider.credentials.some((other) => parts.health.isUsable(target.provider, other)),
    },
    plan.model.retry,
  )
}

function answerSettings(exchange: Exchange, asked: Asked, target: Target): AnswerSettings {
  return {
    modelName: target.modelName,
    requestId: exchange.id,
    nowSeconds: Math.floor(exchange.startedAtMs / 1000),
    wantsStreamUsage: asked.call.wantsStreamUsage,
  }
}

/** Sends one attempt once its intent is safe: kill -9 must not hide a call that a provider bills. */
async function dispatch(
  exchange: Exchange,
  worded: Worded,
  target: Target,
  credential: Credential,
  mustConnectAnew: boolean,
  upstream: UpstreamAnswer,
  attempt: AttemptMeter,
  parts: Parts,
): Promise<Opened> {
  const { provider } = target
  try {
    await parts.usage.written()
  } catch (thrown) {
    upstream.abandon()
    attempt.settle({
      status: 'failed',
      errorKind: 'store_unavailable',
      failureClass: 'not-sent',
      httpStatus: undefined,
      facts: undefined,
      answerLosses: [],
    })
    throw thrown
  }
  if (exchange.client.isGone) {
    upstream.abandon()
    return upstream.opened
  }
  const ours: Readonly<Record<string, string>> = {
    'x-weir-request-id': exchange.id,
    'x-weir-attempt': String(attempt.number),
  }
  upstream.connect(
    parts.upstream.send(
      {
        provider: provider.name,
        origin: provider.origin,
        network: provider.network,
        method: 'POST',
        path: provider.endpoints[worded.dialect.name] ?? '/',
        headers: provider.headers(worded.dialect.name, credential, (name) => ours[name] ?? exchange.headers.one(name)),
        body: worded.body,
        mustConnectAnew,
      },
      upstream,
    ),
  )
  return upstream.opened
}

/** When every credential rests, the resting ones are tried all the same: the last candidate is always tried. */
function credentialFor({ provider }: Target, parts: Parts): Credential {
  const usable = (credential: Credential) => parts.health.isUsable(provider, credential)
  const credential =
    chooseCredential(provider, parts.random, usable) ?? chooseCredential(provider, parts.random, () => true)
  if (!credential) throw new Error(`provider ${provider.name} has no credential`)
  return credential
}

function settleFailed(attempt: AttemptMeter, failure: AttemptFailure, upstream: UpstreamAnswer): void {
  attempt.settle({
    status: 'failed',
    errorKind: failure.problem.kind,
    failureClass: failure.class,
    httpStatus: failure.httpStatus,
    facts: upstream.facts(),
    answerLosses: upstream.losses(),
  })
}

/** The client went away before an answer was in hand. Nothing of ours was at fault; what was sent is counted. */
function settleAbandoned(attempt: AttemptMeter, upstream: UpstreamAnswer): void {
  attempt.settle({
    status: 'aborted',
    errorKind: undefined,
    failureClass: upstream.wasSent ? 'unknown' : 'not-sent',
    httpStatus: upstream.httpStatus,
    facts: upstream.facts(),
    answerLosses: upstream.losses(),
  })
}

function noteFailure(target: Target, credential: Credential, failure: AttemptFailure, parts: Parts): void {
  if (failure.problem.kind === 'upstream_credential') parts.health.noteCredentialRefused(target.provider, credential)
  // A call that the provider rejects says nothing of the provider's health.
  if (failure.problem.status >= 500 || failure.problem.kind === 'upstream_rate_limited')
    parts.health.noteFailure(target.provider, failure.problem.kind)
}
