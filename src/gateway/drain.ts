import type { OnAbort } from '../providers/provider.ts'
import type { Target } from '../routing/plan.ts'
import type { Budgeted } from './budget.ts'

/**
 * How long an answer is listened to after its client has gone, to learn what it is billed at (ledger.md C8): some providers bill
 * to the end all the same, and whoever breaks off has to count the worst case then.
 */
export const drainLimits = {
  ms: 5_000,
  /** Of generated text: 512 tokens of four bytes. */
  textBytes: 2_048,
  /** Over all exchanges of the process. */
  atOnce: 256,
} as const

/** Counts the answers that are listened to without a client. */
export class Drains {
  #running = 0

  get running(): number {
    return this.#running
  }

  /** @returns to be called once when it is over; `undefined`: too many already. */
  enter(): (() => void) | undefined {
    if (this.#running >= drainLimits.atOnce) return undefined
    this.#running += 1
    return () => {
      this.#running -= 1
    }
  }
}

/** What the provider's settings say, or else: where a budget must know what a call came to, it is worth listening. */
export function policyOnAbort({ provider }: Target, budgeted: Budgeted | undefined): OnAbort {
  return provider.onAbort ?? (budgeted?.mustBeBounded ? 'drain' : 'cancel-and-estimate')
}
