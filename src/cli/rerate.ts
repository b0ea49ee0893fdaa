import type { Command } from 'commander'
import { reratedBody, type ReratedBody, type RerateOrderBody } from '../admin/contract/rerate.ts'
import { readUsd, writeUsd } from '../canonical/money.ts'
import type { AdminClient } from './admin-client.ts'
import { collected } from './arguments.ts'
import { clientCommand, clientOf, type ClientOptions, type CommandHouse } from './command-house.ts'
import { readPricesFile } from './prices-file.ts'
import { writeCount, writeTable, type Column } from './table.ts'

interface RerateOptions extends ClientOptions {
  readonly from: string
  readonly until: string
  readonly model?: readonly string[]
  readonly prices?: string
  readonly dryRun?: true
}

export function rerateCommand(prices: Command, house: CommandHouse): void {
  clientCommand(prices, 'rerate', 'price the records of a time anew; what differs becomes adjusting entries')
    .requiredOption('--from <moment>', 'from then on: 2026-11-01 or 2026-11-01T09:00:00Z')
    .requiredOption('--until <moment>', 'before then')
    .option('--model <pattern>', 'only this one, as provider or config call it; may be repeated', collected)
    .option('--prices <file>', 'by this prices file, as if the config named it (default: by the book in force)')
    .option('--dry-run', 'tell what would be, and write nothing')
    .action(async (options: RerateOptions) => {
      const told = await rerateAll(clientOf(house, options), orderOf(options), (examined) =>
        house.output.error(`${writeCount(examined)} records so far\n`),
      )
      house.output.write(options.json ? `${JSON.stringify(told)}\n` : reratedText(told))
    })
}

function orderOf({ from, until, model, prices, dryRun }: RerateOptions): RerateOrderBody {
  return {
    from,
    until,
    isDryRun: dryRun === true,
    ...(model === undefined ? {} : { models: [...model] }),
    ...(prices === undefined ? {} : { prices: readPricesFile(prices) }),
  }
}

/** One order after the other, until the whole time was gone through. */
async function rerateAll(
  client: AdminClient,
  order: RerateOrderBody,
  progress: (examined: number) => void,
): Promise<ReratedBody> {
  let all: ReratedBody | undefined
  for (let after: string | null | undefined; after !== null;) {
    const body = after === undefined ? order : { ...order, after }
    const { body: told } = await client.change(reratedBody, 'POST', '/api/prices/rerate', body)
    all = all === undefined ? told : together(all, told)
    after = told.nextAfter
    if (after !== null) progress(all.examined)
  }
  if (all === undefined) throw new Error('an order was sent, and nothing was told')
  return all
}

function together(one: ReratedBody, other: ReratedBody): ReratedBody {
  const models = new Map(one.models.map((sum) => [`${sum.provider}/${sum.model}`, sum]))
  for (const sum of other.models) {
    const before = models.get(`${sum.provider}/${sum.model}`)
    models.set(`${sum.provider}/${sum.model}`, {
      ...sum,
      records: sum.records + (before?.records ?? 0),
      beforeUsd: added(sum.beforeUsd, before?.beforeUsd),
      afterUsd: added(sum.afterUsd, before?.afterUsd),
    })
  }
  return {
    isDryRun: other.isDryRun,
    examined: one.examined + other.examined,
    adjusted: one.adjusted + other.adjusted,
    unpriced: one.unpriced + other.unpriced,
    toldByProvider: one.toldByProvider + other.toldByProvider,
    differenceUsd: added(one.differenceUsd, other.differenceUsd),
    models: [...models.values()],
    nextAfter: other.nextAfter,
  }
}

function added(one: string, other = '0'): string {
  return writeUsd(nanosOf(one) + nanosOf(other))
}

function nanosOf(usd: string): bigint {
  const nanos = readUsd(usd)
  if (nanos === undefined) throw new Error(`"${usd}" is no amount`)
  return nanos
}

function reratedText(told: ReratedBody): string {
  const { isDryRun, examined, adjusted, unpriced, toldByProvider, differenceUsd, models } = told
  const total = ['total', writeCount(adjusted), '', '', differenceUsd]
  return [
    models.length === 0 ? '' : `${writeTable(columns, models, total)}\n`,
    `${writeCount(examined)} records examined, ${writeCount(adjusted)} ${isDryRun ? 'would be adjusted' : 'adjusted'} by ${differenceUsd} USD\n`,
    unpriced === 0 ? '' : `${writeCount(unpriced)} have no price now: what they cost so far stays\n`,
    toldByProvider === 0 ? '' : `${writeCount(toldByProvider)} have the cost that was told of them, which stays\n`,
  ].join('')
}

const columns: readonly Column<ReratedBody['models'][number]>[] = [
  { title: 'MODEL', cell: ({ provider, model }) => `${provider}/${model}` },
  { title: 'RECORDS', align: 'right', cell: ({ records }) => writeCount(records) },
  { title: 'BEFORE USD', align: 'right', cell: ({ beforeUsd }) => beforeUsd },
  { title: 'AFTER USD', align: 'right', cell: ({ afterUsd }) => afterUsd },
  {
    title: 'DIFFERENCE USD',
    align: 'right',
    cell: ({ beforeUsd, afterUsd }) => writeUsd(nanosOf(afterUsd) - nanosOf(beforeUsd)),
  },
]
