import { usageFilterNames } from '../admin/contract/usage-filter.ts'
import { labelOf } from '../canonical/metadata.ts'
import { CommandFailure } from './failure.ts'
import { visible } from './visible.ts'

/**
 * Reads what `--where` was given, as `team=search` or `metadata.ticket=ABC-1`. In the name of a label `=` and a backslash have a
 * backslash in front.
 */
export function filtersOf(where: readonly string[]): Readonly<Record<string, string>> {
  const filters = where.map((text): readonly [string, string] => {
    const [, name, value] = /^((?:\\[=\\,]|[^=\\])+)=(.*)$/s.exec(text) ?? []
    // Only a label can be empty.
    if (name === undefined || value === undefined || (value === '' && labelOf(name) === undefined))
      throw new CommandFailure('--where takes NAME=VALUE, such as --where team=search', 2)
    if (!usageFilterNames.includes(name) && labelOf(name) === undefined)
      throw new CommandFailure(
        `--where knows no "${visible(name)}": say ${usageFilterNames.join(', ')}, metadata.NAME`,
        2,
      )
    return [name.replaceAll(/\\(.)/g, '$1'), value]
  })
  if (new Set(filters.map(([name]) => name)).size < filters.length)
    throw new CommandFailure('--where takes each name once', 2)
  return Object.fromEntries(filters)
}
