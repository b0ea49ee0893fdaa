import type { GatewayError } from '../../canonical/error.ts'
import type { JsonObject } from '../../canonical/json.ts'
import { writeSse } from '../../wire/sse-write.ts'

/**
 * What `@aws-sdk/client-bedrock-runtime` reads: it takes the type from `__type` where no header names one. The kind stands in
 * `reason`, since it would take a `code` for the type.
 */
export function writeProblem(problem: GatewayError, requestId: string): JsonObject {
  return { __type: typeFor(problem), ...wordsOf(problem, requestId) }
}

/** The event for which every client of this dialect throws. No `messageStop` follows. */
export function writeStreamProblem(problem: GatewayError, requestId: string): string {
  return writeSse(streamTypeFor(problem), JSON.stringify(wordsOf(problem, requestId)))
}

function wordsOf(problem: GatewayError, requestId: string): JsonObject {
  return {
    message: problem.message,
    reason: problem.kind,
    requestId,
    ...(problem.param !== undefined && { param: problem.param }),
    ...(problem.facts && { facts: problem.facts }),
  }
}

function typeFor({ status }: GatewayError): string {
  return typesByStatus[status] ?? (status < 500 ? 'ValidationException' : 'InternalServerException')
}

const typesByStatus: Readonly<Record<number, string>> = {
  401: 'AccessDeniedException',
  403: 'AccessDeniedException',
  404: 'ResourceNotFoundException',
  408: 'ModelTimeoutException',
  429: 'ThrottlingException',
  502: 'ModelErrorException',
  503: 'ServiceUnavailableException',
  504: 'ModelTimeoutException',
}

/** A stream has five of the types. */
function streamTypeFor({ status }: GatewayError): string {
  if (status === 429) return 'throttlingException'
  if (status < 500) return 'validationException'
  if (status === 503) return 'serviceUnavailableException'
  return status === 500 ? 'internalServerException' : 'modelStreamErrorException'
}
