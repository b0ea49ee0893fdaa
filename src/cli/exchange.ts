import type { Command } from 'commander'
import { exchangeBody, type ExchangeBody } from '../admin/contract/exchange.ts'
import { clientCommand, clientOf, show, type ClientOptions, type CommandHouse } from './command-house.ts'
import { decisionText } from './decision-text.ts'
import { nothing } from './table.ts'
import { visible } from './visible.ts'

export function exchangeCommand(program: Command, house: CommandHouse): void {
  clientCommand(
    program,
    'exchange',
    'what became of one exchange and why: each attempt, its usage and its cost, and the decision',
  )
    .argument('<id>', 'the x-weir-request-id that the client was given')
    .action(async (id: string, options: ClientOptions) => {
      const path = `/api/exchanges/${encodeURIComponent(id)}`
      show(
        house,
        options,
        await clientOf(house, options).read(exchangeBody, path),
        ({ records, adjustments, decision }) =>
          [
            ...records.map(recordText),
            ...adjustments.map(adjustmentText),
            ...(decision ? [decisionText(decision)] : []),
          ].join('\n'),
      )
    })
}

function adjustmentText({ attempt, at, kind, amountUsd, detail }: ExchangeBody['adjustments'][number]): string {
  const { reason } = detail
  const why = typeof reason === 'string' ? `, ${visible(reason)}` : ''
  return `adjustment of attempt ${attempt ?? nothing} by ${kind} at ${at}: ${amountUsd} USD${why}\n`
}

/** A line for each field that says something: absent ones and counts of nothing are left out. A cost is never left out. */
function recordText(record: Readonly<Record<string, unknown>>): string {
  const told = Object.entries(record)
    .filter(([name]) => name !== 'decision')
    .filter(([name, value]) => name === 'costUsd' || (value !== null && value !== 0))
  const width = Math.max(...told.map(([name]) => name.length))
  return told.map(([name, value]) => `${name.padEnd(width)}  ${visible(valueText(name, value))}\n`).join('')
}

function valueText(name: string, value: unknown): string {
  if (value === null) return name === 'costUsd' ? 'unknown: no price' : 'none'
  return typeof value === 'string' ? value : JSON.stringify(value)
}
