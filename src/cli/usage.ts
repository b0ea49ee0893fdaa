import { Option, type Command } from 'commander'
import { usageBody, type UsageBody, type UsageTotalsBody } from '../admin/contract/usage.ts'
import { labelOf } from '../canonical/metadata.ts'
import { collected } from './arguments.ts'
import { clientCommand, clientOf, show, type ClientOptions, type CommandHouse } from './command-house.ts'
import { nothing, writeCount, writeTable, type Column } from './table.ts'
import { filtersOf } from './usage-filters.ts'
import { usageRecordsCommand } from './usage-records.ts'
import { visible } from './visible.ts'

interface UsageOptions extends ClientOptions {
  readonly by?: string
  readonly since?: string
  readonly from?: string
  readonly to?: string
  readonly where?: readonly string[]
  readonly csv?: true
}

export function usageCommand(program: Command, house: CommandHouse): void {
  // What stands behind `records` is of that alone; a command is told apart from its options only where those above it are too.
  program.enablePositionalOptions()
  const usage = clientCommand(program, 'usage', 'what was used and what it cost')
    .enablePositionalOptions()
    .option(
      '--by <groups>',
      'organisation, team, project, user, agent, key, model, provider, status, usageSource, endUser, run, metadata.NAME, day, hour; with commas',
    )
    .option('--since <time>', 'so long before now: 30m, 24h, 7d, 4w (default: 7d)')
    .option('--from <moment>', 'from then on: 2026-11-01 or 2026-11-01T09:00:00Z')
    .option('--to <moment>', 'before then (default: now)')
    .option('--where <name=value>', 'only of this one, such as team=search; may be repeated', collected)
    .addOption(new Option('--csv', 'print CSV').conflicts('json'))
    .action(async (options: UsageOptions) => {
      const { by, since, from, to } = options
      const query = { by, since, from, to, ...filtersOf(options.where ?? []) }
      const client = clientOf(house, options)
      if (options.csv) return house.output.write(await client.readText('/api/usage', { ...query, format: 'csv' }))
      show(house, options, await client.read(usageBody, '/api/usage', query), usageText)
    })
  usageRecordsCommand(usage, house)
}

/** Stands behind a cost that is short of something: a missing price is never zero (failures.md M10). */
const shortMark = ' *'
const noMark = '  '

function usageText({ by, from, to, rows, totals }: UsageBody): string {
  const groups = by.map((group): Column<UsageBody['rows'][number]> => ({
    // Labels are told apart by case.
    title: labelOf(group) === undefined ? group.toUpperCase() : visible(group),
    cell: (row) => row.groups[group] ?? nothing,
  }))
  const shown = shownColumns(totals)
  const columns = [...groups, ...shown]
  const total = [...by.map((_, place) => (place === 0 ? 'total' : '')), ...shown.map(({ cell }) => cell(totals))]
  const { unpricedAttempts } = totals
  const attempts = `${writeCount(unpricedAttempts)} ${unpricedAttempts === 1 ? 'attempt' : 'attempts'}`
  const isAdjusted = /[1-9]/.test(totals.adjustmentUsd)
  return [
    `from ${from} to ${to}\n\n`,
    // Without groups the one row is the total.
    writeTable(columns, by.length === 0 ? [] : rows, total),
    unpricedAttempts === 0
      ? ''
      : `\n* short of ${attempts} without a price: \`weir models\` shows which models have none\n`,
    isAdjusted
      ? `\nthe cost includes ${totals.adjustmentUsd} USD of adjustments: records were re-rated or resolved\n`
      : '',
  ].join('')
}

/** Units that few use are shown where there are any. */
function shownColumns(totals: UsageTotalsBody): readonly Column<UsageTotalsBody>[] {
  const units = unitColumns.filter(({ unit }) => totals[unit] > 0)
  const columns = units.map(({ unit, title }): Column<UsageTotalsBody> => ({
    title,
    align: 'right',
    cell: (sums) => writeCount(sums[unit]),
  }))
  return [...sumColumns.slice(0, -1), ...columns, ...sumColumns.slice(-1)]
}

const unitColumns = [
  { unit: 'searches', title: 'SEARCHES' },
  { unit: 'images', title: 'IMAGES' },
  { unit: 'audioSeconds', title: 'AUDIO SECONDS' },
  { unit: 'characters', title: 'CHARACTERS' },
] as const

const sumColumns: readonly Column<UsageTotalsBody>[] = [
  { title: 'REQUESTS', align: 'right', cell: ({ requests }) => writeCount(requests) },
  { title: 'ATTEMPTS', align: 'right', cell: ({ attempts }) => writeCount(attempts) },
  { title: 'INPUT TOKENS', align: 'right', cell: ({ inputTokens }) => writeCount(inputTokens) },
  { title: 'OUTPUT TOKENS', align: 'right', cell: ({ outputTokens }) => writeCount(outputTokens) },
  {
    title: `COST USD${noMark}`,
    align: 'right',
    cell: costText,
  },
]

function costText({ costUsd, unpricedAttempts }: UsageTotalsBody): string {
  if (unpricedAttempts === 0) return costUsd + noMark
  return (/[1-9]/.test(costUsd) ? costUsd : 'unknown') + shortMark
}
