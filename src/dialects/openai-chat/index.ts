import type { ChatDialect } from '../dialect.ts'
import { openAiProblem, openAiStreamProblem } from '../vendors/openai/envelope.ts'
import { openAiLimits } from '../vendors/openai/limits.ts'
import { readProviderProblem } from '../shared/problems/provider-problem.ts'
import { outputCapEdits } from './output-cap-edits.ts'
import { isFreeForm } from './free-form.ts'
import { kept } from './kept.ts'
import { readCall } from './read-call.ts'
import { readExtent } from './read-extent.ts'
import { readReply } from './read-reply.ts'
import { openStream } from './read-stream.ts'
import { fittedMessages } from './fitted-messages.ts'
import { translation } from './translation/index.ts'
import { upstreamEdits } from '../vendors/openai/upstream-edits.ts'

/** OpenAI Chat Completions, as OpenAI and the many providers that copied it speak it. */
export const openAiChat: ChatDialect = {
  name: 'openai-chat',
  operation: 'chat',
  betaHeader: 'openai-beta',
  readCall,
  readExtent,
  isFreeForm,
  kept,
  upstreamEdits: (body, call, targetModelName, words) => [
    ...upstreamEdits(body, call, targetModelName),
    ...fittedMessages(body, words),
  ],
  outputCapEdits,
  readReply,
  openStream,
  readProblem: readProviderProblem,
  writeProblem: openAiProblem,
  writeLimits: openAiLimits,
  translation,
  writeStreamProblem: openAiStreamProblem,
}
