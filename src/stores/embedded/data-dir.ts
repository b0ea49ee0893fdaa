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
export function openDataDir(dir: string): DataDirLock {
  const lockPath = join(dir, 'lock.sqlite')
  const pidPath = join(dir, 'lock.pid')
  prepare(dir, lockPath)
  const lock = new DatabaseSync(lockPath, { timeout: 0 })
  try {
    lock.exec('BEGIN EXCLUSIVE')
    writeFileSync(pidPath, `${process.pid}\n`, { mode: 0o600 })
  } catch (thrown) {
    lock.close()
    throw new GatewayError('store_unavailable', isBusy(thrown) ? inUse(dir, pidPath) : unusable(dir, thrown), {
      cause: thrown,
    })
  }
  return { release: () => lock.close() }
}

/** Makes an empty file for this user only, unless there is one: SQLite would make it readable to others. */
export function makePrivateFile(path: string): void {
  if (!existsSync(path)) writeFileSync(path, '', { flag: 'a', mode: 0o600 })
}

function keepPrivate(path: string): void {
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
  return `the data directory ${dir} cannot be used: ${thrown instanceof Error ? thrown.message : String(thrown)}`
}

function inUse(dir: string, pidPath: string): string {
  const pid = existsSync(pidPath) ? readFileSync(pidPath, 'utf8').trim() : 'not known'
  return `the data directory ${dir} is in use by another gateway (pid ${pid}); stop that one, or give this one a directory of its own`
}
