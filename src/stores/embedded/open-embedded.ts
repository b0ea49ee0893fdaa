import { randomBytes } from 'node:crypto'
import type { Clock } from '../../canonical/clock.ts'
import { asGatewayError, type GatewayError } from '../../canonical/error.ts'
import type { Stores } from '../ports/stores.ts'
import { openAlerts } from './alerts.ts'
import { openAudit } from './audit.ts'
import { openBudgetAccounts } from './budget-accounts.ts'
import { openDataDir, type DataDirLock } from './data-dir.ts'
import { startDatabaseThread, type DatabaseThread } from './database-thread.ts'
import type { EntityName } from './directory-change.ts'
import { openDirectory } from './directory.ts'
import { openLedgerEntries } from './ledger-entries.ts'
import type { Recovery } from './recover-spool.ts'
import { defaultReserveBytes, openSpool, type Spool } from './open-spool.ts'
import { openStateHolders, type KeptStateHolders, type StateTable } from './state-holders.ts'
import type { SpoolDisk } from './spool-disk.ts'
import type { SpoolEnd } from './spool-segments.ts'
import type { Durability } from './spool-sync.ts'
import type { SpoolWriterState } from './spool-writer.ts'
import { openUsageRecords } from './usage-records.ts'
import { announcing, openWorkerSpools, type WorkerSpools } from './worker-spools.ts'

export interface EmbeddedSettings {
  /** Made if it is not there. Local disks only: a network file system's locks cannot be relied on. */
  readonly dir: string
  readonly clock: Clock
  /** Told of what no call can be told of: the disk or the database refuses in the background, the database's thread died. */
  readonly onFailure: (failure: GatewayError) => void
  readonly durability?: Durability
  /** Does the config in force name this entity? Then it may own keys made here, and must not be made here again. */
  readonly isConfigured?: (entity: EntityName) => boolean
  readonly segmentBytes?: number
  readonly reserveBytes?: number
  /** How far the spools of worker processes are written, asked for by questions that must see all of it. Only of live ones. */
  readonly workerEnds?: () => Promise<readonly SpoolEnd[]>
  /** How long SQLite waits for another process (a backup, a shell) that holds its lock. */
  readonly busyTimeoutMs?: number
  readonly callDeadlineMs?: number
  readonly disk?: SpoolDisk
}

export interface EmbeddedStores extends Stores {
  /** What was found and put right while opening. */
  readonly recovery: Recovery
  readonly workerSpools: WorkerSpools
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
  const { dir, clock, onFailure, reserveBytes = defaultReserveBytes } = settings
  const { busyTimeoutMs = 5000, callDeadlineMs = 30_000, workerEnds = async () => [] } = settings
  const ownerId = randomBytes(8).toString('hex')
  const { thread, recovery, directory } = await startDatabaseThread(
    { dataDir: dir, ownerId, reserveBytes, busyTimeoutMs, callDeadlineMs },
    clock,
    onFailure,
  )
  const spool = openSpool({
    ...settings,
    reserveBytes,
    ownerId,
    reservePlace: 0,
    prepareReserve: () => thread.call('prepare-reserve', 0),
    announce: announcing(thread, ownerId),
  })
  // Its own first, in the turn of the question: what was appended before it is seen.
  const ends = async () => [{ ownerId, position: spool.flush() }, ...(await workerEnds())]
  const stateHolders = openStateHolders({
    table: stateTableOn(thread),
    clock,
    onFailure: (thrown) => onFailure(asGatewayError(thrown)),
  })
  let closing: Promise<void> | undefined
  return {
    recovery,
    usage: openUsageRecords(spool.usage, thread, ends),
    entries: openLedgerEntries(thread),
    accounts: openBudgetAccounts(thread, ends),
    alerts: openAlerts(thread),
    directory: openDirectory(thread, directory, settings.isConfigured ?? (() => false), (organisation) =>
      stateHolders.forgetAllOf(organisation),
    ),
    audit: openAudit(thread),
    stateHolders,
    spoolState() {
      const { state } = spool
      return { ...state, unshippedBytes: state.writtenBytes - thread.shippedBytes() }
    },
    workerSpools: openWorkerSpools(thread),
    close: () => (closing ??= close(spool, ownerId, stateHolders, thread, lock)),
  }
}

/** @throws GatewayError `store_unavailable` when records were lost, or wait in the spool for the next opening. */
async function close(
  spool: Spool,
  ownerId: string,
  stateHolders: KeptStateHolders,
  thread: DatabaseThread,
  lock: DataDirLock,
): Promise<void> {
  try {
    await stateHolders.written()
    const { position, failure } = await spool.close()
    await thread.call('close', { ownerId, position })
    if (failure !== undefined) throw failure
  } finally {
    await thread.stop()
    lock.release()
  }
}

function stateTableOn(thread: DatabaseThread): StateTable {
  return {
    write: (objects) => thread.call('write-kept', objects),
    read: (ids) => thread.call('read-kept', ids),
    page: (question) => thread.call('page-kept', question),
    remove: (id) => thread.call('remove-kept', id),
    openOf: (asked) => thread.call('find-open', asked),
    takeOpen: (asked) => thread.call('take-open', asked),
  }
}
