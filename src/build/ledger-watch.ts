import type { Logger } from 'pino'
import type { MeasuredLedger } from '../accounting/ledger-metrics.ts'
import type { Clock } from '../canonical/clock.ts'
import type { OwnLedger } from '../stores/ports.ts'

/** What a look at the books may cost: so many accounts, so often, and so long that a scrape waits for it. */
export const lookLimits = { accounts: 1_000, restMs: 10_000, waitMs: 500 } as const

/**
 * Looks whether accounts and records agree (ledger.md I2), when metrics are asked for. What cannot be explained is a bug, and
 * logged as one.
 */
export function openLedgerWatch(
  ledger: Pick<OwnLedger, 'unexplained' | 'state'>,
  clock: Clock,
  log: Pick<Logger, 'error'>,
): () => Promise<MeasuredLedger> {
  let unexplained: bigint | undefined
  let looking: Promise<void> | undefined
  let lookedMs = -Infinity
  const look = async (): Promise<void> => {
    try {
      unexplained = await ledger.unexplained(lookLimits.accounts)
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
  return async () => {
    if (!looking && clock.monotonicMs() - lookedMs >= lookLimits.restMs) looking = look()
    if (looking) await within(looking, clock)
    return { ...ledger.state(), unexplained }
  }
}

/** Waits for a look, and not for longer than a scrape may. */
async function within(looking: Promise<void>, clock: Clock): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = clock.after(lookLimits.waitMs, resolve)
  await Promise.race([looking, promise])
  timer.cancel()
}
