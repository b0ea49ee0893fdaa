import type { BudgetRule, Posting } from '../canonical/budget.ts'
import { GatewayError } from '../canonical/error.ts'
import { PassingMap } from '../canonical/passing.ts'
import { excessOf, postingsFor, readPostings, shrunkHold, writeExcess, writePostings } from '../ledger/amounts.ts'
import { LedgerFault } from '../ledger/hold.ts'
import type { Ledger } from '../stores/ports/ledger.ts'
import type { Link } from './link.ts'
import type { PrimaryAnswers, WorkerTells } from './protocol.ts'

/**
 * The ledger as a worker sees it: the books are the primary's, which alone says whether there is room. What an attempt came to is
 * worked out here, since its record is written here. Everything asked and told in one turn travels as one message.
 */
export function openRemoteLedger(link: Pick<Link<PrimaryAnswers, WorkerTells>, 'ask' | 'tell'>): Ledger {
  const holds = new PassingMap<string, { readonly rules: readonly BudgetRule[]; held: readonly Posting[] }>()
  const openHold = (holdId: string) => {
    const hold = holds.get(holdId)
    if (!hold) throw new LedgerFault(`there is no open hold ${holdId}`)
    return hold
  }
  return {
    reserve: async (ask) => {
      try {
        const verdict = await link.ask('reserve', ask)
        if (verdict.kind === 'granted')
          holds.set(ask.holdId, { rules: ask.asks.map(({ rule }) => rule), held: readPostings(verdict.entry) })
        return verdict
      } catch (thrown) {
        // It may have been granted all the same, and nobody is going to use it.
        link.tell('release', ask.holdId)
        throw unavailable(thrown)
      }
    },
    probe: (ask) => link.ask('probe-hold', ask).catch(refuse),
    balances: (rules) => link.ask('balances', rules).catch(refuse),
    balancesFor: (asks) => link.ask('balances-for', asks).catch(refuse),
    giveBack: async (asked) => void (await link.ask('give-back', asked).catch(refuse)),
    dispatch: (holdId) => link.tell('dispatch', holdId),
    shrunkEntry: (holdId, most) => writePostings(shrunkHold(openHold(holdId), most)),
    shrink: (holdId, most) => {
      const hold = openHold(holdId)
      hold.held = shrunkHold(hold, most)
      link.tell('shrink', { holdId, most })
      return writePostings(hold.held)
    },
    settle: (holdId, spend) => {
      const { rules, held } = openHold(holdId)
      const postings = postingsFor(rules, held, spend)
      const entry = writePostings(postings)
      holds.delete(holdId)
      link.tell('settle', { holdId, entry })
      const excess = excessOf(held, postings)
      return { entry, excess, excessEntry: writeExcess(excess) }
    },
    void: (holdId) => {
      openHold(holdId)
      holds.delete(holdId)
      link.tell('settle', { holdId, entry: undefined })
    },
    release: (holdId) => {
      openHold(holdId)
      holds.delete(holdId)
      link.tell('release', holdId)
    },
  }
}

function unavailable(thrown: unknown): GatewayError {
  if (thrown instanceof GatewayError && thrown.kind === 'ledger_unavailable') return thrown
  return new GatewayError('ledger_unavailable', undefined, { cause: thrown })
}

function refuse(thrown: unknown): never {
  throw unavailable(thrown)
}
