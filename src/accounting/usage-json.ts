import type { JsonObject } from '../canonical/json.ts'
import { writeUsd, type Nanos } from '../canonical/money.ts'
import {
  usageRecordColumns,
  usageRecordFields,
  usageRecordVersion,
  type UsageRecord,
} from '../canonical/usage-record.ts'
import type { UsageSum } from '../stores/ports.ts'

/** A sum as the admin API and the command line show it. Money is text: a JSON number would be a double. */
export interface UsageSumJson {
  /** `null` where records have no such value. */
  readonly groups: Readonly<Record<string, string | null>>
  readonly requests: number
  readonly attempts: number
  readonly inputTokens: number
  readonly outputTokens: number
  /** Decimal dollars with nine places. */
  readonly costUsd: string
  readonly costNanos: string
  /** When more than 0, the cost is short of these. */
  readonly unpricedAttempts: number
}

export function usageSumAsJson(sum: UsageSum): UsageSumJson {
  return {
    groups: Object.fromEntries(Object.entries(sum.groups).map(([group, value]) => [group, value ?? null])),
    requests: sum.requests,
    attempts: sum.attempts,
    inputTokens: sum.inputTokens,
    outputTokens: sum.outputTokens,
    costUsd: writeUsd(sum.costNanos),
    costNanos: sum.costNanos.toString(),
    unpricedAttempts: sum.unpricedAttempts,
  }
}

/**
 * A record with every field of `usageRecordColumns`, absent values as `null`, nano-dollars as text, and beside each amount
 * the same in dollars: `costNanos` and `costUsd`. A cost that is not known is `null`, never 0.
 */
export function usageRecordAsJson(record: UsageRecord): JsonObject {
  return Object.fromEntries([
    ['schemaVersion', usageRecordVersion] as const,
    ...usageRecordFields.flatMap((field) => cellsOf(record, field)),
  ])
}

/** The keys of `usageRecordAsJson`, in order. */
export const usageRecordJsonFields: readonly string[] = [
  'schemaVersion',
  ...usageRecordFields.flatMap((field) =>
    usageRecordColumns[field].kind === 'nanos' ? [field, usdField(field)] : [field],
  ),
]

function cellsOf(
  record: UsageRecord,
  field: keyof UsageRecord,
): readonly (readonly [string, string | number | boolean | null])[] {
  const value: Nanos | string | number | boolean | undefined = record[field]
  if (usageRecordColumns[field].kind !== 'nanos')
    return [[field, typeof value === 'bigint' ? value.toString() : (value ?? null)]]
  const isKnown = typeof value === 'bigint'
  return [
    [field, isKnown ? value.toString() : null],
    [usdField(field), isKnown ? writeUsd(value) : null],
  ]
}

function usdField(field: string): string {
  return field.replace(/Nanos$/, 'Usd')
}
