import type { GatewayError } from '../../canonical/error.ts'
import { openAiProblem } from '../vendors/openai/envelope.ts'

/**
 * An `error` event. Its words stand beside the type, as OpenAI's description has them, and in the envelope, as its recorded
 * streams do: `openai` throws for the envelope, `@ai-sdk/openai` reads either. No `response.completed` follows.
 */
export function writeStreamProblem(problem: GatewayError, requestId: string): string {
  const { error } = openAiProblem(problem, requestId)
  const said = {
    type: 'error',
    sequence_number: lastNumber,
    code: problem.kind,
    message: problem.message,
    param: problem.param ?? null,
    error,
  }
  return `event: error\ndata: ${JSON.stringify(said)}\n\n`
}

/** The AI SDK demands a number. Which one the stream has come to is not known here: this one stands behind all of them. */
const lastNumber = 2 ** 31 - 1
