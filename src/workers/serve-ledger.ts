import type { Spend } from '../canonical/budget.ts'
import type { UsageRecord } from '../canonical/usage-record.ts'
import type { LedgerFault } from '../ledger/hold.ts'
import { faultOf } from '../stores/guard-ledger.ts'
import type { HoldAsk, HoldVerdict, OwnLedger } from '../stores/ports/ledger.ts'

/** The primary's side of one worker's ledger. */
export interface LedgerDesk {
  reserve(ask: HoldAsk): Promise<HoldVerdict>
  dispatch(holdId: string): void
  shrink(holdId: string, most: Spend): void
  /** @param entry what the record carries; `undefined`: nothing was spent. */
  settle(holdId: string, entry: string | undefined): void
  /** Nobody is going to use it. */
  release(holdId: string): void
  /** Whether something it set aside has not ended. */
  readonly hasOpen: boolean
  /**
   * The worker is gone, and its spool has been taken in: every hold it left ends by what its record says. Where there is none,
   * not even an intent was written, so nothing left (ledger.md I7). May be called again after it has failed.
   */
  bury(recordsOf: (requestId: string) => Promise<readonly UsageRecord[]>): Promise<void>
}

/** @param onFault told of what a worker said that the books do not know: a bug, which must not end the primary. */
export function openLedgerDesk(ledger: OwnLedger, onFault: (fault: LedgerFault) => void): LedgerDesk {
  const safely = (act: () => void): void => {
    try {
      act()
    } catch (thrown) {
      faultOf(thrown, onFault)
    }
  }
  const open = new Map<string, 'asked' | 'held'>()
  let isBuried = false
  const end = (holdId: string, entry: string | undefined): void => {
    const state = open.get(holdId)
    open.delete(holdId)
    if (state === 'held') safely(() => ledger.settleAs(holdId, entry))
  }
  return {
    reserve: async (ask) => {
      const { holdId } = ask
      open.set(holdId, 'asked')
      try {
        const verdict = await ledger.reserve(ask)
        const isWanted = open.has(holdId) && !isBuried
        if (verdict.kind === 'granted' && isWanted) open.set(holdId, 'held')
        else open.delete(holdId)
        // Given back, or its worker gone, before it was known whether there is room.
        if (verdict.kind === 'granted' && !isWanted) ledger.settleAs(holdId, undefined)
        return verdict
      } catch (thrown) {
        open.delete(holdId)
        throw thrown
      }
    },
    dispatch: (holdId) => {
      if (open.get(holdId) === 'held') safely(() => ledger.dispatch(holdId))
    },
    shrink: (holdId, most) => {
      if (open.get(holdId) === 'held') safely(() => ledger.shrink(holdId, most))
    },
    settle: end,
    release: (holdId) => end(holdId, undefined),
    get hasOpen() {
      return open.size > 0
    },
    bury: async (recordsOf) => {
      isBuried = true
      for (const [holdId, state] of open) {
        if (state !== 'held') continue
        const { requestId, attempt } = attemptOfHold(holdId)
        const record = (await recordsOf(requestId)).find((one) => one.attempt === attempt)
        // One that has ended stays so where the next cannot be read, and all is done once more.
        open.delete(holdId)
        safely(() => ledger.settleAs(holdId, record?.postings))
      }
      open.clear()
    },
  }
}

/** `<request id>/<attempt>`, and behind a `+` how many holds before it were refused. */
function attemptOfHold(holdId: string): { readonly requestId: string; readonly attempt: number } {
  const slash = holdId.lastIndexOf('/')
  return { requestId: holdId.slice(0, slash), attempt: Number.parseInt(holdId.slice(slash + 1), 10) }
}
