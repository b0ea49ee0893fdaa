import type { Command } from 'commander'
import { modelList, type ModelList } from '../admin/contract/model.ts'
import { clientCommand, clientOf, show, type ClientOptions, type CommandHouse } from './command-house.ts'
import { writeTable, type Column } from './table.ts'

export function modelsCommand(program: Command, house: CommandHouse): void {
  clientCommand(program, 'models', 'what clients may ask for, where it goes, and at which price').action(
    async (options: ClientOptions) => {
      const answer = await clientOf(house, options).read(modelList, '/api/models')
      show(house, options, answer, ({ items }) => writeTable(columns, items.flatMap(linesOf)))
    },
  )
}

type Model = ModelList['items'][number]

interface Line {
  readonly name: string
  readonly strategy: string
  readonly target: Model['targets'][number] | undefined
}

/** One line for each target; the model is named on its first. */
function linesOf({ name, strategy, targets }: Model): readonly Line[] {
  if (targets.length === 0) return [{ name, strategy, target: undefined }]
  return targets.map((target, place) => (place === 0 ? { name, strategy, target } : { name: '', strategy: '', target }))
}

const columns: readonly Column<Line>[] = [
  { title: 'NAME', cell: ({ name }) => name },
  { title: 'STRATEGY', cell: ({ strategy }) => strategy },
  { title: 'PROVIDER', cell: ({ target }) => target?.provider ?? 'none that is on' },
  { title: 'MODEL', cell: ({ target }) => target?.model ?? '' },
  { title: 'WEIGHT', align: 'right', cell: ({ target }) => (target === undefined ? '' : String(target.weight)) },
  { title: 'PRICE', cell: ({ target }) => (target === undefined ? '' : (target.priceVersion ?? 'UNPRICED')) },
]
