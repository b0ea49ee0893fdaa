import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { GatewayError } from '../canonical/error.ts'
import { adminErrors, type AdminErrorCode, type ProblemBody } from './contract/error.ts'

/** A problem of the admin API, for the administrator to read. Anything else that is thrown is a bug. */
export class AdminProblem extends Error {
  override readonly name = 'AdminProblem'
  readonly code: AdminErrorCode

  constructor(code: AdminErrorCode, message: string = adminErrors[code].sentence) {
    super(message)
    this.code = code
  }
}

/** Answers whatever was thrown. What was not made for users is reported, and told as `internal` with an id to quote. */
export function answerProblem(thrown: unknown, http: Context, report: (bug: unknown) => string): Response {
  const known = asAdminProblem(thrown)
  if (known) {
    if (known.code === 'unauthenticated') http.header('www-authenticate', 'Bearer realm="weir admin"')
    return http.json(bodyOf(known.code, known.message), adminErrors[known.code].status)
  }
  const id = report(thrown)
  const message = `The gateway made a mistake. Its log has the details under ${id}.`
  return http.json(bodyOf('internal', message, id), adminErrors.internal.status)
}

function bodyOf(code: AdminErrorCode, message: string, id?: string): ProblemBody {
  return { error: { code, message, ...(id === undefined ? {} : { id }) } }
}

function asAdminProblem(thrown: unknown): AdminProblem | undefined {
  if (thrown instanceof AdminProblem) return thrown
  if (thrown instanceof GatewayError && isAdminCode(thrown.kind) && thrown.kind !== 'internal')
    return new AdminProblem(thrown.kind, thrown.message)
  // To a client it is something else that the books cannot be read; to whoever administers the gateway both are one store.
  if (thrown instanceof GatewayError && thrown.kind === 'ledger_unavailable')
    return new AdminProblem('store_unavailable', thrown.message)
  // Of the framework's own only two can come: a body that is no JSON, and one of another type.
  if (thrown instanceof HTTPException && thrown.status === 400)
    return new AdminProblem('invalid_request', thrown.message)
  if (thrown instanceof HTTPException && thrown.status === 415) return new AdminProblem('unsupported_media_type')
  return undefined
}

function isAdminCode(kind: string): kind is AdminErrorCode {
  return Object.hasOwn(adminErrors, kind)
}
