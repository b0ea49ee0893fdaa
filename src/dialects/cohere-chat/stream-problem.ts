import type { GatewayError } from '../../canonical/error.ts'
import { writeSse } from '../../wire/sse-write.ts'

/**
 * Cohere has no event for errors: the last one says that the generation failed, and why (`ChatMessageEndEventDelta.error` of
 * cohere-ai 8.1.0). Its SDKs throw for nothing else. No `[DONE]` follows.
 */
export function writeStreamProblem(problem: GatewayError, requestId: string): string {
  const delta = { finish_reason: 'ERROR', error: problem.message, error_type: problem.kind }
  return writeSse('message-end', JSON.stringify({ type: 'message-end', id: requestId, delta }))
}
