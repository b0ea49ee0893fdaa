/**
 * How many second tries may be under way at once. When everything fails, tries that are added to the calls of clients are
 * what turns an overload into an outage, so they are held to a fifth of the first tries under way, gateway-wide and at each
 * target; a few are always free, since a fifth of little is nothing.
 */
export interface RetryBudget {
  /** @returns what gives it back, to be called once the try has ended or has an answer; `undefined`: none is left. */
  take(targetId: string): (() => void) | undefined
  /** Second tries under way. */
  readonly underWay: number
}

export const retryBudgetLimits = { share: 0.2, least: 3 } as const

/** Attempts under way, second tries included. */
export interface UnderWay {
  running(targetId: string): number
  readonly runningInAll: number
}

export function openRetryBudget(attempts: UnderWay): RetryBudget {
  const at = new Map<string, number>()
  let inAll = 0
  return {
    take: (targetId) => {
      const here = at.get(targetId) ?? 0
      if (inAll >= mostRetries(attempts.runningInAll, inAll)) return undefined
      if (here >= mostRetries(attempts.running(targetId), here)) return undefined
      inAll += 1
      at.set(targetId, here + 1)
      let isHeld = true
      return () => {
        if (!isHeld) return
        isHeld = false
        inAll -= 1
        const left = (at.get(targetId) ?? 1) - 1
        if (left === 0) at.delete(targetId)
        else at.set(targetId, left)
      }
    },
    get underWay() {
      return inAll
    },
  }
}

/** Of the first tries only: a fifth of all would let the second tries raise their own bound. */
export function mostRetries(attempts: number, retries: number): number {
  return Math.max(retryBudgetLimits.least, Math.floor((attempts - retries) * retryBudgetLimits.share))
}
