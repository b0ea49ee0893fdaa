import type { Command } from 'commander'
import {
  budgetChangesPage,
  budgetHistoryPage,
  type BudgetChangeBody,
  type PastAccountBody,
} from '../admin/contract/budget.ts'
import { wholeNumber } from './arguments.ts'
import { clientCommand, clientOf, type ClientOptions, type CommandHouse } from './command-house.ts'
import { nothing, writeCount, writeTable, type Column } from './table.ts'

/** Of each list; the admin API has the rest. */
const shownByDefault = 100

export function budgetHistoryCommand(budgets: Command, house: CommandHouse): void {
  clientCommand(budgets, 'history', 'what was spent in each window of a budget, and who changed what of it')
    .argument('<budget>', 'level and name, such as "team acme/search/monthly"')
    .option('--limit <count>', `most lines of each list (default: ${shownByDefault})`, wholeNumber)
    .action(async (budget: string, options: ClientOptions & { readonly limit?: number }) => {
      const query = { budget, limit: options.limit ?? shownByDefault }
      const client = clientOf(house, options)
      const { body: history } = await client.read(budgetHistoryPage, '/api/budgets/history', query)
      const { body: changes } = await client.read(budgetChangesPage, '/api/budgets/changes', query)
      if (options.json) return house.output.write(`${JSON.stringify({ history, changes })}\n`)
      house.output.write(
        [
          writeTable(accountColumns, history.items),
          moreText(history.nextAfter),
          '\n',
          changes.items.length === 0 ? 'nobody changed what may be spent\n' : writeTable(changeColumns, changes.items),
          moreText(changes.nextAfter),
        ].join(''),
      )
    })
}

function moreText(nextAfter: string | null): string {
  return nextAfter === null ? '' : 'there are more: --limit shows them\n'
}

const accountColumns: readonly Column<PastAccountBody>[] = [
  { title: 'WINDOW', cell: ({ window }) => window },
  { title: 'FOR', cell: ({ value }) => value ?? nothing },
  { title: 'SPENT', align: 'right', cell: ({ spent }) => spent ?? nothing },
  { title: 'FIRST USED', cell: ({ firstUsedAt }) => firstUsedAt },
]

const changeColumns: readonly Column<BudgetChangeBody>[] = [
  { title: 'AT', cell: ({ at }) => at },
  { title: 'BY', cell: ({ actor }) => actor },
  { title: 'CHANGE', cell: ({ kind }) => kind },
  {
    title: 'AMOUNT',
    align: 'right',
    cell: ({ kind, amount }) => amount ?? (kind === 'cap' ? 'as configured' : 'none'),
  },
  { title: 'WINDOW', cell: ({ window }) => window ?? nothing },
  { title: 'FOR', cell: ({ value }) => value ?? nothing },
  { title: 'UNTIL', cell: ({ until }) => until ?? nothing },
  {
    title: 'RECORDS',
    align: 'right',
    cell: ({ kind, entries }) => (['rerate', 'batch', 'resolve'].includes(kind) ? writeCount(entries) : nothing),
  },
  { title: 'REASON', cell: ({ reason }) => reason ?? nothing },
]
