import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

/*
 * The pages are part of the product: what they repeat of the code is compared with the code, what they show is run. Here is what a
 * page holds.
 */

export const root = resolve(import.meta.dirname, '../..')

export const pages = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md']
  .concat(readdirSync(join(root, 'docs')).map((name) => `docs/${name}`))
  .filter((path) => path.endsWith('.md'))
  .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))

export interface Page {
  readonly path: string
  readonly text: string
}

export interface CodeBlock {
  readonly where: string
  readonly info: string
  readonly text: string
  /** The line before the block that is not empty. */
  readonly before: string
}

export function pageAt(path: string): Page {
  const page = pages.find((one) => one.path === path)
  if (!page) throw new Error(`there is no page ${path}`)
  return page
}

export function codeBlocks({ path, text }: Page, language: string): readonly CodeBlock[] {
  return [...text.matchAll(/^```([^\n]*)\n([\s\S]*?)^```$/gm)]
    .map((block) => ({
      where: `${path}:${text.slice(0, block.index).split('\n').length}`,
      info: block[1] ?? '',
      text: block[2] ?? '',
      before: text.slice(0, block.index).trimEnd().split('\n').at(-1) ?? '',
    }))
    .filter(({ info }) => info.split(' ')[0] === language)
}

/** The rows of every table with this head, in the order of the page. */
export function tablesOf(path: string, head: readonly string[]): readonly (readonly string[])[] {
  const rows: (readonly string[])[] = []
  let isInside = false
  for (const line of pageAt(path).text.split('\n')) {
    const cells = line.startsWith('|')
      ? line
          .slice(1, line.lastIndexOf('|'))
          .split('|')
          .map((cell) => cell.trim())
      : []
    if (cells.length === head.length && cells.every((cell, place) => cell === head[place])) isInside = true
    else if (cells.length === 0) isInside = false
    else if (isInside && !/^-+:?$/.test(cells[0] ?? '')) rows.push(cells)
  }
  return rows
}

export function tableOf(path: string, head: readonly string[]): readonly (readonly string[])[] {
  const rows = tablesOf(path, head)
  if (rows.length === 0) throw new Error(`${path} has no table with the head ${head.join(' | ')}`)
  return rows
}

/** A cell without its markup and without thousands separators. */
export function plain(cell: string | undefined): string {
  return (cell ?? '').replaceAll('`', '').replaceAll(/(?<=\d),(?=\d{3})/g, '')
}

export function spans(cell: string): readonly string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map((span) => span[1] ?? '')
}

export function firstCells(rows: readonly (readonly string[])[]): readonly string[] {
  return rows.map((row) => plain(row[0]))
}

export function json(path: string): unknown {
  return JSON.parse(readFileSync(join(root, path), 'utf8'))
}
