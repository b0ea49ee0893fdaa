import type { Command } from 'commander'
import { limitPage, type LimitBody } from '../admin/contract/limit.ts'
import { moreLine, pageOptions, pageQuery, type PageOptions } from './arguments.ts'
import { clientCommand, clientOf, show, type ClientOptions, type CommandHouse } from './command-house.ts'
import { nothing, writeCount, writeTable, type Column } from './table.ts'

export function limitsCommand(program: Command, house: CommandHouse): void {
  pageOptions(clientCommand(program, 'limits', 'limits, and what is used of them now'))
    .option('--level <level>', 'only of this level, such as "team acme/search"')
    .action(async (options: ClientOptions & PageOptions & { readonly level?: string }) => {
      const query = { level: options.level, ...pageQuery(options) }
      const answer = await clientOf(house, options).read(limitPage, '/api/limits', query)
      show(
        house,
        options,
        answer,
        ({ items, nextAfter }) => writeTable(columns, items.flatMap(rowsOf)) + moreLine(nextAfter),
      )
    })
}

type Account = LimitBody['accounts'][number]

interface Row {
  readonly limit: LimitBody
  readonly account: Account
}

/** One row for each account that holds something; one for a limit of which nothing is used. */
function rowsOf(limit: LimitBody): readonly Row[] {
  const unused: Account = { value: null, used: 0, remaining: limit.most, resetsAt: null, waiting: 0 }
  return (limit.accounts.length === 0 ? [unused] : limit.accounts).map((account) => ({ limit, account }))
}

const columns: readonly Column<Row>[] = [
  { title: 'LEVEL', cell: ({ limit }) => limit.level },
  { title: 'LIMIT', cell: ({ limit }) => limit.name },
  { title: 'ALLOWS', cell: ({ limit }) => allowsText(limit) },
  {
    title: 'FOR',
    cell: ({ limit, account }) => (limit.by === null ? nothing : `${limit.by} ${account.value ?? nothing}`),
  },
  { title: 'USED', align: 'right', cell: ({ account }) => writeCount(account.used) },
  { title: '', cell: ({ limit, account }) => bar(account.used, limit.most) },
  { title: 'WAITING', align: 'right', cell: ({ account }) => writeCount(account.waiting) },
  { title: 'EMPTY AT', cell: ({ account }) => account.resetsAt ?? nothing },
]

function allowsText({ most, unit, per }: LimitBody): string {
  if (most === 0) return 'nothing: suspended'
  const what = { inputTokens: 'input tokens', outputTokens: 'output tokens' } as const
  if (unit === 'concurrent') return `${writeCount(most)} at once`
  const words = unit === 'inputTokens' || unit === 'outputTokens' ? what[unit] : unit
  return `${writeCount(most)} ${words} per ${per}`
}

const barWidth = 20

/** `[########------------]  40 %`: full before it says 100 %, since what is not full must not look so. */
export function bar(used: number, most: number): string {
  const share = most === 0 ? 1 : used / most
  const full = Math.min(barWidth, Math.floor(share * barWidth))
  return `[${'#'.repeat(full)}${'-'.repeat(barWidth - full)}] ${String(Math.floor(share * 100)).padStart(3)} %`
}
