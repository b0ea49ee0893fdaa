import type { Command } from 'commander'
import {
  budgetAccountPage,
  budgetPage,
  type BudgetAccountBody,
  type BudgetBody,
  type BudgetPage,
} from '../admin/contract/budget.ts'
import type { AdminClient } from './admin-client.ts'
import { moreLine, nameArgument, pageOptions, pageQuery, wholeNumber, type PageOptions } from './arguments.ts'
import { amountCell, budgetBar } from './budget-amounts.ts'
import { grantCommands } from './budget-grants.ts'
import { budgetHistoryCommand } from './budget-history.ts'
import { clientCommand, clientOf, show, type ClientOptions, type CommandHouse } from './command-house.ts'
import { nothing, writeCount, writeTable, type Column } from './table.ts'

export function budgetCommands(program: Command, house: CommandHouse): void {
  const budgets = program.command('budgets').description('budgets: what is spent, held and left, and what may be spent')
  listCommand(budgets, house)
  budgetHistoryCommand(budgets, house)
  grantCommands(budgets, house)
}

interface ListOptions extends ClientOptions, PageOptions {
  readonly budget?: string
  readonly level?: string
  readonly name?: string
  readonly organisation?: string
  readonly team?: string
  readonly project?: string
  readonly user?: string
  readonly agent?: string
  readonly top?: number
  readonly all?: true
}

const owners = ['organisation', 'team', 'project', 'user', 'agent'] as const

function listCommand(budgets: Command, house: CommandHouse): void {
  const command = clientCommand(budgets, 'list', 'budgets, and what is spent, held and left of them now', 'default')
    .option('--budget <id>', 'only this one, such as "team acme/search/monthly"')
    .option('--level <level>', 'only of this level, such as "team acme/search"')
    .option('--name <name>', 'only of this name', nameArgument)
  for (const owner of owners) command.option(`--${owner} <name>`, `only of this ${owner} and below it`, nameArgument)
  pageOptions(command)
    .option('--top <count>', 'most accounts to show of a budget that has several (default: 20)', wholeNumber)
    .option('--all', 'show every account')
    .action(async (options: ListOptions) => {
      const { budget, level, name, organisation, team, project, user, agent, top: accounts } = options
      const filters = { budget, level, name, organisation, team, project, user, agent, accounts }
      const client = clientOf(house, options)
      const answer = await client.read(budgetPage, '/api/budgets', { ...filters, ...pageQuery(options) })
      const whole = options.all ? await withEveryAccount(client, answer.body) : answer.body
      const text = options.all ? JSON.stringify(whole) : answer.text
      show(house, options, { body: whole, text }, budgetsText)
    })
}

async function withEveryAccount(client: AdminClient, page: BudgetPage): Promise<BudgetPage> {
  const items: BudgetBody[] = []
  for (const budget of page.items)
    items.push(
      budget.accountCount > budget.accounts.length
        ? { ...budget, accounts: await everyAccount(client, budget.id) }
        : budget,
    )
  return { ...page, items }
}

async function everyAccount(client: AdminClient, budget: string): Promise<BudgetAccountBody[]> {
  const found: BudgetAccountBody[] = []
  for (let after: string | null | undefined; after !== null;) {
    const { body } = await client.read(budgetAccountPage, '/api/budgets/accounts', { budget, limit: 1_000, after })
    found.push(...body.items)
    after = body.nextAfter
  }
  return found.toSorted((one, other) => drawn(other) - drawn(one))
}

function drawn({ spent, held }: BudgetAccountBody): number {
  return Number(spent) + Number(held)
}

interface Row {
  readonly budget: BudgetBody
  readonly account: BudgetAccountBody
}

function budgetsText({ items, nextAfter }: BudgetPage): string {
  const short = items.filter(({ accountCount, accounts }) => accountCount > accounts.length)
  const ordered = items.flatMap(orderedLine)
  const rows = items.flatMap(rowsOf)
  const isInDoubt = rows.some(({ account }) => Number(account.unknown) !== 0)
  const shown = isInDoubt ? columns : columns.filter((column) => column !== unknownColumn)
  return [writeTable(shown, rows), ...short.map(shortLine), ...ordered, moreLine(nextAfter)].join('')
}

/** Whoever changes the config and sees nothing happen learns why. */
function orderedLine({ id, unit, orderedCap, configuredCap }: BudgetBody): readonly string[] {
  if (orderedCap === null || orderedCap === configuredCap) return []
  const [ordered, configured] = [amountCell(unit, orderedCap), amountCell(unit, configuredCap)]
  return [`${id}: the cap was set to ${ordered} in the place of ${configured}; budgets cap --as-configured goes back\n`]
}

function shortLine({ id, by, accountCount, accounts }: BudgetBody): string {
  // It has one account, which is nobody's.
  if (by === null) return `${id}: what is spent and left of it is not shown; --all shows it\n`
  const count = accountCount - accounts.length
  return `${id}: ${writeCount(count)} more ${count === 1 ? 'account; --all shows it' : 'accounts; --all shows them'}\n`
}

/** One row for each account that was drawn on; one for a budget that nobody drew on. */
function rowsOf(budget: BudgetBody): readonly Row[] {
  const { cap, spent, unknown, held } = budget
  const unused: BudgetAccountBody = { value: null, cap, spent, unknown, held, left: cap, over: '0' }
  return (budget.accountCount === 0 ? [unused] : budget.accounts).map((account) => ({ budget, account }))
}

/** Below zero where more is spent and held than the cap. */
function roomOf({ left, over }: BudgetAccountBody): string {
  return Number(over) === 0 ? left : `-${over}`
}

/** Shown where there is any. */
const unknownColumn: Column<Row> = {
  title: 'UNKNOWN',
  align: 'right',
  cell: ({ budget, account }) => amountCell(budget.unit, account.unknown),
}

const columns: readonly Column<Row>[] = [
  { title: 'BUDGET', cell: ({ budget }) => budget.id },
  { title: 'PER', cell: ({ budget }) => budget.per },
  {
    title: 'FOR',
    cell: ({ budget, account }) => (budget.by === null ? nothing : `${budget.by} ${account.value ?? nothing}`),
  },
  { title: 'UNIT', cell: ({ budget }) => (budget.unit === 'usd' ? 'USD' : budget.unit) },
  { title: 'SPENT', align: 'right', cell: ({ budget, account }) => amountCell(budget.unit, account.spent) },
  unknownColumn,
  { title: 'HELD', align: 'right', cell: ({ budget, account }) => amountCell(budget.unit, account.held) },
  { title: 'LEFT', align: 'right', cell: ({ budget, account }) => amountCell(budget.unit, roomOf(account)) },
  { title: 'CAP', align: 'right', cell: ({ budget, account }) => amountCell(budget.unit, account.cap) },
  { title: '', cell: ({ account }) => budgetBar(account) },
  { title: 'ENDS', cell: ({ budget }) => budget.window.endsAt ?? 'never' },
]
