import { GatewayError } from '../canonical/error.ts'
import { LedgerFault } from '../ledger/hold.ts'
import { PassingMap } from '../canonical/passing.ts'
import type { Ledger } from './ports/ledger.ts'

/**
 * A ledger whose faults end nothing but what they came up in. A fault is a bug of ours: the ledger was asked for a step that it does
 * not know. Before an attempt leaves, the call is refused; afterwards it is counted at the most it may come to (ledger.md I6).
 * @param onFault told of each: it is counted, and logged as the bug it is.
 */
export function guardLedger(ledger: Ledger, onFault: (fault: LedgerFault) => void): Ledger {
  /** What the intents of the attempts under way carry. */
  const entries = new PassingMap<string, string>()
  const guarded = <Value>(act: () => Value, instead: (fault: LedgerFault) => Value): Value => {
    try {
      return act()
    } catch (thrown) {
      return instead(faultOf(thrown, onFault))
    }
  }
  const entryOf = (holdId: string) => entries.get(holdId) ?? '[]'
  return {
    reserve: async (ask) => {
      try {
        const verdict = await ledger.reserve(ask)
        if (verdict.kind === 'granted') entries.set(ask.holdId, verdict.entry)
        return verdict
      } catch (thrown) {
        if (thrown instanceof GatewayError) throw thrown
        throw bugOf(faultOf(thrown, onFault))
      }
    },
    dispatch: (holdId) =>
      guarded(
        () => ledger.dispatch(holdId),
        (fault) => {
          throw bugOf(fault)
        },
      ),
    shrunkEntry: (holdId, most) =>
      guarded(
        () => ledger.shrunkEntry(holdId, most),
        () => entryOf(holdId),
      ),
    shrink: (holdId, most) => {
      const entry = guarded(
        () => ledger.shrink(holdId, most),
        () => entryOf(holdId),
      )
      entries.set(holdId, entry)
      return entry
    },
    settle: (holdId, spend) => {
      const entry = entryOf(holdId)
      entries.delete(holdId)
      return guarded(
        () => ledger.settle(holdId, spend),
        () => ({ entry, excess: [] }),
      )
    },
    void: (holdId) => {
      entries.delete(holdId)
      guarded(
        () => ledger.void(holdId),
        () => undefined,
      )
    },
    release: (holdId) => {
      entries.delete(holdId)
      guarded(
        () => ledger.release(holdId),
        () => undefined,
      )
    },
    probe: (ask) => ledger.probe(ask),
    balances: (rules) => ledger.balances(rules),
    balancesFor: (asks) => ledger.balancesFor(asks),
    giveBack: (asked) => ledger.giveBack(asked),
  }
}

/** @throws whatever is no fault of the ledger. */
export function faultOf(thrown: unknown, onFault: (fault: LedgerFault) => void): LedgerFault {
  if (!(thrown instanceof LedgerFault)) throw thrown
  onFault(thrown)
  return thrown
}

function bugOf(fault: LedgerFault): GatewayError {
  return new GatewayError('internal', undefined, { cause: fault })
}
