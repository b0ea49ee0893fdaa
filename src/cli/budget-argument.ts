import { InvalidArgumentError } from 'commander'
import { budgetUnits } from '../canonical/budget.ts'
import { budgetsSettings, type BudgetsSettings } from '../config/budget-settings.ts'
import { refuseTwice } from './arguments.ts'

export const budgetOption = '--budget <name=amount>'
export const budgetOptionHelp =
  'a budget: monthly=500/month (dollars), volume=1000000:tokens/day, trial=50:calls; may be repeated'

const form =
  /^(?<name>[^=]+)=(?<amount>[\d.]{1,30})(?::(?<unit>usd|tokens|calls|seconds))?(?:\/(?<per>hour|day|week|month|quarter|year|total))?$/

/** Reads one budget and adds it to those before. Everything that can be said of a budget can be said through the admin API only. */
export function budgetArgument(text: string, before: BudgetsSettings | undefined): BudgetsSettings {
  const { name = '', amount = '', unit = 'usd', per = 'total' } = form.exec(text)?.groups ?? {}
  const told = { [name]: { [unit]: unit === 'usd' ? amount : Number(amount), per } }
  const verdict = budgetsSettings.safeParse(told)
  if (!verdict.success)
    throw new InvalidArgumentError(
      'Write name=500/month, name=0.25:usd/day or name=600:tokens/hour; without /… for ever.',
    )
  refuseTwice(name, before)
  return { ...before, ...verdict.data }
}

/** `monthly=500/month`, as the option is written. */
export function budgetsText(budgets: Readonly<Record<string, unknown>>): string {
  return Object.entries(budgets).map(budgetText).join(' ')
}

function budgetText([name, settings]: readonly [string, unknown]): string {
  const told = budgetsSettings.parse({ [name]: settings })[name]
  const unit = budgetUnits.find((one) => told?.[one] !== undefined) ?? 'usd'
  return `${name}=${told?.[unit]}${unit === 'usd' ? '' : `:${unit}`}/${told?.per}`
}
