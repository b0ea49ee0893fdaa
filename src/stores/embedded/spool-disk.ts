import { close, closeSync, fdatasync, fsync, ftruncateSync, open, openSync, renameSync, writeSync } from 'node:fs'
import { promisify } from 'node:util'

/** What the spool asks of a disk. Handed in, so that a test can let the disk fill up or break at any byte. */
export interface SpoolDisk {
  /** Makes a new file, readable by its owner only. Fails when it exists. */
  create(path: string): number
  /** Takes an existing file over under a new name, to be written from its beginning. */
  adopt(path: string, newPath: string): number
  /** @returns how many bytes were taken, which may be fewer than given. */
  write(file: number, bytes: Uint8Array, position: number): number
  truncate(file: number, sizeBytes: number): void
  close(file: number): void
  /** Resolves when the disk has confirmed what was written so far. Takes milliseconds, and no time of this thread. */
  sync(file: number): Promise<void>
  /** The same for the names in a folder: a new file can be lost with the power until then. */
  syncFolder(path: string): Promise<void>
}

export const systemDisk: SpoolDisk = {
  create: (path) => openSync(path, 'wx', 0o600),
  adopt(path, newPath) {
    const file = openSync(path, 'r+')
    try {
      renameSync(path, newPath)
    } catch (thrown) {
      closeSync(file)
      throw thrown
    }
    return file
  },
  write: (file, bytes, position) => writeSync(file, bytes, 0, bytes.length, position),
  truncate: (file, sizeBytes) => ftruncateSync(file, sizeBytes),
  close: (file) => closeSync(file),
  sync: (file) => promisify(fdatasync)(file),
  async syncFolder(path) {
    // Windows cannot open a folder; its file system keeps names in its own journal.
    if (process.platform === 'win32') return
    const folder = await promisify(open)(path, 'r')
    try {
      await promisify(fsync)(folder)
    } finally {
      await promisify(close)(folder)
    }
  },
}
