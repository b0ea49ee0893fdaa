import type { Command } from 'commander'
import { auditPage, auditVerdictBody, type AuditEntryBody, type AuditVerdictBody } from '../admin/contract/audit.ts'
import { moreLine, pageOptions, pageQuery, type PageOptions } from './arguments.ts'
import { clientCommand, clientOf, show, type ClientOptions, type CommandHouse } from './command-house.ts'
import { CommandFailure } from './failure.ts'
import { writeTable, type Column } from './table.ts'
import { visible } from './visible.ts'

export function auditCommands(program: Command, house: CommandHouse): void {
  const audit = program.command('audit').description('who changed what')

  pageOptions(clientCommand(audit, 'list', 'list changes, the first one first')).action(
    async (options: ClientOptions & PageOptions) => {
      const answer = await clientOf(house, options).read(auditPage, '/api/audit', pageQuery(options))
      show(house, options, answer, ({ items, nextAfter }) => writeTable(columns, items) + moreLine(nextAfter))
    },
  )

  clientCommand(audit, 'verify', 'check that no entry was edited or removed; exit 1 when one was').action(
    async (options: ClientOptions) => {
      const answer = await clientOf(house, options).read(auditVerdictBody, '/api/audit/verify')
      if (options.json || answer.body.isIntact) show(house, options, answer, verdictText)
      if (!answer.body.isIntact) throw new CommandFailure(verdictText(answer.body).trimEnd())
    },
  )
}

function verdictText(verdict: AuditVerdictBody): string {
  return verdict.isIntact
    ? `intact: ${verdict.entries} entries, the last with hash ${verdict.lastChainHash}\n`
    : `the audit log is broken at entry ${verdict.brokenAtSequence}: ${visible(verdict.reason)}\n`
}

const columns: readonly Column<AuditEntryBody>[] = [
  { title: 'ENTRY', align: 'right', cell: ({ sequence }) => String(sequence) },
  { title: 'AT', cell: ({ at }) => at },
  { title: 'ACTOR', cell: ({ actor }) => actor },
  { title: 'ACTION', cell: ({ action }) => action },
  { title: 'TARGET', cell: ({ target }) => target },
  { title: 'DETAIL', cell: ({ detail }) => JSON.stringify(detail) },
]
