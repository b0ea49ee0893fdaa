import type { Command } from 'commander'
import { doubtPage, resolvedBody, type DoubtBody, type ResolvedBody } from '../admin/contract/doubt.ts'
import { moreLine, pageOptions, pageQuery, wholeNumber, type PageOptions } from './arguments.ts'
import { clientCommand, clientOf, show, type ClientOptions, type CommandHouse } from './command-house.ts'
import { nothing, writeTable, type Column } from './table.ts'

interface DoubtsOptions extends ClientOptions, PageOptions {
  readonly from?: string
  readonly to?: string
}

interface ResolveOptions extends ClientOptions {
  readonly cost: string
  readonly tokens?: string
  readonly reason?: string
}

/** What is counted at the most, and what it really came to. */
export function doubtCommands(ledger: Command, house: CommandHouse): void {
  pageOptions(
    clientCommand(ledger, 'doubts', 'attempts whose end nobody knows, counted at the most they can have cost'),
  )
    .option('--from <moment>', 'from then on: 2026-11-01 or 2026-11-01T09:00:00Z')
    .option('--to <moment>', 'before then')
    .action(async (options: DoubtsOptions) => {
      const { from, to } = options
      const query = { ...pageQuery(options), from, to }
      const answer = await clientOf(house, options).read(doubtPage, '/api/ledger/doubts', query)
      show(house, options, answer, ({ items, nextAfter }) =>
        items.length === 0 ? 'nothing is in doubt\n' : writeTable(doubtColumns, items) + moreLine(nextAfter),
      )
    })

  clientCommand(ledger, 'resolve', 'say what an attempt in doubt really cost; a second time replaces the first')
    .argument('<request>', 'the id of its exchange')
    .argument('<attempt>', 'which attempt of it', wholeNumber)
    .requiredOption('--cost <usd>', 'what it cost, in dollars')
    .option('--tokens <count>', 'what it used, for budgets in tokens (default: these keep the most)')
    .option('--reason <text>', 'how it is known, for whoever reads the entry later')
    .action(async (requestId: string, attempt: number, options: ResolveOptions) => {
      const { cost, tokens, reason } = options
      const order = { requestId, attempt, costUsd: cost, tokens, reason }
      const answer = await clientOf(house, options).change(resolvedBody, 'POST', '/api/ledger/resolve', order)
      show(house, options, answer, resolvedText)
    })
}

/** Amounts as they are: whoever changes money reads every digit of it. */
function resolvedText({ requestId, attempt, beforeUsd, costUsd, accounts }: ResolvedBody): string {
  const table = accounts.length === 0 ? '' : `${writeTable(accountColumns, accounts)}\n`
  return `${table}attempt ${attempt} of ${requestId}: ${costUsd} USD now, counted at ${beforeUsd ?? 'no price'} before\n`
}

const doubtColumns: readonly Column<DoubtBody>[] = [
  { title: 'BEGAN', cell: ({ startedAt }) => startedAt },
  { title: 'REQUEST', cell: ({ requestId }) => requestId },
  { title: 'ATTEMPT', align: 'right', cell: ({ attempt }) => String(attempt) },
  { title: 'MODEL', cell: ({ provider, model }) => `${provider ?? nothing}/${model ?? nothing}` },
  { title: 'KEY', cell: ({ keyId }) => keyId },
  { title: 'STATUS', cell: ({ status }) => status },
  { title: 'COUNTED USD', align: 'right', cell: ({ costUsd }) => costUsd ?? 'no price' },
]

const accountColumns: readonly Column<ResolvedBody['accounts'][number]>[] = [
  { title: 'BUDGET', cell: ({ budget }) => budget },
  { title: 'WINDOW', cell: ({ window }) => window },
  { title: 'FOR', cell: ({ value }) => value ?? nothing },
  { title: 'BEFORE', align: 'right', cell: ({ before }) => before },
  { title: 'NOW', align: 'right', cell: ({ after }) => after },
]
