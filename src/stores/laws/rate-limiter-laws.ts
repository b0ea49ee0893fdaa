import { afterEach, beforeEach, describe } from 'vitest'
import { turnedClock, type TurnedClock } from '../../../test/turned-clock.ts'
import type { LimitTake, LimitVerdict, RateLimiter } from '../ports/rate-limiter.ts'
import { limitLineLaws } from './limit-line-laws.ts'
import { limitTakeLaws } from './limit-take-laws.ts'
import { limitWindowLaws } from './limit-window-laws.ts'

/** What the suite needs of a kind of limiter. */
export interface LawfulLimiter {
  open(clock: TurnedClock): Promise<{ readonly limiter: RateLimiter; close(): Promise<void> }>
}

/** A fresh limiter for each test, on a clock of its own. */
export interface LimiterBench {
  readonly clock: TurnedClock
  readonly limiter: RateLimiter
  /** Takes one after the other. */
  takes(count: number, asked: LimitTake): Promise<readonly LimitVerdict[]>
  /** Resolves when everything handed over before has arrived where the counts are: only then may the clock be turned. */
  arrived(): Promise<void>
}

/** The one suite that every kind of rate limiter passes. */
export function rateLimiterLaws(name: string, kind: LawfulLimiter): void {
  describe(name, () => {
    let opened: { readonly limiter: RateLimiter; close(): Promise<void> } | undefined
    let clock = turnedClock()
    const limiter = () => {
      if (!opened) throw new Error('the limiter is used outside a test')
      return opened.limiter
    }
    const bench: LimiterBench = {
      get clock() {
        return clock
      },
      get limiter() {
        return limiter()
      },
      async takes(count, asked) {
        const verdicts: LimitVerdict[] = []
        for (let taken = 0; taken < count; taken += 1) verdicts.push(await limiter().take(asked))
        return verdicts
      },
      async arrived() {
        await limiter().accounts()
      },
    }
    beforeEach(async () => {
      clock = turnedClock()
      opened = await kind.open(clock)
    })
    afterEach(async () => {
      await opened?.close()
      opened = undefined
    })
    limitWindowLaws(bench)
    limitTakeLaws(bench)
    limitLineLaws(bench)
  })
}
