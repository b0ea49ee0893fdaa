import { amountText, readAmount } from '../canonical/budget-amount.ts'
import type { BudgetUnit } from '../canonical/budget.ts'
import { mostAmountOf } from '../config/budget-settings.ts'
import { AdminProblem } from './problem.ts'

/** @throws AdminProblem for what is no amount of the unit, less than the least or more than a budget can hold. */
export function amountIn(unit: BudgetUnit, field: string, text: string, least: bigint): bigint {
  const amount = readAmount(unit, text)
  if (amount !== undefined && amount >= least && amount <= mostAmountOf(unit)) return amount
  const form = unit === 'usd' ? 'dollars such as "50" or "0.25"' : `a whole number of ${unit}`
  throw new AdminProblem(
    'invalid_request',
    `${field}: "${text}" is not ${form}, from ${amountText(unit, least)} to ${amountText(unit, mostAmountOf(unit))}`,
  )
}
