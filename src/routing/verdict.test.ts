import { describe, expect, it } from 'vitest'
import { errorTable, type ErrorKind } from '../canonical/error.ts'
import type { FailureClass } from '../providers/provider.ts'
import { defaultRetry } from './catalog.ts'
import { verdictOn, type FailedAttempt } from './verdict.ts'

const retry = defaultRetry
const failover = { onContextLength: false, onContentPolicy: false }
const failed: FailedAttempt = {
  class: 'refused',
  kind: 'upstream_overloaded',
  wasAnew: false,
  attempts: 1,
  hasNextTarget: true,
  hasOtherCredential: false,
  toldWaitMs: undefined,
}

describe('a verdict', () => {
  it.each<[FailureClass, ErrorKind, string]>([
    ['refused', 'upstream_overloaded', 'next-target'],
    ['refused', 'upstream_rate_limited', 'next-target'],
    ['refused', 'upstream_credential', 'next-target'],
    ['refused', 'upstream_rejected', 'give-up'],
    ['refused', 'context_length_exceeded', 'give-up'],
    ['refused', 'content_policy', 'give-up'],
    ['not-sent', 'upstream_unavailable', 'next-target'],
    ['not-sent', 'upstream_timeout', 'next-target'],
    ['partial', 'upstream_cut', 'next-target'],
    ['partial', 'upstream_invalid', 'next-target'],
    // S3: the provider may be working on it, and billing.
    ['unknown', 'upstream_unavailable', 'give-up'],
    // S4: silence is failed over.
    ['unknown', 'upstream_timeout', 'next-target'],
  ])('S3 S4 after %s (%s) is %s', (failureClass, kind, next) => {
    expect(verdictOn({ ...failed, class: failureClass, kind }, retry, failover).next).toBe(next)
  })

  it('retries a stale connection once, at the same target, on a fresh one', () => {
    const stale: FailedAttempt = { ...failed, class: 'stale', kind: 'upstream_cut' }
    expect(verdictOn(stale, retry, failover)).toMatchObject({ next: 'same-target', mustConnectAnew: true })
    expect(verdictOn({ ...stale, wasAnew: true }, retry, failover).next).toBe('give-up')
  })

  it('tries another credential of the same provider before another target', () => {
    const refused: FailedAttempt = { ...failed, kind: 'upstream_credential', hasOtherCredential: true }
    expect(verdictOn(refused, retry, failover)).toMatchObject({ next: 'same-target', mustConnectAnew: false })
  })

  it('M9 never goes past the limit of attempts, whatever failed', () => {
    for (const kind of Object.keys(errorTable) as ErrorKind[])
      for (const failureClass of ['stale', 'not-sent', 'refused', 'unknown', 'partial'] as const)
        expect(verdictOn({ ...failed, class: failureClass, kind, attempts: 4 }, retry, failover).next).toBe('give-up')
  })

  it('obeys the switches of the model', () => {
    const unknown: FailedAttempt = { ...failed, class: 'unknown', kind: 'upstream_unavailable' }
    expect(verdictOn(unknown, { ...retry, afterReset: true }, failover).next).toBe('next-target')
    const silent: FailedAttempt = { ...failed, class: 'unknown', kind: 'upstream_timeout' }
    expect(verdictOn(silent, { ...retry, afterTimeout: false }, failover).next).toBe('give-up')
  })

  it('fault 17 tries another credential when one is limited, and the same target after a short wait that was asked for', () => {
    const limited: FailedAttempt = { ...failed, kind: 'upstream_rate_limited', hasNextTarget: false, toldWaitMs: 1_000 }
    expect(verdictOn({ ...limited, hasOtherCredential: true }, retry, failover)).toMatchObject({
      next: 'same-target',
      waitMs: undefined,
    })
    expect(verdictOn(limited, retry, failover)).toMatchObject({ next: 'same-target', waitMs: 1_000 })
    expect(verdictOn({ ...limited, hasNextTarget: true }, retry, failover).next).toBe('next-target')
    expect(verdictOn({ ...limited, toldWaitMs: 30_000 }, retry, failover)).toMatchObject({
      next: 'give-up',
      why: 'no other target is left, and the wait of 30000 ms is longer than retry.maxWaitMs',
    })
  })

  it.each([
    ['context_length_exceeded', 'onContextLength'],
    ['content_policy', 'onContentPolicy'],
  ] as const)('goes on after %s only where the model says %s', (kind, setting) => {
    const refused: FailedAttempt = { ...failed, kind }
    expect(verdictOn(refused, retry, failover)).toMatchObject({ next: 'give-up', why: `failover.${setting} is off` })
    expect(verdictOn(refused, retry, { ...failover, [setting]: true }).next).toBe('next-target')
  })

  it('gives up when no target is left', () => {
    expect(verdictOn({ ...failed, hasNextTarget: false }, retry, failover).next).toBe('give-up')
  })
})
