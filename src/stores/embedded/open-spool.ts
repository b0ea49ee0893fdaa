import type { Clock, Timer } from '../../canonical/clock.ts'
import type { GatewayError } from '../../canonical/error.ts'
import { decodeUsagePayload } from '../../ledger/usage-payload.ts'
import type { UsageNotes } from '../ports/usage-records.ts'
import { ShedAttempts } from './shed-attempts.ts'
import { systemDisk, type SpoolDisk } from './spool-disk.ts'
import { spoolDirOf, type SpoolPosition } from './spool-segments.ts'
import { SpoolSync, type Durability } from './spool-sync.ts'
import { SpoolWriter, type SpoolWriterState } from './spool-writer.ts'
import { openUsageNotes } from './usage-records.ts'

export interface SpoolSettings {
  readonly dir: string
  readonly clock: Clock
  /** Whose segments they are: new for each opening. */
  readonly ownerId: string
  /** Which reserve file is this process's; see `reservePathOf`. */
  readonly reservePlace: number
  /** Sees to it that the reserve exists in full; the database's thread does it, wherever that is. */
  readonly prepareReserve: () => Promise<void>
  /** Told how far the spool is written, ten times in a second at most. Nothing is told after `close`. */
  readonly announce: (position: SpoolPosition) => void
  /** Told of what no call can be told of: the disk refuses in the background. */
  readonly onFailure: (failure: GatewayError) => void
  readonly durability?: Durability | undefined
  /** When a segment of the spool is full. */
  readonly segmentBytes?: number | undefined
  readonly reserveBytes?: number | undefined
  readonly disk?: SpoolDisk | undefined
}

/** One process's end of the store: it writes, and somebody else ships. */
export interface Spool {
  readonly usage: UsageNotes
  readonly state: SpoolWriterState
  /**
   * Writes at once what this turn has so far, and tells how far the spool is written.
   * @throws GatewayError `store_unavailable` while records wait in memory: nobody can read those.
   */
  flush(): SpoolPosition
  /** Writes the rest and closes every segment. `failure`: records were lost, or wait for a disk that refuses. */
  close(): Promise<{ readonly position: SpoolPosition; readonly failure: GatewayError | undefined }>
}

/**
 * Disk space held back for attempts under way when the disk fills up. New work is refused at once then, so it has to hold
 * one terminal, under a kilobyte, for each attempt that runs.
 */
export const defaultReserveBytes = 16 * 1024 * 1024

export function openSpool(settings: SpoolSettings): Spool {
  const { dir, clock, ownerId, onFailure } = settings
  const {
    durability = 'process',
    segmentBytes = 64 * 1024 * 1024,
    reserveBytes = defaultReserveBytes,
    disk = systemDisk,
  } = settings
  const spoolDir = spoolDirOf(dir)
  const announcements = spacedOut(clock, settings.announce)
  const sync = new SpoolSync({
    clock,
    durability,
    disk,
    spoolDir,
    announce: announcements.tell,
    onLost: (failure) => writer.loseSync(failure),
  })
  const shed = new ShedAttempts()
  const writer = new SpoolWriter({
    spoolDir,
    ownerId,
    segmentBytes,
    reserveBytes,
    reservePlace: settings.reservePlace,
    clock,
    disk,
    sync,
    prepareReserve: settings.prepareReserve,
    onIntentShed: (payload) => shed.add(decodeUsagePayload(payload)),
    onFailure,
  })
  // Not awaited: it writes megabytes, and is wanted only when the disk is full.
  void writer.prepareReserve()
  return {
    usage: openUsageNotes(writer, shed),
    get state() {
      return writer.state
    },
    flush: () => writer.flush(),
    async close() {
      const ended = writer.close()
      await sync.finish()
      announcements.end()
      return ended
    },
  }
}

/** Whoever ships does so five times a second at most; each message costs both sides a wake-up. */
const announceDelayMs = 100

/** Passes the first position on at once, and of those that come soon after it only the last. */
function spacedOut(clock: Clock, announce: (position: SpoolPosition) => void) {
  let latest: SpoolPosition | undefined
  let resting: Timer | undefined
  const tell = (position: SpoolPosition): void => {
    latest = position
    if (resting !== undefined) return
    latest = undefined
    announce(position)
    resting = clock.after(announceDelayMs, goOn)
  }
  const goOn = (): void => {
    resting = undefined
    if (latest !== undefined) tell(latest)
  }
  return {
    tell,
    end: () => {
      latest = undefined
      resting?.cancel()
    },
  }
}
