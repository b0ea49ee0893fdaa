import type { ChatDialect } from '../dialect.ts'
import { openAiProblem, openAiStreamProblem } from '../vendors/openai/envelope.ts'
import { openAiLimits } from '../vendors/openai/limits.ts'
import { upstreamEdits } from '../vendors/openai/upstream-edits.ts'
import { readProviderProblem } from '../shared/problems/provider-problem.ts'
import { outputCapEdits } from './output-cap-edits.ts'
import { isFreeForm, readCall } from './read-call.ts'
import { readExtent } from './read-extent.ts'
import { readReply } from './read-reply.ts'
import { openStream } from './read-stream.ts'
import { translation } from './translation/index.ts'

/** OpenAI Completions, of before there was chat: texts to be gone on with, several in one call. */
export const openAiCompletions: ChatDialect = {
  name: 'openai-completions',
  operation: 'chat',
  readCall,
  readExtent,
  isFreeForm,
  upstreamEdits,
  outputCapEdits,
  readReply,
  openStream,
  readProblem: readProviderProblem,
  writeProblem: openAiProblem,
  writeLimits: openAiLimits,
  translation,
  writeStreamProblem: openAiStreamProblem,
}
