import { readdirSync } from 'node:fs'
import { join } from 'node:path'

/** One file of a spool. Its name tells who wrote it and which one it is, so that another process can adopt it. */
export interface SpoolSegment {
  /** Sixteen hex digits, new for each opening of a store. */
  readonly ownerId: string
  /** From 1, in the order of writing. Segments that were shipped are gone, so there are gaps. */
  readonly sequence: number
  readonly path: string
}

/** Up to where an owner's spool is written: always the end of a whole record. `sequence` 0: nothing was ever written. */
export interface SpoolPosition {
  readonly sequence: number
  readonly offsetBytes: number
}

export const spoolDirOf = (dataDir: string): string => join(dataDir, 'spool')
/** Whose spool is written, and how far. */
export interface SpoolEnd {
  readonly ownerId: string
  readonly position: SpoolPosition
}

/**
 * A file of zeros that holds disk space for the answers under way when the disk fills up. Each process that writes needs one
 * of its own.
 * @param place of a worker process among its fellows, from 1; 0 for a gateway of one process.
 */
export function reservePathOf(spoolDir: string, place: number): string {
  return join(spoolDir, place === 0 ? 'reserve.space' : `reserve-${place}.space`)
}

export function segmentPath(spoolDir: string, ownerId: string, sequence: number): string {
  return join(spoolDir, `${ownerId}-${sequence.toString().padStart(10, '0')}.spool`)
}

/** Every segment in the folder, by owner and then in the order of writing. */
export function listSegments(spoolDir: string): ReadonlyMap<string, readonly SpoolSegment[]> {
  const segments = new Map<string, SpoolSegment[]>()
  // The sequence has a fixed width, so the order of names is the order of writing.
  for (const name of readdirSync(spoolDir).toSorted()) {
    if (!name.endsWith('.spool')) continue
    const [, ownerId, digits] = segmentName.exec(name) ?? []
    if (ownerId === undefined || digits === undefined) {
      throw new Error(
        `${join(spoolDir, name)} is not named like a spool segment; move it away if it does not belong here`,
      )
    }
    const ofOwner = segments.get(ownerId) ?? []
    ofOwner.push({ ownerId, sequence: Number(digits), path: join(spoolDir, name) })
    segments.set(ownerId, ofOwner)
  }
  return segments
}

const segmentName = /^([0-9a-f]{16})-(\d{10})\.spool$/
