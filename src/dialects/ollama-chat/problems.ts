import type { GatewayError } from '../../canonical/error.ts'
import type { JsonObject } from '../../canonical/json.ts'
import { writeSse } from '../../wire/sse-write.ts'

/** Ollama tells a problem as a text, which its libraries show; the rest stands beside it. `code` is the stable kind. */
export function writeProblem(problem: GatewayError, requestId: string): JsonObject {
  return {
    error: problem.message,
    code: problem.kind,
    param: problem.param ?? null,
    ...(problem.facts && { facts: problem.facts }),
    request_id: requestId,
  }
}

/** In a stream it is a line like any other, and the last one: none with `done` follows. */
export function writeStreamProblem(problem: GatewayError, requestId: string): string {
  return writeSse(undefined, JSON.stringify(writeProblem(problem, requestId)))
}
