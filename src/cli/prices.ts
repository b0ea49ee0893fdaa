import type { Command } from 'commander'
import {
  priceDiffBody,
  priceLayersBody,
  priceListBody,
  type PriceDiffBody,
  type PriceDiffOrder,
  type PriceLayersBody,
  type PriceListBody,
} from '../admin/contract/price.ts'
import { moreLine, pageOptions, pageQuery, type PageOptions } from './arguments.ts'
import { clientCommand, clientOf, show, type ClientOptions, type CommandHouse } from './command-house.ts'
import { CommandFailure } from './failure.ts'
import { readPricesFile } from './prices-file.ts'
import { rerateCommand } from './rerate.ts'
import { nothing, writeTable, type Column } from './table.ts'
import { visible } from './visible.ts'

interface AtOptions extends ClientOptions {
  readonly at?: string
}

interface ListOptions extends AtOptions, PageOptions {
  readonly all?: true
}

const atOption = ['--at <moment>', 'at this moment: 2026-12-01 or 2026-12-01T09:00:00Z (default: now)'] as const

export function pricesCommands(program: Command, house: CommandHouse): void {
  const prices = program.command('prices').description('what models cost')

  pageOptions(clientCommand(prices, 'list', 'what models cost, and which layer of the price book says so'))
    .option(...atOption)
    .option('--all', 'also every model of the built-in list')
    .action(async (options: ListOptions) => {
      const query = { at: options.at, all: options.all === true ? 'true' : undefined, ...pageQuery(options) }
      show(house, options, await clientOf(house, options).read(priceListBody, '/api/prices', query), listText)
    })

  clientCommand(prices, 'show', 'every price that could count for one model, the one that decides marked')
    .argument('<provider/model>', "the provider's name in the config, and its name of the model")
    .option(...atOption)
    .action(async (target: string, options: AtOptions) => {
      const query = { ...targetOf(target), at: options.at }
      show(
        house,
        options,
        await clientOf(house, options).read(priceLayersBody, '/api/prices/layers', query),
        layersText,
      )
    })

  clientCommand(prices, 'diff', 'what costs more or less between two states of the price book')
    .argument('<before>', '`now`, a moment such as 2026-12-01, or a prices file')
    .argument('<after>', 'the same')
    .action(async (before: string, after: string, options: ClientOptions) => {
      const order: PriceDiffOrder = { before: sideOf(before), after: sideOf(after) }
      const answer = await clientOf(house, options).change(priceDiffBody, 'POST', '/api/prices/diff', order)
      show(house, options, answer, diffText)
    })

  rerateCommand(prices, house)
}

function targetOf(text: string): { readonly provider: string; readonly model: string } {
  const [, provider, model] = /^([^/]+)\/(.+)$/s.exec(text) ?? []
  if (provider === undefined || model === undefined)
    throw new CommandFailure('name the provider and its model, such as openai/gpt-5.2', 2)
  return { provider, model }
}

function sideOf(text: string): PriceDiffOrder['before'] {
  if (text === 'now') return {}
  return /^\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d))?$/.test(text) ? { at: text } : { prices: readPricesFile(text) }
}

function listText({ items, nextAfter }: PriceListBody): string {
  return writeTable(listColumns, items) + moreLine(nextAfter)
}

type Listed = PriceListBody['items'][number]

const listColumns: readonly Column<Listed>[] = [
  { title: 'MODEL', cell: ({ provider, model }) => `${provider}/${model}` },
  { title: 'INPUT', align: 'right', cell: rateCell('inputUncached') },
  { title: 'CACHE READ', align: 'right', cell: rateCell('cacheRead') },
  { title: 'OUTPUT', align: 'right', cell: rateCell('outputText') },
  { title: 'FROM', cell: ({ price }) => price?.from ?? nothing },
  { title: 'UNTIL', cell: ({ price }) => price?.until ?? nothing },
  { title: 'CHECKED', cell: ({ price }) => price?.checkedAt ?? nothing },
  { title: 'PRICE', cell: ({ price }) => price?.priceVersion ?? 'UNPRICED' },
]

function rateCell(component: string): (row: Listed) => string {
  return ({ price }) => price?.bands[0]?.rates[component] ?? nothing
}

function layersText({ provider, model, at, layers }: PriceLayersBody): string {
  if (layers.length === 0) return `${visible(`${provider}/${model}`)} has no price at ${at}\n`
  return layers.map(layerText).join('\n')
}

function layerText(one: PriceLayersBody['layers'][number]): string {
  const state = one.decides ? 'decides' : one.isInForce ? 'a price above it decides' : 'not in force'
  const facts = [
    ['from', one.from],
    ['until', one.until],
    ['source', one.source],
    ['checked', one.checkedAt],
    ['per million calls', one.requestFee],
  ] as const
  return [
    `${one.priceVersion} (${state})`,
    ...facts.flatMap(([title, text]) => (text === null ? [] : [`  ${title}: ${text}`])),
    ...one.bands.map(
      ({ inputOver, rates }) =>
        `  ${inputOver === null ? 'USD per million' : `with more than ${inputOver} tokens of input`}: ${ratesText(rates)}`,
    ),
    ...one.notes.map((note) => `  ${note}`),
    '',
  ]
    .map(visible)
    .join('\n')
}

function ratesText(rates: Readonly<Record<string, string>>): string {
  return Object.entries(rates)
    .map(([component, usd]) => `${component} ${usd}`)
    .join(', ')
}

interface DiffLine {
  readonly item: PriceDiffBody['items'][number]
  readonly rate: PriceDiffBody['items'][number]['rates'][number] | undefined
}

function diffText({ items }: PriceDiffBody): string {
  if (items.length === 0) return 'nothing costs more or less\n'
  const lines = items.flatMap((item): readonly DiffLine[] =>
    item.rates.length === 0 ? [{ item, rate: undefined }] : item.rates.map((rate) => ({ item, rate })),
  )
  const jumps = lines.filter(({ rate }) => rate?.isJump).length
  return writeTable(diffColumns, lines) + (jumps === 0 ? '' : '\n! more than tenfold: is the unit right?\n')
}

const diffColumns: readonly Column<DiffLine>[] = [
  { title: 'MODEL', cell: ({ item }) => `${item.provider}/${item.model}` },
  { title: 'IS', cell: ({ item }) => item.kind },
  { title: 'RATE', cell: ({ rate }) => (rate === undefined ? nothing : rateName(rate)) },
  { title: 'BEFORE', align: 'right', cell: ({ rate }) => rate?.before ?? nothing },
  { title: 'AFTER', align: 'right', cell: ({ rate }) => rate?.after ?? nothing },
  { title: 'PER CENT', align: 'right', cell: ({ rate }) => percentText(rate) },
  { title: 'PRICE', cell: ({ item }) => item.after ?? item.before ?? nothing },
]

function rateName({ component, inputOver }: NonNullable<DiffLine['rate']>): string {
  return inputOver === null ? component : `${component} over ${inputOver}`
}

function percentText(rate: DiffLine['rate']): string {
  if (rate === undefined) return nothing
  const mark = rate.isJump ? ' !' : ''
  if (rate.percent === null) return `was free${mark}`
  return `${rate.percent > 0 ? '+' : ''}${rate.percent}${mark}`
}
