import type { Command } from 'commander'
import { grantedBody, type GrantedBody } from '../admin/contract/budget.ts'
import { momentArgument } from './arguments.ts'
import { clientCommand, clientOf, show, type ClientOptions, type CommandHouse } from './command-house.ts'
import { CommandFailure } from './failure.ts'

interface GrantOptions extends ClientOptions {
  readonly value?: string
  readonly reason?: string
  readonly until?: string
  readonly asConfigured?: true
}

const budgetHelp = 'level and name, such as "team acme/search/monthly"'
const valueHelp = 'whose account, for a budget with several, such as acme/ada'

/** What may be spent, changed without the config. */
export function grantCommands(budgets: Command, house: CommandHouse): void {
  clientCommand(budgets, 'top-up', 'add to one account of a budget, until its window ends')
    .argument('<budget>', budgetHelp)
    .argument('<amount>', 'how much, in the unit of the budget')
    .option('--value <value>', valueHelp)
    .option('--reason <text>', 'for whoever reads the history later')
    .action(async (budget: string, amount: string, options: GrantOptions) => {
      const { value, reason } = options
      await grant(house, options, 'top-ups', { budget, value, amount, reason })
    })

  clientCommand(budgets, 'raise', 'raise the cap of a budget for a time')
    .argument('<budget>', budgetHelp)
    .argument('<amount>', 'by how much, in the unit of the budget')
    .requiredOption('--until <moment>', 'when it ends: 2026-12-24 or 2026-12-24T09:00:00Z', momentArgument)
    .option('--value <value>', 'only this account of a budget with several (default: all of them)')
    .option('--reason <text>', 'for whoever reads the history later')
    .action(async (budget: string, amount: string, options: GrantOptions) => {
      const { value, until, reason } = options
      await grant(house, options, 'raises', { budget, value, amount, until, reason })
    })

  clientCommand(budgets, 'cap', 'set another cap in the place of the configured one')
    .argument('<budget>', budgetHelp)
    .argument('[cap]', 'in the unit of the budget; 0 suspends')
    .option('--as-configured', 'the configured cap again')
    .option('--reason <text>', 'for whoever reads the history later')
    .action(async (budget: string, cap: string | undefined, options: GrantOptions) => {
      const { asConfigured, reason } = options
      if ((cap === undefined) === (asConfigured === undefined))
        throw new CommandFailure('give the new cap, or --as-configured', 2)
      await grant(house, options, 'caps', { budget, cap: cap ?? null, reason })
    })
}

async function grant(house: CommandHouse, options: ClientOptions, path: string, order: object): Promise<void> {
  const answer = await clientOf(house, options).change(grantedBody, 'POST', `/api/budgets/${path}`, order)
  show(house, options, answer, grantedText)
}

/** Amounts as they are: whoever changes money reads every digit of it. */
function grantedText({ budget, cap, account }: GrantedBody): string {
  if (account === null) return `${budget}: the cap is ${cap} now, for each account\n`
  const whose = account.value === null ? '' : ` for ${account.value}`
  return `${budget}${whose}: ${account.left} left of ${account.cap} now\n`
}
