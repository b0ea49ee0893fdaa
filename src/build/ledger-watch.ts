import type { Logger } from 'pino'
import type { MeasuredLedger } from '../accounting/metrics/ledger.ts'
import type { Clock, Timer } from '../canonical/clock.ts'
import type { BudgetAccounts } from '../stores/ports/budget-accounts.ts'
import type { OwnLedger } from '../stores/ports/ledger.ts'

/** What a look at the books may cost: so many accounts in memory and steps in the store, so long after the one before, and so long that a scrape waits for it. */
export const lookLimits = { accounts: 1_000, steps: 8, restMs: 10_000, waitMs: 500 } as const
/** So often it is looked, also where nobody asks for metrics. */
export const lookEveryMs = 60_000

export interface LedgerWatch {
  /** For metrics. */
  measure(): Promise<MeasuredLedger>
  /** Begins no look any more, and lets one that is under way end: it asks the store. */
  close(): Promise<void>
}

export interface LedgerWatchParts {
  readonly ledger: Pick<OwnLedger, 'unexplained' | 'state'>
  readonly accounts: Pick<BudgetAccounts, 'compare'>
  readonly clock: Clock
  readonly log: Pick<Logger, 'error'>
}

/**
 * Looks whether accounts in memory, accounts in the store, and records and entries agree (ledger.md I2), at the start, now and again
 * from then on, and when metrics are asked for. What cannot be explained is a bug, and logged as one.
 */
export function openLedgerWatch({ ledger, accounts, clock, log }: LedgerWatchParts): LedgerWatch {
  let unexplained: bigint | undefined
  let looking: Promise<void> | undefined
  let lookedMs = -Infinity
  const look = async (): Promise<void> => {
    try {
      unexplained = (await ledger.unexplained(lookLimits.accounts)) + (await differingOf(accounts))
      if (unexplained > 0n)
        log.error({ unexplained: unexplained.toString() }, 'bug: accounts of budgets differ from their records')
    } catch (thrown) {
      // The store cannot be read: that is told elsewhere, and says nothing of the books.
      log.error({ err: thrown }, 'the books of the budgets could not be compared with their records')
    } finally {
      lookedMs = clock.monotonicMs()
      looking = undefined
    }
  }
  const lookIfDue = (): void => {
    if (!looking && clock.monotonicMs() - lookedMs >= lookLimits.restMs) looking = look()
  }
  const lookAgain = (): Timer =>
    clock.after(lookEveryMs, () => {
      lookIfDue()
      timer = lookAgain()
    })
  lookIfDue()
  let timer = lookAgain()
  return {
    measure: async () => {
      lookIfDue()
      if (looking) await within(looking, clock)
      return { ...ledger.state(), unexplained }
    },
    close: async () => {
      timer.cancel()
      await looking
    },
  }
}

/** Goes on with the round through everything that is kept; a large store needs many looks for one. */
async function differingOf(accounts: LedgerWatchParts['accounts']): Promise<bigint> {
  let found = await accounts.compare()
  for (let steps = 1; steps < lookLimits.steps && !found.isRoundOver; steps += 1) found = await accounts.compare()
  return found.differing ?? 0n
}

/** Waits for a look, and not for longer than a scrape may. */
async function within(looking: Promise<void>, clock: Clock): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = clock.after(lookLimits.waitMs, resolve)
  await Promise.race([looking, promise])
  timer.cancel()
}
