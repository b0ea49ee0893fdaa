import { systemDisk, type SpoolDisk } from '../embedded/spool-disk.ts'

/** A real disk that a test can fill up, or break in other ways, at any byte. */
export interface FailingDisk extends SpoolDisk {
  /** How many more bytes it takes. */
  freeBytes: number
  /** The most it takes in one write. */
  writeLimitBytes: number
  failsToTruncate: boolean
  failsToSync: boolean
  readonly writes: number
  /** Confirmations asked for and not given yet, while a test holds them back. */
  readonly heldSyncs: PromiseWithResolvers<void>[]
  holdsSyncs: boolean
  syncs: number
}

export function failingDisk(): FailingDisk {
  const disk = {
    freeBytes: Infinity,
    writeLimitBytes: Infinity,
    failsToTruncate: false,
    failsToSync: false,
    writes: 0,
    heldSyncs: [] as PromiseWithResolvers<void>[],
    holdsSyncs: false,
    syncs: 0,
    create(path: string): number {
      if (disk.freeBytes <= 0) throw diskError('ENOSPC', 'no space left on device, open')
      return systemDisk.create(path)
    },
    // Both work on a full disk: what they need is there already.
    adopt(path: string, newPath: string): number {
      const file = systemDisk.adopt(path, newPath)
      preallocated.add(file)
      return file
    },
    write(file: number, bytes: Uint8Array, position: number): number {
      disk.writes += 1
      const isPaidFor = preallocated.has(file)
      const takes = Math.min(bytes.length, disk.writeLimitBytes, isPaidFor ? Infinity : disk.freeBytes)
      if (takes <= 0) throw diskError('ENOSPC', 'no space left on device, write')
      if (!isPaidFor) disk.freeBytes -= takes
      return systemDisk.write(file, bytes.subarray(0, takes), position)
    },
    truncate(file: number, sizeBytes: number): void {
      if (disk.failsToTruncate) throw diskError('EIO', 'i/o error, ftruncate')
      systemDisk.truncate(file, sizeBytes)
    },
    close(file: number): void {
      preallocated.delete(file)
      systemDisk.close(file)
    },
    sync(file: number): Promise<void> {
      disk.syncs += 1
      if (disk.failsToSync) return Promise.reject(diskError('EIO', 'i/o error, fdatasync'))
      if (!disk.holdsSyncs) return systemDisk.sync(file)
      const held = Promise.withResolvers<void>()
      disk.heldSyncs.push(held)
      return held.promise
    },
    syncFolder: systemDisk.syncFolder,
  }
  const preallocated = new Set<number>()
  return disk
}

export function diskError(code: string, message: string): Error {
  return Object.assign(new Error(`${code}: ${message}`), { code, syscall: 'write' })
}
