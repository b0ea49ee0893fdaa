import { GatewayError } from '../../canonical/error.ts'
import { SpoolError } from '../../ledger/spool-format.ts'
import type { Problem } from './database-calls.ts'

/** Makes anything thrown in the database's thread fit to travel. What SQLite or the disk refuses is the store's unavailability. */
export function problemOf(thrown: unknown): Problem {
  if (thrown instanceof GatewayError) return { kind: thrown.kind, message: thrown.message, cause: undefined }
  if (thrown instanceof SpoolError) return { kind: 'store_unavailable', message: thrown.message, cause: undefined }
  const cause = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)
  if (isSystemFailure(thrown))
    return { kind: 'store_unavailable', message: `the database refused: ${thrown.message}`, cause }
  return { kind: 'internal', message: new GatewayError('internal').message, cause }
}

/** A problem that has travelled, thrown again on this side. */
export function errorOf(problem: Problem): GatewayError {
  return new GatewayError(problem.kind, problem.message, { cause: problem.cause })
}

/** SQLite's errors carry `ERR_SQLITE_ERROR`, those of the file system a code such as `ENOSPC` and the name of the call. */
function isSystemFailure(thrown: unknown): thrown is Error {
  if (!(thrown instanceof Error) || !('code' in thrown)) return false
  return thrown.code === 'ERR_SQLITE_ERROR' || 'syscall' in thrown
}
