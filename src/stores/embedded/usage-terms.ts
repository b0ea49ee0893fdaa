import { GatewayError } from '../../canonical/error.ts'
import { labelOf } from '../../canonical/metadata.ts'
import { usageGroups, type UsageFilters } from '../ports/usage-records.ts'
import type { SqlValue } from './usage-table.ts'

/** A piece of a question: what is asked, and the values that are bound in it, in their order. */
export interface Term {
  readonly sql: string
  readonly bound: readonly SqlValue[]
}

/** Compared as text with each name: a path such as `->>` takes gives some characters of a name another meaning. */
const labelSql = '(SELECT value FROM json_each(metadata) WHERE key = ?)'

/**
 * What records are grouped by, as SQL says it.
 * @throws GatewayError `invalid_request` for a group that does not exist.
 */
export function termOf(group: string): Term {
  const label = labelOf(group)
  if (label !== undefined) return { sql: labelSql, bound: [label] }
  const known = usageGroups.find((name) => name === group)
  if (known === undefined)
    throw new GatewayError(
      'invalid_request',
      `usage cannot be grouped by "${group}"; it can by ${usageGroups.join(', ')} and metadata.<name>`,
    )
  return { sql: expressions[known], bound: [] }
}

/** A condition for each filter. */
export function termsOf(where: UsageFilters): readonly Term[] {
  return Object.entries(where).flatMap(([group, value]) => {
    if (value === undefined) return []
    const { sql, bound } = termOf(group)
    return [{ sql: `${sql} = ?`, bound: [...bound, value] }]
  })
}

const expressions: Readonly<Record<(typeof usageGroups)[number], string>> = {
  organisation: 'organisation',
  team: 'team',
  project: 'project',
  user: 'user',
  agent: 'agent',
  key: 'key_id',
  model: 'COALESCE(catalog_model, requested_model)',
  provider: 'provider',
  status: 'status',
  usageSource: 'usage_source',
  endUser: 'end_user',
  run: 'run_id',
  // UTC.
  day: "strftime('%Y-%m-%d', started_at_ms / 1000, 'unixepoch')",
  hour: "strftime('%Y-%m-%dT%H:00Z', started_at_ms / 1000, 'unixepoch')",
}
