import { Counter, Gauge, type Registry } from 'prom-client'

/** The books, where they are kept. */
export interface MeasuredLedger {
  readonly accounts: number
  readonly holds: number
  /** By how much books and records differ, in the units of the accounts together; `undefined`: nobody has looked yet. */
  readonly unexplained: bigint | undefined
}

/** @param ledger asked at each scrape; `undefined`: the books are another process's. */
export function addLedgerMetrics(registers: Registry[], ledger: () => Promise<MeasuredLedger | undefined>) {
  new Gauge({
    name: 'weir_ledger_unexplained_nano',
    help: 'By how much accounts in memory differ from those in the store, and those from the sum of their records and entries, in nano-dollars, tokens and calls. Anything but 0 is a bug.',
    registers,
    async collect() {
      this.set(Number((await ledger())?.unexplained ?? 0n))
    },
  })
  new Gauge({
    name: 'weir_ledger_holds',
    help: 'Attempts under way that have something set aside.',
    registers,
    async collect() {
      this.set((await ledger())?.holds ?? 0)
    },
  })
  new Gauge({
    name: 'weir_ledger_accounts',
    help: 'Accounts of budgets in memory.',
    registers,
    async collect() {
      this.set((await ledger())?.accounts ?? 0)
    },
  })
  const faults = new Counter({
    name: 'weir_ledger_faults_total',
    help: 'Steps that the ledger was asked for and does not know: bugs. The call was refused, or counted at the most.',
    registers,
  })
  const excesses = new Counter({
    name: 'weir_budget_excess_total',
    help: 'Attempts that came to more than was set aside for them, once for each budget: a provider broke its bound.',
    registers,
  })
  return { noteLedgerFault: () => faults.inc(), noteBudgetExcess: () => excesses.inc() }
}
