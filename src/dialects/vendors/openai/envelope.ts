import { errorTable, type GatewayError } from '../../../canonical/error.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import type { Envelope } from '../../dialect.ts'
import { openAiLimits } from './limits.ts'

/** OpenAI's error envelope, for every dialect of that house. `code` is the stable kind. */
export function openAiProblem(problem: GatewayError, requestId: string): JsonObject {
  return {
    error: {
      message: problem.message,
      type: errorTable[problem.kind].openaiType,
      param: problem.param ?? null,
      code: problem.kind,
      ...(problem.facts && { facts: problem.facts }),
      request_id: requestId,
    },
  }
}

/**
 * A chunk with `error` and nothing else: with `choices` beside it, the AI SDK takes it for an ordinary chunk and ends the
 * answer well (@ai-sdk/openai 4.0.118, chat/openai-chat-api.ts). No `[DONE]` follows.
 */
export function openAiStreamProblem(problem: GatewayError, requestId: string): string {
  return `data: ${JSON.stringify(openAiProblem(problem, requestId))}\n\n`
}

/** How that house words errors and limits. */
export const openAiEnvelope: Envelope = {
  writeProblem: openAiProblem,
  writeStreamProblem: openAiStreamProblem,
  writeLimits: openAiLimits,
}
