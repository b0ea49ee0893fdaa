import type { Judged, Judgement } from '../../src/dialects/laws/exceptions.ts'
import type { Everything } from './run-everything.ts'

/** Law by law and dialect by dialect: how many exchanges hold what the law needs, and what came of them. */
export function tableText({ table }: Judgement): string {
  const head = ['law', 'dialect', 'holders', 'passed', 'listed', 'unlisted', 'rate']
  const rows = table.map((row) =>
    [row.law, row.row, row.holders, row.passed, row.listed, row.unlisted, percent(rateOf([row]))].map(String),
  )
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)))
  return [head, ...rows]
    .map((row) =>
      row
        .map((cell, column) => (column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join('  '),
    )
    .join('\n')
}

/** Passed of all that hold what the law needs, per law. Listed exceptions have not passed. */
export function passRates({ table }: Judgement): Readonly<Record<string, number>> {
  const byLaw = Map.groupBy(table, ({ law }) => law)
  return Object.fromEntries([...byLaw].map(([law, rows]) => [law, rateOf(rows)]))
}

/** What there was to judge, and what was left out. */
export function denominators({ exchanges }: Everything): string {
  return [...exchanges]
    .map(([name, { calls, answers, streams, problems, leftOut }]) => {
      const reasons = Map.groupBy(leftOut, ({ why }) => why)
      const left = [...reasons].map(([why, list]) => `${list.length} left out: ${why}`)
      const counts = `${calls.length} calls, ${answers.length} answers, ${streams.length} streams, ${problems.length} errors`
      return [`${name}: ${counts}`, ...left.map((line) => `  ${line}`)].join('\n')
    })
    .join('\n')
}

export function rateOf(rows: readonly Judged[]): number {
  const holders = rows.reduce((sum, row) => sum + row.holders, 0)
  return holders === 0 ? 1 : rows.reduce((sum, row) => sum + row.passed, 0) / holders
}

function percent(rate: number): string {
  return `${(rate * 100).toFixed(2)} %`
}
