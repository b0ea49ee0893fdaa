import { describeAccountKey } from '../../canonical/account-key.ts'
import { amountText, leftOf } from '../../canonical/budget-amount.ts'
import type { Balance, BudgetRule, BudgetUnit } from '../../canonical/budget.ts'
import { GatewayError } from '../../canonical/error.ts'
import { writeUsd } from '../../canonical/money.ts'
import { inputTokensOf, outputTokensOf, type Usage, type UsageComponent } from '../../canonical/usage.ts'
import type { HoldRefused } from '../../stores/ports/ledger.ts'

/** The most that an attempt can come to. */
interface Most {
  /** `undefined`: nothing needed a bound. */
  readonly usage: Usage | undefined
  /** What a smaller one would cost, in nano-dollars. `undefined`, or an answer of `undefined`: it has no price that is known. */
  readonly costOf: ((usage: Usage) => bigint | undefined) | undefined
}

/** The problem of an attempt that a budget refused: which one, what is spent, held and needed, and when it begins anew (I19). */
export function budgetRefusalOf(rule: BudgetRule, { why, balance, needed }: HoldRefused, most: Most): GatewayError {
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
          `lets one call set aside ${withUnit(rule.unit, rule.mostPerCall ?? 0n)} at most, and this one may need ${withUnit(rule.unit, needed)}${tooLargeHint(rule, most)}`,
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

function shortText({ unit }: BudgetRule, balance: Balance, needed: bigint, most: Most): string {
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
    ...sizesThatHelp(unit, leftOf(balance), most)
      .slice(0, 1)
      .map((size) => `with ${size}`),
    ...(resets === undefined ? [] : [`later: ${resets}`]),
  ]
  const advice = ways.length === 0 ? [] : [`try again ${ways.join(', or ')}`]
  const end = resets === undefined ? [`${neverAnew}: ${whoCanRaise}`] : []
  return `has no room: of ${amount(cap)}, ${are(posted)} spent${setAside}${need}; ${[...advice, ...end].join('; ')}`
}

const neverAnew = 'it never begins anew'

function tooLargeHint({ unit, mostPerCall = 0n }: BudgetRule, most: Most): string {
  const sizes = sizesThatHelp(unit, mostPerCall, most)
  return sizes.length === 0 ? '' : `: ${sizes.join(' or ')} helps`
}

/** What of a call makes it need no more than there is, the easiest first. Nothing is said that would be refused again. */
function sizesThatHelp(unit: BudgetUnit, room: bigint, { usage, costOf }: Most): readonly string[] {
  if (usage === undefined || room <= 0n) return []
  const fits = (smaller: Usage) => {
    const needed =
      unit === 'tokens'
        ? BigInt(inputTokensOf(smaller) + outputTokensOf(smaller))
        : unit === 'usd'
          ? costOf?.(smaller)
          : undefined
    return needed !== undefined && needed <= room
  }
  const leastOutput = atMostOne(usage, outputComponents)
  const leastInput = atMostOne(usage, inputComponents)
  const hasInput = inputTokensOf(usage) > 0
  if (outputTokensOf(usage) === 0) return hasInput && fits(leastInput) ? ['a shorter input'] : []
  const sizes = [
    ...(fits(leastOutput) ? ['a smaller output cap'] : []),
    ...(hasInput && fits(leastInput) ? ['a shorter input'] : []),
  ]
  if (sizes.length > 0 || !hasInput || !fits(atMostOne(leastInput, outputComponents))) return sizes
  return ['a shorter input together with a smaller output cap']
}

const outputComponents = ['outputText', 'outputReasoning', 'outputAudio', 'outputImage'] as const
const inputComponents = [
  'inputUncached',
  'cacheRead',
  'cacheReadAudio',
  'cacheReadImage',
  'cacheWrite5m',
  'cacheWrite1h',
  'cacheWriteOther',
  'inputAudio',
  'inputImage',
] as const

/** The least that is left of these parts, however much of a call is cut. */
function atMostOne(usage: Usage, components: readonly UsageComponent[]): Usage {
  const least: { -readonly [Component in UsageComponent]: number } = { ...usage }
  for (const component of components) least[component] = Math.min(1, usage[component])
  return least
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
