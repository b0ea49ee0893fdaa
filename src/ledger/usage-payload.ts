import {
  usageRecordColumns,
  usageRecordFields,
  usageRecordVersion,
  type UsageRecord,
} from '../canonical/usage-record.ts'
import { SpoolError } from './spool-format.ts'

/** A value as it stands in a payload: nano-dollars as decimal strings, `undefined` as null. */
export type PayloadValue = string | number | boolean | null

/**
 * Writes a record as the payload of an intent or a terminal: a JSON array of the version and then every value, in the
 * order of `usageRecordFields`. Values stand by place and not by name, which halves the bytes.
 * @throws TypeError for a value its column cannot hold (NaN, a fraction of a token): told here, where the mistake is, and
 *   not by the database a moment later, where it would hold up every record behind it.
 */
export function encodeUsagePayload(record: UsageRecord): string {
  const values = valuesOf(record)
  if (values.length !== columns.length + 1) throw new TypeError('usage record: a column is missing in the spool')
  for (let place = 0; place < columns.length; place += 1) {
    if (!fits(place, values[place + 1] ?? null)) {
      throw new TypeError(`usage record: ${usageRecordFields[place]} cannot be ${String(values[place + 1])}`)
    }
  }
  return JSON.stringify(values)
}

/**
 * The values of a payload in the order of `usageRecordFields`.
 * @throws SpoolError when it is no record of this version.
 */
export function readUsageValues(payload: Uint8Array): readonly PayloadValue[] {
  const values = arrayIn(payload)
  const version = values.shift()
  if (version !== usageRecordVersion) {
    throw new SpoolError(`usage record of version ${String(version)}; this Weir knows version ${usageRecordVersion}`)
  }
  // A spool that a Weir before this one left has no values for the columns that were appended since.
  while (values.length < columns.length) {
    const { isOptional, before } = columns[values.length] ?? {}
    if (isOptional !== true && before === undefined) break
    values.push(before ?? null)
  }
  if (!areValuesOfARecord(values)) {
    throw new SpoolError('a usage record in the spool does not have the values of its version')
  }
  return values
}

/**
 * Which attempt a payload is of, read from its beginning alone: most intents are only asked this, since their terminal
 * follows. Whatever does not begin as this version writes it is read, and judged, as a whole.
 * @throws SpoolError when it is no record of this version.
 */
export function attemptIn(payload: Uint8Array): Pick<UsageRecord, 'requestId' | 'attempt'> {
  const beginning = Buffer.from(payload.buffer, payload.byteOffset, Math.min(payload.length, longestBeginning))
  const [, version, requestId, attempt] = attemptBeginning.exec(beginning.toString('latin1')) ?? []
  if (Number(version) === usageRecordVersion && requestId !== undefined) return { requestId, attempt: Number(attempt) }
  return decodeUsagePayload(payload)
}

const longestBeginning = 128
const attemptBeginning = /^\[(\d+),"([A-Za-z0-9_-]+)",(\d+),/

/** Reads a payload back into the record it was made from. */
export function decodeUsagePayload(payload: Uint8Array): UsageRecord {
  const values = readUsageValues(payload)
  const named = usageRecordFields.map((field, place) => {
    const value = values[place] ?? undefined
    return [field, usageRecordColumns[field].kind === 'nanos' && typeof value === 'string' ? BigInt(value) : value]
  })
  // Every value was checked against the description from which the type's columns come.
  return Object.fromEntries(named) as unknown as UsageRecord
}

/**
 * The description's order, once more and by hand: a loop over field names costs three times as much, twice on every
 * exchange (2.4 against 0.75 microseconds). A test holds it to the description.
 */
function valuesOf(record: UsageRecord): readonly (PayloadValue | undefined)[] {
  return [
    usageRecordVersion,
    record.requestId,
    record.attempt,
    record.startedAtMs,
    record.durationMs,
    record.firstByteMs,
    record.status,
    record.errorKind,
    record.failureClass,
    record.reason,
    record.httpStatus,
    record.endpoint,
    record.operation,
    record.isStream,
    record.organisation,
    record.team,
    record.project,
    record.user,
    record.agent,
    record.keyId,
    record.metadata,
    record.endUser,
    record.requestedModel,
    record.catalogModel,
    record.provider,
    record.targetModel,
    record.responseModel,
    record.credentialId,
    record.usageSource,
    record.costNanos === undefined ? undefined : nanosText(record.costNanos),
    record.priceVersion,
    record.providerCostNanos === undefined ? undefined : nanosText(record.providerCostNanos),
    record.configVersion,
    record.losses,
    record.inputUncached,
    record.cacheRead,
    record.cacheWrite5m,
    record.cacheWrite1h,
    record.cacheWriteOther,
    record.inputAudio,
    record.inputImage,
    record.outputText,
    record.outputReasoning,
    record.outputAudio,
    record.outputImage,
    record.webSearches,
    record.decision,
    record.runId,
    record.postings,
    record.cappedBy,
    record.searches,
    record.images,
    record.audioSeconds,
    record.characters,
  ]
}

function nanosText(nanos: bigint): string {
  if (BigInt.asIntN(64, nanos) !== nanos) throw new TypeError(`usage record: ${nanos} nano-dollars do not fit 64 bits`)
  return nanos.toString()
}

const columns = usageRecordFields.map((field) => usageRecordColumns[field])

function fits(place: number, value: unknown): boolean {
  const column = columns[place]
  if (column === undefined) return false
  if (value === null) return column.isOptional
  switch (column.kind) {
    case 'text':
      return typeof value === 'string'
    case 'nanos':
      return typeof value === 'string' && value !== ''
    case 'integer':
      return Number.isSafeInteger(value)
    case 'real':
      return Number.isFinite(value)
    case 'boolean':
      return typeof value === 'boolean'
  }
}

function arrayIn(payload: Uint8Array): unknown[] {
  const text = Buffer.from(payload.buffer, payload.byteOffset, payload.length).toString()
  try {
    const parsed: unknown = JSON.parse(text)
    if (Array.isArray(parsed)) return parsed
  } catch (thrown) {
    throw new SpoolError('a usage record in the spool is not JSON', { cause: thrown })
  }
  throw new SpoolError('a usage record in the spool is not a list of values')
}

function areValuesOfARecord(values: readonly unknown[]): values is readonly PayloadValue[] {
  if (values.length !== columns.length) return false
  for (let place = 0; place < columns.length; place += 1) if (!fits(place, values[place])) return false
  return true
}
