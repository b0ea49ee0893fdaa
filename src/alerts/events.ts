import { amountText, leftOf } from '../canonical/budget-amount.ts'
import { describeAccountKey } from '../canonical/account-key.ts'
import type { Balance, BudgetRule } from '../canonical/budget.ts'
import { readRuleId } from '../ledger/rule-id.ts'

/**
 * The bodies of alerts (Standard Webhooks, "Payload structure", read 2026-11): type, timestamp, data. Amounts are decimal strings in the
 * unit of the budget.
 */

/** A part of the cap is spent. What is held does not count: it may be given back. */
export function thresholdEvent(rule: BudgetRule, balance: Balance, percent: number, atMs: number): string {
  return eventText('budget.threshold', atMs, { ...factsOf(rule, balance), percent })
}

/** A provider charged more than the most that was worked out before: the account is frozen until it has room again. */
export function excessEvent(rule: BudgetRule, balance: Balance, excess: bigint, atMs: number): string {
  return eventText('budget.exceeded_bound', atMs, {
    ...factsOf(rule, balance),
    excess: amountText(rule.unit, excess),
  })
}

/** The thresholds that what is spent has reached, rising. */
export function reachedOf(
  { alertsAt }: Pick<BudgetRule, 'alertsAt'>,
  { cap, posted }: Pick<Balance, 'cap' | 'posted'>,
) {
  // Of a budget that is suspended everything would be reached.
  if (cap <= 0n) return []
  return alertsAt.filter((percent) => posted >= amountReaching(percent, cap))
}

/** The least that reaches a threshold under a cap, both in the unit of the budget. */
export function amountReaching(percent: number, cap: bigint): bigint {
  const whole = 100n * scale
  return (cap * BigInt(Math.round(percent * Number(scale))) + whole - 1n) / whole
}

/** Thresholds may have decimals: so many of them count. */
const scale = 1_000_000n

function factsOf(rule: BudgetRule, balance: Balance) {
  const { unit } = rule
  return {
    budget: readRuleId(rule.id).budget,
    name: rule.name,
    level: rule.level,
    unit,
    by: rule.by === undefined ? null : describeAccountKey(rule.by),
    value: balance.value ?? null,
    window: balance.windowId,
    resetsAt: balance.windowEndMs === undefined ? null : new Date(balance.windowEndMs).toISOString(),
    cap: amountText(unit, balance.cap),
    spent: amountText(unit, balance.posted),
    held: amountText(unit, balance.held),
    left: amountText(unit, leftOf(balance)),
  }
}

function eventText(type: string, atMs: number, data: object): string {
  return JSON.stringify({ type, timestamp: new Date(atMs).toISOString(), data })
}
