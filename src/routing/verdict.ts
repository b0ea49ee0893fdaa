import { errorTable, type ErrorKind } from '../canonical/error.ts'
import type { FailureClass } from '../providers/provider.ts'
import type { RetrySettings } from './catalog.ts'

/** What to do after a failed attempt, and why, for the record. */
export interface Verdict {
  readonly next: 'same-target' | 'next-target' | 'give-up'
  /** The next attempt must not reuse an idle connection. */
  readonly mustConnectAnew: boolean
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
  /** Whether the target's provider has another credential that is not resting. */
  readonly hasOtherCredential: boolean
}

/**
 * Decides after a failure before the first byte reached the client. Afterwards nothing is ever tried again (failures.md
 * S2: a replay doubles text).
 */
export function verdictOn(failed: FailedAttempt, retry: RetrySettings): Verdict {
  if (failed.attempts >= retry.maxAttempts) return giveUp(`${failed.attempts} attempts are the limit`)
  // Died with a connection that had served before, no byte back: most likely an idle connection that the provider had
  // closed. One try on a fresh one is due before judging the provider.
  if (failed.class === 'stale' && !failed.wasAnew)
    return { next: 'same-target', mustConnectAnew: true, why: 'the idle connection was stale' }
  const refusal = reasonToStop(failed, retry)
  if (refusal !== undefined) return giveUp(refusal)
  if (failed.kind === 'upstream_credential' && failed.hasOtherCredential)
    return { next: 'same-target', mustConnectAnew: false, why: 'the credential was refused; another is left' }
  if (!failed.hasNextTarget) return giveUp('no target is left')
  return { next: 'next-target', mustConnectAnew: false, why: `${failed.kind} (${failed.class})` }
}

function giveUp(why: string): Verdict {
  return { next: 'give-up', mustConnectAnew: false, why }
}

function reasonToStop(failed: FailedAttempt, retry: RetrySettings): string | undefined {
  if (errorTable[failed.kind].mayTryAnother !== 'yes') return `${failed.kind} would be the same elsewhere`
  // S3: the provider may be at work and will bill. A timeout is different in one way only: the client has already
  // waited for long, and another target is its last chance (S4).
  const mayBeWorking = failed.class === 'unknown' || failed.class === 'stale'
  if (mayBeWorking && failed.kind === 'upstream_timeout')
    return retry.afterTimeout ? undefined : 'retry.afterTimeout is off'
  if (mayBeWorking && !retry.afterReset) return 'the provider may have done the work (retry.afterReset is off)'
  return undefined
}
