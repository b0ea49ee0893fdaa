import type { Command } from 'commander'
import { restartBody, workerList, type WorkerList } from '../admin/contract/worker.ts'
import { clientCommand, clientOf, show, type ClientOptions, type CommandHouse } from './command-house.ts'
import { writeTable, type Column } from './table.ts'

export function workerCommands(program: Command, house: CommandHouse): void {
  clientCommand(program, 'workers', 'the processes that serve clients, where server.workers is above 1').action(
    async (options: ClientOptions) => {
      const answer = await clientOf(house, options).read(workerList, '/api/workers')
      show(house, options, answer, ({ items }) => (items.length === 0 ? alone : writeTable(columns, items)))
    },
  )

  clientCommand(program, 'restart', 'replace every worker by a new process, without dropping a call').action(
    async (options: ClientOptions) => {
      const answer = await clientOf(house, options).change(restartBody, 'POST', '/api/restart')
      show(
        house,
        options,
        answer,
        ({ replacing }) =>
          `${replacing} workers are being replaced, one after the other; weir workers shows how far it is\n`,
      )
    },
  )
}

const alone = 'one process does everything here: server.workers is 1\n'

const columns: readonly Column<WorkerList['items'][number]>[] = [
  { title: 'PID', align: 'right', cell: ({ pid }) => String(pid) },
  { title: 'STATE', cell: ({ state }) => state },
  { title: 'STARTED', cell: ({ startedAt }) => startedAt },
  { title: 'SILENT SINCE', cell: ({ silentSince }) => silentSince ?? '' },
]
