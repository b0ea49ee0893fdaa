import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { GatewayError } from '../../canonical/error.ts'
import { spoolDirOf } from './spool-segments.ts'

export interface DataDirLock {
  release(): void
}

/**
 * Makes the data directory and its spool folder, open to this user only, and locks it for this process.
 *
 * The lock is SQLite's own exclusive lock on an empty file, since Node has no file locks: the operating system drops it
 * with the process, however that dies, so a lock is never stale and no pid is ever mistaken for another's. Nobody may
 * open that file by other means: POSIX drops a process's locks on a file when it closes any descriptor of it.
 * @throws GatewayError `store_unavailable` when another process, or this one, has the directory open already.
 */
export function openDataDir(dir: string, orphanPatienceMs = defaultOrphanPatienceMs): DataDirLock {
  const lockPath = join(dir, 'lock.sqlite')
  const pidPath = join(dir, 'lock.pid')
  prepare(dir, lockPath)
  const lock = new DatabaseSync(lockPath, { timeout: 0 })
  try {
    lock.exec('BEGIN EXCLUSIVE')
    writeFileSync(pidPath, `${process.pid}\n`, { mode: 0o600 })
    waitForWorkers(dir, orphanPatienceMs)
  } catch (thrown) {
    lock.close()
    if (thrown instanceof GatewayError) throw thrown
    throw new GatewayError('store_unavailable', isBusy(thrown) ? inUse(dir, pidPath) : unusable(dir, thrown), {
      cause: thrown,
    })
  }
  return { release: () => lock.close() }
}

/**
 * Notes that a worker process writes into the directory, until it dies. A gateway that was killed leaves its workers
 * behind for the moment that they need to see it; another one must not take their spools for those of the dead meanwhile.
 */
export function joinDataDir(dir: string): DataDirLock {
  const lock = new DatabaseSync(workersLockPathOf(dir), { timeout: 0 })
  // A read in an open transaction holds SQLite's shared lock, which any number of workers may have.
  lock.exec('BEGIN; SELECT count(*) FROM sqlite_schema')
  return { release: () => lock.close() }
}

/** How long a gateway waits at its start for workers of a dead one. They leave within milliseconds, unless they are stuck. */
const defaultOrphanPatienceMs = 10_000

/** @throws GatewayError `store_unavailable` when workers of another gateway still write into the directory. */
function waitForWorkers(dir: string, patienceMs: number): void {
  const path = workersLockPathOf(dir)
  makePrivateFile(path)
  const lock = new DatabaseSync(path, { timeout: patienceMs })
  try {
    lock.exec('BEGIN EXCLUSIVE')
  } catch (thrown) {
    if (!isBusy(thrown)) throw thrown
    const problem = `worker processes of a gateway that died still write into ${dir}; end them (ps shows them as weir worker)`
    throw new GatewayError('store_unavailable', problem, { cause: thrown })
  } finally {
    lock.close()
  }
}

const workersLockPathOf = (dir: string): string => join(dir, 'workers.sqlite')

/** Makes an empty file for this user only, unless there is one: SQLite would make it readable to others. */
export function makePrivateFile(path: string): void {
  if (!existsSync(path)) writeFileSync(path, '', { flag: 'a', mode: 0o600 })
}

/** Makes a folder for this user only; one that is there and ours becomes so. */
export function keepPrivate(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 })
  const { mode, uid } = statSync(path)
  // A volume made by somebody else keeps its mode: changing that is not ours to do.
  if ((mode & 0o077) !== 0 && uid === process.getuid?.()) chmodSync(path, 0o700)
}

function prepare(dir: string, lockPath: string): void {
  try {
    for (const path of [dir, spoolDirOf(dir)]) keepPrivate(path)
    makePrivateFile(lockPath)
  } catch (thrown) {
    throw new GatewayError('store_unavailable', unusable(dir, thrown), { cause: thrown })
  }
}

/** SQLITE_BUSY. */
function isBusy(thrown: unknown): boolean {
  return thrown instanceof Error && 'errcode' in thrown && thrown.errcode === 5
}

function unusable(dir: string, thrown: unknown): string {
  const told = thrown instanceof Error ? thrown.message : String(thrown)
  const why = plainly.get(thrown instanceof Error && 'code' in thrown ? thrown.code : undefined)
  return `the data directory ${dir} cannot be used: ${why === undefined ? told : `${why} (${told})`}`
}

/** The system's codes in words for the person who starts Weir. */
const plainly: ReadonlyMap<unknown, string> = new Map([
  ['EACCES', 'this user may not write there'],
  ['EPERM', 'this user may not write there'],
  ['EROFS', 'it is on a disk that cannot be written'],
  ['EEXIST', 'something that is no folder stands there'],
  ['ENOTDIR', 'something that is no folder stands on the way'],
])

function inUse(dir: string, pidPath: string): string {
  const pid = existsSync(pidPath) ? readFileSync(pidPath, 'utf8').trim() : 'not known'
  return `the data directory ${dir} is in use by another gateway (pid ${pid}); stop that one, or give this one a directory of its own`
}
