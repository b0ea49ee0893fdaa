import { InvalidArgumentError, type Command } from 'commander'
import { ownerName } from '../config/name.ts'

/** Readers of arguments: what they refuse is wrong usage, exit 2. */

export function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.')
  return Number(text)
}

/** A moment, or a day in UTC, as the API takes a moment. */
export function momentArgument(text: string): string {
  const isDay = /^\d{4}-\d\d-\d\d$/.test(text)
  const isMoment = /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/.test(text)
  if ((!isDay && !isMoment) || Number.isNaN(Date.parse(text)))
    throw new InvalidArgumentError('Write a moment such as 2026-12-01T09:00:00Z, or a day (UTC) such as 2026-12-01.')
  return isDay ? `${text}T00:00:00Z` : text
}

export function collected(text: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), text]
}

/** A name that is given twice would silently lose what it was given first. */
export function refuseTwice(name: string, before: Readonly<Record<string, unknown>> | undefined): void {
  if (before && Object.hasOwn(before, name)) throw new InvalidArgumentError(`Give "${name}" once.`)
}

/** Names become parts of paths. */
export function nameArgument(text: string): string {
  if (!ownerName.safeParse(text).success)
    throw new InvalidArgumentError('Names are 1 to 63 letters, digits, dots, dashes and underscores.')
  return text
}

export interface PageOptions {
  readonly limit?: number
  readonly after?: string
}

/** More than a screen; a list that is longer says so. */
const listLimit = 1_000

export function pageOptions(command: Command): Command {
  return command
    .option('--limit <count>', `most entries to show (default: ${listLimit})`, wholeNumber)
    .option('--after <id>', 'continue behind this one')
}

export function pageQuery({ limit = listLimit, after }: PageOptions): { limit: number; after: string | undefined } {
  return { limit, after }
}

/** The line below a list that was cut, so that nobody takes a page for the whole. */
export function moreLine(nextAfter: string | null): string {
  return nextAfter === null ? '' : `there are more: --after ${nextAfter}\n`
}
