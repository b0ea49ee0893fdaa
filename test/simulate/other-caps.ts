import type { BudgetAsk, BudgetRule } from '../../src/canonical/budget.ts'
import type { Ledger } from '../../src/stores/ports/ledger.ts'

/** By rule. A rule that is not in it, or one of seconds, has no end. */
export type OtherCaps = ReadonlyMap<string, bigint>

const endless = 10n ** 30n

/** The same ledger under other caps, and without what else makes a budget refuse: then only a cap can. */
export function withCaps(ledger: Ledger, caps: OtherCaps | undefined): Ledger {
  if (caps === undefined) return ledger
  const capOf = ({ unit, id }: BudgetRule) => (unit === 'seconds' ? endless : (caps.get(id) ?? endless))
  const capped = (rule: BudgetRule): BudgetRule => ({
    ...rule,
    // 0 would suspend what costs nothing.
    cap: capOf(rule) === 0n ? 1n : capOf(rule),
    unpricedNanos: rule.unpricedNanos ?? 10_000_000n,
    mostPerCall: undefined,
    mostOpenPerKey: undefined,
  })
  const cappedAsks = (asks: readonly BudgetAsk[]) => asks.map((one) => ({ ...one, rule: capped(one.rule) }))
  return {
    ...ledger,
    reserve: (ask) => ledger.reserve({ ...ask, asks: cappedAsks(ask.asks) }),
    probe: (ask) => ledger.probe({ ...ask, asks: cappedAsks(ask.asks) }),
    balances: (rules) => ledger.balances(rules.map(capped)),
    balancesFor: (asks) => ledger.balancesFor(cappedAsks(asks)),
  }
}
