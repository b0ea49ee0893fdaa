import type { Balance, BudgetUnit } from './budget.ts'
import { readUsd, writeUsd } from './money.ts'

/** Dollars with nine places, anything else as a whole number. */
export function amountText(unit: BudgetUnit, amount: bigint): string {
  return unit === 'usd' ? writeUsd(amount) : amount.toString()
}

/** @returns `undefined` for what is no amount of the unit: a fraction of a token, less than a nano-dollar. */
export function readAmount(unit: BudgetUnit, text: string): bigint | undefined {
  if (unit === 'usd') return readUsd(text)
  return /^-?\d{1,18}$/.test(text) ? BigInt(text) : undefined
}

/** What can still be set aside; never below zero. */
export function leftOf({ cap, posted, held }: Pick<Balance, 'cap' | 'posted' | 'held'>): bigint {
  const left = cap - posted - held
  return left < 0n ? 0n : left
}

/** By how much what is spent and set aside is more than the cap; 0 where it is not. */
export function overOf({ cap, posted, held }: Pick<Balance, 'cap' | 'posted' | 'held'>): bigint {
  const over = posted + held - cap
  return over < 0n ? 0n : over
}
