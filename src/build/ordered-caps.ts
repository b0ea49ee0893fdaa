import { budgetIdOf } from '../admin/budget-body.ts'
import type { BudgetInForce } from '../admin/ports.ts'
import { amountText } from '../canonical/budget-amount.ts'
import type { OwnLedger } from '../stores/ports/ledger.ts'

/** Budgets that are not as they are configured, since somebody has set another cap: a sentence each, for people. */
export function orderedCaps(
  budgets: readonly BudgetInForce[],
  ledger: Pick<OwnLedger, 'orderedCapOf'>,
): readonly string[] {
  return budgets.flatMap(({ rule }) => {
    const ordered = ledger.orderedCapOf(rule)
    if (ordered === undefined || ordered === rule.cap) return []
    const id = budgetIdOf(rule)
    const [cap, configured] = [amountText(rule.unit, ordered), amountText(rule.unit, rule.cap)]
    return [
      `budget "${id}": its cap is ${cap}, as \`weir budgets cap\` set it, and not ${configured}, as it is configured: \`weir budgets cap "${id}" --as-configured\` goes back to that`,
    ]
  })
}
