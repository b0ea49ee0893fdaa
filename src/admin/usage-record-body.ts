import { writeUsd } from '../canonical/money.ts'
import { roundedMs } from '../canonical/rounded-ms.ts'
import { usageRecordFields, type UsageRecord } from '../canonical/usage-record.ts'
import type { AdjustedRecord, PagedRecord } from '../stores/ports/usage-records.ts'
import { apiName, isMoment, jsonSchemas, type UsageRecordBody } from './contract/exchange.ts'
import type { UsageLineBody } from './contract/usage-records.ts'
import { writeMoment } from './moments.ts'

/** A record as the contract tells it: moments and money as text, labels as an object, what is absent as `null`. */
export function usageRecordBodyOf(record: UsageRecord): UsageRecordBody {
  const told = tellings.map(({ field, name, tell }) => [name, tell(record[field])])
  // The type follows from the fields by the same rule as the names here; a compiler cannot see that through a loop.
  return Object.fromEntries(told) as unknown as UsageRecordBody
}

/** The same of one in a list, behind what its cost has become. */
export function usageLineOf({ record, reratedNanos }: AdjustedRecord): UsageLineBody {
  const { costNanos } = record
  const isPriced = costNanos !== undefined || reratedNanos !== undefined
  const told = pagedTellings.map(({ field, name, tell }) => [name, tell(record[field])])
  return {
    adjustedCostUsd: isPriced ? writeUsd((costNanos ?? 0n) + (reratedNanos ?? 0n)) : null,
    adjustmentUsd: reratedNanos === undefined ? null : writeUsd(reratedNanos),
    // As above.
    ...(Object.fromEntries(told) as unknown as Omit<UsageRecordBody, 'decision'>),
  }
}

type Value = UsageRecord[keyof UsageRecord]

/** How each field is told: found once, since lists have many records. */
const tellings = usageRecordFields.map((field) => ({ field, name: apiName(field), tell: tellerOf(field) }))
const pagedTellings = tellings.filter(
  (telling): telling is (typeof tellings)[number] & { readonly field: keyof PagedRecord } =>
    telling.field !== 'decision',
)

function tellerOf(field: keyof UsageRecord): (value: Value) => unknown {
  if (isMoment(field)) return (value) => (typeof value === 'number' ? writeMoment(value) : null)
  if (field.endsWith('Ms')) return (value) => (typeof value === 'number' ? roundedMs(value) : null)
  if (field in jsonSchemas) return (value) => (typeof value === 'string' ? JSON.parse(value) : null)
  return (value) => (typeof value === 'bigint' ? writeUsd(value) : (value ?? null))
}
