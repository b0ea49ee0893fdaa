import { readAccountKey } from '../../canonical/account-key.ts'
import { readAmount } from '../../canonical/budget-amount.ts'
import { budgetUnits, type BudgetRule, type BudgetUnit } from '../../canonical/budget.ts'
import type { BudgetSettings, BudgetsSettings } from '../../config/budget-settings.ts'

export const noBudgets: readonly BudgetRule[] = Object.freeze([])

/**
 * Compiles the budgets of one level.
 * @param id of the level, unique over all: what the books are kept under.
 * @param level as people know it, for messages: `team acme/search`.
 * @param timezone of its organisation; `undefined`: it has none of its own.
 */
export function budgetRulesOf(
  budgets: BudgetsSettings | undefined,
  id: string,
  level: string,
  timezone: string | undefined,
): readonly BudgetRule[] {
  const named = Object.entries(budgets ?? {})
  return named.length === 0 ? noBudgets : named.map(([name, settings]) => ruleOf(name, settings, id, level, timezone))
}

function ruleOf(
  name: string,
  settings: BudgetSettings,
  id: string,
  level: string,
  timezone: string | undefined,
): BudgetRule {
  const unit = budgetUnits.find((one) => settings[one] !== undefined)
  if (unit === undefined) throw new Error(`the budget ${name} of ${level} counts nothing`)
  const { per, by, missing = 'share', models, unpriced, maxPerCall, maxOpenPerKey, alertsAt = [] } = settings
  return {
    id: `${id}/${name} ${unit}/${per}${by === undefined ? '' : ` by ${by}`}`,
    name,
    level,
    unit,
    cap: amountOf(unit, settings[unit] ?? 0),
    per,
    timezone: settings.timezone ?? timezone ?? 'UTC',
    by: by === undefined ? undefined : readAccountKey(by),
    missing,
    models,
    unpricedNanos: unpriced === undefined || unpriced === 'refuse' ? undefined : amountOf('usd', unpriced.ceiling),
    mostPerCall: maxPerCall === undefined ? undefined : amountOf(unit, maxPerCall),
    mostOpenPerKey: maxOpenPerKey,
    alertsAt: [...alertsAt].toSorted((one, other) => one - other),
  }
}

/** The schema has judged it. @throws Error for what it would not let pass. */
function amountOf(unit: BudgetUnit, told: string | number): bigint {
  const amount = readAmount(unit, String(told))
  if (amount === undefined) throw new Error(`${told} is no amount of ${unit}`)
  return amount
}
