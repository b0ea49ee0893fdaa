import type { GatewayError } from '../../../canonical/error.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import type { Envelope } from '../../dialect.ts'

/** Google's error envelope (google.rpc.Status as JSON). The kind stands where Google names its own reasons, in an `ErrorInfo`. */
export function writeProblem(problem: GatewayError, requestId: string): JsonObject {
  return {
    error: {
      code: problem.status,
      message: problem.message,
      status: statusWords[problem.status] ?? (problem.status < 500 ? 'INVALID_ARGUMENT' : 'INTERNAL'),
      details: [
        {
          '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
          reason: problem.kind,
          domain: 'weir',
          metadata: {
            requestId,
            ...(problem.param !== undefined && { field: problem.param }),
            ...textsOf(problem.facts),
          },
        },
        ...(problem.retryAfterSeconds === undefined
          ? []
          : [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${problem.retryAfterSeconds}s` }]),
      ],
    },
  }
}

/** Every value of `metadata` is a text (google/rpc/error_details.proto, read 2026-11): what is not known stays out. */
function textsOf(facts: GatewayError['facts'] = {}): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(facts).flatMap(([name, value]) => (value === null ? [] : [[name, value]])))
}

/** `@google/genai` throws for a frame that holds an `error`. No frame with a reason to end follows. */
export function writeStreamProblem(problem: GatewayError, requestId: string): string {
  return `data: ${JSON.stringify(writeProblem(problem, requestId))}\n\n`
}

/** google.rpc.Code by HTTP status (google/rpc/code.proto, read 2026-11). */
const statusWords: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  405: 'UNIMPLEMENTED',
  408: 'DEADLINE_EXCEEDED',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
  502: 'UNAVAILABLE',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
}

/** How Google words errors. It has no headers for what a limit leaves. */
export const geminiEnvelope: Envelope = { writeProblem, writeStreamProblem, writeLimits: () => [] }
