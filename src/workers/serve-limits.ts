import type { TokenCount } from '../canonical/limit.ts'
import { PassingMap } from '../canonical/passing.ts'
import type { LimitTake, LimitTicket, RateLimiter } from '../stores/ports/rate-limiter.ts'
import { countsOf, NumberedRules, type NumberedRule, type NumberedTake, type TakeVerdict } from './limit-words.ts'

/** The primary's side of one worker's limiter. */
export interface LimitDesk {
  take(asked: NumberedTake): Promise<TakeVerdict>
  learnRule(told: NumberedRule): void
  forgetRules(): void
  settle(takeId: number, used: TokenCount | undefined): void
  refund(takeId: number): void
  /** Whoever waited for this take has gone. Once it was admitted this changes nothing. */
  cancel(takeId: number): void
  /**
   * The worker is dead: what it held at once is released. What it was charged for stays, as it does for any call whose end
   * is not known: providers may have done the work.
   */
  release(): void
}

type Take = Waiting | { readonly kind: 'open'; readonly ticket: LimitTicket }
interface Waiting {
  readonly kind: 'waiting'
  /** Where it may have to wait. */
  readonly controller: AbortController | undefined
  /** Given back before it was known whether it was admitted. */
  isRefunded: boolean
}

/** The limits of the primary as one worker asks for them, which numbers its takes and rules itself. */
export function openLimitDesk(limiter: RateLimiter): LimitDesk {
  const rules = new NumberedRules()
  const takes = new PassingMap<number, Take>()
  let isReleased = false
  return {
    learnRule: (told) => rules.learn(told),
    forgetRules: () => rules.forget(),
    take: async (numbered) => {
      const { takeId } = numbered
      const asked = rules.takeOf(numbered)
      const take: Waiting = { kind: 'waiting', controller: controllerFor(asked), isRefunded: false }
      takes.set(takeId, take)
      try {
        const verdict = await limiter.take(asked, take.controller?.signal)
        takes.delete(takeId)
        if (verdict.kind !== 'taken') return verdict
        if (take.isRefunded || isReleased) limiter.refund(verdict.ticket)
        else takes.set(takeId, { kind: 'open', ticket: verdict.ticket })
        const { states, waitedMs } = verdict
        return { kind: 'taken', counts: countsOf(states), waitedMs }
      } catch (thrown) {
        takes.delete(takeId)
        throw thrown
      }
    },
    settle: (takeId, used) => {
      const take = takes.get(takeId)
      if (take?.kind !== 'open') return
      takes.delete(takeId)
      limiter.settle(take.ticket, used)
    },
    refund: (takeId) => {
      const take = takes.get(takeId)
      if (take?.kind === 'waiting') {
        take.isRefunded = true
        take.controller?.abort()
      } else if (take) {
        takes.delete(takeId)
        limiter.refund(take.ticket)
      }
    },
    cancel: (takeId) => {
      const take = takes.get(takeId)
      if (take?.kind === 'waiting') take.controller?.abort()
    },
    release: () => {
      isReleased = true
      for (const [takeId, take] of takes) {
        takes.delete(takeId)
        if (take.kind === 'open') limiter.settle(take.ticket, undefined)
        else take.controller?.abort()
      }
    },
  }
}

function controllerFor({ asks }: LimitTake): AbortController | undefined {
  return asks.some(({ rule }) => rule.queue !== undefined) ? new AbortController() : undefined
}
