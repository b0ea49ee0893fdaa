import { readFileSync, rmSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { readSpool, SpoolError } from '../../ledger/spool-format.ts'
import { readUsageValues, type PayloadValue } from '../../ledger/usage-payload.ts'
import { checkpoint } from './database.ts'
import { listSegments, type SpoolSegment } from './spool-segments.ts'
import { attemptKey, maxBatchRecords, usageWrites, type UsageWrites } from './usage-writes.ts'

/** What a store found when it opened. Anything but zeros means that a process died, or was stopped with attempts under way. */
export interface Recovery {
  readonly adoptedSpools: number
  /** Terminal records that stood in the spool but not yet in the database. */
  readonly shippedRecords: number
  /** Attempts that had no end: each became its own record of status `unknown`, at its worst case. */
  readonly unknownRecords: number
  /** Bytes of a write that the death of its process cut short. */
  readonly tornBytes: number
}

/**
 * Brings every spool in the folder into the database and deletes it. To be called while the directory is locked: all
 * owners are dead then. May die at any point and be run again: records are keyed by attempt, so a second run inserts none
 * twice, and a spool is deleted only after the disk has confirmed what came out of it.
 * @throws SpoolError when a spool is damaged in a place where no crash can have damaged it. Nothing is deleted then.
 */
export function recoverSpools(database: DatabaseSync, spoolDir: string): Recovery {
  const writes = usageWrites(database)
  const owners = [...listSegments(spoolDir).values()]
  const found = owners.map((segments) => takeIn(writes, segments))
  if (deleteAll(database, owners.flat())) writes.forgetEverySegment()
  return {
    adoptedSpools: owners.length,
    shippedRecords: sumOf(found, 'shippedRecords'),
    unknownRecords: sumOf(found, 'unknownRecords'),
    tornBytes: sumOf(found, 'tornBytes'),
  }
}

/**
 * The same for one owner, while others write: a worker process that has died.
 * @returns `isDone` false where the disk did not confirm in full: it is to be called again later.
 */
export function recoverSpoolOf(
  database: DatabaseSync,
  spoolDir: string,
  ownerId: string,
): Recovery & { readonly isDone: boolean } {
  const writes = usageWrites(database)
  const segments = listSegments(spoolDir).get(ownerId) ?? []
  const found = takeIn(writes, segments)
  const isDone = deleteAll(database, segments)
  if (isDone) for (const { sequence } of segments) writes.forgetSegment(ownerId, sequence)
  return { adoptedSpools: segments.length === 0 ? 0 : 1, ...found, isDone }
}

type Found = Omit<Recovery, 'adoptedSpools'>

/** Brings one owner's segments, in order, into the database. */
function takeIn(writes: UsageWrites, segments: readonly SpoolSegment[]): Found {
  const totals = { shippedRecords: 0, unknownRecords: 0, tornBytes: 0 }
  const underWay = new Map<string, readonly PayloadValue[]>()
  for (const segment of segments) {
    const shipped = shipSegment(writes, segment, segment === segments.at(-1), underWay)
    totals.shippedRecords += shipped.records
    totals.tornBytes += shipped.tornBytes
  }
  // An intent is the record as it reads when nothing more is ever learnt: status unknown, usage worst case. Where its
  // terminal was in a segment that is gone already, the record is in the table and the insert changes nothing.
  totals.unknownRecords += insertAll(writes, [...underWay.values()])
  return totals
}

/** @returns false, and deletes nothing, where the disk has not confirmed everything that came out of them. */
function deleteAll(database: DatabaseSync, segments: readonly SpoolSegment[]): boolean {
  if (segments.length > 0 && !checkpoint(database)) return false
  for (const { path } of segments) rmSync(path)
  return true
}

function sumOf(found: readonly Found[], field: keyof Found): number {
  return found.reduce((sum, one) => sum + one[field], 0)
}

function shipSegment(
  writes: UsageWrites,
  segment: SpoolSegment,
  isLastSegment: boolean,
  underWay: Map<string, readonly PayloadValue[]>,
): { readonly records: number; readonly tornBytes: number } {
  const bytes = readFileSync(segment.path)
  const { entries, endOffset } = naming(segment, () => readSpool(bytes, { isLastSegment }))
  const from = writes.cursorOf(segment.ownerId, segment.sequence)
  const unshipped: (readonly PayloadValue[])[] = []
  for (const entry of entries) {
    const values = naming(segment, () => readUsageValues(entry.payload))
    if (entry.type === 'intent') underWay.set(attemptKey(values), values)
    else if (entry.type === 'progress') {
      // In place of its intent. Where that is gone already, so is the attempt.
      if (underWay.has(attemptKey(values))) underWay.set(attemptKey(values), values)
    } else {
      underWay.delete(attemptKey(values))
      if (entry.endOffset > from) unshipped.push(values)
    }
  }
  return { records: insertAll(writes, unshipped), tornBytes: tornBytesIn(bytes.subarray(endOffset)) }
}

function insertAll(writes: UsageWrites, records: readonly (readonly PayloadValue[])[]): number {
  let inserted = 0
  for (let start = 0; start < records.length; start += maxBatchRecords) {
    inserted += writes.insert(records.slice(start, start + maxBatchRecords), undefined)
  }
  return inserted
}

/** The tail of a preallocated segment is zeros that nobody wrote. */
function tornBytesIn(tail: Uint8Array): number {
  return tail.findLastIndex((byte) => byte !== 0) + 1
}

function naming<Result>(segment: SpoolSegment, read: () => Result): Result {
  try {
    return read()
  } catch (thrown) {
    if (!(thrown instanceof SpoolError)) throw thrown
    throw new SpoolError(`${segment.path}: ${thrown.message}`, { cause: thrown })
  }
}
