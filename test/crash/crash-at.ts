import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { DatabaseSync } from 'node:sqlite'
import { spoolHeaderBytes, spoolTypes } from '../../src/ledger/spool-format.ts'
import type { CrashPoint } from './crash-points.ts'

/**
 * Loaded before the gateway (`node --import`), this kills it with SIGKILL at a named moment: `WEIR_CRASH_AT=torn-write:17`
 * at the seventeenth write to the spool, half of it done. Kills at random moments hardly ever meet the few microseconds
 * between two steps that must not change places. The gateway itself knows nothing of this.
 */
const [point, due] = (process.env['WEIR_CRASH_AT'] ?? '').split(':')
let passed = 0

/** Whether this is the moment. Each thread counts for itself: spool writes are in one, commits in another. */
function isDue(...points: readonly CrashPoint[]): boolean {
  if (!points.some((one) => one === point)) return false
  passed += 1
  return passed === Number(due)
}

/** The signal is delivered before the call returns: nothing after it happens. */
function die(): void {
  process.kill(process.pid, 'SIGKILL')
}

/** Whether an attempt is noted in these records that is about to leave, and must not have left before this write. */
function holdsIntent(bytes: Uint8Array, length: number): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, length)
  for (let start = 0; start < length; start += spoolHeaderBytes + view.getUint32(start, true))
    if (view.getUint8(start + spoolHeaderBytes) === spoolTypes.intent) return true
  return false
}

const spoolFiles = new Set<number>()
const { openSync, writeSync, rmSync } = fs
const exec = DatabaseSync.prototype.exec

Object.assign(fs, {
  openSync: (...args: Parameters<typeof openSync>) => {
    const file = openSync(...args)
    if (String(args[0]).endsWith('.spool')) spoolFiles.add(file)
    else spoolFiles.delete(file)
    return file
  },
  writeSync: (file: number, bytes: Uint8Array, offset: number, length: number, position: number) => {
    if (!spoolFiles.has(file)) return writeSync(file, bytes, offset, length, position)
    const isNow =
      isDue('before-write', 'torn-write', 'after-write') || (holdsIntent(bytes, length) && isDue('before-intent'))
    if (isNow && point?.startsWith('before')) die()
    if (isNow && point === 'torn-write') writeSync(file, bytes, offset, length >> 1, position)
    if (isNow && point === 'torn-write') die()
    const written = writeSync(file, bytes, offset, length, position)
    if (isNow) die()
    return written
  },
  rmSync: (...args: Parameters<typeof rmSync>) => {
    const isNow = String(args[0]).endsWith('.spool') && isDue('before-remove', 'after-remove')
    if (isNow && point === 'before-remove') die()
    rmSync(...args)
    if (isNow) die()
  },
})
syncBuiltinESMExports()

DatabaseSync.prototype.exec = function (sql) {
  const isNow = sql === 'COMMIT' && isDue('before-commit', 'after-commit')
  if (isNow && point === 'before-commit') die()
  exec.call(this, sql)
  if (isNow) die()
}
