import { describeAccountKey } from '../../canonical/account-key.ts'
import { amountText, leftOf } from '../../canonical/budget-amount.ts'
import type { Balance, BudgetRule, BudgetUnit } from '../../canonical/budget.ts'
import { GatewayError } from '../../canonical/error.ts'
import { writeUsd } from '../../canonical/money.ts'
import { inputTokensOf, outputTokensOf, type Usage } from '../../canonical/usage.ts'
import type { HoldRefused } from '../../stores/ports.ts'

/**
 * The problem of an attempt that a budget refused: which one, what is spent, held and needed, and when it begins anew (I19).
 * @param most that the attempt can use. `undefined`: nothing needed a bound.
 */
export function budgetRefusalOf(
  rule: BudgetRule,
  { why, balance, needed }: HoldRefused,
  most: Usage | undefined,
): GatewayError {
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
          `lets one call set aside ${withUnit(rule.unit, rule.mostPerCall ?? 0n)} at most, and this one may need ${withUnit(rule.unit, needed)}${tooLargeHint(rule.unit, most)}`,
        ),
        { facts, isLasting: true },
      )
    case 'too-many':
      return new GatewayError(
        'concurrency_limited',
        told(
          `lets one key have ${withUnit('calls', BigInt(rule.mostOpenPerKey ?? 0))} under way at once; try again when one has ended`,
        ),
        { facts },
      )
    case 'short':
      return new GatewayError('budget_exceeded', told(shortText(rule, balance, needed, most)), { facts })
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

function shortText({ unit }: BudgetRule, balance: Balance, needed: bigint, most: Usage | undefined): string {
  const { cap, posted, held, windowEndMs } = balance
  const amount = (some: bigint) => withUnit(unit, some)
  const are = (some: bigint) => `${amount(some)} ${isOne(unit, some) ? 'is' : 'are'}`
  const resets = windowEndMs === undefined ? undefined : `it begins anew at ${new Date(windowEndMs).toISOString()}`
  if (cap === 0n) return `is 0: such calls are suspended`
  if (unit === 'seconds')
    return `is over: it lasts ${amount(cap)} from its first call, and ${amount(posted)} ${isOne(unit, posted) ? 'has' : 'have'} passed; ${resets ?? neverAnew}`
  const setAside = held > 0n ? `, ${are(held)} set aside for calls under way` : ''
  // Of calls each needs one.
  const need = unit === 'calls' ? '' : `, and this call may need ${amount(needed)}`
  const ways = [
    ...(held > 0n && posted + needed <= cap ? ['when those have ended'] : []),
    ...sizesThatHelp(unit, most)
      .slice(0, 1)
      .map((size) => `with ${size}`),
    ...(resets === undefined ? [] : [`later: ${resets}`]),
  ]
  const advice = ways.length === 0 ? [] : [`try again ${ways.join(', or ')}`]
  const end = resets === undefined ? [`${neverAnew}: ${whoCanRaise}`] : []
  return `has no room: of ${amount(cap)}, ${are(posted)} spent${setAside}${need}; ${[...advice, ...end].join('; ')}`
}

const neverAnew = 'it never begins anew'

function tooLargeHint(unit: BudgetUnit, most: Usage | undefined): string {
  const sizes = sizesThatHelp(unit, most)
  return sizes.length === 0 ? '' : `: ${sizes.join(' or ')} helps`
}

/** What of a call makes it need less, the strongest first. */
function sizesThatHelp(unit: BudgetUnit, most: Usage | undefined): readonly string[] {
  if (most === undefined || (unit !== 'usd' && unit !== 'tokens')) return []
  return [
    ...(outputTokensOf(most) > 0 ? ['a smaller output cap'] : []),
    ...(inputTokensOf(most) > 0 ? ['a shorter input'] : []),
  ]
}

function withUnit(unit: BudgetUnit, amount: bigint): string {
  if (unit === 'usd') return `$${trimmed(writeUsd(amount))}`
  return `${amount} ${isOne(unit, amount) ? unit.slice(0, -1) : unit}`
}

function isOne(unit: BudgetUnit, amount: bigint): boolean {
  return unit !== 'usd' && amount === 1n
}

/** To the cent, or finer where it is: `0.25`, `0.000123`. */
function trimmed(usd: string): string {
  return usd.replace(/(\.\d\d\d*?)0+$/, '$1')
}
