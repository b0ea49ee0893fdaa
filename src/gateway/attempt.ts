import type { Timer } from '../canonical/clock.ts'
import { errorTable, GatewayError } from '../canonical/error.ts'
import type { OnAbort } from '../providers/provider.ts'
import { waitBeforeRetryMs } from '../routing/backoff.ts'
import { chooseAt, chooseNext, chooseWell, giveBack, hasNext, lastResort, type Choice } from '../routing/choose.ts'
import { faultOf } from '../routing/fault.ts'
import type { Target } from '../routing/plan.ts'
import { verdictOn, type Verdict } from '../routing/verdict.ts'
import type { AttemptMeter } from './attempt-meter.ts'
import { ClientGone } from './exchange.ts'
import { setAside, type Budgeted, type Hold } from './budget.ts'
import { drainLimits, policyOnAbort } from './drain.ts'
import { startAttempt, type AttemptOrder, type RunningAttempt, type Trying } from './run-attempt.ts'
import type { AttemptFailure, Opened, UpstreamAnswer } from './upstream-answer.ts'
import { tryToWord, type Worded } from './word-call.ts'

/** An answer in hand: nothing has reached the client yet, and nothing will be tried again. */
export interface Answer {
  readonly target: Target
  readonly worded: Worded
  readonly opened: Extract<Opened, { kind: 'whole' | 'stream' }>
  readonly upstream: UpstreamAnswer
  readonly meter: AttemptMeter
  readonly onAbort: OnAbort
  /** Ends the deadline of the whole exchange. */
  release(): void
}

/**
 * Tries the plan's targets in order until one has an answer in hand, with a second attempt beside a slow one where the model
 * says so. Each attempt has its own intent, written before the first byte leaves, and its own record.
 * @throws GatewayError the last attempt's problem, when nothing is left to try; ClientGone when nobody waits any more.
 */
export async function attemptInOrder(trying: Trying): Promise<Answer> {
  const attempts = new Attempts(trying)
  try {
    return await attempts.untilAnswer()
  } catch (thrown) {
    attempts.close()
    throw thrown
  }
}

class Attempts {
  readonly #trying: Trying
  readonly #tried = new Set<Target>()
  /** Under way. The one whose answer is in hand stays, so that whatever ends the exchange ends it. */
  readonly #live = new Set<RunningAttempt>()
  readonly #deadline: Timer
  #isExpired = false
  #stopped: GatewayError | undefined
  #wake: (() => void) | undefined
  #wasLastResort = false
  #hedgesLeft: number
  #waits = 0
  #isAnswered = false
  #drained: (() => void) | undefined
  #drainDeadline: Timer | undefined

