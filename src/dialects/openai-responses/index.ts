import { isGiven } from '../shared/call-fields.ts'
import type { ChatDialect } from '../dialect.ts'
import { openAiProblem } from '../vendors/openai/envelope.ts'
import { openAiLimits } from '../vendors/openai/limits.ts'
import { readProviderProblem } from '../shared/problems/provider-problem.ts'
import { isFreeForm } from './free-form.ts'
import { kept } from './kept.ts'
import { readCall } from './read-call.ts'
import { readExtent } from './read-extent.ts'
import { readReply } from './read-reply.ts'
import { openStream } from './read-stream.ts'
import { writeStreamProblem } from './stream-problem.ts'
import { translation } from './translation/index.ts'
import { upstreamEdits } from './upstream-edits.ts'

/** OpenAI Responses, as OpenAI, Azure and those who copied it speak it. */
export const openAiResponses: ChatDialect = {
  name: 'openai-responses',
  operation: 'chat',
  betaHeader: 'openai-beta',
  readCall,
  readExtent,
  isFreeForm,
  kept,
  upstreamEdits,
  outputCapEdits: (body, tokens) =>
    isGiven(body['max_output_tokens']) ? [] : [{ key: 'max_output_tokens', value: tokens }],
  readReply,
  openStream,
  readProblem: readProviderProblem,
  writeProblem: openAiProblem,
  writeLimits: openAiLimits,
  translation,
  writeStreamProblem,
}
