import type { BudgetBody } from '../admin/contract/budget.ts'

type Unit = BudgetBody['unit']

/** As a person reads it: `1,234.50 USD`, `0.000123 USD`, `12,000 tokens`. Nothing is rounded. */
export function amountWords(unit: Unit, text: string): string {
  return `${amountCell(unit, text)} ${unit === 'usd' ? 'USD' : unit}`
}

/** The same without the unit. Dollars to the cent, or finer where they are. */
export function amountCell(unit: Unit, text: string): string {
  const [whole = '0', fraction = ''] = text.split('.')
  const grouped = whole.replaceAll(/\B(?=(?:\d{3})+$)/g, ',')
  if (unit !== 'usd') return grouped
  const cents = fraction.padEnd(2, '0')
  return `${grouped}.${cents.slice(0, 2)}${cents.slice(2).replace(/0+$/, '')}`
}

const barWidth = 20

/** `[######==------------]  30 %`: spent, held, left. Full before it says 100 %, since what is not full must not look so. */
export function budgetBar({
  cap,
  spent,
  held,
}: {
  readonly cap: string
  readonly spent: string
  readonly held: string
}) {
  const most = Number(cap)
  const share = (amount: number) => (most === 0 ? 1 : Math.max(0, amount / most))
  const full = (amount: number) => Math.min(barWidth, Math.floor(share(amount) * barWidth))
  const isSpent = full(Number(spent))
  const isDrawn = full(Number(spent) + Number(held))
  const bar = '#'.repeat(isSpent) + '='.repeat(isDrawn - isSpent) + '-'.repeat(barWidth - isDrawn)
  return `[${bar}] ${String(Math.floor(share(Number(spent)) * 100)).padStart(3)} %`
}
