import { closeSync, constants, fstatSync, fsyncSync, openSync, readSync, realpathSync, writeSync } from 'node:fs'

/** Where container runtimes put secrets: owned by root, and mode 0444 (Docker docs, "Manage sensitive data with Docker secrets"). */
const containerSecretsDir = '/run/secrets/'

export type PrivateFile =
  | { readonly ok: true; readonly bytes: Buffer }
  /** `cause`: `absent` when there is no such file, `refused` for everything else. */
  | { readonly ok: false; readonly cause: 'absent' | 'refused'; readonly reason: string }

/**
 * Reads a small file that only its owner may read. Refuses one that group or others can read, since a secret there is
 * everyone's; and anything that is not a regular file, since a pipe or a device would hold us up.
 */
export function readPrivateFile(path: string, sizeLimitBytes: number): PrivateFile {
  return readWhole(path, sizeLimitBytes, true)
}

/** Reads a small file that anyone may know, such as a certificate. Refuses what is not a regular file, as above. */
export function readOpenFile(path: string, sizeLimitBytes: number): PrivateFile {
  return readWhole(path, sizeLimitBytes, false)
}

function readWhole(path: string, sizeLimitBytes: number, mustBePrivate: boolean): PrivateFile {
  let descriptor: number
  try {
    // Without O_NONBLOCK opening a pipe waits for its writer.
    descriptor = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  } catch (thrown) {
    const code = codeOf(thrown)
    if (code === 'ENOENT') return { ok: false, cause: 'absent', reason: `there is no file ${path}` }
    return refused(`the file ${path} cannot be opened (${code})`)
  }
  try {
    const stats = fstatSync(descriptor)
    if (!stats.isFile()) return refused(`${path} is not a regular file`)
    // Windows has no such bits: Node reports 0666 for every file.
    if (mustBePrivate && process.platform !== 'win32' && !isPrivate(stats.mode, stats.uid, realpathSync(path)))
      return refused(`the file ${path} can be read or changed by other users; run: chmod 600 ${path}`)
    if (stats.size > sizeLimitBytes) return refused(`the file ${path} is larger than ${sizeLimitBytes} bytes`)
    return { ok: true, bytes: readAll(descriptor, stats.size) }
  } catch (thrown) {
    return refused(`the file ${path} cannot be read (${codeOf(thrown)})`)
  } finally {
    closeSync(descriptor)
  }
}

/**
 * Creates a file that only its owner may read, on disk when this returns.
 * @returns false when there is one already; it is left as it is.
 * @throws the error of the file system, when the folder cannot be written.
 */
export function createPrivateFile(path: string, bytes: Buffer): boolean {
  let descriptor: number
  try {
    descriptor = openSync(path, 'wx', 0o600)
  } catch (thrown) {
    if (codeOf(thrown) === 'EEXIST') return false
    throw thrown
  }
  try {
    writeSync(descriptor, bytes)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
  return true
}

/** Whether nobody but the owner can read or change a file of this mode, or it is a secret that a container was given. */
export function isPrivate(mode: number, ownerId: number, realPath: string): boolean {
  if ((mode & 0o077) === 0) return true
  const isReadOnly = (mode & 0o022) === 0
  return isReadOnly && ownerId === 0 && realPath.startsWith(containerSecretsDir)
}

function readAll(descriptor: number, sizeBytes: number): Buffer {
  const bytes = Buffer.alloc(sizeBytes)
  let filled = 0
  while (filled < sizeBytes) {
    const count = readSync(descriptor, bytes, filled, sizeBytes - filled, null)
    if (count === 0) break
    filled += count
  }
  return bytes.subarray(0, filled)
}

function refused(reason: string): PrivateFile {
  return { ok: false, cause: 'refused', reason }
}

function codeOf(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'unknown error'
}
