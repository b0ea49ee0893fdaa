import { errorTable, type ErrorKind } from '../canonical/error.ts'
import type { FailureClass } from '../providers/provider.ts'
import type { FailoverSettings, RetrySettings } from './catalog.ts'

/** What to do after a failed attempt, and why, for the record. */
export interface Verdict {
  readonly next: 'same-target' | 'next-target' | 'give-up'
  /** The next attempt must not reuse an idle connection. */
  readonly mustConnectAnew: boolean
  /** How long the provider wants to be left alone before the same target is tried again. `undefined`: at once. */
  readonly waitMs: number | undefined
  readonly why: string
}

export interface FailedAttempt {
  readonly class: FailureClass
  readonly kind: ErrorKind
  /** Whether a reused connection's death was already answered with a fresh connection at this target. */
  readonly wasAnew: boolean
  /** Attempts made so far, this one included. */
  readonly attempts: number
  readonly hasNextTarget: boolean
  /** Whether the target's provider has another credential that is well at this target. */
  readonly hasOtherCredential: boolean
  /** How long the provider asked to wait (`Retry-After`, rate-limit headers). `undefined`: it did not say. */
  readonly toldWaitMs: number | undefined
}

/**
 * Decides after a failure before the first byte reached the client. Afterwards nothing is ever tried again (failures.md
 * S2: a replay doubles text).
 */
export function verdictOn(failed: FailedAttempt, retry: RetrySettings, failover: FailoverSettings): Verdict {
  if (failed.attempts >= retry.maxAttempts) return giveUp(`${failed.attempts} attempts are the limit`)
  // Died with a connection that had served before, no byte back: most likely an idle connection that the provider had
  // closed. One try on a fresh one is due before judging the provider.
  if (failed.class === 'stale' && !failed.wasAnew)
    return { ...again('the idle connection was stale'), mustConnectAnew: true }
  const refusal = reasonToStop(failed, retry, failover)
  if (refusal !== undefined) return giveUp(refusal)
  if (failed.hasOtherCredential && failed.kind === 'upstream_credential')
    return again('the credential was refused; another is left')
  if (failed.hasOtherCredential && failed.kind === 'upstream_rate_limited')
    return again('the credential is limited; another is left')
  const why = `${failed.kind} (${failed.class})`
  if (failed.hasNextTarget) return { next: 'next-target', mustConnectAnew: false, waitMs: undefined, why }
  const { toldWaitMs } = failed
  if (failed.class !== 'refused' || toldWaitMs === undefined) return giveUp('no target is left')
  if (toldWaitMs > retry.maxWaitMs)
    return giveUp(`no other target is left, and the wait of ${toldWaitMs} ms is longer than retry.maxWaitMs`)
  return { ...again(`${why}, after the wait it asked for`), waitMs: toldWaitMs }
}

function again(why: string): Verdict {
  return { next: 'same-target', mustConnectAnew: false, waitMs: undefined, why }
}

function giveUp(why: string): Verdict {
  return { next: 'give-up', mustConnectAnew: false, waitMs: undefined, why }
}

function reasonToStop(failed: FailedAttempt, retry: RetrySettings, failover: FailoverSettings): string | undefined {
  switch (errorTable[failed.kind].mayTryAnother) {
    case 'no':
      return `${failed.kind} would be the same elsewhere`
    case 'policy': {
      const setting = failed.kind === 'context_length_exceeded' ? 'onContextLength' : 'onContentPolicy'
      if (!failover[setting]) return `failover.${setting} is off`
      break
    }
    case 'yes':
      break
  }
  // S3: the provider may be at work and will bill. A timeout is different in one way only: the client has already
  // waited for long, and another target is its last chance (S4).
  const mayBeWorking = failed.class === 'unknown' || failed.class === 'stale'
  if (mayBeWorking && failed.kind === 'upstream_timeout')
    return retry.afterTimeout ? undefined : 'retry.afterTimeout is off'
  if (mayBeWorking && !retry.afterReset) return 'the provider may have done the work (retry.afterReset is off)'
  return undefined
}
