import type { Command } from 'commander'
import { rebuiltBody, type RebuiltBody } from '../admin/contract/ledger.ts'
import { clientCommand, clientOf, show, type ClientOptions, type CommandHouse } from './command-house.ts'
import { doubtCommands } from './doubts.ts'
import { CommandFailure } from './failure.ts'
import { nothing, writeCount, writeTable, type Column } from './table.ts'

export function ledgerCommands(program: Command, house: CommandHouse): void {
  const ledger = program.command('ledger').description('the books behind the budgets')
  doubtCommands(ledger, house)

  clientCommand(ledger, 'rebuild', 'add up every record and entry anew; exit 1 when an account was kept otherwise')
    .option('--verify', 'tell what differs, and repair nothing')
    .action(async (options: ClientOptions & { readonly verify?: true }) => {
      const order = { isDryRun: options.verify === true }
      const answer = await clientOf(house, options).change(rebuiltBody, 'POST', '/api/ledger/rebuild', order)
      show(house, options, answer, rebuiltText)
      const { differing, unexplained, isDryRun } = answer.body
      if (differing > 0)
        throw new CommandFailure(`${accountsText(differing)} ${isDryRun ? 'differed' : 'differed, and were put right'}`)
      if (unexplained !== '0') throw new CommandFailure(`accounts in memory differ by ${unexplained}`)
    })
}

function rebuiltText({ accounts, differing, differences }: RebuiltBody): string {
  const told = differing === 0 ? 'each is what its records and entries come to' : `${writeCount(differing)} differ`
  const isDoubtWrong = differences.some(({ keptUnknown, unknown }) => keptUnknown !== unknown)
  const shown = isDoubtWrong ? [...columns, ...doubtColumns] : columns
  return `${differing === 0 ? '' : `${writeTable(shown, differences)}\n`}${accountsText(accounts)}: ${told}\n`
}

function accountsText(count: number): string {
  return `${writeCount(count)} ${count === 1 ? 'account' : 'accounts'}`
}

const columns: readonly Column<RebuiltBody['differences'][number]>[] = [
  { title: 'BUDGET', cell: ({ budget }) => budget },
  { title: 'WINDOW', cell: ({ window }) => window },
  { title: 'FOR', cell: ({ value }) => value ?? nothing },
  { title: 'KEPT', align: 'right', cell: ({ kept }) => kept },
  { title: 'RECORDS AND ENTRIES', align: 'right', cell: ({ spent }) => spent },
]

const doubtColumns: typeof columns = [
  { title: 'UNKNOWN, KEPT', align: 'right', cell: ({ keptUnknown }) => keptUnknown },
  { title: 'UNKNOWN', align: 'right', cell: ({ unknown }) => unknown },
]
