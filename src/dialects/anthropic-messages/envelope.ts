import { errorTable, type GatewayError } from '../../canonical/error.ts'
import type { JsonObject } from '../../canonical/json.ts'

/** Anthropic's error envelope. `code` is ours: the stable kind, which the few types of this dialect cannot tell. */
export function writeProblem(problem: GatewayError, requestId: string): JsonObject {
  return {
    type: 'error',
    error: {
      type: errorTable[problem.kind].anthropicType,
      message: problem.message,
      code: problem.kind,
      ...(problem.param !== undefined && { param: problem.param }),
      ...(problem.facts && { facts: problem.facts }),
      ...(isOfThread(problem) && { details: threadUnsupported }),
    },
    request_id: requestId,
  }
}

/** Its clients go on without a thread when they read this, and give up otherwise (@anthropic-ai/sdk 1.12.0, lib/internal/threads). */
const threadUnsupported = { error_code: 'thread_unsupported_request', unsupported: ['thread'] }

function isOfThread({ kind, param }: GatewayError): boolean {
  return kind === 'unsupported' && param === 'thread'
}

/** The event that every client of this dialect takes for the end with an error. No `message_stop` follows. */
export function writeStreamProblem(problem: GatewayError, requestId: string): string {
  return `event: error\ndata: ${JSON.stringify(writeProblem(problem, requestId))}\n\n`
}
