import { writeUsd } from '../canonical/money.ts'
import { roundedMs } from '../canonical/rounded-ms.ts'
import { usageRecordFields, type UsageRecord } from '../canonical/usage-record.ts'
import { apiName, isMoment, jsonSchemas, type UsageRecordBody } from './contract/exchange.ts'
import { writeMoment } from './moments.ts'

/** A record as the contract tells it: moments and money as text, labels as an object, what is absent as `null`. */
export function usageRecordBodyOf(record: UsageRecord): UsageRecordBody {
  const told = usageRecordFields.map((field) => [apiName(field), valueOf(field, record[field])])
  // The type follows from the fields by the same rule as the names here; a compiler cannot see that through a loop.
  return Object.fromEntries(told) as unknown as UsageRecordBody
}

function valueOf(field: keyof UsageRecord, value: string | number | bigint | boolean | undefined): unknown {
  if (value === undefined) return null
  if (typeof value === 'bigint') return writeUsd(value)
  if (typeof value === 'number' && isMoment(field)) return writeMoment(value)
  if (typeof value === 'number' && field.endsWith('Ms')) return roundedMs(value)
  if (typeof value === 'string' && field in jsonSchemas) return JSON.parse(value)
  return value
}
