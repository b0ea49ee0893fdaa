import type { GatewayError } from '../../../canonical/error.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import type { Envelope } from '../../dialect.ts'

/** Cohere's error body, with `error_type` as a refusal for too many tokens has it (recorded 2026-08). */
function writeProblem(problem: GatewayError, requestId: string): JsonObject {
  return {
    id: requestId,
    message: problem.message,
    error_type: problem.kind,
    ...(problem.param !== undefined && { param: problem.param }),
    ...(problem.facts && { facts: problem.facts }),
  }
}

/** How Cohere words errors where nothing is streamed. It tells limits of trial keys only, under names that say so. */
export const cohereEnvelope: Envelope = {
  writeProblem,
  writeStreamProblem: (problem, requestId) => `data: ${JSON.stringify(writeProblem(problem, requestId))}\n\n`,
  writeLimits: () => [],
}