  constructor(trying: Trying) {
    this.#trying = trying
    const { exchange, plan, budgeted, parts } = trying
    const { totalMs } = plan.model.deadlines
    this.#hedgesLeft = plan.model.hedge?.maxExtra ?? 0
    this.#deadline = parts.clock.after(totalMs, () => {
      this.#isExpired = true
      for (const { upstream } of this.#live) upstream.expire(`no whole answer within ${totalMs} ms`)
      this.#wake?.()
    })
    exchange.client.gone(() => {
      // Whoever relays the answer listens for itself.
      if (this.#isAnswered) return
      const drained = [...this.#live].filter(({ choice: { target } }) => policyOnAbort(target, budgeted) === 'drain')
      const leave = drained.length > 0 ? parts.drains.enter() : undefined
      for (const one of this.#live) if (!leave || !drained.includes(one)) one.upstream.abandon()
      if (leave) {
        this.#drained = leave
        this.#drainDeadline = parts.clock.after(drainLimits.ms, () => {
          for (const { upstream } of drained) upstream.abandon()
        })
      }
      this.#wake?.()
    })
    exchange.client.stopped((problem) => {
      this.#stopped = problem
      for (const { upstream } of this.#live) upstream.breakOff(problem)
      this.#wake?.()
    })
  }

  /** After a throw: whatever still runs is broken off. Its account is settled when the exchange's is closed. */
  close(): void {
    this.#deadline.cancel()
    this.#endDrain()
    for (const { upstream } of this.#live) upstream.abandon()
  }

  async untilAnswer(): Promise<Answer> {
    await this.#start(await this.#first())
    for (;;) {
      const attempt = await this.#oneEnds()
      const { opened } = attempt
      switch (opened.kind) {
        case 'whole':
        case 'stream': {
          this.#abandonAllBut(attempt)
          this.#endDrain()
          this.#isAnswered = true
          const { worded, upstream, meter } = attempt
          const release = () => this.#deadline.cancel()
          const onAbort = policyOnAbort(attempt.choice.target, this.#trying.budgeted)
          return { target: attempt.choice.target, worded, opened, upstream, meter, onAbort, release }
        }
        case 'abandoned':
          this.#live.delete(attempt)
          attempt.abandon(this.#live.size === 0)
          // Whichever is listened to without a client goes on, whatever the setting of the one beside it.
          if (this.#live.size === 0) throw new ClientGone()
          break
        case 'failed':
          this.#live.delete(attempt)
          if (this.#trying.exchange.client.isGone && this.#live.size === 0) {
            attempt.fail(opened.failure, true)
            throw new ClientGone()
          }
          if (this.#live.size === 0) await this.#startAfter(attempt, opened.failure)
          else {
            attempt.meter.judged('another attempt is under way')
            attempt.fail(opened.failure, false)
          }
      }
    }
  }

  /**
   * Begins an attempt. Where a budget has no room for it, or its target no word for the call, one at the next target is begun,
   * which may be cheaper, or have one.
   * @throws GatewayError of the first budget that refused, when no target is left; `unsupported` when no target has a word for it.
   */
  async #start(order: AttemptOrder): Promise<void> {
    let refusal: GatewayError | undefined
    let next: AttemptOrder | undefined = order
    while (next) {
      const refused: GatewayError | undefined = await this.#tryToStart(next)
      if (!refused) return
      // A budget can be waited for, or raised: that is told rather than what a target has no word for.
      if (refusal === undefined || (refusal.kind === 'unsupported' && refused.kind !== 'unsupported')) refusal = refused
      next = await this.#instead(next, refused)
    }
    if (refusal === undefined) throw new Error('an attempt without an order')
    throw refusal.kind === 'unsupported' ? unsupportedAtAll(refusal, this.#trying) : refusal
  }

  /** @returns why a budget has no room for it, or its target no word; `undefined` when it has begun. */
  async #tryToStart(order: AttemptOrder): Promise<GatewayError | undefined> {
    const { choice } = order
    this.#tried.add(choice.target)
    this.#wasLastResort = choice.isLastResort
    const { exchange, asked, budgeted, parts } = this.#trying
    let hold: Hold | undefined
    try {
      const worded = tryToWord(asked, choice.target, exchange.headers, budgeted?.mustBeBounded)
      if (worded instanceof GatewayError) return this.#passOver(order, worded)
      if (budgeted) {
        const held = await this.#setAside(budgeted, worded, choice.target)
        if (held instanceof GatewayError) return this.#passOver(order, held)
        hold = held
      }
      // What ended the exchange while a target was chosen, or money set aside, has broken off only what ran by then.
      this.#checkIsWanted()
      this.#live.add(startAttempt(this.#trying, order, worded, hold))
      return undefined
    } catch (thrown) {
      // The disk refuses, it cannot be worded, or nobody waits any more: nothing has begun that could end.
      if (hold) parts.ledger.release(hold.id)
      order.release?.()
      giveBack(choice, this.#trying.parts.health)
      throw thrown
    }
  }

  /** It does not begin: what was lent for it is given back. */
  #passOver({ choice, release }: AttemptOrder, refused: GatewayError): GatewayError {
    const { meter, parts } = this.#trying
    meter.refusedAt(choice.target.id, refused.message)
    release?.()
    giveBack(choice, parts.health)
    return refused
  }

  #setAside(budgeted: Budgeted, worded: Worded, target: Target): Promise<Hold | GatewayError> {
    const { meter, parts } = this.#trying
    const { holdId, calls } = meter.nextHold()
    return setAside(budgeted, holdId, calls, worded, target, parts.clock.nowMs(), parts.ledger)
  }

  /** What is tried in place of an attempt that did not begin. */
  async #instead({ kind, choice: passed }: AttemptOrder, refused: GatewayError): Promise<AttemptOrder | undefined> {
    const choice = await this.#chooseNext()
    if (!choice) return undefined
    const release = kind === 'first' ? undefined : this.#trying.parts.retryBudget.take(choice.target.id)
    if (kind !== 'first' && !release) {
      giveBack(choice, this.#trying.parts.health)
      return undefined
    }
    const why = refused.kind === 'unsupported' ? 'the call could not be put to' : 'a budget had no room at'
    const reason = `${choice.target.reason}, after ${why} ${passed.target.id}`
    return { ...orderOf(choice, kind, reason), release }
  }

  /**
   * Begins what follows a failure when nothing else is under way.
   * @throws the failure's problem when nothing follows, also where that is because a budget has no room for more, or no target that is
   *   left has a word for the call.
   */
  async #startAfter(failed: RunningAttempt, failure: AttemptFailure): Promise<void> {
    const order = await this.#after(failed, failure)
    try {
      await this.#start(order)
    } catch (thrown) {
      if (thrown instanceof GatewayError && isPassedOver(thrown)) throw failure.problem
      throw thrown
    }
  }

  async #first(): Promise<AttemptOrder> {
    const choice = await this.#chooseNext()
    if (!choice) throw new Error('a plan without targets')
    return orderOf(choice, 'first', choice.target.reason)
  }

  /** Either it is over, or whoever relays the answer goes on with it. */
  #endDrain(): void {
    this.#drainDeadline?.cancel()
    this.#drained?.()
    this.#drained = undefined
  }

  /** The next attempt to come to something. Where the model says so, more are begun while nothing has come. */
  async #oneEnds(): Promise<RunningAttempt> {
    const { exchange } = this.#trying
    for (;;) {
      const ends = [...this.#live].map(({ ended }) => ended)
      const [only] = ends
      const hedge = this.#hedgesLeft > 0 && !exchange.client.isGone ? this.#hedgeTimer() : undefined
      if (!hedge) return await (only && ends.length === 1 ? only : Promise.race(ends))
      const first = await Promise.race([...ends, hedge.due])
      hedge.timer.cancel()
      if (first !== undefined) return first
      await this.#hedge(hedge.afterMs)
    }
  }

  #hedgeTimer() {
    const { plan, parts, asked } = this.#trying
    const { hedge } = plan.model
    const newest = [...this.#live].at(-1)
    if (!hedge || !newest) return undefined
    const afterMs =
      hedge.kind === 'after-ms'
        ? hedge.afterMs
        : parts.health.percentileMs(newest.choice.target.id, asked.call.isStream, hedge.percentile)
    if (afterMs === undefined) return undefined
    const { promise: due, resolve } = Promise.withResolvers<undefined>()
    return { due, afterMs, timer: parts.clock.after(afterMs, () => resolve(undefined)) }
  }

  /** A second attempt at another target, beside the one that is slow: only where one is well and the budget has room. */
  async #hedge(afterMs: number): Promise<void> {
    this.#hedgesLeft -= 1
    if (this.#trying.exchange.client.isGone) return
    const { plan, meter, parts } = this.#trying
    if (meter.attempts >= plan.model.retry.maxAttempts) return
    const choice = chooseWell(plan.targets, this.#tried, parts.health, parts.random)
    const release = choice && parts.retryBudget.take(choice.target.id)
    if (!choice || !release) return
    const reason = `${choice.target.reason}, hedge: no content within ${Math.round(afterMs)} ms`
    try {
      await this.#start({ ...orderOf(choice, 'hedge', reason), release })
    } catch (thrown) {
      // One attempt is under way already, and goes on without company; what ends the exchange has broken it off.
      if (!(thrown instanceof GatewayError || thrown instanceof ClientGone)) throw thrown
    }
  }

  /**
   * What follows a failure when nothing else is under way. The failed attempt is settled here, since whether another one
   * follows is part of its record.
   * @throws the failure's problem when nothing follows.
   */
  async #after(failed: RunningAttempt, failure: AttemptFailure): Promise<AttemptOrder> {
    const verdict = this.#verdictOn(failed, failure)
    const choice = await this.#choiceAfter(verdict, failed)
    const release = choice && this.#mayRetry(choice, failed, failure)
    if (!choice || release === undefined) {
      if (choice) giveBack(choice, this.#trying.parts.health)
      failed.meter.judged(choice ? 'give-up: the retry budget is used up' : `${verdict.next}: ${verdict.why}`)
      failed.fail(failure, true)
      throw failure.problem
    }
    failed.meter.judged(`${verdict.next}: ${verdict.why}`)
    failed.fail(failure, false)
    try {
      if (verdict.waitMs !== undefined) await this.#wait(verdict.waitMs)
    } catch (thrown) {
      release()
      throw thrown
    }
    const reason = `${choice.target.reason}, after ${verdict.why}`
    return { ...orderOf(choice, 'retry', reason), mustConnectAnew: verdict.mustConnectAnew, release }
  }

  #verdictOn(failed: RunningAttempt, { class: failureClass, problem }: AttemptFailure): Verdict {
    const { plan, meter, parts } = this.#trying
    const { target, credential } = failed.choice
    if (this.#isExpired)
      return {
        next: 'give-up',
        mustConnectAnew: false,
        waitMs: undefined,
        why: 'the deadline of the exchange has passed',
      }
    const { retryAfterSeconds } = problem
    const isWell = ({ id }: { readonly id: string }) =>
      id !== credential.id && parts.health.credential(target.id, id) === 'closed'
    return verdictOn(
      {
        class: failureClass,
        kind: problem.kind,
        wasAnew: failed.wasAnew,
        attempts: meter.attempts,
        hasNextTarget: hasNext(plan.targets, this.#tried, parts.health, this.#wasLastResort),
        hasOtherCredential: target.provider.credentials.some(isWell),
        toldWaitMs: retryAfterSeconds === undefined ? undefined : retryAfterSeconds * 1_000,
      },
      plan.model.retry,
      plan.model.failover,
    )
  }

  async #choiceAfter(verdict: Verdict, { choice }: RunningAttempt): Promise<Choice | undefined> {
    const { health, random } = this.#trying.parts
    switch (verdict.next) {
      case 'give-up':
        return undefined
      case 'next-target':
        return await this.#chooseNext()
      case 'same-target':
        // Were it a probe, the attempt that failed has told how that went.
        if (verdict.mustConnectAnew || verdict.waitMs !== undefined) return { ...choice, probes: [] }
        return (await chooseAt(choice.target, health, random)) ?? lastResort(choice.target, health, random)
    }
  }

  async #chooseNext(): Promise<Choice | undefined> {
    const { plan, parts } = this.#trying
    return await chooseNext(plan.targets, this.#tried, parts.health, parts.random)
  }

  /**
   * Whether the retry budget has room. What cannot add to an overload is not counted: a call that never left, a refused
   * secret (which is not used again), a call that only this model cannot serve, and a target that serves well.
   * @returns what gives the room back; `undefined` when there is none.
   */
  #mayRetry(choice: Choice, failed: RunningAttempt, failure: AttemptFailure): (() => void) | undefined {
    const { health, retryBudget } = this.#trying.parts
    const isElsewhere = choice.target !== failed.choice.target
    const isFree =
      failure.class === 'not-sent' ||
      failure.class === 'stale' ||
      faultOf(failure.problem.kind) === 'credential' ||
      faultOf(failure.problem.kind) === 'call' ||
      (isElsewhere && health.isProven(choice.target.id))
    return isFree ? () => {} : retryBudget.take(choice.target.id)
  }

  async #wait(toldMs: number): Promise<void> {
    const { parts } = this.#trying
    const { promise, resolve } = Promise.withResolvers<undefined>()
    const timer = parts.clock.after(waitBeforeRetryMs(toldMs, this.#waits, parts.random), () => resolve(undefined))
    this.#waits += 1
    this.#wake = () => resolve(undefined)
    await promise
    this.#wake = undefined
    timer.cancel()
    this.#checkIsWanted()
  }

  /** @throws ClientGone, or the GatewayError that ends the exchange, when something came meanwhile that ends it. */
  #checkIsWanted(): void {
    if (this.#trying.exchange.client.isGone) throw new ClientGone()
    if (this.#stopped) throw this.#stopped
    if (this.#isExpired) throw new GatewayError('upstream_timeout', errorTable.upstream_timeout.sentence)
  }

  #abandonAllBut(kept: RunningAttempt): void {
    for (const other of this.#live)
      if (other !== kept) {
        this.#live.delete(other)
        other.meter.judged('another attempt was faster')
        other.abandon(false)
      }
  }
}

/** A budget has no room for an attempt, or its target no word. */
function isPassedOver({ kind }: GatewayError): boolean {
  switch (kind) {
    case 'budget_exceeded':
    case 'concurrency_limited':
    case 'model_unpriced':
    case 'unsupported':
      return true
    default:
      return false
  }
}

/** The problem of the only target; of several, why each cannot serve the call. */
function unsupportedAtAll(problem: GatewayError, { asked, plan, meter }: Trying): GatewayError {
  const reasons = [...plan.passedOver, ...meter.refusals]
  if (reasons.length < 2) return problem
  const told = reasons.map(({ target, reason }) => `${target}: ${reason}`).join('; ')
  return new GatewayError('unsupported', `no target of model "${asked.call.modelName}" can serve this call (${told})`, {
    param: problem.param,
  })
}

function orderOf(choice: Choice, kind: AttemptOrder['kind'], reason: string): AttemptOrder {
  const told = choice.note === undefined ? reason : `${reason} (${choice.note})`
  return { choice, kind, reason: told, mustConnectAnew: false, release: undefined }
}
