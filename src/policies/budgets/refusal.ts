import { describeAccountKey } from '../../canonical/account-key.ts'
import { amountText, leftOf } from '../../canonical/budget-amount.ts'
import type { Balance, BudgetRule, BudgetUnit } from '../../canonical/budget.ts'
import { GatewayError } from '../../canonical/error.ts'
import { writeUsd } from '../../canonical/money.ts'
import type { HoldRefused } from '../../stores/ports.ts'

/** The problem of an attempt that a budget refused: which one, what is spent, held and needed, and when it begins anew (I19). */
export function budgetRefusalOf(rule: BudgetRule, { why, balance, needed }: HoldRefused): GatewayError {
  const name = `budget "${rule.name}" of ${rule.level}${rule.by ? ` for ${describeAccountKey(rule.by)} ${balance.value ?? '(none)'}` : ''}`
  const facts = { ...balanceFacts(rule, balance), why, needed: amountText(rule.unit, needed), raise: whoCanRaise }
  const told = (text: string) => `${name} ${text}`
  switch (why) {
    case 'unpriced':
      return new GatewayError(
        'model_unpriced',
        told(
          'counts dollars, and this model has no price: an administrator can give it one, or a ceiling (`unpriced`)',
        ),
        { facts },
      )
    case 'too-large':
      return new GatewayError(
        'budget_exceeded',
        told(
          `lets one call set aside ${amountText(rule.unit, rule.mostPerCall ?? 0n)} at most, and this one may need ${amountText(rule.unit, needed)}: a smaller output cap or a shorter input helps`,
        ),
        { facts, isLasting: true },
      )
    case 'too-many':
      return new GatewayError(
        'concurrency_limited',
        told(`lets one key have ${rule.mostOpenPerKey} calls under way at once; try again when one has ended`),
        { facts },
      )
    case 'short':
      return new GatewayError('budget_exceeded', told(shortText(rule, balance, needed)), { facts })
  }
}

/** The account in words for programs: amounts as decimals, moments in UTC. */
export function balanceFacts(rule: BudgetRule, balance: Balance): Readonly<Record<string, string | null>> {
  const { unit } = rule
  const left = leftOf(balance)
  return {
    budget: rule.name,
    level: rule.level,
    unit,
    ...(rule.by && { [describeAccountKey(rule.by)]: balance.value ?? null }),
    cap: amountText(unit, balance.cap),
    spent: amountText(unit, balance.posted),
    held: amountText(unit, balance.held),
    left: amountText(unit, left),
    window: balance.windowId,
    resets_at: balance.windowEndMs === undefined ? null : new Date(balance.windowEndMs).toISOString(),
  }
}

const whoCanRaise = 'an administrator of this gateway can raise it (`weir budgets`)'

function shortText(rule: BudgetRule, balance: Balance, needed: bigint): string {
  const { unit } = rule
  const amount = (some: bigint) => withUnit(unit, some)
  const resets =
    balance.windowEndMs === undefined
      ? 'it never begins anew'
      : `it begins anew at ${new Date(balance.windowEndMs).toISOString()}`
  if (balance.cap === 0n) return `is 0: such calls are suspended`
  if (unit === 'seconds')
    return `is over: it lasts ${amount(balance.cap)} from its first call, and ${amount(balance.posted)} have passed; ${resets}`
  const held = balance.held > 0n ? `, ${amount(balance.held)} are set aside for calls under way` : ''
  const hint = balance.held > 0n && balance.posted + needed <= balance.cap ? ' when those have ended, or' : ''
  return `has no room: of ${amount(balance.cap)}, ${amount(balance.posted)} are spent${held}, and this call may need ${amount(needed)}; try again${hint} with a smaller output cap, or later: ${resets}`
}

function withUnit(unit: BudgetUnit, amount: bigint): string {
  return unit === 'usd' ? `$${trimmed(writeUsd(amount))}` : `${amount} ${unit}`
}

/** To the cent, or finer where it is: `0.25`, `0.000123`. */
function trimmed(usd: string): string {
  return usd.replace(/(\.\d\d\d*?)0+$/, '$1')
}
