import { describeAccountKey } from '../canonical/account-key.ts'
import { amountText, leftOf, overOf } from '../canonical/budget-amount.ts'
import type { BudgetRule, BudgetUnit, ToldBalance } from '../canonical/budget.ts'
import { readRuleId } from '../ledger/rule-id.ts'
import { windowAt } from '../ledger/window.ts'
import type { OwnLedger } from '../stores/ports/ledger.ts'
import type { AccountsTogether } from './budget-accounts.ts'
import type { BudgetAccountBody, BudgetBody } from './contract/budget.ts'
import { writeMaybeMoment, writeMoment } from './moments.ts'
import type { BudgetInForce } from './ports.ts'

/** Level and name: what a budget is called here. */
export function budgetIdOf({ id }: Pick<BudgetRule, 'id'>): string {
  return readRuleId(id).budget
}

/**
 * @param together its accounts in the window of now.
 */
export function budgetBodyOf(
  { rule, managedBy }: BudgetInForce,
  together: AccountsTogether,
  nowMs: number,
  ledger: Pick<OwnLedger, 'capOf' | 'orderedCapOf'>,
): BudgetBody {
  const { unit } = rule
  const text = (amount: bigint) => amountText(unit, amount)
  const window = windowAt(rule, nowMs)
  const ordered = ledger.orderedCapOf(rule)
  return {
    id: budgetIdOf(rule),
    name: rule.name,
    level: rule.level,
    unit,
    per: rule.per,
    timezone: rule.timezone,
    by: rule.by === undefined ? null : describeAccountKey(rule.by),
    missing: rule.by === undefined ? null : rule.missing,
    models: rule.models === undefined ? null : [...rule.models],
    cap: text(ledger.capOf({ rule, value: undefined })),
    configuredCap: text(rule.cap),
    orderedCap: ordered === undefined ? null : text(ordered),
    unpriced: unit !== 'usd' ? null : rule.unpricedNanos === undefined ? 'refuse' : text(rule.unpricedNanos),
    maxPerCall: rule.mostPerCall === undefined ? null : text(rule.mostPerCall),
    maxOpenPerKey: rule.mostOpenPerKey ?? null,
    alertsAt: [...rule.alertsAt],
    managedBy,
    window: {
      id: window.id,
      startsAt: Number.isFinite(window.startMs) ? writeMoment(window.startMs) : null,
      endsAt: writeMaybeMoment(window.endMs),
    },
    spent: text(together.posted),
    unknown: text(together.unknown),
    held: text(together.held),
    accountCount: together.count,
    accounts: together.fullest.map((balance) => accountBodyOf(unit, balance)),
  }
}

export function accountBodyOf(unit: BudgetUnit, balance: ToldBalance): BudgetAccountBody {
  const { value, cap, posted, unknown, held } = balance
  return {
    value: value ?? null,
    cap: amountText(unit, cap),
    spent: amountText(unit, posted),
    unknown: amountText(unit, unknown),
    held: amountText(unit, held),
    left: amountText(unit, leftOf(balance)),
    over: amountText(unit, overOf(balance)),
  }
}
