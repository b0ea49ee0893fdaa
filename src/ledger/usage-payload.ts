import { usageRecordColumns, usageRecordFields, type UsageRecord } from '../canonical/usage-record.ts'
import { SpoolError } from './spool-format.ts'

/** A value as it stands in a payload: nano-dollars as decimal strings, `undefined` as null. */
export type PayloadValue = string | number | boolean | null

/** In version 1 the decision stood in the array, with each of its quotes escaped: most of what reading and writing cost. */
const payloadVersion = 2

/**
 * Writes a record as the payload of an intent or a terminal: a JSON array of the version and then every value, in the
 * order of `usageRecordFields`. Values stand by place and not by name, which halves the bytes. The decision, which is JSON itself and
 * longer than all the rest, stands as it is in a line behind the array, where it has null.
 * @throws TypeError for a value its column cannot hold (NaN, a fraction of a token): told here, where the mistake is, and
 *   not by the database a moment later, where it would hold up every record behind it.
 */
export function encodeUsagePayload(record: UsageRecord): string {
  const { decision } = record
  const standsApart = typeof decision === 'string' && isOneLine(decision)
  const values = valuesOf(record, standsApart ? undefined : decision)
  if (values.length !== columns.length + 1) throw new TypeError('usage record: a column is missing in the spool')
  for (let place = 0; place < columns.length; place += 1) {
    if (!fits(place, values[place + 1] ?? null)) {
      throw new TypeError(`usage record: ${usageRecordFields[place]} cannot be ${String(values[place + 1])}`)
    }
  }
  const list = JSON.stringify(values)
  return standsApart ? `${list}\n${decision}` : list
}

/** And does not change when it is written as UTF-8. */
function isOneLine(text: string): boolean {
  return text.isWellFormed() && !text.includes('\n')
}

/**
 * The values of a payload in the order of `usageRecordFields`.
 * @throws SpoolError when it is no record of this version.
 */
export function readUsageValues(payload: string): readonly PayloadValue[] {
  const listEnd = payload.indexOf('\n')
  const values = listIn(listEnd < 0 ? payload : payload.slice(0, listEnd))
  const version = values.shift()
  if (version !== payloadVersion && version !== 1) {
    throw new SpoolError(`usage record of version ${String(version)}; this Weir knows versions up to ${payloadVersion}`)
  }
  if (listEnd >= 0) {
    if (version === 1 || values[decisionPlace] !== null)
      throw new SpoolError('a usage record in the spool has two decisions')
    values[decisionPlace] = payload.slice(listEnd + 1)
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
export function attemptIn(payload: string): Pick<UsageRecord, 'requestId' | 'attempt'> {
  const [, requestId, attempt] = attemptBeginning.exec(payload) ?? []
  return requestId === undefined ? decodeUsagePayload(payload) : { requestId, attempt: Number(attempt) }
}

const attemptBeginning = /^\[[12],"([A-Za-z0-9_-]+)",(\d+),/

/** Reads a payload back into the record it was made from. */
export function decodeUsagePayload(payload: string): UsageRecord {
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
function valuesOf(record: UsageRecord, decision: string | undefined): readonly (PayloadValue | undefined)[] {
  return [
    payloadVersion,
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
    decision,
    record.runId,
    record.postings,
    record.cappedBy,
    record.searches,
    record.images,
    record.audioSeconds,
    record.characters,
    record.cacheReadAudio,
    record.cacheReadImage,
    record.excess,
  ]
}

function nanosText(nanos: bigint): string {
  if (BigInt.asIntN(64, nanos) !== nanos) throw new TypeError(`usage record: ${nanos} nano-dollars do not fit 64 bits`)
  return nanos.toString()
}

const columns = usageRecordFields.map((field) => usageRecordColumns[field])
const decisionPlace = usageRecordFields.indexOf('decision')

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

function listIn(text: string): unknown[] {
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
