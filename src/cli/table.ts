import { visible } from './visible.ts'

export interface Column<Row> {
  readonly title: string
  readonly align?: 'right'
  cell(row: Row): string
}

/**
 * A table in plain text, without colours: it reads the same on every terminal and in a pipe.
 * @param total cells of a last line below a rule, one for each column.
 */
export function writeTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  total?: readonly string[],
): string {
  const titles = columns.map(({ title }) => title)
  const body = rows.map((row) => columns.map((column) => visible(column.cell(row))))
  const lines = [titles, ...body, ...(total === undefined ? [] : [total])]
  const widths = columns.map((_, place) => Math.max(...lines.map((cells) => widthOf(cells[place] ?? ''))))
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, place) => {
        const gap = ' '.repeat((widths[place] ?? 0) - widthOf(cell))
        return columns[place]?.align === 'right' ? gap + cell : cell + gap
      })
      .join('  ')
      .trimEnd()
  const rule = widths.map((width) => '-'.repeat(width)).join('  ')
  return [line(titles), ...body.map(line), ...(total === undefined ? [] : [rule, line(total)]), ''].join('\n')
}

/** Characters, not code units: an emoji in a label must not shift the numbers behind it by more than it has to. */
function widthOf(cell: string): number {
  return [...cell].length
}

/** `1,234,567`. */
export function writeCount(count: number): string {
  return count.toLocaleString('en-US')
}

/** What is absent. */
export const nothing = '-'
