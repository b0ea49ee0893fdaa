import { randomBytes } from 'node:crypto'
import type { Clock } from '../../canonical/clock.ts'
import type { GatewayError } from '../../canonical/error.ts'
import { decodeUsagePayload } from '../../ledger/usage-payload.ts'
import type { Stores } from '../ports.ts'
import { openAudit } from './audit.ts'
import { openDataDir, type DataDirLock } from './data-dir.ts'
import { startDatabaseThread, type DatabaseThread } from './database-thread.ts'
import type { EntityName } from './directory-change.ts'
import { openDirectory } from './directory.ts'
import type { Recovery } from './recover-spool.ts'
import { ShedAttempts } from './shed-attempts.ts'
import { systemDisk, type SpoolDisk } from './spool-disk.ts'
import { spoolDirOf, type SpoolPosition } from './spool-segments.ts'
import { SpoolSync, type Durability } from './spool-sync.ts'
import { SpoolWriter, type SpoolWriterState } from './spool-writer.ts'
import { openUsageRecords } from './usage-records.ts'

export interface EmbeddedSettings {
  /** Made if it is not there. Local disks only: a network file system's locks cannot be relied on. */
  readonly dir: string
  readonly clock: Clock
  /** Told of what no call can be told of: the disk or the database refuses in the background, the database's thread died. */
  readonly onFailure: (failure: GatewayError) => void
  readonly durability?: Durability
  /** Does the config in force name this entity? Then it may own keys made here, and must not be made here again. */
  readonly isConfigured?: (entity: EntityName) => boolean
  /** When a segment of the spool is full. */
  readonly segmentBytes?: number
  /**
   * Disk space held back for attempts under way when the disk fills up. New work is refused at once then, so it has to
   * hold one terminal, under a kilobyte, for each attempt that runs.
   */
  readonly reserveBytes?: number
  /** How long SQLite waits for another process (a backup, a shell) that holds its lock. */
  readonly busyTimeoutMs?: number
  readonly callDeadlineMs?: number
  readonly disk?: SpoolDisk
}

export interface EmbeddedStores extends Stores {
  /** What was found and put right while opening. */
  readonly recovery: Recovery
  /** For metrics and readiness. */
  spoolState(): SpoolWriterState & {
    /** Written, but not in the database yet. */
    readonly unshippedBytes: number
  }
}

/**
 * Opens the store of a gateway that runs alone: SQLite behind its own thread, and a spool in front of it.
 * @throws GatewayError `store_unavailable` when the directory is in use, its database is of a newer version, or its spool
 *   is damaged where no crash can have damaged it.
 */
export async function openEmbedded(settings: EmbeddedSettings): Promise<EmbeddedStores> {
  const lock = openDataDir(settings.dir)
  try {
    return await openLocked(settings, lock)
  } catch (thrown) {
    lock.release()
    throw thrown
  }
}

async function openLocked(settings: EmbeddedSettings, lock: DataDirLock): Promise<EmbeddedStores> {
  const {
    dir,
    clock,
    onFailure,
    reserveBytes = 16 * 1024 * 1024,
    busyTimeoutMs = 5000,
    callDeadlineMs = 30_000,
  } = settings
  const ownerId = randomBytes(8).toString('hex')
  const { thread, recovery, directory } = await startDatabaseThread(
    { dataDir: dir, ownerId, reserveBytes, busyTimeoutMs, callDeadlineMs },
    clock,
    onFailure,
  )
  const { writer, sync, shed } = openSpool(settings, ownerId, reserveBytes, thread)
  let closing: Promise<void> | undefined
  return {
    recovery,
    usage: openUsageRecords(writer, shed, thread),
    directory: openDirectory(thread, directory, settings.isConfigured ?? (() => false)),
    audit: openAudit(thread),
    spoolState() {
      const { state } = writer
      return { ...state, unshippedBytes: state.writtenBytes - thread.shippedBytes() }
    },
    close: () => (closing ??= close(writer, sync, thread, lock)),
  }
}

function openSpool(
  settings: EmbeddedSettings,
  ownerId: string,
  reserveBytes: number,
  thread: DatabaseThread,
): OpenSpool {
  const { dir, clock, onFailure, durability = 'process', segmentBytes = 64 * 1024 * 1024, disk = systemDisk } = settings
  const spoolDir = spoolDirOf(dir)
  const sync = new SpoolSync({
    clock,
    durability,
    disk,
    spoolDir,
    announce: announcing(thread),
    onLost: (failure) => writer.loseSync(failure),
  })
  const shed = new ShedAttempts()
  const writer = new SpoolWriter({
    spoolDir,
    ownerId,
    segmentBytes,
    reserveBytes,
    clock,
    disk,
    sync,
    prepareReserve: () => thread.call('prepare-reserve', undefined),
    onIntentShed: (payload) => shed.add(decodeUsagePayload(payload)),
    onFailure,
  })
  // Not awaited: it writes megabytes, and is wanted only when the disk is full.
  void writer.prepareReserve()
  return { writer, sync, shed }
}

interface OpenSpool {
  readonly writer: SpoolWriter
  readonly sync: SpoolSync
  readonly shed: ShedAttempts
}

/** Tells the database's thread how far the spool is, one message at a time: it may be busy with a report. */
function announcing(thread: DatabaseThread): (position: SpoolPosition) => void {
  let latest: SpoolPosition | undefined
  let underWay: SpoolPosition | undefined
  const announce = (position: SpoolPosition): void => {
    latest = position
    if (underWay !== undefined) return
    underWay = position
    // A refusal needs no answer here: the thread tells of its own death, and of what it cannot ship.
    void thread.call('ship-soon', position).then(announced, announced)
  }
  const announced = (): void => {
    const wasLatest = underWay === latest
    underWay = undefined
    if (!wasLatest && latest !== undefined) announce(latest)
  }
  return announce
}

/** @throws GatewayError `store_unavailable` when records were lost, or wait in the spool for the next opening. */
async function close(writer: SpoolWriter, sync: SpoolSync, thread: DatabaseThread, lock: DataDirLock): Promise<void> {
  try {
    const { position, failure } = writer.close()
    await sync.finish()
    await thread.call('close', position)
    if (failure !== undefined) throw failure
  } finally {
    await thread.stop()
    lock.release()
  }
}
