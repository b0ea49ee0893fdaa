import { Option, type Command } from 'commander'
import { usageLinePage } from '../admin/contract/usage-records.ts'
import { readUsd, writeUsd } from '../canonical/money.ts'
import type { AdminClient } from './admin-client.ts'
import { collected } from './arguments.ts'
import { clientCommand, clientOf, type ClientOptions, type CommandHouse, type CommandOutput } from './command-house.ts'
import { CommandFailure } from './failure.ts'
import { nothing, writeCount, writeTable, type Column } from './table.ts'
import { filtersOf } from './usage-filters.ts'

interface RecordsOptions extends ClientOptions {
  readonly since?: string
  readonly from?: string
  readonly to?: string
  readonly where?: readonly string[]
  readonly csv?: true
}

type RecordsQuery = Readonly<Record<string, string | undefined>>

const path = '/api/usage/records'
/** Of one page, and of one table. */
const linesPerPage = 1_000

export function usageRecordsCommand(usage: Command, house: CommandHouse): void {
  clientCommand(usage, 'records', 'each record that these sums count, one line for each attempt')
    .option('--since <time>', 'so long before now: 30m, 24h, 7d, 4w (default: 7d)')
    .option('--from <moment>', 'from then on: 2026-11-01 or 2026-11-01T09:00:00Z')
    .option('--to <moment>', 'before then (default: now)')
    .option('--where <name=value>', 'only of this one, such as metadata.ticket=ABC-1; may be repeated', collected)
    .addOption(new Option('--csv', 'print CSV').conflicts('json'))
    .action(async ({ since, from, to, where = [], ...options }: RecordsOptions) => {
      if (Object.keys(usage.opts()).length > 0)
        throw new CommandFailure('the options of `weir usage records` stand behind `records`', 2)
      const query = { since, from, to, ...filtersOf(where) }
      const client = clientOf(house, options)
      const { output } = house
      if (options.csv) return client.readPieces(path, { ...query, format: 'csv' }, (piece) => output.write(piece))
      if (options.json) for await (const { text } of pagesOf(client, query)) output.write(`${text}\n`)
      else await writeTables(output, pagesOf(client, query))
    })
}

/** To the last one. The time is that of the first page: without an end it would go on while calls are made. */
async function* pagesOf(client: AdminClient, query: RecordsQuery) {
  let asked: RecordsQuery = query
  for (let after: string | undefined; ;) {
    const page = await client.read(usageLinePage, path, { ...asked, limit: linesPerPage, after })
    yield page
    const { from, to, nextAfter } = page.body
    if (nextAfter === null) return
    asked = { ...query, since: undefined, from, to }
    after = nextAfter
  }
}

/** A table for each page that has lines, and last what they come to. */
async function writeTables(output: CommandOutput, pages: ReturnType<typeof pagesOf>): Promise<void> {
  let count = 0
  let totalNanos = 0n
  let unpriced = 0
  for await (const { body } of pages) {
    const lines = body.items
    if (lines.length === 0) continue
    output.write(`${writeTable(columns, lines)}\n`)
    count += lines.length
    totalNanos += lines.reduce((sum, { adjustedCostUsd }) => sum + (readUsd(adjustedCostUsd ?? '0') ?? 0n), 0n)
    unpriced += lines.filter(({ adjustedCostUsd }) => adjustedCostUsd === null).length
  }
  const without = unpriced === 0 ? '' : `, ${writeCount(unpriced)} of them without a price`
  output.write(`${writeCount(count)} ${count === 1 ? 'record' : 'records'}${without}: ${writeUsd(totalNanos)} USD\n`)
}

/** Its fields are those of a record, which a schema made from their description does not tell a compiler. */
type Line = Readonly<Record<string, unknown>>

const columns: readonly Column<Line>[] = [
  { title: 'STARTED AT', cell: (line) => textIn(line, 'startedAt') },
  { title: 'REQUEST', cell: (line) => textIn(line, 'requestId') },
  { title: 'ATTEMPT', align: 'right', cell: (line) => textIn(line, 'attempt') },
  {
    title: 'OWNER',
    cell: ({ organisation, team, project }) => [organisation, team, project].filter(Boolean).join('/'),
  },
  { title: 'MODEL', cell: (line) => textIn(line, 'catalogModel', 'requestedModel') },
  { title: 'PROVIDER', cell: (line) => textIn(line, 'provider') },
  { title: 'STATUS', cell: (line) => textIn(line, 'status') },
  { title: 'COST USD', align: 'right', cell: ({ adjustedCostUsd }) => String(adjustedCostUsd ?? 'unknown') },
]

/** The first of these fields that is not absent. */
function textIn(line: Line, ...names: readonly string[]): string {
  const value = names.map((name) => line[name]).find((told) => told !== null && told !== undefined)
  return value === undefined ? nothing : String(value)
}
