import { usageRecordColumns, usageRecordFields, type UsageRecord } from '../../canonical/usage-record.ts'
import type { PayloadValue } from '../../ledger/usage-payload.ts'

const sqlTypes = { text: 'TEXT', integer: 'INTEGER', real: 'REAL', boolean: 'INTEGER', nanos: 'INTEGER' } as const

/** The columns of `usage_records`, made from the one description of a usage record; a test holds the numbered SQL to it. */
export const usageTableColumns: readonly UsageTableColumn[] = usageRecordFields.map((field) => ({
  field,
  name: columnName(field),
  kind: usageRecordColumns[field].kind,
  sqlType: sqlTypes[usageRecordColumns[field].kind],
  isOptional: usageRecordColumns[field].isOptional,
}))

export interface UsageTableColumn {
  readonly field: keyof UsageRecord
  readonly name: string
  readonly kind: keyof typeof sqlTypes
  readonly sqlType: 'TEXT' | 'INTEGER' | 'REAL'
  readonly isOptional: boolean
}

export type SqlValue = string | number | bigint | null

/** Repeating a record changes nothing: the first one stays (failures.md M9). */
export const insertUsageSql = `INSERT INTO usage_records (${usageTableColumns.map(({ name }) => name).join(', ')})
VALUES (${usageTableColumns.map(() => '?').join(', ')})
ON CONFLICT (request_id, attempt) DO NOTHING`

/** Turns the values of a spool record, which stand in the order of the columns, into what SQLite binds. */
export function sqlValuesOf(values: readonly PayloadValue[]): SqlValue[] {
  const bound: SqlValue[] = []
  for (const value of values) bound.push(typeof value === 'boolean' ? Number(value) : value)
  for (const place of nanosPlaces) {
    const nanos = bound[place]
    if (typeof nanos === 'string') bound[place] = BigInt(nanos)
  }
  return bound
}

const nanosPlaces = [...usageRecordFields.keys()].filter((place) => usageTableColumns[place]?.kind === 'nanos')

/** Reads a row of the table, with its integers as `bigint`, back into a record. */
export function usageRecordOfRow(row: Readonly<Record<string, unknown>>): UsageRecord {
  const named = usageTableColumns.map(({ field, name }) => {
    const value = row[name] ?? undefined
    const { kind } = usageRecordColumns[field]
    if (typeof value !== 'bigint' || kind === 'nanos') return [field, value]
    return [field, kind === 'boolean' ? value === 1n : Number(value)]
  })
  // The table is STRICT and its columns are the description's, so every value has its field's type.
  return Object.fromEntries(named) as unknown as UsageRecord
}

function columnName(field: string): string {
  return field.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}
