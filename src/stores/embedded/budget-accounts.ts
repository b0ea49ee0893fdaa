import type { BudgetAccounts } from '../ports/budget-accounts.ts'
import type { DatabaseThread } from './database-thread.ts'
import type { SpoolEnd } from './spool-segments.ts'

/**
 * What is spent in each account, behind the database's thread.
 * @param ends how far every spool is written that a question must see.
 */
export function openBudgetAccounts(thread: DatabaseThread, ends: () => Promise<readonly SpoolEnd[]>): BudgetAccounts {
  return {
    read: async (accountIds) => thread.call('read-accounts', { ends: await ends(), accountIds }),
    below: async (names) => thread.call('accounts-below', { ends: await ends(), names }),
    sums: async (questions) => thread.call('sum-accounts', { ends: await ends(), questions }),
    page: async (question) => thread.call('page-accounts', { ends: await ends(), question }),
    reaching: async (questions) => thread.call('accounts-reaching', { ends: await ends(), questions }),
    ofRule: async (question) => thread.call('accounts-of-rule', { ends: await ends(), question }),
    compare: async () => thread.call('compare-accounts', { ends: await ends() }),
    rebuild: async (orders) => thread.call('rebuild-accounts', { ends: await ends(), ...orders }),
  }
}
