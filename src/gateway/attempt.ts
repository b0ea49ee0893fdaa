import { chooseCredential } from '../providers/credentials.ts'
import type { Credential } from '../providers/provider.ts'
import type { Plan, Target } from '../routing/plan.ts'
import { verdictOn, type Verdict } from '../routing/verdict.ts'
import { ClientGone, type Exchange } from './exchange.ts'
import type { AttemptMeter, Meter } from './meter.ts'
import type { Parts } from './parts.ts'
import { bodyFor, type Asked } from './read-asked.ts'
import { UpstreamAnswer, type AttemptFailure, type Opened } from './upstream-answer.ts'

/** An answer in hand: nothing has reached the client yet, and nothing will be tried again. */
export interface Answer {
  readonly target: Target
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
  let current: UpstreamAnswer | undefined
  const { totalMs } = plan.model.deadlines
  const deadline = parts.clock.after(totalMs, () => current?.expire(`no whole answer within ${totalMs} ms`))
  exchange.client.gone(() => current?.abandon())
  exchange.client.stopped((problem) => current?.breakOff(problem))
  let place = 0
  let verdict: Verdict | undefined
  for (;;) {
    const target = plan.targets[place] ?? plan.targets[0]
    const credential = credentialFor(target, parts)
    const reason = verdict ? `${target.reason}, after ${verdict.why}` : target.reason
    const attempt = meter.openAttempt(target, plan.model, credential, reason)
    const upstream = new UpstreamAnswer(asked.call, asked.dialect, parts.clock, plan.model.deadlines, () =>
      attempt.firstByte(),
    )
    current = upstream
    const opened = await dispatch(
      exchange,
      asked,
      target,
      credential,
      verdict?.mustConnectAnew ?? false,
      current,
      attempt,
      parts,
    )
    if (opened.kind === 'whole' || opened.kind === 'stream') {
      parts.health.noteSuccess(target.provider)
      return { target, opened, upstream, meter: attempt, release: () => deadline.cancel() }
    }
    if (opened.kind === 'abandoned') {
      deadline.cancel()
      settleAbandoned(attempt, upstream)
      throw new ClientGone()
    }
    const { failure } = opened
    settleFailed(attempt, failure, upstream)
    noteFailure(target, credential, failure, parts)
    verdict = verdictOn(
      {
        class: failure.class,
        kind: failure.problem.kind,
        wasAnew: verdict?.mustConnectAnew ?? false,
        attempts: meter.attempts,
        hasNextTarget: place + 1 < plan.targets.length,
        hasOtherCredential: target.provider.credentials.some((other) => parts.health.isUsable(target.provider, other)),
      },
      plan.model.retry,
    )
    if (verdict.next === 'give-up') {
      deadline.cancel()
      throw failure.problem
    }
    if (verdict.next === 'next-target') place += 1
  }
}

/** Sends one attempt once its intent is safe: kill -9 must not hide a call that a provider bills. */
async function dispatch(
  exchange: Exchange,
  asked: Asked,
  target: Target,
  credential: Credential,
  mustConnectAnew: boolean,
  upstream: UpstreamAnswer,
  attempt: AttemptMeter,
  parts: Parts,
): Promise<Opened> {
  const { provider } = target
  await parts.usage.written()
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
        origin: provider.origin,
        network: provider.network,
        method: 'POST',
        path: provider.endpoints[asked.dialect.name] ?? '/',
        headers: provider.headers(asked.dialect.name, credential, (name) => ours[name] ?? exchange.headers.one(name)),
        body: bodyFor(asked, target.modelName),
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
  })
}

function noteFailure(target: Target, credential: Credential, failure: AttemptFailure, parts: Parts): void {
  if (failure.problem.kind === 'upstream_credential') parts.health.noteCredentialRefused(target.provider, credential)
  // A call that the provider rejects says nothing of the provider's health.
  if (failure.problem.status >= 500 || failure.problem.kind === 'upstream_rate_limited')
    parts.health.noteFailure(target.provider, failure.problem.kind)
}
