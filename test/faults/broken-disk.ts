import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'

/**
 * Loaded before the gateway (`node --import`), this breaks its disk: `WEIR_BROKEN_DISK` names a file whose word says how the disk
 * is now, and beside it each confirmation that is asked for leaves one byte in a file `.syncs`. The gateway knows nothing of this.
 */
export type DiskState =
  | 'well'
  /** Nothing can be written: neither the spool, nor its reserve, nor the database. */
  | 'read-only'
  /** What is written is not confirmed: `fdatasync` fails. */
  | 'unconfirmed'
  /** It is not confirmed for as long as this lasts. */
  | 'slow'

const stateFile = process.env['WEIR_BROKEN_DISK'] ?? ''
const spoolFiles = new Set<number>()
const { openSync, writeSync, renameSync, fdatasync, readFileSync, appendFileSync } = fs
const exec = DatabaseSync.prototype.exec

const isNow = (state: DiskState): boolean => readFileSync(stateFile, 'utf8') === state
const isOfSpool = (path: unknown): boolean => /\.(?:spool|space)$/.test(String(path))

function refuseWhereReadOnly(call: string): void {
  if (isNow('read-only')) throw problem('EROFS', 'read-only file system', call)
}

function problem(code: string, words: string, call: string): Error {
  return Object.assign(new Error(`${code}: ${words}, ${call}`), { code, syscall: call })
}

Object.assign(fs, {
  openSync: (...args: Parameters<typeof openSync>) => {
    if (isOfSpool(args[0]) && args[1] !== 'r' && args[1] !== undefined) refuseWhereReadOnly('open')
    const file = openSync(...args)
    if (isOfSpool(args[0])) spoolFiles.add(file)
    else spoolFiles.delete(file)
    return file
  },
  renameSync: (...args: Parameters<typeof renameSync>) => {
    if (isOfSpool(args[0])) refuseWhereReadOnly('rename')
    renameSync(...args)
  },
  writeSync: (file: number, bytes: Uint8Array, offset: number, length: number, position: number) => {
    if (spoolFiles.has(file)) refuseWhereReadOnly('write')
    return writeSync(file, bytes, offset, length, position)
  },
  fdatasync: (file: number, then: (error: Error | null) => void) => {
    appendFileSync(`${stateFile}.syncs`, '.')
    if (isNow('unconfirmed')) return void setImmediate(then, problem('EIO', 'i/o error', 'fdatasync'))
    void untilNotSlow().then(() => fdatasync(file, then))
  },
})
syncBuiltinESMExports()

DatabaseSync.prototype.exec = function (sql) {
  if (sql === 'BEGIN IMMEDIATE') refuseWhereReadOnly('write')
  exec.call(this, sql)
}

async function untilNotSlow(): Promise<void> {
  while (isNow('slow')) await pause(5)
}
