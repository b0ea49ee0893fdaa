import { stringify } from 'csv-stringify/sync'
import type { UsageRecord } from '../canonical/usage-record.ts'
import type { UsageGroup, UsageSum } from '../stores/ports.ts'
import { usageRecordAsJson, usageRecordJsonFields, usageSumAsJson, type UsageSumJson } from './usage-json.ts'

type SumColumn = Exclude<keyof UsageSumJson, 'groups'>

const sumColumns = [
  'requests',
  'attempts',
  'inputTokens',
  'outputTokens',
  'costUsd',
  'costNanos',
  'unpricedAttempts',
] as const satisfies readonly SumColumn[]

/**
 * Sums as CSV (RFC 4180, with a header line).
 * @param by the groups that were asked for, which become the first columns.
 */
export function usageSumsAsCsv(sums: readonly UsageSum[], by: readonly UsageGroup[]): string {
  const rows = sums
    .map(usageSumAsJson)
    .map((sum) => [...by.map((group) => sum.groups[group] ?? null), ...sumColumns.map((column) => sum[column])])
  return csvOf([...by, ...sumColumns], rows)
}

/** Records as CSV, one column for each key of their JSON form; what is absent is empty. */
export function usageRecordsAsCsv(records: readonly UsageRecord[]): string {
  const rows = records
    .map(usageRecordAsJson)
    .map((record) => usageRecordJsonFields.map((field) => record[field] ?? null))
  return csvOf(usageRecordJsonFields, rows)
}

function csvOf(header: readonly string[], rows: readonly (readonly unknown[])[]): string {
  return stringify(
    [header, ...rows].map((row) => [...row]),
    {
      record_delimiter: 'windows',
      // With a delimiter of one's own choice the package leaves a lone CR or LF unquoted (6.9.0), and readers break the line there.
      quote_record_delimiter: true,
      cast: { boolean: (value) => String(value) },
      // A name such as `=HYPERLINK(...)` must not run in a spreadsheet: cells that begin like a formula get an apostrophe
      // (failures.md L6; OWASP, CSV injection).
      escape_formulas: true,
    },
  )
}
